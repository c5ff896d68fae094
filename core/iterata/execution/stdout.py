"""Keeps standard output free of what other people's code prints."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from logging import Logger

_STDOUT, _STDERR = 1, 2


@contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Send standard output to standard error, for Python and for C libraries: stdout carries results only."""
    with redirect_stdout(sys.stderr):
        try:
            original = os.dup(_STDOUT)
        except OSError:  # the process has no standard output
            yield
            return
        try:
            with suppress(OSError):
                os.dup2(_STDERR, _STDOUT)
            yield
        finally:
            os.dup2(original, _STDOUT)
            os.close(original)


@contextmanager
def output_to_log(logger: Logger, label: str) -> Iterator[None]:
    """Log what a library prints, on either stream, as lines that begin with a label: it is no result."""
    printed = StringIO()
    try:
        with stdout_to_stderr(), redirect_stdout(printed), redirect_stderr(printed):
            yield
    finally:
        for line in filter(None, map(str.strip, printed.getvalue().splitlines())):
            logger.info("%s: %s", label, line)
