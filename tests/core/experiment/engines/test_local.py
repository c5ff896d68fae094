"""Processes beside this one, when this one is killed."""

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


def test_they_end_with_whoever_began_them() -> None:
    """What they print goes where it printed, and nobody reads to an end that never comes."""
    begun = subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert begun.stdout is not None
    assert begun.stdout.readline() == b"done\n"
    begun.kill()
    begun.communicate(timeout=30)
