"""A real Dask cluster on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


START_TIMEOUT = 120.0
"""Seconds that the processes may take to start."""

IDLE = {
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "10s",
    "DASK_DISTRIBUTED__WORKER__MEMORY__MONITOR_INTERVAL": "10s",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
}
"""Settings of Dask: processes that wait for the next test look at themselves less than 50 times a second."""


class Cluster:
    """A scheduler and two workers, each in a process of its own; a context manager, which ends them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "scheduler.json"
        self.address = ""
        self.scheduler = self._start("scheduler", "--no-show", "--host", "127.0.0.1", "--port", "0",
                                     "--dashboard-address", "127.0.0.1:0")  # fmt: skip
        worker = ("worker", "--no-dashboard", "--no-nanny", "--nthreads", "2")
        self.workers = [self._start(*worker) for _ in range(2)]  # they wait for the scheduler's file

    def _start(self, part: str, *options: str) -> subprocess.Popen[bytes]:
        program = [sys.executable, "-m", f"distributed.cli.dask_{part}", "--scheduler-file", str(self.file)]
        return subprocess.Popen(
            [*program, *options], cwd=self.folder, env={**os.environ, **IDLE}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __enter__(self) -> Self:
        """Wait for the workers: on a busy machine they start later than a run would wait for them."""
        from distributed import Client  # noqa: PLC0415  # an extra

        deadline = time.monotonic() + START_TIMEOUT
        while not self.file.exists() or not self.file.read_text().endswith("}"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"].removeprefix("tcp://")
        with Client(f"tcp://{self.address}", timeout=START_TIMEOUT, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=START_TIMEOUT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
