"""The folder that a site is written into.

A manifest names what was written, with digests. Only that is ever replaced or removed, and nothing is written
through a symbolic link, so that no run changes a file of somebody else, or a file outside the folder.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError
from iterata.repository.files import write_atomically
from iterata.repository.zensical import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Changes(NamedTuple):
    """What differs between a folder and the site that belongs there."""

    written: tuple[str, ...]
    """New and changed files."""
    removed: tuple[str, ...]
    """Files of an earlier run that the site does not have any more."""
    kept: tuple[str, ...]
    """Such files that somebody edited since."""

    def __bool__(self) -> bool:
        return bool(self.written or self.removed)


class OutputFolder:
    """A folder of its own for a site.

    Raises:
        IterataError: it holds other files, is no folder, or cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._owned = _manifest(folder)

    def changes(self, content: Mapping[str, bytes | Path]) -> Changes:
        """What `write` would do.

        Raises:
            IterataError: a file of somebody else is in the place of one of the site, or a symbolic link is.
        """
        written = tuple(path for path, new in sorted(content.items()) if self._differs(path, new))
        gone = sorted(self._owned.keys() - content.keys())
        present = [path for path in gone if self._inside(path).is_file()]
        removed = tuple(path for path in present if self._digest(path) == self._owned[path])
        return Changes(written, removed, tuple(path for path in present if path not in removed))

    def write(self, content: Mapping[str, bytes | Path]) -> Changes:
        """Make the folder that of the site; files that are the same are not touched."""
        changes = self.changes(content)
        digests = {path: hashlib.sha256(_bytes(new)).hexdigest() for path, new in content.items()}
        try:
            if changes:  # first, so that an interrupted run owns what it wrote
                self._write_manifest({**self._owned, **digests})
            for path in changes.written:
                write_atomically(self._inside(path), _bytes(content[path]), durable=False)
            for path in changes.removed:
                self._remove(path)
            self._write_manifest(digests)
        except OSError as error:
            message = f"could not be written: {error.strerror}"
            remedy = "check the folder's permissions and the free disk space, then run the command again"
            raise IterataError(message, remedy=remedy, where=str(error.filename or self.folder)) from None
        return changes

    def _write_manifest(self, digests: Mapping[str, str]) -> None:
        text = json.dumps({"schema_version": 1, "kind": "site", "files": digests}, indent=1, sort_keys=True)
        content = f"{text}\n".encode()
        path = self.folder / MANIFEST
        if not path.is_file() or path.read_bytes() != content:
            write_atomically(path, content, durable=False)

    def _differs(self, path: str, new: bytes | Path) -> bool:
        place = self._inside(path)
        if not place.exists():
            return True
        if not place.is_file() or path not in self._owned:
            raise _in_the_way(place)
        return place.read_bytes() != _bytes(new)

    def _inside(self, path: str) -> Path:
        """The place of a file, below the folder and behind no symbolic link."""
        place = self.folder
        for part in PurePosixPath(path).parts:
            place /= part
            if place.is_symlink():
                raise _in_the_way(place)
        return place

    def _digest(self, path: str) -> str:
        return hashlib.sha256(self._inside(path).read_bytes()).hexdigest()

    def _remove(self, path: str) -> None:
        place = self._inside(path)
        place.unlink()
        for folder in place.parents:
            if folder == self.folder or any(folder.iterdir()):
                break
            folder.rmdir()


def _bytes(content: bytes | Path) -> bytes:
    return content.read_bytes() if isinstance(content, Path) else content


def _in_the_way(place: Path) -> IterataError:
    message = "is not a file that the command wrote, and the site has one at its place"
    return IterataError(message, remedy="move it away", where=str(place))


def _manifest(folder: Path) -> dict[str, str]:
    """The digests of the files of an earlier run.

    Raises:
        IterataError: there was none, and the folder is not empty; or its manifest cannot be trusted.
    """
    path = folder / MANIFEST
    if folder.exists() and not folder.is_dir():
        raise IterataError("is no folder", remedy="name another one with --into", where=str(folder))
    if not path.exists():
        if folder.is_dir() and (other := _first(folder.iterdir())) is not None:
            message = f"holds other files, such as {other}"
            remedy = "name an empty folder with --into, or one that does not exist yet"
            raise IterataError(message, remedy=remedy, where=str(folder))
        return {}
    try:
        files = json.loads(path.read_bytes())["files"]
        digests = {str(name): str(digest) for name, digest in files.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        digests = {"..": ""}
    if path.is_symlink() or not all(map(_is_below, digests)):
        message = "is damaged, so that it is not known which files are those of the site"
        raise IterataError(message, remedy="delete the folder, then run the command again", where=str(path))
    return digests


def _first(entries: Iterable[Path]) -> str | None:
    return min((entry.name for entry in entries), default=None)


def _is_below(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\\" not in path
