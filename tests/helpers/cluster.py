"""A Dask cluster that is really there."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Cluster:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self, place: Path) -> None:
        self.place, self.file = place, place / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        until = time.monotonic() + 30
        while not self.file.exists() or not self.file.read_text().endswith("}"):
            assert time.monotonic() < until
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"].removeprefix("tcp://")
        self.workers = [self._start("worker", "--no-nanny", "--nthreads", "2") for _ in range(2)]

    def _start(self, part: str, *more: str) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", f"distributed.cli.dask_{part}", "--no-dashboard"]
        if part == "scheduler":
            words[-1] = "--no-show"
            more = (*more, "--dashboard-address", "127.0.0.1:0")
        return subprocess.Popen(
            [*words, "--scheduler-file", str(self.file), *more],
            cwd=self.place,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
