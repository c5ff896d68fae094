"""The iterata that is installed: which versions are newer, and how to upgrade it."""

from __future__ import annotations

import json
import re
import shlex
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePath
from urllib.parse import urlsplit

from iterata import __version__

NAME = "iterata"

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
        return _of_origin(json.loads(record), requirement)
    return f"`{_installer(installed, shlex.quote(requirement))}`"


def install_listed(requirements: Path) -> str:
    """What installs the requirements that a file lists."""
    try:
        installed = distribution(NAME)
    except PackageNotFoundError:
        installed = None
    return f"`{_pip(installed)} install --upgrade --requirement {shlex.quote(str(requirements))}`"


def _of_origin(origin: dict[str, object], requirement: str) -> str:
    url = str(origin.get("url", ""))
    if "dir_info" in origin:
        return f"update the clone that it runs from: `git -C {shlex.quote(urlsplit(url).path)} pull`"
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
