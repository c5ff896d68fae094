"""Packages that some features need, and that are not installed with iterata."""

from __future__ import annotations

import re
import shlex
from importlib.metadata import PackageNotFoundError, requires

_REQUIREMENT = re.compile(r"(?P<package>[^;]+?)\s*;\s*extra\s*==\s*['\"](?P<extra>[\w-]+)['\"]")


def install_command(extra: str) -> str:
    """The command that installs the packages of an extra of iterata.

    It names the packages themselves: `iterata[extra]` would install whatever an index has under that name.
    """
    try:
        declared = requires("iterata") or []
    except PackageNotFoundError:
        declared = []
    matches = filter(None, map(_REQUIREMENT.fullmatch, declared))
    packages = [shlex.quote(match["package"]) for match in matches if match["extra"] == extra]
    return " ".join(["pip install", *packages])
