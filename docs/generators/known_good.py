"""The constraints that are published with iterata: the tested versions of what it and its extras need."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]

TESTED = ROOT / "constraints.txt"

HEADER = (
    "# The versions of its dependencies that this iterata was tested with. Use it as pip's --constraint.\n"
)

PIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.!+]+( ; python_version [<>]=? '[0-9.]+')?")
"""A name and a version, never an address: everybody installs from an index of their own."""


def page() -> str:
    """The pinned versions of the packages that iterata, its extras and their dependencies need.

    A pin for some versions of Python only is always among them, so that the page is the same with every one.
    """
    pins = [line for line in TESTED.read_text("utf-8").splitlines() if PIN.fullmatch(line)]
    versions: defaultdict[str, list[str]] = defaultdict(list)
    for pin in pins:
        versions[canonicalize_name(pin.split("==")[0])].append(pin)
    for_one_python = {name for name, pins in versions.items() if any(";" in pin for pin in pins)}
    needed = sorted(_needed_by_iterata(set(versions)) | for_one_python)
    return HEADER + "".join(f"{pin}\n" for name in needed for pin in versions[name])


def _needed_by_iterata(pinned: set[str]) -> set[str]:
    """The pinned packages among its dependencies and theirs, with all of its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    found: set[str] = set()
    remaining = [Requirement(line) for lines in (project["dependencies"], *extras) for line in lines]
    while remaining:
        requirement = remaining.pop()
        name = canonicalize_name(requirement.name)
        if name not in pinned or (name in found and not requirement.extras):
            continue
        found.add(name)
        remaining += _requirements(name, requirement.extras)
    return found


def _requirements(name: str, extras: set[str]) -> list[Requirement]:
    """The dependencies of a package; on every system, so that the file is the same everywhere."""
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # on other systems only
        return []
    requirements = map(Requirement, lines)
    return [
        requirement
        for requirement in requirements
        if "extra ==" not in str(requirement.marker)
        or any(requirement.marker is not None and requirement.marker.evaluate({"extra": e}) for e in extras)
    ]
