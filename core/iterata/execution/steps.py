"""Steps of a command in the log: what begins, and how long it took."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from logging import Logger


@contextmanager
def logged_step(logger: Logger, step: str) -> Iterator[None]:
    """Log a step when it begins (as debugging), and its duration when it is done."""
    logger.debug("%s", step)
    started = time.perf_counter()
    yield
    logger.info("%s: %.2f s", step, time.perf_counter() - started)
