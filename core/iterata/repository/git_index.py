"""What Git's index tells about a repository: its top, its files by pattern, its submodules."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError
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


def submodule_of(root: Path, path: str) -> Submodule | None:
    """The submodule that a path of the knowledge base at `root` belongs to; None if it is none."""
    place = root / path
    return next((module for module in submodules(root) if place.is_relative_to(module.place)), None)


def how_to_initialise(root: Path, module: Submodule) -> str:
    """The command that fetches the files of a submodule, as it is typed at `root`."""
    return f"git submodule update --init {shlex.quote(os.path.relpath(module.place, root))}"


def absent_submodule(root: Path, path: str) -> IterataError | None:
    """The error that a path belongs to a submodule whose files are not here; None if it does not."""
    module = submodule_of(root, path)
    if module is None or module.initialised:
        return None
    remedy = f"run `{how_to_initialise(root, module)}`"
    return IterataError("is in a submodule that is not initialised", remedy=remedy, where=path)


def refuse_submodule(root: Path, path: str) -> None:
    """Check that a path belongs to the repository of the knowledge base.

    Raises:
        IterataError: it belongs to a submodule, whose commits are those of another repository.
    """
    if error := absent_submodule(root, path):
        raise error
    if module := submodule_of(root, path):
        name = os.path.relpath(module.place, root)
        message = f"is in the submodule {name}; commits here do not record its files, only its own commits do"
        raise IterataError(message, remedy=own_folder(name), where=path)


def own_folder(name: str) -> str:
    """How to make a submodule a folder of the repository, or a knowledge base of its own."""
    quoted = shlex.quote(name)
    return (
        f"make it a folder of this one: `git rm --cached {quoted} && rm -rf {quoted}/.git && git add "
        f"{quoted}`, without its entry in .gitmodules; or `iterata init` in its repository, and work there"
    )
