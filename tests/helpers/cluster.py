"""A Dask cluster that is really there."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


START = 60.0
"""Seconds that its parts may take to start."""


class Cluster:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self, place: Path) -> None:
        self.place, self.file = place, place / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        self.workers: list[subprocess.Popen[bytes]] = []

    def get_ready(self) -> None:
        """Wait for all of it: on a busy machine workers take longer than a run would wait for them."""
        from distributed import Client  # noqa: PLC0415  # an extra

        until = time.monotonic() + START
        while not self.file.exists() or not self.file.read_text().endswith("}"):
            assert time.monotonic() < until
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"].removeprefix("tcp://")
        self.workers = [self._start("worker", "--no-nanny", "--nthreads", "2") for _ in range(2)]
        with Client(f"tcp://{self.address}", timeout=START, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=START)

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
