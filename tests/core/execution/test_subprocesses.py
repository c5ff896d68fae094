"""Programs: their environment, their output and their signals."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from iterata.execution.exceptions import exception_summary
from iterata.execution.refusals import ProgramFailed, ProgramNotStarted, ProgramTimedOut
from iterata.execution.signals import raise_if_interrupted, signals_as_keyboard_interrupt
from iterata.execution.subprocesses import run

if TYPE_CHECKING:
    from pathlib import Path


def run_python(folder: Path, code: str, *, minutes: float = 1) -> str:
    """What a Python program prints."""
    log = folder / "program.log"
    run(["python", "-c", code], folder, log, minutes=minutes, log_name="program.log")
    return log.read_text()


def test_python_is_this_interpreter_and_output_goes_to_the_log(tmp_path: Path) -> None:
    code = "import os, sys; print(sys.prefix); print(os.getcwd()); print('error', file=sys.stderr)"
    assert run_python(tmp_path, code).split() == [sys.prefix, str(tmp_path), "error"]


def test_program_reads_no_input(tmp_path: Path) -> None:
    assert run_python(tmp_path, "import sys; print(repr(sys.stdin.read()))") == "''\n"


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("raise SystemExit(3)", "exit code 3"),
        ("print('first'); print('last'); raise SystemExit(1)", "exit code 1: last"),
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL"),
        ("import os; os.kill(os.getpid(), 40)", "signal 40"),
    ],
)
def test_failed_program_names_how_it_ended(tmp_path: Path, code: str, part: str) -> None:
    with pytest.raises(ProgramFailed) as raised:
        run_python(tmp_path, code)
    assert raised.value.message.endswith(part)


def test_missing_program_is_not_started(tmp_path: Path) -> None:
    with pytest.raises(ProgramNotStarted):
        run(["no-such-program"], tmp_path, tmp_path / "log", minutes=1, log_name="log")


def test_program_over_its_time_limit_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(ProgramTimedOut):
        run_python(tmp_path, "import time; time.sleep(60)", minutes=0.005)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_termination_signals_are_keyboard_interrupts_inside_the_block_only(sent: signal.Signals) -> None:
    """As from a terminal: whoever runs the tests may ignore SIGHUP, as `nohup` does."""
    own = signal.default_int_handler
    before = signal.signal(sent, own)
    try:
        with pytest.raises(KeyboardInterrupt), signals_as_keyboard_interrupt():
            os.kill(os.getpid(), sent)
        assert signal.getsignal(sent) is own
    finally:
        signal.signal(sent, before)


def test_ignored_signals_stay_ignored() -> None:
    """`nohup` ignores SIGHUP, so that a run outlives its terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals_as_keyboard_interrupt():
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_signal_during_a_callback_of_c_is_not_lost(
    sent: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    ignored = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)

    @ctypes.CFUNCTYPE(None)
    def callback() -> None:
        os.kill(os.getpid(), sent)
        for _ in range(100):  # Python handles a signal between two steps
            pass

    with signals_as_keyboard_interrupt():
        callback()
        assert len(ignored) == 1
        with pytest.raises(KeyboardInterrupt):
            raise_if_interrupted()
    raise_if_interrupted()  # it is forgotten after the block


def test_summary_is_one_line_with_the_line_of_the_project(tmp_path: Path) -> None:
    code = compile(
        "def fail():\n    raise ValueError('  no rows\\nsecond line')\n", str(tmp_path / "model.py"), "exec"
    )
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102  # the file of a project, without importing it
    fail = names["fail"]
    assert callable(fail)
    with pytest.raises(ValueError, match="no rows") as raised:
        fail()
    assert exception_summary(raised.value) == "ValueError: no rows"
    assert exception_summary(raised.value, tmp_path) == "ValueError: no rows (model.py:2)"
    assert exception_summary(KeyError()) == "KeyError"
