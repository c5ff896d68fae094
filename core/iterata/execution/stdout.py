"""What other people's code prints: talk, and no data."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """What is printed meanwhile, by Python or C, is talk and no data: it goes where talk goes."""
    with redirect_stdout(sys.stderr):
        try:
            kept = os.dup(1)
        except OSError:  # there is no such stream
            yield
            return
        try:
            with suppress(OSError):
                os.dup2(2, 1)
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)
