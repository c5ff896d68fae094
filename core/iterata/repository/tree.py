"""Where documents are read from: the working tree, or a revision."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple, Protocol

from iterata.errors import IterataError


class Entry(NamedTuple):
    """Something in a folder."""

    name: str
    is_dir: bool


class Tree(Protocol):
    """Where documents are read from: the disk, or a revision. Paths are relative, with forward slashes."""

    def entries(self, folder: str) -> list[Entry]:
        """What stands in a folder, by name; empty where there is no such folder."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        ...


class DiskTree:
    """The working tree. Links that lead outside it are refused."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._inside: dict[str, bool] = {"": True}

    def entries(self, folder: str) -> list[Entry]:
        """What stands in a folder, by name; hidden files are passed over."""
        if not self._is_inside(folder):
            return []
        try:
            with os.scandir(f"{self.root}/{folder}") as found:
                return sorted(
                    Entry(each.name, _is_folder(each)) for each in found if not each.name.startswith(".")
                )
        except OSError:
            return []

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
            remedy = "put a file there that can be read"
            raise IterataError(f"cannot be read: {error.strerror}", remedy=remedy, where=path) from None

    def _is_inside(self, path: str) -> bool:
        """Whether following every link on the way leads to a place below the root; asked once a folder."""
        folder = path.rpartition("/")[0]
        if folder not in self._inside:
            self._inside[folder] = self._is_inside(folder)
        if not self._inside[folder]:
            return False
        place = f"{self.root}/{path}"
        return not os.path.islink(place) or Path(os.path.realpath(place)).is_relative_to(self.root)  # noqa: PTH114


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself hides nothing beside it
        return False
