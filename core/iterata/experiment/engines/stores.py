"""Where bytes are kept by name: a folder here, or a place that fsspec knows."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from iterata.errors import IterataError
from iterata.text import one_line

_SPACE = "check the folder's rights and the space left on the disk; what was finished is kept"
_REACH = "see that it can be reached, and that your credentials are where its library looks for them"


class Store(Protocol):
    """Keeps bytes, each whole or not at all."""

    def read(self, name: str) -> bytes | None:
        """What is kept under a name; none where nothing is."""

    def write(self, name: str, content: bytes) -> None:
        """Keep it.

        Raises:
            IterataError: it cannot be kept.
        """


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine."""

    place: Path

    def read(self, name: str) -> bytes | None:
        """What is kept under a name; none where nothing is, or nothing that can be read."""
        try:
            return (self.place / name).read_bytes()
        except OSError:
            return None

    def write(self, name: str, content: bytes) -> None:
        """Keep it: written beside its place, and then brought there.

        Raises:
            IterataError: it cannot be written.
        """
        try:
            _write(self.place / name, content)
        except OSError as error:
            message = f"cannot be written: {error.strerror}"
            raise IterataError(message, remedy=_SPACE, where=str(self.place)) from None


@dataclass(frozen=True, slots=True)
class TableInputs:
    """A folder of another place, by its URL."""

    url: str
    system: Any
    """An fsspec file system."""
    place: str

    def read(self, name: str) -> bytes | None:
        """What is kept under a name; none where nothing is.

        Raises:
            IterataError: the place cannot be reached.
        """
        try:
            content: bytes = self.system.cat_file(f"{self.place}/{name}")
        except FileNotFoundError:
            return None
        except Exception as error:  # whatever its library raises
            raise _unreachable(self.url, error) from None
        return content

    def write(self, name: str, content: bytes) -> None:
        """Keep it; most places show a file when it is whole, and half of one is never taken for it.

        Raises:
            IterataError: the place cannot be reached, or refuses.
        """
        path = f"{self.place}/{name}"
        try:
            self.system.makedirs(path.rpartition("/")[0], exist_ok=True)
            self.system.pipe_file(path, content)
        except Exception as error:  # whatever its library raises
            raise _unreachable(self.url, error) from None


def elsewhere(url: str) -> TableInputs:
    """The place a URL names.

    Raises:
        IterataError: what it takes is not installed, or the place cannot be reached.
    """
    try:
        import fsspec  # noqa: PLC0415  # an extra
    except ImportError:
        remedy = "install it: `pip install 'iterata[remote]'`, or leave `cache` out of mkdocs.yml"
        raise IterataError("fsspec is not installed", remedy=remedy, where=url) from None
    try:
        system, place = fsspec.core.url_to_fs(url)
        system.exists(place)
    except Exception as error:  # whatever its library raises
        raise _unreachable(url, error) from None
    return TableInputs(url, system, place.rstrip("/"))


def _unreachable(url: str, error: Exception) -> IterataError:
    said = one_line(str(error), 200) or type(error).__name__
    return IterataError(f"the cache cannot be used: {said}", remedy=_REACH, where=url)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
