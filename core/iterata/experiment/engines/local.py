"""Processes beside this one, a fit in each of them; they end with whoever began them."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any

from joblib import Parallel, parallel_config

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LOOK = 1.0
"""Seconds between two looks at whether the process that began this one is still there."""


def beside(tasks: Iterable[Any], processes: int) -> Iterator[Any]:
    """What `joblib.delayed` tasks come to, as they end.

    A worker whose parent was killed (`kill -9`, want of memory) may wait for the rest of a task for ever, and
    holds its memory and its output: so each looks after its parent.

    Raises:
        TerminatedWorkerError: one of the processes died.
    """
    with parallel_config(backend="loky", initializer=_end_with, initargs=(os.getpid(),)):
        workers = Parallel(n_jobs=processes, return_as="generator_unordered")
    answers: Iterator[Any] = workers(tasks)
    return answers


def _end_with(parent: int) -> None:
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK)
    os._exit(1)
