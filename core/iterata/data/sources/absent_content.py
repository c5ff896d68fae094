"""Data files whose content is elsewhere: what stands in their place, and the command that brings them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iterata.errors import DataError
from iterata.repository.git_index import submodules
from iterata.repository.pointers import LARGEST_POINTER, pointer_of
from iterata.repository.sparse_checkout import how_to_add, skipped_files

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.repository.pointers import Pointer


class PointerFile(DataError):
    """A small text stands in place of a data file, until a command fetches the file."""

    def __init__(self, pointer: Pointer, where: str) -> None:
        message = f"is only the pointer of {pointer.what} to the file, not the file"
        super().__init__(message, remedy=f"run {pointer.command.format(path=where)}", where=where)


def check_is_content(path: Path, where: str) -> None:
    """Refuse a pointer of Git LFS or git-annex, which stands for a file until that is fetched.

    Raises:
        PointerFile: it is a pointer.
    """
    with path.open("rb") as stream:
        pointer = pointer_of(stream.read(LARGEST_POINTER))
    if pointer is not None:
        raise PointerFile(pointer, where)


PUT_IT_THERE = "put the file there, or correct `source:`"


def how_to_get(path: Path, root: Path, made_by: str | None = None, otherwise: str = PUT_IT_THERE) -> str:
    """How to get a data file that is missing.

    Args:
        path: the file.
        root: the repository.
        made_by: the command that makes the file.
        otherwise: the remedy if nothing shows how to get it.
    """
    for command in (_annex, _dvc, _sparse, _submodule):
        if remedy := command(path, root):
            return remedy
    return f"make it with `{made_by}`" if made_by else otherwise


def _annex(path: Path, root: Path) -> str:
    for place in _with_folders(path, root):
        if place.is_symlink() and "annex/objects" in place.readlink().as_posix():
            return f"run `git annex get {_relative(place, root)}`: git-annex has only a link here"
    return ""


def _dvc(path: Path, root: Path) -> str:
    for place in _with_folders(path, root):
        if place.with_name(f"{place.name}.dvc").is_file():
            return f"run `dvc pull {_relative(path, root)}`"
    for folder in path.parents:
        if (folder / "dvc.lock").is_file() and _is_output(folder / "dvc.lock", path.relative_to(folder)):
            return f"run `dvc pull {_relative(path, root)}`, or make it with `dvc repro`"
        if folder == root:
            break
    return ""


def _is_output(lock: Path, path: Path) -> bool:
    """Whether a stage of DVC makes a file, or a folder above it."""
    text = lock.read_text("utf-8", "replace")
    names = [path, *path.parents][:-1]
    return any(re.search(rf"^\s*- path: {re.escape(name.as_posix())}$", text, re.M) for name in names)


def _sparse(path: Path, root: Path) -> str:
    skipped = skipped_files(root)
    where = _relative(path, root)
    if skipped is None:
        return ""
    if where in skipped.files:
        return f"{how_to_add(root, where)}: the sparse checkout leaves it out"
    if where in skipped.folders:
        return f"{how_to_add(root, where, is_folder=True)}: the sparse checkout leaves it out"
    return ""


def _submodule(path: Path, root: Path) -> str:
    for module, initialised in submodules(path.parent):
        if path.is_relative_to(module) and not initialised:
            command = f"git submodule update --init {_relative(module, root)}"
            return f"run `{command}`: the submodule is not initialised"
    return ""


def _with_folders(path: Path, root: Path) -> list[Path]:
    """A path and the folders above it, below the repository."""
    return [place for place in (path, *path.parents) if place != root and place.is_relative_to(root)]


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
