"""Runs a program with a time limit and ends every process that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from iterata.execution.refusals import ProgramFailed, ProgramNotStarted, ProgramTimedOut
from iterata.execution.signals import signals_as_keyboard_interrupt
from iterata.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

GRACE = 3.0
"""Seconds between SIGTERM and SIGKILL."""


def run(command: Sequence[str], folder: Path, log: Path, *, minutes: float, log_name: str) -> None:
    """Run a program in `folder` and write its output to `log`; a shell is never involved.

    `python` is the interpreter of this process, unless the command names another one by its path.

    Args:
        command: the program and its arguments.
        folder: the working directory.
        log: the file for standard output and standard error.
        minutes: the time limit.
        log_name: what messages call the log.

    Raises:
        ProgramNotStarted: there is no such program, or it cannot be executed.
        ProgramTimedOut: it ran longer than `minutes`.
        ProgramFailed: it ended with an exit code other than 0.
    """
    with log.open("wb") as output:
        process = _start(command, folder, output)
        try:
            with signals_as_keyboard_interrupt(), _kill_with_this_process(process):
                exit_code = process.wait(minutes * 60)
        except subprocess.TimeoutExpired:
            raise ProgramTimedOut(minutes, log_name) from None
        finally:
            _terminate(process)
    if exit_code:
        raise ProgramFailed(_ending(exit_code), _last_line(log), log_name)


def _start(command: Sequence[str], folder: Path, output: BinaryIO) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env=_environment(), start_new_session=True,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        raise ProgramNotStarted(command[0], getattr(error, "strerror", None) or str(error)) from None


def _environment() -> dict[str, str]:
    bin_folder = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}"}


def _terminate(process: subprocess.Popen[bytes]) -> None:
    """End the program and every process of its session."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def _kill_with_this_process(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Kill the program even if this process is killed and its own cleanup code cannot run.

    A shell reads from a pipe whose other end is closed when this process ends for any reason.
    """
    kill_at_end_of_input = ["/bin/sh", "-c", 'read -r _; kill -s KILL -- "-$1"', "watch", str(process.pid)]
    watcher = subprocess.Popen(
        kill_at_end_of_input,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        watcher.kill()
        watcher.communicate()


def _ending(exit_code: int) -> str:
    if exit_code > 0:
        return f"ended with exit code {exit_code}"
    try:
        return f"was killed by {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"was killed by signal {-exit_code}"


def _last_line(log: Path) -> str:
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 4096))
        lines = stream.read().decode("utf-8", "replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    return one_line(last, 200)
