"""The iterata that is installed: which versions are newer, and how to upgrade it."""

from __future__ import annotations

import json
import re
import shlex
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePath
from urllib.parse import unquote, urlsplit

from iterata import __version__

NAME = "iterata"

_LIMITS = frozenset({"<", "<=", "==", "~=", "==="})
"""Operators of a specifier that exclude newer versions."""
_VERSION_FILE = "core/iterata/__init__.py"
"""Where a clone of iterata names its version."""
_LOOKS_LIKE_A_VERSION = re.compile(r"[0-9][0-9A-Za-z.+!-]{0,40}")
_TOOLS = {"pipx": "pipx install --force {}", "uv/tools": "uv tool install {}"}
"""Tools that keep a program in an environment of its own, and how each installs a requirement."""


def is_newer(version: str) -> bool:
    """Whether a version that a file names is newer than this one; False if it is no version."""
    if version == __version__ or not _LOOKS_LIKE_A_VERSION.fullmatch(version):
        return False
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415  # only for other versions

    try:
        return Version(version) > Version(__version__)
    except InvalidVersion:
        return False


def how_to_upgrade(specifier: str) -> str:
    """What installs a version that a specifier such as `>=0.3` admits, in the way this one was installed.

    An index is named only if this installation comes from one: elsewhere the name may belong to others.
    """
    requirement = f"{NAME}{specifier}"
    try:
        installed = distribution(NAME)
    except PackageNotFoundError:
        return f"install {requirement}, as `requirements.txt` names it"
    record = installed.read_text("direct_url.json")
    if record is not None:
        return _of_origin(json.loads(record), requirement, older=demands_older(specifier))
    return f"`{_installer(installed, shlex.quote(requirement))}`"


def install_listed(requirements: Path) -> str:
    """What installs the requirements that a file lists."""
    try:
        installed = distribution(NAME)
    except PackageNotFoundError:
        installed = None
    return f"`{_pip(installed)} install --upgrade --requirement {shlex.quote(str(requirements))}`"


def demands_older(specifier: str) -> bool:
    """Whether a specifier excludes this version because it is too new."""
    if not specifier:
        return False
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415  # only for other versions
    from packaging.version import Version  # noqa: PLC0415

    return any(
        limit.operator in _LIMITS
        and not limit.contains(__version__, prereleases=True)
        and Version(limit.version.removesuffix(".*")) <= Version(__version__)
        for limit in SpecifierSet(specifier)
    )


def _of_origin(origin: dict[str, object], requirement: str, *, older: bool) -> str:
    url = str(origin.get("url", ""))
    if "dir_info" in origin:
        git = f"git -C {shlex.quote(unquote(urlsplit(url).path))}"
        if not older:
            return f"update the clone that it runs from: `{git} pull`"
        listed = f"`{git} log --oneline -G '^__version__' -- {_VERSION_FILE}`"
        return (
            f"check out a commit of {requirement} in the clone that it runs from; {listed} lists the versions"
        )
    source = "a commit" if "vcs_info" in origin else "a file"
    host = urlsplit(url).hostname or "where it came from"
    return f"install {source} of {requirement} from {host}, and name it in `requirements.txt`"


def _installer(installed: Distribution, requirement: str) -> str:
    prefix = PurePath(sys.prefix).as_posix()
    for folder, command in _TOOLS.items():
        if f"/{folder}/" in prefix:
            return command.format(requirement)
    return f"{_pip(installed)} install --upgrade {requirement}"


def _pip(installed: Distribution | None) -> str:
    """The pip of this environment."""
    python = shlex.quote(sys.executable or "python")
    if installed is not None and (installed.read_text("INSTALLER") or "").strip() == "uv":
        return "uv pip"
    return f"{python} -m pip"
