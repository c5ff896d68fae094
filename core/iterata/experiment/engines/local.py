"""Runs calls in processes of this machine, which end with the process that started them."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, TypeVar

from joblib import Parallel, delayed, parallel_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Result = TypeVar("Result")

POLL_INTERVAL = 1.0
"""Seconds between two checks of whether the parent process is alive."""


def run_locally(
    function: Callable[[Item], Result], items: Iterable[Item], processes: int
) -> Iterator[Result]:
    """The results of `function` for each item, in the order in which the calls end.

    After its parent was killed (`kill -9`, out of memory), a worker could wait forever for the rest of a
    task, and would hold its memory and its output. So each worker watches its parent.

    Raises:
        TerminatedWorkerError: a worker process died.
    """
    with parallel_config(backend="loky", initializer=_end_with_parent, initargs=(os.getpid(),)):
        parallel = Parallel(n_jobs=processes, return_as="generator_unordered")
    results: Iterator[Result] = parallel(delayed(function)(item) for item in items)
    return results


def _end_with_parent(parent: int) -> None:
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_INTERVAL)
    os._exit(1)
