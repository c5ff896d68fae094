"""Worker processes of this machine, when their parent is killed."""

from __future__ import annotations

import subprocess
import sys

BUSY = """
import time
from iterata.experiment.engines.local import run_locally

def nap(load):
    time.sleep(0.2)

for _ in run_locally(nap, [bytes(500_000)] * 100, 2):
    print("done", flush=True)
"""


def test_workers_end_when_their_parent_is_killed() -> None:
    """Workers inherit the parent's output: `communicate` returns only when all of them ended."""
    parent = subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"done\n"
    parent.kill()
    parent.communicate(timeout=30)
