"""Stores of bytes by name: a folder of this machine, or any place that fsspec can address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from iterata.experiment.engines.refusals import CacheNotWritable, CacheUnreachable, FsspecMissing
from iterata.repository.files import state_dir, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from fsspec import AbstractFileSystem


class Store(Protocol):
    """Reads and writes bytes; readers never see a file that is half written."""

    def read(self, name: str) -> bytes | None:
        """The content; None if there is none.

        Raises:
            IterataError: the store cannot be reached.
        """

    def write(self, name: str, content: bytes) -> None:
        """Write the content.

        Raises:
            IterataError: the store cannot be reached or written.
        """


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A folder of this machine."""

    folder: Path

    def read(self, name: str) -> bytes | None:
        """The content; None if there is no such file, or it cannot be read."""
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            return None

    def write(self, name: str, content: bytes) -> None:
        """Write to a temporary file, then rename it.

        Raises:
            CacheNotWritable: the folder cannot be written.
        """
        try:
            write_atomically(self.folder / name, content, durable=False)
        except OSError as error:
            raise CacheNotWritable(str(self.folder), error) from None


@dataclass(frozen=True, slots=True)
class RemoteStore:
    """A folder of a remote file system, by its URL."""

    url: str
    filesystem: AbstractFileSystem
    path: str

    def read(self, name: str) -> bytes | None:
        """The content; None if there is no such file.

        Raises:
            CacheUnreachable: the file system raised an exception.
        """
        try:
            content: bytes = self.filesystem.cat_file(f"{self.path}/{name}")
        except FileNotFoundError:
            return None
        except Exception as error:  # libraries of file systems raise exceptions of their own
            raise CacheUnreachable(self.url, error) from None
        return content

    def write(self, name: str, content: bytes) -> None:
        """Write the content. Most file systems show a file when it is complete; readers check it anyway.

        Raises:
            CacheUnreachable: the file system raised an exception.
        """
        path = f"{self.path}/{name}"
        try:
            self.filesystem.makedirs(path.rpartition("/")[0], exist_ok=True)
            self.filesystem.pipe_file(path, content)
        except Exception as error:  # as above
            raise CacheUnreachable(self.url, error) from None


def open_store(root: Path, url: str | None = None) -> Store:
    """The store of a repository: the folder `.iterata/cache` below `root`, or the one a URL names.

    Raises:
        FsspecMissing: there is a URL, and fsspec is not installed.
        CacheUnreachable: the URL cannot be reached.
    """
    return FolderStore(state_dir(root) / "cache") if url is None else _open_remote(url)


def _open_remote(url: str) -> RemoteStore:
    try:
        import fsspec  # noqa: PLC0415  # an extra
    except ImportError:
        raise FsspecMissing(url) from None
    try:
        filesystem, path = fsspec.core.url_to_fs(url)
        filesystem.exists(path)
    except Exception as error:  # as above
        raise CacheUnreachable(url, error) from None
    return RemoteStore(url, filesystem, path.rstrip("/"))
