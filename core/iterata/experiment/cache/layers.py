"""The cache of a run: that of this machine, and that of the team if there is one.

A cache saves time and nothing else. Whatever goes wrong with it, the run goes on: each cause is said once, as
a warning of the logger, and what the cache does not give is computed.
"""

from __future__ import annotations

import errno
import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import iterata
from iterata.errors import IterataError
from iterata.experiment.cache.deadline import with_deadline
from iterata.experiment.cache.entry import DamagedEntry, NewerEntry, UnusableEntry, pack, unpack
from iterata.experiment.cache.in_use import InUse
from iterata.experiment.cache.refusals import (
    LOCAL_PLACE,
    CacheLost,
    CacheNotReadable,
    CacheNotWritable,
    CacheNotWritten,
    CacheReadOnly,
    EntryLeft,
    EntryReplaced,
)
from iterata.experiment.cache.stores import FolderStore, open_shared
from iterata.repository.files import state_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from iterata.experiment.cache.entry import EntryName
    from iterata.experiment.cache.stores import Store

Value = TypeVar("Value")

LOGGER = logging.getLogger(__name__)

DEADLINE = 120.0
"""Seconds that one entry of a shared cache may take."""

OPENING_DEADLINE = 20.0
"""Seconds to connect to a shared cache."""

ATTEMPTS = 3
"""After so many failures in a row, a shared cache is not asked again in this run."""

_MISSING_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}


@dataclass(slots=True)
class Layer:
    """One cache, and what is known about it in this run."""

    store: Store
    shared: bool
    read_failures: int = 0
    write_failures: int = 0
    left: set[EntryName] = field(default_factory=set)
    """Entries of newer versions, which are not overwritten."""
    said: set[str] = field(default_factory=set)
    """Causes."""

    def get(self, name: EntryName) -> dict[str, bytes] | None:
        """The parts of an entry; None if there is none that can be used."""
        if self.shared and self.read_failures >= ATTEMPTS:
            return None
        try:
            content = self._call(lambda: self.store.read(name.path))
        except Exception as error:  # libraries of file systems raise exceptions of their own
            if not isinstance(error, PermissionError):  # S3's answer for an entry that is not there
                self.read_failures += ATTEMPTS if isinstance(error, TimeoutError) else 1
            self._say((CacheLost if self.shared else CacheNotReadable)(self.store.place, error))
            return None
        self.read_failures = 0
        try:
            return None if content is None else unpack(content, name)
        except UnusableEntry as error:
            self.reject(name, error)
            return None

    def reject(self, name: EntryName, error: UnusableEntry) -> None:
        """Say that an entry is not used."""
        if isinstance(error, NewerEntry):
            self.left.add(name)
            self._say(EntryLeft(self.store.place, name.path, error))
        else:
            self._say(EntryReplaced(self.store.place, name.path, error))

    def put(self, name: EntryName, content: bytes) -> None:
        """Write an entry, if it can be written."""
        if name in self.left or (self.shared and max(self.write_failures, self.read_failures) >= ATTEMPTS):
            return
        try:
            self._call(lambda: self.store.write(name.path, content))
        except Exception as error:  # as above
            final = _is_read_only(error) or isinstance(error, TimeoutError)
            self.write_failures += ATTEMPTS if final else 1
            self._say(self._not_written(error))
        else:
            self.write_failures = 0

    def _not_written(self, error: Exception) -> IterataError:
        if not self.shared:
            return CacheNotWritable(self.store.place, error)
        return (CacheReadOnly if _is_read_only(error) else CacheNotWritten)(self.store.place, error)

    def _call(self, call: Callable[[], Value]) -> Value:
        return with_deadline(call, DEADLINE) if self.shared else call()

    def _say(self, error: IterataError) -> None:
        cause = "outage" if isinstance(error, CacheLost | CacheNotWritten) else type(error).__name__
        LOGGER.log(logging.DEBUG if cause in self.said else logging.WARNING, "%s", error)
        self.said.add(cause)


@dataclass(frozen=True, slots=True)
class Cache:
    """Entries by name, from the first layer that has one; new ones go to all of them."""

    layers: tuple[Layer, ...]
    in_use: InUse
    iteration: str = ""
    """Written into new entries."""

    def get(self, name: EntryName, decode: Callable[[Mapping[str, bytes]], Value]) -> Value | None:
        """The decoded entry; None if no layer has one that can be used.

        Args:
            name: of the entry.
            decode: raises `DamagedEntry` for parts that are not valid.
        """
        for layer in self.layers:
            parts = layer.get(name)
            if parts is None:
                continue
            try:
                return decode(parts)
            except DamagedEntry as error:
                layer.reject(name, error)
        return None

    def put(self, name: EntryName, parts: Mapping[str, bytes]) -> None:
        """Keep an entry wherever that is possible."""
        content = pack(name, parts, iteration=self.iteration, version=iterata.__version__)
        for layer in self.layers:
            layer.put(name, content)

    def protect(self, names: Iterable[EntryName]) -> None:
        """Keep `iterata cache prune` from deleting entries until this run ends."""
        self.in_use.add(name.path for name in names)


@contextmanager
def open_cache(root: Path, url: str | None = None, *, iteration: str = "") -> Iterator[Cache]:
    """The cache of a run: the folder `.iterata/cache` below `root`, and the one at a URL.

    Raises:
        FsspecMissing: there is a URL, and fsspec is not installed.
        CacheUnreachable: the URL is of no known kind.
    """
    folder = state_dir(root) / "cache"
    layers = [Layer(FolderStore(folder, LOCAL_PLACE), shared=False)]
    if url is not None:
        layers += _shared_layer(url)
    with InUse(folder) as in_use:
        yield Cache(tuple(layers), in_use, iteration)


def _shared_layer(url: str) -> list[Layer]:
    try:
        return [Layer(with_deadline(lambda: open_shared(url), OPENING_DEADLINE), shared=True)]
    except IterataError:
        raise
    except Exception as error:  # libraries of file systems raise exceptions of their own
        LOGGER.warning("%s", CacheLost(url, error))
        return []


def _is_read_only(error: Exception) -> bool:
    if isinstance(error, PermissionError | NotImplementedError):  # a file system may have no writing at all
        return True
    return isinstance(error, OSError) and error.errno in _MISSING_RIGHT
