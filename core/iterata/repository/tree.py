"""The tree that documents are read from: the working tree, or a revision."""

from __future__ import annotations

import errno
import os
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

from iterata.errors import IterataError
from iterata.repository.sparse_checkout import SkippedFiles, skipped_files

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""Refuses to open a link, which spares a look at every file before it is opened; zero on Windows."""

_LINK_ERRORS = (errno.ELOOP, errno.EMLINK)
"""What systems answer if that file is a link."""

_MAX_PART = 1 << 20


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

    def size(self, path: str) -> int | None:
        """The number of bytes of a file; None if only reading it tells."""
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
        try:
            with os.scandir(f"{self.root}/{folder}") as entries:
                names |= {entry.name: _is_dir(entry) for entry in entries}
        except PermissionError as error:
            remedy = "check who owns it, and its permissions"
            raise IterataError(f"cannot be read: {error.strerror}", remedy=remedy, where=folder) from None
        except OSError:  # it does not exist, or is a file
            pass
        return sorted(DirEntry(name, is_dir) for name, is_dir in names.items() if name[0] != ".")

    def read(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            IterataError: it cannot be read, or leads outside the repository.
        """
        is_inside = self._is_folder_inside(path) if _NO_LINK else self._is_inside(path)
        try:
            if is_inside:
                return _read(f"{self.root}/{path}", os.O_RDONLY | _NO_LINK)
        except OSError as error:
            if error.errno not in _LINK_ERRORS:
                return self._skipped_content(path, error)
        return self._read_link(path)

    def size(self, path: str) -> int | None:
        """The number of bytes of a file; None if it is not on disk, or leads outside the repository."""
        if not self._is_inside(path):
            return None
        try:
            return os.stat(f"{self.root}/{path}").st_size  # noqa: PTH116  # half the time of a Path
        except OSError:
            return None

    def _read_link(self, path: str) -> bytes:
        """The bytes of the file that a link leads to."""
        if not self._is_inside(path):
            remedy = "replace the link by the file itself"
            raise IterataError("is a link that leads outside the repository", remedy=remedy, where=path)
        try:
            return _read(f"{self.root}/{path}", os.O_RDONLY)
        except OSError as error:
            return self._skipped_content(path, error)

    def _skipped_content(self, path: str, error: OSError) -> bytes:
        """The bytes of a file that cannot be read on disk, if a sparse checkout leaves it out."""
        if self._skipped is not None and path in self._skipped.files:
            return self._skipped.read(path)
        remedy = "replace it by a readable file"
        if isinstance(error, PermissionError):
            remedy = "check who owns it, and its permissions"
        raise IterataError(f"cannot be read: {error.strerror}", remedy=remedy, where=path) from None

    def _is_inside(self, path: str) -> bool:
        """Whether a path is below the root once all links are resolved."""
        if not self._is_folder_inside(path):
            return False
        place = f"{self.root}/{path}"
        return not os.path.islink(place) or Path(os.path.realpath(place)).is_relative_to(self.root)  # noqa: PTH114

    def _is_folder_inside(self, path: str) -> bool:
        """Whether the folder of a path is; each folder is checked once."""
        folder = path.rpartition("/")[0]
        if folder not in self._inside:
            self._inside[folder] = self._is_inside(folder)
        return self._inside[folder]


def _read(place: str, flags: int) -> bytes:
    """The bytes of a file, with as few system calls as possible."""
    descriptor = os.open(place, flags | getattr(os, "O_BINARY", 0))
    try:
        size = os.fstat(descriptor).st_size
        content = os.read(descriptor, size + 1)
        while len(content) != size and (more := os.read(descriptor, _MAX_PART)):
            content += more
        return content
    finally:
        os.close(descriptor)


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
