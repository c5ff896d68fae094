"""What worker processes of this machine do besides their calls: watch their parent, log what they begin."""

from __future__ import annotations

import os
import re
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from iterata.experiment.engines.loky_pool import ignore_restart_warnings

if TYPE_CHECKING:
    from types import TracebackType

_START = re.compile(r"(?P<process>\d+) (?P<call>\d+)")

POLL_INTERVAL = 1.0
"""Seconds between two checks of whether the parent process is alive."""


def initialize(parent: int) -> None:
    """Prepare a worker.

    After its parent was killed (`kill -9`, out of memory), a worker could wait forever for the rest of a
    task, and would hold its memory and its output. So each worker watches its parent.
    """
    ignore_restart_warnings()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_INTERVAL)
    os._exit(1)


class StartLog:
    """A temporary file to which every worker appends the calls that it begins.

    If a worker dies, the pool only knows which calls have no result, and most of these were waiting.
    """

    def __enter__(self) -> Self:
        descriptor, name = tempfile.mkstemp(prefix="iterata-starts-")
        os.close(descriptor)
        self.path = Path(name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self.path.unlink()

    def running(self) -> frozenset[int]:
        """The last call that each worker began; it may have ended since. Empty if the file is gone."""
        last = {}
        with suppress(OSError):
            for line in self.path.read_text("ascii", "replace").splitlines():
                if match := _START.fullmatch(line):  # a full disk may cut a line
                    last[match["process"]] = int(match["call"])
        return frozenset(last.values())


def log_start(path: Path, number: int) -> None:
    """Append the number of a call that begins; one write of a short line is never torn."""
    with suppress(OSError):  # for example a full disk: then all calls without a result count as begun
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, f"{os.getpid()} {number}\n".encode())
        finally:
            os.close(descriptor)
