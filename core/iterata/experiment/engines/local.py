"""Runs calls in processes of this machine, which end with the process that started them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky.process_executor import BrokenProcessPool, TerminatedWorkerError

from iterata.experiment.engines.local_workers import StartLog, initialize, log_start
from iterata.experiment.engines.loky_pool import ignore_restart_warnings, watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Item = TypeVar("Item")
Result = TypeVar("Result")

IDLE_TIMEOUT = 3600.0
"""Seconds after which a worker without work ends; the last folds of a run may take long."""


class WorkerTerminated(Exception):
    """A worker process ended early, and with it all others; `running` are the calls that had begun."""

    def __init__(self, running: frozenset[int]) -> None:
        super().__init__(f"calls {sorted(running)} were running")
        self.running = running


def run_locally(
    function: Callable[[Item], Result], items: Mapping[int, Item], processes: int
) -> Iterator[tuple[int, Result]]:
    """The results of `function` for each item, in the order in which the calls end.

    Args:
        function: called with one item.
        items: by any number that identifies them.
        processes: how many to use; -1 for one per core. With 1, this process makes the calls.

    Raises:
        WorkerTerminated: a worker process died, or the processes can no longer be reached.
    """
    ignore_restart_warnings()
    unfinished = set(items)
    with StartLog() as starts:
        try:
            for number, result in _results(function, items, processes, starts.path):
                unfinished.discard(number)
                yield number, result
        except TerminatedWorkerError:
            pass
        except BrokenProcessPool as error:
            if error.__cause__ is not None and not _is_cut_off(error.__cause__):
                raise  # an argument or a result cannot be pickled, which is no accident
        if unfinished:
            raise WorkerTerminated(starts.running() & unfinished)


def _is_cut_off(error: BaseException) -> bool:
    """Whether reading a result failed because its worker died while it wrote."""
    return "EOFError" in str(error) or "OSError" in str(error)


def _results(
    function: Callable[[Item], Result], items: Mapping[int, Item], processes: int, start_log: Path
) -> Iterator[tuple[int, Result]]:
    settings = {"initargs": (os.getpid(),), "idle_worker_timeout": IDLE_TIMEOUT}
    with parallel_config(backend="loky", initializer=initialize, **settings):
        parallel = Parallel(n_jobs=processes, return_as="generator_unordered")
    results: Iterator[tuple[int, Result]] = parallel(
        delayed(_call)(function, number, item, start_log) for number, item in items.items()
    )
    with watched(parallel):
        yield from results


def _call(function: Callable[[Item], Result], number: int, item: Item, start_log: Path) -> tuple[int, Result]:
    """Run on the worker."""
    log_start(start_log, number)
    return number, function(item)
