"""Atomic writing of files, and a lock that excludes two commands on one iteration."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import PurePosixPath
from socket import gethostname
from typing import TYPE_CHECKING

from iterata.errors import BusyError, IterataError
from iterata.repository.sparse_checkout import refuse_skipped
from iterata.repository.temporary import in_use, remove, remove_abandoned, temporary_name
from iterata.text import one_line

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

STATE = ".iterata"
"""The folder for locks and caches at the repository's root; ignored by Git."""

_ATTEMPTS = 5
"""How often a write is tried while other processes write the same."""

_CONCURRENT = {errno.ENOENT, errno.EEXIST, errno.ENOTEMPTY}
"""Errors if another process created a folder first, or removed a temporary file before it was in use."""

_WRONG_KIND = (FileExistsError, IsADirectoryError, NotADirectoryError)
"""Errors of the system if a file is in the place of a folder, or a folder in the place of a file."""


_REMEDIES = {
    errno.EROFS: "the file system is mounted read-only: mount it writable, or work in a clone on another one",
    errno.EACCES: "check who owns its folder, and the permissions, then run the command again",
    errno.EPERM: "check who owns its folder, and the permissions, then run the command again",
    errno.ENOSPC: "free some disk space, then run the command again",
    errno.EDQUOT: "free some disk space, then run the command again",
}
"""How to make a file writable, by the error of the system."""


def write_within(root: Path, path: str, text: str) -> bool:
    """Write a file by its path below `root`; return whether it changed. A link at `path` is replaced.

    Raises:
        IterataError: a folder of the path is a symbolic link, a sparse checkout leaves the file out, or it
            cannot be written.
    """
    refuse_linked_folders(root, path)
    refuse_skipped(root, path)
    return write_text(root / path, text)


def refuse_linked_folders(root: Path, path: str) -> None:
    """Check that what is written to `path` is not redirected to another folder.

    Raises:
        IterataError: a folder on the way from `root` to `path` is a symbolic link.
    """
    for folder in reversed(PurePosixPath(path).parents[:-1]):
        if (root / folder).is_symlink():
            message = "is a symbolic link; nothing was written"
            raise IterataError(message, remedy="replace the link by a folder", where=folder.as_posix())


def write_text(path: Path, text: str) -> bool:
    """Write a text file atomically; return whether it changed.

    Raises:
        IterataError: the file cannot be written.
    """
    content = text.encode()
    try:
        if path.is_file() and path.read_bytes() == content:
            remove_abandoned(path)
            return False
        write_atomically(path, content, durable=True)
    except OSError as error:
        remedy = _remedy(error)
        message = f"could not be written: {error.strerror}"
        raise IterataError(message, remedy=remedy, where=str(path)) from None
    return True


def _remedy(error: OSError) -> str:
    """How to make a file writable."""
    if isinstance(error, _WRONG_KIND):
        return "move away the file that is in a folder's place, or the folder that is in a file's place"
    return _REMEDIES.get(
        error.errno or 0,
        "check the folder's permissions and the free disk space, then run the command again",
    )


def write_atomically(path: Path, content: bytes, *, durable: bool) -> None:
    """Write a file so that a crash leaves either the old file or the new one.

    The content goes to a temporary file beside `path`, which then replaces it. Folders that are missing
    appear together with the file, never empty. An existing file keeps its mode. What earlier crashes left is
    removed.

    Args:
        path: the file.
        content: its bytes.
        durable: whether to flush the content to the disk first, so that it also survives a power failure.

    Raises:
        OSError: the file cannot be written.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        target = _missing_part(path)
        remove_abandoned(target)
        temporary = temporary_name(target)
        try:
            _replace(target, temporary, path, content, durable=durable)
        except BaseException as error:
            remove(temporary)
            if attempt == _ATTEMPTS or getattr(error, "errno", None) not in _CONCURRENT:
                raise
        else:
            return


def _missing_part(path: Path) -> Path:
    """The topmost folder above `path` that does not exist; `path` itself if its folder exists."""
    while not path.parent.exists():
        path = path.parent
    return path


def _replace(target: Path, temporary: Path, path: Path, content: bytes, *, durable: bool) -> None:
    """Write `content` into a temporary file or folder, which then becomes `target`, at or above `path`."""
    new = temporary / path.relative_to(target)
    if target == path:
        temporary.touch(exist_ok=False)
    else:
        new.parent.mkdir(parents=True)
    with in_use(temporary):
        with new.open("wb") as stream:
            stream.write(content)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o777)
        temporary.replace(target)


def state_dir(root: Path) -> Path:
    """The folder for locks and caches. It is created on first use, with a `.gitignore` that hides it.

    Raises:
        IterataError: it cannot be created, or leads to another folder.
    """
    folder = root / STATE
    refuse_linked_folders(root, f"{STATE}/*")
    ignore = folder / ".gitignore"
    try:
        if folder.exists():
            with os.scandir(folder) as entries:
                _refuse_links(entries)
        if not ignore.exists() or not ignore.stat().st_size:
            write_atomically(ignore, b"*\n", durable=False)
    except OSError as error:
        own = f"{STATE} is iterata's own folder: check its permissions, or remove a file of that name"
        remedy = _REMEDIES.get(error.errno or 0, own)
        raise IterataError(f"cannot be used: {error.strerror}", remedy=remedy, where=str(folder)) from None
    return folder


def _refuse_links(entries: Iterable[os.DirEntry[str]]) -> None:
    for entry in entries:
        if entry.is_symlink():
            remedy = f"remove the link; nothing in {STATE} belongs into Git"
            where = f"{STATE}/{entry.name}"
            raise IterataError("is a symbolic link; nothing was written", remedy=remedy, where=where)


@contextmanager
def locked(root: Path, name: str) -> Iterator[None]:
    """Hold the lock of one iteration.

    Raises:
        BusyError: another command holds it.
        IterataError: the folder for locks cannot be used.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415  # only for commands that write

    path = state_dir(root) / f"{name.replace('/', '--')}.lock"
    lock, holder = FileLock(path), path.with_suffix(".holder")
    try:
        lock.acquire(timeout=0)  # the system releases the lock of a process that was killed
    except Timeout:
        remedy = f"wait until {_holder(holder)} ends, then run this one again"
        raise BusyError("another iterata command is working on it", remedy=remedy, where=name) from None
    except OSError as error:
        message = f"{path.relative_to(root)} cannot be locked: {error.strerror}"
        raise IterataError(message, remedy=_remedy(error), where=name) from None
    try:
        with suppress(OSError):  # a full disk: the message of another command then does not name this one
            holder.write_text(_this_process(), "utf-8")
        yield
    finally:
        with suppress(OSError):
            holder.unlink()
        lock.release()


def locks_work(descriptor: int) -> bool:
    """Whether the file system of an open file has locks."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def lock_holders(root: Path) -> list[tuple[str, str]]:
    """The iterations that commands are working on now, and by whom."""
    from filelock import FileLock, Timeout  # noqa: PLC0415  # only for commands that need locks

    held = []
    for path in sorted((root / STATE).glob("*.lock")):
        try:
            with FileLock(path).acquire(timeout=0):
                pass
        except Timeout:
            held.append((path.stem.replace("--", "/"), _holder(path.with_suffix(".holder"))))
        except OSError:
            continue
    return held


def _this_process() -> str:
    began = datetime.now(UTC).strftime("%H:%M")
    return f"process {os.getpid()} on {gethostname()}, which began at {began} UTC,"


def _holder(path: Path) -> str:
    try:
        return one_line(path.read_text("utf-8", "replace"), 200) or "it"
    except OSError:
        return "it"
