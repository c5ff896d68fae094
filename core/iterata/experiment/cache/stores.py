"""Stores of bytes by name: a folder, or any place that fsspec can address."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from iterata.experiment.cache.refusals import CacheUnreachable, FsspecMissing
from iterata.repository.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsspec import AbstractFileSystem

_TIMES = ("mtime", "LastModified", "last_modified", "modified", "created")
"""What file systems call the time of the last change."""


class StoredFile(NamedTuple):
    """A file of a store."""

    name: str
    size: int
    """Bytes."""
    used: float | None
    """When it was last used, or written where uses are not recorded; None if the store does not tell."""


class Store(Protocol):
    """Reads and writes bytes; readers check what they get, which may be half written."""

    @property
    def place(self) -> str:
        """The folder or the URL, as messages show it."""
        ...

    def read(self, name: str) -> bytes | None:
        """The content; None if there is none. Raises what the file system raises."""

    def write(self, name: str, content: bytes) -> None:
        """Write the content. Raises what the file system raises."""

    def delete(self, name: str) -> None:
        """Delete the file, if it is there. Raises what the file system raises."""

    def files(self) -> Iterator[StoredFile]:
        """All files. Raises what the file system raises."""
        ...


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A folder of this machine, or of a network drive."""

    folder: Path
    label: str = ""
    """What messages call it; empty for its path."""

    @property
    def place(self) -> str:
        """The folder."""
        return self.label or str(self.folder)

    def read(self, name: str) -> bytes | None:
        """The content; None if there is no such file. Its time records the use."""
        path = self.folder / name
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        with suppress(OSError):  # a folder that can only be read
            os.utime(path)
        return content

    def write(self, name: str, content: bytes) -> None:
        """Write to a temporary file, then rename it."""
        write_atomically(self.folder / name, content, durable=False)

    def delete(self, name: str) -> None:
        """Delete the file, if it is there."""
        (self.folder / name).unlink(missing_ok=True)

    def files(self) -> Iterator[StoredFile]:
        """All files, without following links."""
        folders = [self.folder]
        while folders:
            try:
                with os.scandir(folders.pop()) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            folders.append(Path(entry.path))
                        elif entry.is_file(follow_symlinks=False):
                            state = entry.stat(follow_symlinks=False)
                            name = Path(entry.path).relative_to(self.folder).as_posix()
                            yield StoredFile(name, state.st_size, state.st_mtime)
            except FileNotFoundError:  # another process removed it
                continue


@dataclass(frozen=True, slots=True)
class RemoteStore:
    """A folder of a remote file system, by its URL."""

    url: str
    filesystem: AbstractFileSystem
    path: str

    @property
    def place(self) -> str:
        """The URL, which has no password."""
        return self.url

    def read(self, name: str) -> bytes | None:
        """The content; None if there is no such file."""
        try:
            content: bytes = self.filesystem.cat_file(f"{self.path}/{name}")
        except FileNotFoundError:
            return None
        return content

    def write(self, name: str, content: bytes) -> None:
        """Write the content. Most file systems show a file when it is complete."""
        path = f"{self.path}/{name}"
        self.filesystem.makedirs(path.rpartition("/")[0], exist_ok=True)
        self.filesystem.pipe_file(path, content)

    def delete(self, name: str) -> None:
        """Delete the file, if it is there."""
        with suppress(FileNotFoundError):
            self.filesystem.rm_file(f"{self.path}/{name}")

    def files(self) -> Iterator[StoredFile]:
        """All files."""
        self.filesystem.invalidate_cache()
        base = self.filesystem._strip_protocol(self.path)  # noqa: SLF001  # paths are listed in this form
        for path, info in self.filesystem.find(self.path, detail=True).items():
            used = next((_seconds(info[name]) for name in _TIMES if info.get(name)), None)
            name = path.removeprefix(base).strip("/")
            yield StoredFile(name, int(info.get("size") or 0), used)


def _seconds(time: object) -> float | None:
    if isinstance(time, datetime):
        return time.timestamp()
    return float(time) if isinstance(time, int | float) else None


def open_shared(url: str) -> FolderStore | RemoteStore:
    """The store at a URL; it may be one that does not answer.

    Raises:
        FsspecMissing: fsspec is not installed.
        CacheUnreachable: the URL is of no kind that fsspec knows, or its package is not installed.
        OSError: it cannot be reached; libraries of file systems raise other exceptions, too.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and not (parts.query or parts.fragment):
        return FolderStore(Path(unquote(parts.path)), url)
    try:
        import fsspec  # noqa: PLC0415  # an extra
    except ImportError:
        raise FsspecMissing(url) from None
    try:
        filesystem, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise CacheUnreachable(url, error) from None
    return RemoteStore(url, filesystem, path.rstrip("/"))
