"""Matrices that several fits of a run need, computed once: by whichever process needs one first.

A matrix is named by a digest of everything that it depends on. It is kept in the memory of the process, as
far as there is room, and in a folder that the processes of a machine share until the run ends. A matrix that
cannot be kept or read is computed again, so that neither a full disk nor a killed process changes a figure.
"""

from __future__ import annotations

import os
import shutil
from collections import OrderedDict
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from filelock import FileLock

from iterata.repository.files import state_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Arrays: TypeAlias = Mapping[str, NDArray[np.generic]]
    """A matrix and what belongs to it, as plain arrays by name."""

MEMORY = 256 * 2**20
"""Bytes that a process keeps of the matrices it used last."""

DISK = 2 * 2**30
"""Bytes that the folder may hold."""

FREE = 2**30
"""Bytes of the disk that stay free."""

_memory: OrderedDict[str, Arrays] = OrderedDict()


@contextmanager
def shared_folder(root: Path, iteration: str, *, needed: bool) -> Iterator[Path | None]:
    """The folder that the processes of one run share; it is empty at first and deleted at the end.

    Args:
        root: the repository.
        iteration: `project/iteration`, on which one command works at a time.
        needed: whether there is anything to share.

    Yields:
        None if it is not needed or cannot be made: then every process computes what it needs.
    """
    if not needed:
        yield None
        return
    folder = state_dir(root) / "matrices" / iteration.replace("/", "--")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
    except OSError:
        yield None
        return
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class SharedMatrices(NamedTuple):
    """Where the processes of a run find the matrices of each other."""

    folder: Path | None = None
    """None, or a folder that is not on this machine, if nothing is shared between processes."""

    def get(self, key: str, compute: Callable[[], Arrays]) -> Arrays:
        """The arrays under `key`, a digest of all that they depend on; computed if nobody has them.

        Raises:
            Exception: what `compute` raises.
        """
        if key in _memory:
            _memory.move_to_end(key)
            return _memory[key]
        if self.folder is None or not self.folder.is_dir():
            arrays = compute()
        else:
            arrays = _from_file(self.folder / f"{key.removeprefix('sha256:')}.npz", compute)
        _keep_in_memory(key, arrays)
        return arrays


def _from_file(path: Path, compute: Callable[[], Arrays]) -> Arrays:
    if (arrays := _read(path)) is not None:
        return arrays
    with _locked(path):  # another process may compute it at this moment
        if (arrays := _read(path)) is None:
            arrays = compute()
            _write(path, arrays)
        return arrays


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Wait until no other process holds the lock; the system releases that of a killed process."""
    lock = FileLock(path.with_suffix(".lock"))
    with suppress(OSError, NotImplementedError):  # a disk that is full, or that has no locks
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _read(path: Path) -> Arrays | None:
    try:
        with np.load(path, allow_pickle=False) as content:
            return {name: content[name] for name in content.files}
    except Exception:  # numpy and zipfile raise exceptions of many kinds for what is not complete
        return None


def _write(path: Path, arrays: Arrays) -> None:
    """Write the file at once, if there is room for it."""
    size = _bytes(arrays)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        if _size_of(path.parent) + size > DISK or shutil.disk_usage(path.parent).free < size + FREE:
            return
        with temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()


def _size_of(folder: Path) -> int:
    """Bytes of a folder's files, some of which another process may remove at this moment."""
    size = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                size += entry.stat().st_size
    return size


def _keep_in_memory(key: str, arrays: Arrays) -> None:
    _memory[key] = arrays
    while sum(map(_bytes, _memory.values())) > MEMORY:
        _memory.popitem(last=False)


def _bytes(arrays: Arrays) -> int:
    return sum(array.nbytes for array in arrays.values())
