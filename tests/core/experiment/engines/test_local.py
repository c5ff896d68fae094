"""Worker processes of this machine: killed, replaced, or without the thread that manages them."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PRELUDE = """
import os, signal, sys, threading, time
from pathlib import Path
from joblib.externals.loky import process_executor
from iterata.experiment.engines.execute import _in_processes
from iterata.experiment.engines.fold_runs import FoldRun
from iterata.experiment.engines.local import WorkerTerminated, run_locally

here = Path(sys.argv[1])

def meet(name, count):
    "Wait until `count` processes are here; return whether they came."
    (here / f"{name}-{os.getpid()}").touch()
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline:
        if len(list(here.glob(f"{name}-*"))) >= count:
            return True
        time.sleep(0.01)
    return False

def first(name):
    "Whether this is the first call with this name, in any process."
    try:
        (here / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
"""


def output(folder: Path, script: str, *options: str) -> str:
    """What a script prints; its processes may not outlive it, because they inherit its output."""
    command = [sys.executable, *options, "-c", PRELUDE + dedent(script), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    """Workers inherit the parent's output: `communicate` returns only when all of them ended."""
    busy = PRELUDE + dedent("""
        def nap(load):
            time.sleep(0.2)

        for _ in run_locally(nap, dict.fromkeys(range(100), bytes(500_000)), 2):
            print("done", flush=True)
    """)
    parent = subprocess.Popen(
        [sys.executable, "-c", busy, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"done\n"
    parent.kill()
    parent.communicate(timeout=30)


RETIREMENT = """
def retire(item):
    "As if the worker had grown by 300 MB: it ends after its second call, and is replaced."
    process_executor._MEMORY_LEAK_CHECK_DELAY = -1
    process_executor._MAX_MEMORY_LEAK_SIZE = -(1 << 50)
    return os.getpid()

workers = {pid for _, pid in run_locally(retire, dict.fromkeys(range(12)), 2)}
print(len(workers) >= 5)
"""


@pytest.mark.parametrize("options", [("-W", "error"), ("-W", "error::UserWarning")], ids=" ".join)
def test_a_worker_that_is_replaced_does_not_end_the_run(tmp_path: Path, options: tuple[str, ...]) -> None:
    """loky warns of it in the thread that manages the pool, which must survive where warnings are errors."""
    pytest.importorskip("psutil", reason="loky measures its workers with psutil")
    assert output(tmp_path, RETIREMENT, *options) == "True"


DEAD_MANAGER = """
manager = process_executor._ExecutorManagerThread
original, threading.excepthook = manager.process_result_item, lambda args: None

def process_result_item(self, item):
    if threading.main_thread() is not threading.current_thread() and first("dead"):
        raise MemoryError
    original(self, item)

manager.process_result_item = process_result_item
"""


def test_the_death_of_the_managing_thread_ends_the_wait(tmp_path: Path) -> None:
    script = """
        try:
            list(run_locally(abs, dict.fromkeys(range(8), -1), 2))
        except WorkerTerminated:
            print("ended")
        print(dict(run_locally(abs, {1: -1, 2: -2, 3: -3}, 2)) == {1: 1, 2: 2, 3: 3})
    """
    assert output(tmp_path, DEAD_MANAGER + dedent(script)) == "ended\nTrue"


def test_a_worker_that_is_killed_while_it_sends_its_result_ends_the_wait(tmp_path: Path) -> None:
    script = """
        from multiprocessing.connection import Connection

        def send_half(item):
            if item == 3 and first("killed"):
                def send(self, content):
                    size = len(content)
                    os.write(self.fileno(), size.to_bytes(4, "big") + bytes(content[: size // 2]))
                    os.kill(os.getpid(), signal.SIGKILL)
                Connection._send_bytes = send
            return bytes(100_000)

        runs = {n: FoldRun("v", send_half, n, "") for n in range(6)}
        print(sorted(number for number, _ in _in_processes(runs, 2)))
    """
    assert output(tmp_path, script) == "[0, 1, 2, 3, 4, 5]"


def test_after_a_killed_worker_only_what_was_running_is_done_alone(tmp_path: Path) -> None:
    """Two calls run; one kills its worker. Then these run alone, and the other calls side by side again."""
    script = """
        def fold(number):
            if number in (0, 1) and first(f"{number}"):
                meet("running", 2)
                if number == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(60)
            if number in (0, 1):
                return not any(here.glob("together-*"))
            return meet("together", 2)

        runs = {n: FoldRun("v", fold, n, "") for n in range(6)}
        print(sorted(_in_processes(runs, 2)) == [(n, True) for n in range(6)])
    """
    assert output(tmp_path, script) == "True"


def test_of_12_folds_on_3_processes_one_killed_worker_repeats_3_at_most(tmp_path: Path) -> None:
    """Each fit of a fold is counted; those after the kill need three processes at once."""
    script = """
        def fold(number):
            fits = len(list(here.glob(f"fit-{number}-*")))
            (here / f"fit-{number}-{fits}").touch()
            if number < 3:
                meet("early", 3) if not fits else None
                if number == 1 and first("killed"):
                    os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(0 if fits else 60)
                return True
            return meet("late", 3)

        runs = {n: FoldRun("v", fold, n, "") for n in range(12)}
        outcomes = dict(_in_processes(runs, 3))
        fits = [len(list(here.glob(f"fit-{n}-*"))) for n in runs]
        print(outcomes == dict.fromkeys(range(12), True), fits == [2] * 3 + [1] * 9)
    """
    assert output(tmp_path, script) == "True True"


def test_a_call_that_kills_every_worker_is_the_only_one_without_a_result(tmp_path: Path) -> None:
    script = """
        def fold(number):
            if number == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            return number

        runs = {n: FoldRun("v", fold, n, "") for n in range(8)}
        outcomes = dict(_in_processes(runs, 3))
        print(type(outcomes.pop(3)).__name__, outcomes == {n: n for n in range(8) if n != 3})
    """
    assert output(tmp_path, script) == "WorkerKilled True"
