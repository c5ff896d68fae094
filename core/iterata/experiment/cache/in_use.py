"""Which entries of the cache the running commands of this machine use."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

FOLDER = "in-use"
"""Below the cache's folder. A running command holds the lock of a file here, and lists what it uses."""


class InUse:
    """The entries that this command uses; the mark ends with the process, however that ends."""

    def __init__(self, cache: Path) -> None:
        self._list = cache / FOLDER / f"{os.getpid()}-{os.urandom(4).hex()}.txt"
        self._lock = FileLock(self._list.with_suffix(".lock"))

    def __enter__(self) -> Self:
        with suppress(OSError):  # a full or read-only disk: nothing can be written, or pruned
            self._list.parent.mkdir(parents=True, exist_ok=True)
            names_in_use(self._list.parent.parent)  # removes what killed commands left
            self._lock.acquire(timeout=0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            _remove(self._list)
            self._lock.release()
            for folder in (self._list.parent, self._list.parent.parent):
                folder.rmdir()  # fails unless it is empty

    def add(self, names: Iterable[str]) -> None:
        """Mark entries, by their path in the cache."""
        with suppress(OSError), self._list.open("a", encoding="utf-8") as stream:
            stream.writelines(f"{name}\n" for name in names)


def names_in_use(cache: Path) -> frozenset[str]:
    """The entries that running commands use, by their path in the cache."""
    names: set[str] = set()
    for path in sorted((cache / FOLDER).glob("*.lock")):
        lock, listed = FileLock(path), path.with_suffix(".txt")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            with suppress(OSError):
                names.update(listed.read_text("utf-8").splitlines())
        except OSError:
            continue
        else:  # its process was killed
            _remove(listed)
            lock.release()
    return frozenset(names)


def _remove(listed: Path) -> None:
    for path in (listed, listed.with_suffix(".lock")):
        with suppress(OSError):
            path.unlink()
