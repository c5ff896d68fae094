"""Requests to end, other than ^C: a terminal that closes, a job that is cancelled."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDINGS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals by which a process is asked to end, besides ^C."""


@contextmanager
def signals_as_keyboard_interrupt() -> Iterator[None]:
    """Let a request to end interrupt this process as ^C does, so that it can end what it began."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, _interrupt) for each in _ENDINGS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
