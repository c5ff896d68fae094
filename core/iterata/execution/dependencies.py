"""The packages that iterata needs: which versions are installed, and whether they can be imported."""

from __future__ import annotations

from importlib import metadata
from importlib.resources import files
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

NAME = "iterata"

_MODULES = {
    "joblibspark": "joblibspark",
    "mkdocs-material": "material",
    "mlflow-skinny": "mlflow",
    "python-frontmatter": "frontmatter",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
}
"""The module of a distribution, where it has another name."""


class Dependency(NamedTuple):
    """A distribution that iterata needs, or that one of its extras needs."""

    name: str
    needed: str
    """The versions that will do, such as `>=2.0`."""
    installed: str | None
    extra: str = ""
    """Empty if iterata cannot work without it."""

    @property
    def fits(self) -> bool:
        """Whether the installed version will do."""
        return self.installed is not None and SpecifierSet(self.needed).contains(
            self.installed, prereleases=True
        )

    @property
    def module(self) -> str:
        """What is imported."""
        return _MODULES.get(self.name, self.name.replace("-", "_"))


def installed_version(name: str) -> str | None:
    """The version of a distribution; None if it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def declared_dependencies() -> list[Dependency]:
    """What the metadata of iterata declare: first what it needs itself, then what its extras need.

    Nothing if it has no metadata, because it was not installed by an installer.
    """
    try:
        distribution = metadata.distribution(NAME)
    except metadata.PackageNotFoundError:
        return []
    extras = distribution.metadata.get_all("Provides-Extra") or []
    found: dict[tuple[str, str], Dependency] = {}
    for line in distribution.requires or []:
        requirement = Requirement(line)
        for extra in ("", *extras):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                found.setdefault(*_entry(requirement, extra))
                break
    return sorted(found.values(), key=lambda dependency: (dependency.extra, dependency.name))


def _entry(requirement: Requirement, extra: str) -> tuple[tuple[str, str], Dependency]:
    name = canonicalize_name(requirement.name)
    dependency = Dependency(name, str(requirement.specifier), installed_version(name), extra)
    return (name, extra), dependency


def admits_python(version: str) -> tuple[bool, str]:
    """Whether iterata admits a version of Python, and which versions it admits."""
    try:
        declared = metadata.distribution(NAME).metadata
    except metadata.PackageNotFoundError:
        return True, ""
    needed = ",".join(declared.get_all("Requires-Python") or [])
    return SpecifierSet(needed).contains(version, prereleases=True), needed


def is_older(version: str, than: str) -> bool:
    """Whether a version is older than another one."""
    return Version(version) < Version(than)


def known_good() -> dict[str, str]:
    """The versions that this iterata was tested with, by the name of the distribution."""
    pins = (Requirement(line) for line in constraints().splitlines() if not line.startswith("#"))
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in pins
        if pin.marker is None or pin.marker.evaluate()
    }


def constraints() -> str:
    """The file of constraints that is published with iterata: for `pip install --constraint`."""
    return files("iterata.execution").joinpath("constraints.txt").read_text("utf-8")
