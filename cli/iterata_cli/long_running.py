"""Commands that may take long: log lines with times, a heartbeat, and the log of the library.

If stderr is not a terminal, as in CI, each message is a line with its time, and a command that says nothing
for a minute prints what it does. CI ends jobs that seem to hang, and its readers want to know when something
happened.
"""

from __future__ import annotations

import functools
import logging
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

import click

from iterata_cli import output
from iterata_cli.verbosity import Verbosity, verbosity

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

P = ParamSpec("P")
R = TypeVar("R")

_LOGGER = logging.getLogger("iterata")

INTERVAL = 60.0
"""The longest time without a line, in seconds."""


def long_running(callback: Callable[P, R]) -> Callable[P, R]:
    """Run the callback of a command as one that may take long."""

    @functools.wraps(callback)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with LongCommand(str(click.get_current_context().info_name)):
            return callback(*args, **kwargs)

    return wrapper


class LongCommand:
    """A command while it runs.

    Args:
        name: of the command, for its log lines.
        interval: seconds without a line after which the heartbeat prints one.
    """

    current: LongCommand | None = None
    """The one that runs now."""

    def __init__(self, name: str, interval: float = INTERVAL) -> None:
        self.name = name
        self.timed = not sys.stderr.isatty()
        self.state: Callable[[], str] | None = None
        """Says how far the command is; None if only its steps are known."""
        self.step = ""
        """What the library does, as it logged last."""
        self._interval = interval
        self._began = self._printed = self._step_began = time.monotonic()
        self._ended = threading.Event()
        self._handler = _Handler(self)

    def __enter__(self) -> Self:
        LongCommand.current = self
        self._before = _LOGGER.level, _LOGGER.propagate
        _LOGGER.addHandler(self._handler)
        _LOGGER.setLevel(logging.DEBUG)
        _LOGGER.propagate = False  # code of the project may have configured the root logger
        if self.timed:
            output.set_decoration(self._with_time, sys.stderr)
            if verbosity() is not Verbosity.QUIET:
                threading.Thread(target=self._beat, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        output.set_decoration(None)
        _LOGGER.removeHandler(self._handler)
        level, _LOGGER.propagate = self._before
        _LOGGER.setLevel(level)
        LongCommand.current = None

    def log(self, record: logging.LogRecord) -> None:
        """Remember a step of the library, and print it if the user wants to see it."""
        text = record.getMessage()
        if record.levelno < logging.WARNING:
            self.step, self._step_began = text, time.monotonic()
        if record.levelno >= logging.WARNING:
            output.print_message(f"note: {text}")
        elif record.levelno >= logging.INFO and verbosity() is Verbosity.VERBOSE:
            output.print_message(text)

    def _with_time(self, text: str) -> str:
        self._printed = time.monotonic()
        return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {self.name}: {text}"

    def _beat(self) -> None:
        """Print a line whenever there was none for the interval, until the command ends."""
        while not self._ended.wait(max(0.0, self._printed + self._interval - time.monotonic())):
            if time.monotonic() - self._printed >= self._interval:
                with suppress(OSError, ValueError):  # stderr was closed
                    output.print_message(self._how_far())

    def _how_far(self) -> str:
        if self.state is not None and (text := self.state()):
            return text
        seconds = time.monotonic() - (self._step_began if self.step else self._began)
        return f"{self.step or 'still running'}, for {output.duration(seconds)}"


class StepLog:
    """Prints how long a command took, and what the library logs while no `LongCommand` does."""

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._handler = _Handler(self)
        _LOGGER.addHandler(self._handler)
        _LOGGER.setLevel(logging.INFO)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _LOGGER.removeHandler(self._handler)
        _LOGGER.setLevel(logging.NOTSET)
        output.print_message(f"took {time.monotonic() - self._began:.2f} s")

    def log(self, record: logging.LogRecord) -> None:
        """Print a step."""
        if LongCommand.current is None:
            output.print_message(record.getMessage())


class _Handler(logging.Handler):
    """Hands what the library logs to the command."""

    def __init__(self, command: LongCommand | StepLog) -> None:
        super().__init__()
        self._command = command

    def emit(self, record: logging.LogRecord) -> None:
        self._command.log(record)
