"""What Git's index tells about a repository: its top, its files by pattern, its submodules."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iterata.repository import git

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATH = re.compile(r"^\s*path\s*=\s*\"?(.+?)\"?\s*$", re.MULTILINE)


class Submodule(NamedTuple):
    """A submodule: a folder with a repository of its own."""

    place: Path
    initialised: bool
    """Whether its files are here."""


def toplevel(folder: Path) -> Path | None:
    """The top of the working tree that a folder belongs to; None outside Git or without Git."""
    path = (git.run(folder, "rev-parse", "--show-toplevel") or b"").removesuffix(b"\n")
    return Path(path.decode("utf-8", "surrogateescape")) if path else None


def tracked(folder: Path, *patterns: str) -> list[str]:
    """The files below a folder that match pathspecs of Git, relative to it; none outside Git."""
    output = git.run(folder, "--no-literal-pathspecs", "ls-files", "-z", "--", *patterns) or b""
    return [path.decode("utf-8", "surrogateescape") for path in output.split(b"\0") if path]


def submodules(path: Path) -> Iterator[Submodule]:
    """The submodules of the repository around a path, from `.gitmodules`, without starting Git."""
    for top in (path, *path.parents):
        modules = top / ".gitmodules"
        if modules.is_file():
            names = _PATH.findall(modules.read_text("utf-8", "replace"))
            yield from (Submodule(top / name, (top / name / ".git").exists()) for name in names)
        if (top / ".git").exists():
            return
