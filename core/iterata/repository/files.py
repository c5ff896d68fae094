"""Writing so that nothing is lost, and locking so that two commands do not write at once."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from iterata.errors import BusyError, IterataError

if TYPE_CHECKING:
    from collections.abc import Iterator

STATE = ".iterata"
"""The folder for locks and caches at the repository's root; ignored by Git."""

_IN_THE_WAY = (FileExistsError, IsADirectoryError, NotADirectoryError)
"""What the system says where a file stands in the place of a folder, or a folder in the place of a file."""


def write_within(root: Path, path: str, text: str) -> bool:
    """Write a file by its path below `root`; return whether it changed.

    Raises:
        IterataError: a folder on the way leads out of `root`, or the file cannot be written.
    """
    if not (root / path).parent.resolve().is_relative_to(root.resolve()):
        remedy = "replace the linked folder by a folder"
        raise IterataError("leads outside the repository; nothing was written", remedy=remedy, where=path)
    return write_text(root / path, text)


def write_text(path: Path, text: str) -> bool:
    """Write `text` whole or not at all; return whether the file changed.

    The text goes to a temporary file beside `path`, to the disk, and then into place, so that a crash at any
    moment leaves either the old file or the new one.
    """
    raw = text.encode()
    try:
        if path.is_file() and path.read_bytes() == raw:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(raw)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).chmod(mode)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        remedy = "check the folder's rights and the space left on the disk, and run the command again"
        if isinstance(error, _IN_THE_WAY):
            remedy = "move away what stands there: a file in a folder's place, or a folder in a file's"
        raise IterataError(
            f"could not be written: {error.strerror}", remedy=remedy, where=str(path)
        ) from None
    return True


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def state_dir(root: Path) -> Path:
    """The folder for locks and caches; made on first use, with a `.gitignore` that hides it.

    Raises:
        IterataError: it cannot be made.
    """
    folder = root / STATE
    try:
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", "utf-8")
    except OSError as error:
        remedy = f"{STATE} is a folder of iterata's own: check its rights, or remove what else is called so"
        if error.errno == errno.ENOSPC:
            remedy = "make room on its disk"
        raise IterataError(f"cannot be used: {error.strerror}", remedy=remedy, where=str(folder)) from None
    return folder


@contextmanager
def locked(root: Path, name: str) -> Iterator[None]:
    """Hold the lock of one iteration.

    Raises:
        BusyError: another command holds it.
        IterataError: the folder for locks cannot be used.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415  # only writers lock

    lock = FileLock(state_dir(root) / f"{name.replace('/', '--')}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        remedy = "wait for the other command to end, then run this one again"
        raise BusyError("another iterata command is working on it", remedy=remedy, where=name) from None
    except OSError as error:
        remedy = f"check the rights of {STATE}"
        raise IterataError(f"cannot be locked: {error.strerror}", remedy=remedy, where=name) from None
    try:
        yield
    finally:
        lock.release()
