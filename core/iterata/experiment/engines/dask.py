"""Runs tasks on the workers of a Dask cluster, any of which may be lost at any time.

joblib's backend for Dask returns results only when all tasks are done. Here each result is returned when its
task ends, so that it can be cached whatever happens to the others.
"""

from __future__ import annotations

import time
import warnings
from concurrent.futures import CancelledError
from contextlib import suppress
from queue import Empty, Queue
from typing import TYPE_CHECKING, TypeVar

from iterata.execution.exceptions import exception_summary
from iterata.experiment.engines.dask_client import connect, count_workers
from iterata.experiment.engines.refusals import ClusterLost, NoWorkers
from iterata.experiment.engines.tasks import Argument, Result, Shared, Task, WorkerLost, run_task

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Iterator, Mapping, Sequence

    from distributed import Client, Future

    from iterata.experiment.engines.tasks import Environment

Name = TypeVar("Name", bound="Hashable")
Value = TypeVar("Value")

WORKERS_TIMEOUT = 8.0
"""Seconds that a cluster may be without workers."""

POLL_INTERVAL = 1.0
"""Seconds between two checks for workers. Also the first timeout for fetching a result; it doubles after each
attempt, because a result may be large and the network slow."""

LONGEST_TIMEOUT = 3600.0
"""Attempts can fail at once, again and again, while a lost result is computed anew; seconds stay in range."""


def run_on_cluster(
    url: str, tasks: Mapping[Name, Task[Shared, Argument, Result]], environment: Environment
) -> Generator[tuple[Name, Result | WorkerLost]]:
    """The results of tasks, in the order in which they end.

    If a worker is lost, another one repeats its task; a task that kills several workers is `WorkerLost`.

    Args:
        url: `dask://host:port` of the scheduler.
        tasks: by name.
        environment: describes code and packages; workers with another environment are not used.

    Raises:
        RunError: Dask is not installed, the scheduler does not answer or stops, or all workers are lost.
    """
    with connect(url) as client:
        futures = _submit(client, tasks, environment)
        try:
            for future, result in _as_completed(client, list(futures), url):
                yield futures[future], result
        except (CancelledError, OSError):
            raise ClusterLost(url) from None


def _submit(
    client: Client, tasks: Mapping[Name, Task[Shared, Argument, Result]], environment: Environment
) -> dict[Future[Result | WorkerLost], Name]:
    shared = {id(task.shared): task.shared for task in tasks.values()}
    expected = environment()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
        # Sent as the result of a task, not scattered: Dask can then recreate it if its worker is lost.
        sent = {key: client.submit(_identity, value, pure=False) for key, value in shared.items()}
        return {
            client.submit(
                _run, task.function, sent[id(task.shared)], task.argument, environment, expected, pure=False
            ): name
            for name, task in tasks.items()
        }


def _as_completed(
    client: Client, futures: Sequence[Future[Value]], url: str
) -> Iterator[tuple[Future[Value], Value | WorkerLost]]:
    ended: Queue[Future[Value]] = Queue()
    timeouts = dict.fromkeys(futures, POLL_INTERVAL)
    for future in futures:
        future.add_done_callback(ended.put)
    workers_seen = time.monotonic()
    while timeouts:
        with suppress(Empty):
            future = ended.get(timeout=POLL_INTERVAL)
            try:
                result = _result(future, timeouts[future])
            except TimeoutError:  # it is large, or was lost with its worker and is computed again
                timeouts[future] = min(2 * timeouts[future], LONGEST_TIMEOUT)
                future.add_done_callback(ended.put)
            else:
                del timeouts[future]
                workers_seen = time.monotonic()
                yield future, result
                continue
        if count_workers(client, url):
            workers_seen = time.monotonic()
        elif time.monotonic() - workers_seen > WORKERS_TIMEOUT:
            raise NoWorkers(url)


def _result(future: Future[Value], timeout: float) -> Value | WorkerLost:
    """The result of a task that ended; its worker may have been lost since, so every wait has a limit.

    Raises:
        TimeoutError: it did not arrive in time, or the task runs again.
        CancelledError: the scheduler dropped the task.
    """
    match future.status:
        case "finished":
            try:
                return future.result(timeout=timeout)
            except (CancelledError, OSError):
                raise
            except (
                UnboundLocalError
            ):  # Dask's, if an attempt that timed out cancelled the transfer of this one
                raise TimeoutError from None
            except Exception as error:  # it was lost, and killed the workers that repeated it
                return _worker_lost(error)
        case "error":
            return _worker_lost(future.exception(timeout=timeout))
        case "cancelled":
            raise CancelledError
    raise TimeoutError


def _worker_lost(error: BaseException) -> WorkerLost:
    if type(error).__name__ == "KilledWorker":
        return WorkerLost("every worker that tried it was killed, probably out of memory")
    return WorkerLost(exception_summary(error))


def _identity(value: Value) -> Value:
    return value


def _run(
    function: Callable[[Shared, Argument], Result],
    shared: Shared,
    argument: Argument,
    environment: Environment,
    expected: object,
) -> Result | WorkerLost:
    """Run on the worker: Dask replaces the future of `shared` by its value."""
    return run_task(Task(function, shared, argument), environment, expected)
