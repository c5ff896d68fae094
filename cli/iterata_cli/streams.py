"""The standard streams of the process, where one is closed or cannot be written."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import TextIO

    from _typeshed import ReadableBuffer

_STDOUT, _STDERR = 1, 2


class OutputError(Exception):
    """Standard output cannot be written."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.errno: Final = error.errno
        self.reason: Final = error.strerror or str(error)


class _StandardStream(io.FileIO):
    """The file below a stream. After its first error it accepts and drops everything."""

    def __init__(self, descriptor: int, *, required: bool) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._required, self._failed = required, False

    def write(self, data: ReadableBuffer, /) -> int:
        if not self._failed:
            try:
                return super().write(data) or 0
            except OSError as error:
                self._failed = True
                if self._required:
                    raise OutputError(error) from None
        return memoryview(data).nbytes


def guard_standard_streams() -> None:
    """Let an error of stdout raise `OutputError`, and ignore errors of stderr: nobody can be told.

    A stream that was closed (`>&-`) is opened, so that no other file receives its number; stdout then still
    cannot be written.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:  # the lowest free number is this one
            os.open(os.devnull, os.O_WRONLY if descriptor == _STDERR else os.O_RDONLY)
    if sys.stdout is sys.__stdout__:  # otherwise somebody captures it
        sys.stdout = _guarded(_STDOUT, sys.stdout, required=True)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _guarded(_STDERR, sys.stderr, required=False)


def _guarded(descriptor: int, stream: TextIO | None, *, required: bool) -> TextIO:
    file = io.BufferedWriter(_StandardStream(descriptor, required=required))
    return io.TextIOWrapper(
        file,
        encoding=stream.encoding if stream else "utf-8",
        errors=stream.errors if stream else "backslashreplace",
        line_buffering=descriptor == _STDERR or file.isatty(),
    )
