"""Signals that ask a process to end: ^C, a terminal is closed, a job is cancelled.

Python ignores an exception that a callback of C raises, such as those by which threadpoolctl finds libraries
before each fit. A signal that comes just then is remembered.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TERMINATION_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)

_received = threading.Event()
"""Whether a signal has come inside of the outermost block."""


@contextmanager
def signals_as_keyboard_interrupt() -> Iterator[None]:
    """Turn SIGINT, SIGTERM and SIGHUP into KeyboardInterrupt, so that cleanup code runs.

    Signals that are ignored stay so, as SIGHUP below `nohup`. Outside the main thread, which alone receives
    signals, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heeded = [number for number in _TERMINATION_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    previous = {number: signal.signal(number, _interrupt) for number in heeded}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        if _interrupt not in previous.values():
            _received.clear()


def raise_if_interrupted() -> None:
    """End after a signal whose KeyboardInterrupt was lost.

    Raises:
        KeyboardInterrupt: a signal has come inside of the block, and the block goes on.
    """
    if _received.is_set():
        raise KeyboardInterrupt


def _interrupt(*_: object) -> None:
    _received.set()
    raise KeyboardInterrupt
