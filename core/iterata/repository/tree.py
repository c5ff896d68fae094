"""The tree that documents are read from: the working tree, or a revision."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

from iterata.errors import IterataError
from iterata.repository.sparse_checkout import SkippedFiles, skipped_files


class DirEntry(NamedTuple):
    """A file or a folder in a folder."""

    name: str
    is_dir: bool


class Tree(Protocol):
    """A tree of files: on disk or at a revision. Paths are relative to its root, with forward slashes."""

    def entries(self, folder: str) -> list[DirEntry]:
        """The files and folders in a folder, by name, without hidden ones; empty if it does not exist."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        ...


class DiskTree:
    """The working tree, with the files that a sparse checkout leaves out of it.

    Symbolic links that lead outside it are refused.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._inside: dict[str, bool] = {"": True}

    @cached_property
    def _skipped(self) -> SkippedFiles | None:
        return skipped_files(self.root)

    def entries(self, folder: str) -> list[DirEntry]:
        """The files and folders in a folder, by name, without hidden ones; empty if it does not exist."""
        if not self._is_inside(folder):
            return []
        names: dict[str, bool] = {}
        if self._skipped is not None:
            names |= self._skipped.folders.get(folder, {})
        with suppress(OSError), os.scandir(f"{self.root}/{folder}") as entries:
            names |= {entry.name: _is_dir(entry) for entry in entries}
        return sorted(DirEntry(name, is_dir) for name, is_dir in names.items() if name[0] != ".")

    def read(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            IterataError: it cannot be read, or leads outside the repository.
        """
        if not self._is_inside(path):
            remedy = "replace the link by the file itself"
            raise IterataError("is a link that leads outside the repository", remedy=remedy, where=path)
        try:
            with open(f"{self.root}/{path}", "rb") as stream:  # noqa: PTH123  # half the time of a Path
                return stream.read()
        except OSError as error:
            if self._skipped is not None and path in self._skipped.files:
                return self._skipped.read(path)
            remedy = "replace it by a readable file"
            raise IterataError(f"cannot be read: {error.strerror}", remedy=remedy, where=path) from None

    def _is_inside(self, path: str) -> bool:
        """Whether a path is below the root once all links are resolved; each folder is checked once."""
        folder = path.rpartition("/")[0]
        if folder not in self._inside:
            self._inside[folder] = self._is_inside(folder)
        if not self._inside[folder]:
            return False
        place = f"{self.root}/{path}"
        return not os.path.islink(place) or Path(os.path.realpath(place)).is_relative_to(self.root)  # noqa: PTH114


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
