"""Ends the wait for results of a pool of loky, joblib's processes, that will never come.

A thread manages the pool. If it dies, no result arrives and joblib waits forever (loky pull request 663). It
died, for example, of a warning about a worker that is replaced, where warnings are errors. It also waits
forever for the rest of a result whose worker was killed while it sent it.
"""

from __future__ import annotations

import threading
import warnings
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from joblib.externals.loky.process_executor import TerminatedWorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from joblib import Parallel
    from joblib.externals.loky import ProcessPoolExecutor

POLL_INTERVAL = 1.0
"""Seconds between two checks of the pool."""

PATIENCE = 5
"""How many checks in a row must find a pool that seems to do nothing."""


def ignore_restart_warnings() -> None:
    """Ignore loky's warnings that it replaced a worker, which was idle for long or had grown.

    They are raised in loky's own thread, so the filter is one of the whole process, and stays.
    """
    warnings.filterwarnings(
        "ignore", category=UserWarning, module=r"(joblib\.externals\.)?loky\.process_executor"
    )


@contextmanager
def watched(parallel: Parallel) -> Iterator[None]:
    """Check the pool of a call of joblib until the body ends; if it cannot go on, the call ends early.

    What has no result yet then raises `TerminatedWorkerError`, or is missing.
    """
    pool = getattr(parallel._backend, "_workers", None)  # noqa: SLF001  # no public access
    ended = threading.Event()
    if pool is not None:
        threading.Thread(target=_watch, args=(parallel, pool, ended), daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _watch(parallel: Parallel, pool: ProcessPoolExecutor, ended: threading.Event) -> None:
    suspicious = 0
    while not ended.wait(POLL_INTERVAL):
        manager = pool._executor_manager_thread  # noqa: SLF001
        if manager is None:  # the pool was shut down
            return
        suspicious = suspicious + 1 if _seems_idle(pool) else 0
        if suspicious < PATIENCE and manager.is_alive():
            continue
        with suppress(Exception):  # parts of the pool may be closed already
            manager.terminate_broken(TerminatedWorkerError("the pool of processes stopped"))
        parallel._aborting = True  # noqa: SLF001  # also ends the call if no result was missing
        return


def _seems_idle(pool: ProcessPoolExecutor) -> bool:
    """Whether nothing is left to do, or a worker died; either is noticed by the pool at once, if it works."""
    sentinels = [process.sentinel for process in list(pool._processes.values())]  # noqa: SLF001
    return not pool._pending_work_items or bool(wait(sentinels, 0))  # noqa: SLF001
