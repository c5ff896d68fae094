"""Runs tasks on the workers of a Ray or Spark cluster, through the backends that these provide for joblib.

Such a backend returns results only when all tasks of a call are done. So tasks run in rounds, one task per
core, and the results of a round can be cached before the next one starts.
"""

from __future__ import annotations

import time
import warnings
from contextlib import suppress
from functools import partial
from itertools import islice
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from joblib import Parallel, delayed

from iterata.errors import RunError
from iterata.execution.exceptions import exception_summary
from iterata.experiment.engines.connection import check_reachable
from iterata.experiment.engines.refusals import ClusterLost, NoWorkers
from iterata.experiment.engines.tasks import Argument, Result, Shared, WorkerLost, run_task

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from iterata.experiment.engines.tasks import Environment, Task

Name = TypeVar("Name")
Value = TypeVar("Value")

POLL_INTERVAL = 1.0
"""Seconds between two checks for workers."""

WORKERS_TIMEOUT = 60.0
"""Seconds that a cluster may be without workers: Spark starts them on demand."""


class Cluster(NamedTuple):
    """A connected cluster."""

    backend: str
    """joblib's name for it."""
    cores: int
    count_workers: Callable[[], int]
    """How many workers, or cores of workers, there are now."""


def run_on_cluster(
    connect: Callable[[str], AbstractContextManager[Cluster]],
    url: str,
    tasks: Mapping[Name, Task[Shared, Argument, Result]],
    environment: Environment,
) -> Generator[tuple[Name, Result | WorkerLost]]:
    """The results of tasks, round by round.

    Args:
        connect: connects to the cluster at `url`.
        url: `ray://host:port` or `spark://host:port`.
        tasks: by name.
        environment: describes code and packages; workers with another environment are not used.

    Raises:
        RunError: a package is not installed, the cluster does not answer or stops, or it has no workers.
    """
    check_reachable(url)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # these clients use deprecated functions of other packages
        with connect(url) as cluster:
            expected = environment()
            calls = {name: partial(run_task, task, environment, expected) for name, task in tasks.items()}
            remaining = iter(calls.items())
            while batch := dict(islice(remaining, cluster.cores)):
                yield from zip(batch, _run_round(cluster, url, list(batch.values())), strict=True)


def _run_round(cluster: Cluster, url: str, calls: Sequence[Callable[[], Value]]) -> list[Value | WorkerLost]:
    """The results of one round; if it fails, of each call alone, so that one costs no other."""
    try:
        return [*_run_watched(cluster, url, calls)]
    except RunError:
        raise
    except Exception:  # each backend reports lost workers in its own way
        return [_run_alone(cluster, url, call) for call in calls]


def _run_alone(cluster: Cluster, url: str, call: Callable[[], Value]) -> Value | WorkerLost:
    try:
        return _run_watched(cluster, url, [call])[0]
    except RunError:
        raise
    except Exception as error:  # as above
        return WorkerLost(exception_summary(error))


def _run_watched(cluster: Cluster, url: str, calls: Sequence[Callable[[], Value]]) -> list[Value]:
    """Run calls at once and check meanwhile that the cluster has workers: joblib would wait forever."""
    outcomes: Queue[list[Value] | BaseException] = Queue()

    def work() -> None:
        try:
            n_jobs = max(2, len(calls))  # with one job, joblib would run it in this process
            with Parallel(n_jobs=n_jobs, backend=cluster.backend, batch_size=1) as parallel:
                outcomes.put(list(parallel(delayed(_run)(call) for call in calls)))
        except BaseException as error:  # raised in the thread that waits
            outcomes.put(error)

    Thread(target=work, daemon=True).start()
    workers_seen = time.monotonic()
    while True:
        with suppress(Empty):
            outcome = outcomes.get(timeout=POLL_INTERVAL)
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome
        if _count_workers(cluster, url):
            workers_seen = time.monotonic()
        elif time.monotonic() - workers_seen > WORKERS_TIMEOUT:
            raise NoWorkers(url)


def _run(call: Callable[[], Value]) -> Value:
    """Run on the worker."""
    return call()


def _count_workers(cluster: Cluster, url: str) -> int:
    try:
        return cluster.count_workers()
    except Exception:  # each client raises exceptions of its own
        raise ClusterLost(url) from None
