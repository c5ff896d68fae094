"""Temporary files and folders beside those that they replace; what crashes left of them is removed."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def in_use(temporary: Path) -> Iterator[None]:
    """Mark a temporary file or folder as in use; the mark disappears if this process is killed."""
    descriptor = os.open(temporary, os.O_RDONLY) if fcntl else None
    try:
        if descriptor is not None:
            with suppress(OSError):  # a network drive without locks
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def remove_abandoned(path: Path) -> None:
    """Remove the temporary files and folders for `path` whose process was killed."""
    if fcntl is None:
        return
    pattern = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}\.tmp")
    with suppress(OSError), os.scandir(path.parent) as entries:
        for name in [entry.name for entry in entries]:
            if pattern.fullmatch(name):
                _remove_if_abandoned(path.with_name(name))


def temporary_name(path: Path) -> Path:
    """A new name for a temporary file or folder beside `path`."""
    return path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")


def _remove_if_abandoned(temporary: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(temporary, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(temporary)
        finally:
            os.close(descriptor)


def remove(temporary: Path) -> None:
    """Remove a temporary file or folder, if it is there."""
    if temporary.is_dir():
        shutil.rmtree(temporary, ignore_errors=True)
    else:
        temporary.unlink(missing_ok=True)
