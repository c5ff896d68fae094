"""Folds predicted by the workers of a Ray or Spark cluster, through the backends these have for joblib.

Such a backend hands results over when all of a call are there. So tasks go in rounds, of one for each worker,
and what a round brought is kept before the next one begins.
"""

from __future__ import annotations

import logging
import socket
import time
import warnings
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from joblib import Parallel, delayed

from iterata.errors import RunError
from iterata.execution.project_code import said
from iterata.experiment.engines.tasks import PATIENCE, Task, WorkerLost, answer
from iterata.text import truncate

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import TypeVar

    from iterata.experiment.engines.tasks import Here

    Name = TypeVar("Name")

LOOK_UP = 1.0
"""Seconds between two looks at whether there still are workers."""

UNTIL_THEY_START = 60.0
"""Seconds that a cluster may be without any worker: Spark starts them when it is asked."""


class Cluster(NamedTuple):
    """A cluster that was reached."""

    cores: int
    workers: Callable[[], int]
    """How many workers, or cores of them, there are just now."""


def run_on_cluster(
    kind: str, address: str, tasks: Mapping[Name, Task], here: Here
) -> Generator[tuple[Name, Any]]:
    """The answers to tasks, or that one is `WorkerLost`, round by round.

    Args:
        kind: `ray` or `spark`.
        address: host and port of the cluster's head.
        tasks: by their names.
        here: tells code and versions apart.

    Raises:
        RunError: what it takes is not installed, the cluster does not answer, or has no workers.
    """
    _check_answers(kind, address)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what these make of other packages
        with _CLUSTERS[kind](address) as cluster:
            ask = partial(_ask, kind, address, cluster, here, here())
            left = iter(tasks.items())
            while some := list(islice(left, cluster.cores)):
                names, asked = zip(*some, strict=True)
                yield from zip(names, _round(ask, asked), strict=True)


def _round(ask: Callable[[Sequence[Task]], list[Any]], asked: Sequence[Task]) -> list[Any]:
    """The answers to some tasks at once; where that fails, of each alone, so that one costs no other."""
    try:
        return ask(asked)
    except RunError:
        raise
    except Exception:  # whatever a cluster says of workers it lost
        return [_alone(ask, task) for task in asked]


def _alone(ask: Callable[[Sequence[Task]], list[Any]], task: Task) -> Any:
    try:
        return ask([task])[0]
    except RunError:
        raise
    except Exception as error:  # likewise
        return WorkerLost(said(error))


def _ask(
    kind: str, address: str, cluster: Cluster, here: Here, expected: Any, asked: Sequence[Task]
) -> list[Any]:
    """Have tasks done, and see meanwhile that there is somebody to do them: joblib would wait for ever."""
    came: Queue[Any] = Queue()

    def work() -> None:
        try:
            jobs = max(2, len(asked))  # with one, joblib would do it in this process
            with Parallel(n_jobs=jobs, backend=kind, batch_size=1) as parallel:
                came.put(list(parallel(delayed(answer)(task, here, expected) for task in asked)))
        except BaseException as error:  # raised where it is waited for
            came.put(error)

    Thread(target=work, daemon=True).start()
    seen = time.monotonic()
    while True:
        with suppress(Empty):
            found = came.get(timeout=LOOK_UP)
            if isinstance(found, BaseException):
                raise found
            return list(found)
        if _workers(kind, address, cluster):
            seen = time.monotonic()
        elif time.monotonic() - seen > UNTIL_THEY_START:
            remedy = "start some, then run it again: what is finished is kept"
            raise RunError("the cluster has no workers", remedy=remedy, where=f"{kind}://{address}")


def _workers(kind: str, address: str, cluster: Cluster) -> int:
    try:
        return cluster.workers()
    except Exception:  # whatever it raises
        remedy = "start it, then run it again: what is finished is kept"
        raise RunError("the cluster went away", remedy=remedy, where=f"{kind}://{address}") from None


def _check_answers(kind: str, address: str) -> None:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()
    except (OSError, OverflowError):
        remedy = "start it, or correct the address; without --engine it runs here"
        raise RunError("no cluster answers", remedy=remedy, where=f"{kind}://{address}") from None


@contextmanager
def _ray(address: str) -> Iterator[Cluster]:
    try:
        import ray  # noqa: PLC0415  # an extra
        from ray.util.joblib import register_ray  # noqa: PLC0415
    except ImportError:
        raise _not_installed("Ray", "ray", address) from None
    try:
        ray.init(f"ray://{address}", log_to_driver=False, logging_level=logging.CRITICAL)
    except Exception as error:  # whatever it raises, such as of another version
        raise _refused("ray", address, error) from None
    register_ray()
    try:
        yield Cluster(max(1, _cores(ray)), lambda: _cores(ray))
    finally:
        ray.shutdown()


def _cores(ray: Any) -> int:
    return int(ray.cluster_resources().get("CPU", 0))


@contextmanager
def _spark(address: str) -> Iterator[Cluster]:
    try:
        from joblibspark import register_spark  # noqa: PLC0415  # an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError:
        raise _not_installed("Spark", "spark", address) from None
    described = SparkSession.builder.master(f"spark://{address}").appName("iterata")
    try:
        session = described.config("spark.ui.showConsoleProgress", "false").getOrCreate()
    except Exception as error:  # whatever it raises, such as of a missing Java
        raise _refused("spark", address, error) from None
    session.sparkContext.setLogLevel("OFF")
    register_spark()
    try:
        context = session.sparkContext
        known = context._jsc.sc().getExecutorMemoryStatus  # noqa: SLF001  # Python is not told of executors
        yield Cluster(max(1, context.defaultParallelism), lambda: int(known().size()) - 1)
    finally:
        session.stop()


_CLUSTERS: dict[str, Callable[[str], AbstractContextManager[Cluster]]] = {"ray": _ray, "spark": _spark}


def _not_installed(name: str, extra: str, address: str) -> RunError:
    remedy = f"install it here and on the workers: `pip install 'iterata[{extra}]'`"
    return RunError(f"{name} is not installed", remedy=remedy, where=f"{extra}://{address}")


def _refused(kind: str, address: str, error: Exception) -> RunError:
    remedy = "see that the versions of Python and of the package are the same there"
    return RunError(
        f"the cluster refused: {truncate(said(error), 300)}", remedy=remedy, where=f"{kind}://{address}"
    )
