"""Folds predicted by the workers of a Ray or Spark cluster, through the backends these have for joblib.

Such a backend hands results over when all of a call are there. So tasks go in rounds, of one for each worker,
and what a round brought is kept before the next one begins.
"""

from __future__ import annotations

import logging
import socket
import warnings
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from joblib import Parallel, delayed

from iterata.errors import RunError
from iterata.experiment.producer import said
from iterata.experiment.tasks import PATIENCE, Lost, Task, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from contextlib import AbstractContextManager
    from typing import TypeVar

    from iterata.experiment.tasks import Here

    Name = TypeVar("Name")

TRIES = 2
"""How often a round is tried whose workers are lost."""


def side_by_side(
    kind: str, address: str, tasks: Mapping[Name, Task], here: Here
) -> Generator[tuple[Name, Any]]:
    """The answers to tasks, or that one is `Lost`, round by round.

    Args:
        kind: `ray` or `spark`.
        address: host and port of the cluster's head.
        tasks: by their names.
        here: tells code and versions apart.

    Raises:
        RunError: what it takes is not installed, or the cluster does not answer.
    """
    _check_answers(kind, address)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what these make of other packages
        with _CLUSTERS[kind](address) as workers:
            expected, left = here(), iter(tasks.items())
            while some := list(islice(left, workers)):
                names, asked = zip(*some, strict=True)
                yield from zip(names, _round(kind, asked, here, expected), strict=True)


def _round(kind: str, asked: tuple[Task, ...], here: Here, expected: Any) -> list[Any]:
    for _ in range(TRIES):
        try:
            with Parallel(n_jobs=len(asked), backend=kind, batch_size=1) as parallel:
                return list(parallel(delayed(answer)(task, here, expected) for task in asked))
        except Exception as error:  # whatever a cluster says of workers it lost
            lost = Lost(said(error))
    return [lost] * len(asked)


def _check_answers(kind: str, address: str) -> None:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()
    except (OSError, OverflowError):
        remedy = "start it, or correct the address; without --engine it runs here"
        raise RunError("no cluster answers", remedy=remedy, where=f"{kind}://{address}") from None


@contextmanager
def _ray(address: str) -> Iterator[int]:
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
        yield max(1, int(ray.cluster_resources().get("CPU", 1)))
    finally:
        ray.shutdown()


@contextmanager
def _spark(address: str) -> Iterator[int]:
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
        yield max(1, session.sparkContext.defaultParallelism)
    finally:
        session.stop()


_CLUSTERS: dict[str, Callable[[str], AbstractContextManager[int]]] = {"ray": _ray, "spark": _spark}


def _not_installed(name: str, extra: str, address: str) -> RunError:
    remedy = f"install it here and on the workers: `pip install 'iterata[{extra}]'`"
    return RunError(f"{name} is not installed", remedy=remedy, where=f"{extra}://{address}")


def _refused(kind: str, address: str, error: Exception) -> RunError:
    remedy = "see that the versions of Python and of the package are the same there"
    return RunError(f"the cluster refused: {said(error)[:300]}", remedy=remedy, where=f"{kind}://{address}")
