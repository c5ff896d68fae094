"""Runs a program to its end, or to the end of its time, and leaves none of its processes behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iterata.errors import RunError
from iterata.execution.signals import signals_as_keyboard_interrupt
from iterata.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GRACE = 3.0
"""Seconds between the request to end and the end itself."""


def run(command: Sequence[str], folder: Path, log: Path, *, minutes: float, where_log: str) -> None:
    """Run a program in `folder`, all it prints going to `log`; never through a shell.

    `python` is the interpreter that runs this, unless another one is named by its path.

    Raises:
        RunError: it cannot be started, takes longer than `minutes`, or ends with another exit code than 0;
            `where_log` is what messages call the log.
    """
    with log.open("wb") as printed:
        try:
            process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT,
                env=_environment(), start_new_session=True,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            remedy = "install it, or correct `command` in the plan"
            raise RunError(f"{command[0]} cannot be started: {reason}", remedy=remedy) from None
        try:
            with signals_as_keyboard_interrupt(), _outlived_by_nothing(process):
                code = process.wait(minutes * 60)
        except subprocess.TimeoutExpired:
            remedy = f"raise `minutes` in the plan, or make it quicker; it said its last in {where_log}"
            raise RunError(f"was ended after {minutes:g} minutes", remedy=remedy) from None
        finally:
            _end(process)
    if code:
        ending = f"was ended by {_signal(-code)}" if code < 0 else f"ended with exit code {code}"
        last = _last_line(log)
        raise RunError(f"{ending}{last and f': {last}'}", remedy=f"read {where_log}, and mend the program")


def _environment() -> dict[str, str]:
    here = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ.get('PATH', '')}"}


def _end(process: subprocess.Popen[Any]) -> None:
    """End the program and whatever it started."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def _outlived_by_nothing(process: subprocess.Popen[Any]) -> Iterator[None]:
    """See to it that the program ends even if this process is killed and can see to nothing any more.

    A shell waits at the other end of a pipe, which is closed by whatever ends this process.
    """
    ends_it = ["/bin/sh", "-c", 'read -r _; kill -s KILL -- "-$1"', "watch", str(process.pid)]
    watch = subprocess.Popen(
        ends_it,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        watch.kill()
        watch.communicate()


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(log: Path) -> str:
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 4096))
        lines = stream.read().decode("utf-8", "replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    return one_line(last, 200)
