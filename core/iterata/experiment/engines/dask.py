"""Folds predicted by the workers of a Dask cluster, of which any may be lost at any moment.

joblib's own backend for Dask hands results over only when all are there. Here each comes as it ends, so that
what is finished can be kept whatever becomes of the rest.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
import warnings
from concurrent.futures import CancelledError
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from iterata.errors import RunError
from iterata.execution.project_code import said
from iterata.experiment.engines.tasks import PATIENCE, Task, WorkerLost, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    from iterata.experiment.engines.tasks import Here

Name = TypeVar("Name")

ANSWERS = 30.0
"""Seconds that a scheduler, once reached, may take to answer: it may be busy. Its end is seen sooner."""

LOOK_UP = 1.0
"""Seconds between two looks at whether there still are workers, and for the first try at fetching an answer;
each further try may take twice as long, for an answer may be large and the way far."""


def run_on_cluster(address: str, tasks: Mapping[Name, Task], here: Here) -> Generator[tuple[Name, Any]]:
    """The answers to tasks, or that one is `WorkerLost`, as they come.

    A task whose worker dies is done by another one; one that costs several workers their life is given up.

    Args:
        address: host and port of the scheduler.
        tasks: by their names.
        here: tells code and versions apart; a worker where it says something else is not asked.

    Raises:
        RunError: Dask is not installed, the scheduler does not answer or goes away, or all workers do.
    """
    with _connected(address) as client:
        shared = {id(task.shared): task.shared for task in tasks.values()}
        expected = here()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            # Sent as the result of a task, and not scattered: what a lost worker held is then made again.
            held = {key: client.submit(_itself, value, pure=False) for key, value in shared.items()}
            names = {
                client.submit(
                    _answer, task.ask, held[id(task.shared)], task.own, here, expected, pure=False
                ): name
                for name, task in tasks.items()
            }
        try:
            for future, outcome in _as_they_end(client, names, address):
                yield names[future], outcome
        except (CancelledError, OSError):
            raise _gone(address) from None


def _connected(address: str) -> Any:
    try:
        import distributed  # noqa: PLC0415  # an extra
    except ImportError:
        remedy = "install it here and on the workers: `pip install 'iterata[dask]'`"
        raise RunError("Dask is not installed", remedy=remedy, where=f"dask://{address}") from None
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is told below
    client = _soon(distributed, address)
    if client is None:
        remedy = "start it (`dask scheduler`), or correct the address; without --engine it runs here"
        raise RunError("no scheduler answers", remedy=remedy, where=f"dask://{address}")
    return client


def _soon(distributed: Any, address: str) -> Any:
    """A client of the scheduler, or none where nothing answers as one does.

    The client itself may wait for ever, whatever time-out it is told, and complains when it is given up: so
    it is made only once somebody is there and has shaken hands, and is waited for from outside.
    """
    host, _, port = address.rpartition(":")
    made: Queue[Any] = Queue()

    async def shake_hands() -> None:
        comm = await distributed.comm.connect(f"tcp://{address}", timeout=PATIENCE)
        await comm.close()

    def ask() -> None:
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE).close()
            asyncio.run(asyncio.wait_for(shake_hands(), PATIENCE))
            made.put(distributed.Client(f"tcp://{address}", timeout=PATIENCE, set_as_default=False))
        except Exception:  # another service there may answer anything: HTTP is read as a length
            made.put(None)

    Thread(target=ask, daemon=True).start()
    with suppress(Empty):
        return made.get(timeout=3 * PATIENCE)
    return None


def _as_they_end(client: Any, futures: Iterable[Any], address: str) -> Iterator[tuple[Any, Any]]:
    ended: Queue[Any] = Queue()
    pending = dict.fromkeys(futures, LOOK_UP)
    for future in pending:
        future.add_done_callback(ended.put)
    seen = time.monotonic()
    while pending:
        with suppress(Empty):
            future = ended.get(timeout=LOOK_UP)
            try:
                outcome = _outcome(future, pending[future])
            except TimeoutError:  # it is long, or was lost with its worker and is made again
                pending[future] *= 2
                future.add_done_callback(ended.put)
            else:
                del pending[future]
                seen = time.monotonic()
                yield future, outcome
                continue
        if _workers(client, address):
            seen = time.monotonic()
        elif time.monotonic() - seen > PATIENCE:
            remedy = "start some (`dask worker`), then run it again: what is finished is kept"
            raise RunError("the scheduler has no workers", remedy=remedy, where=f"dask://{address}")


def _outcome(future: Any, patience: float) -> Any:
    """What became of a task that ended; no wait is without an end, for its worker may have died since.

    Raises:
        TimeoutError: nothing comes of it for now.
    """
    match future.status:
        case "finished":
            try:
                return future.result(timeout=patience)
            except (CancelledError, OSError):
                raise
            except Exception as error:  # lost meanwhile, and the end of whoever did it again
                return _lost(error)
        case "error":
            return _lost(future.exception(timeout=patience))
        case "cancelled":
            raise CancelledError
    raise TimeoutError


def _lost(error: BaseException) -> WorkerLost:
    killed = type(error).__name__ == "KilledWorker"
    return WorkerLost(
        "every worker that tried died, most likely for want of memory" if killed else said(error)
    )


def _workers(client: Any, address: str) -> int:
    """How many workers the scheduler knows of."""
    try:
        if client.status != "running":
            raise _gone(address)
        known = client.sync(client.scheduler.identity, callback_timeout=ANSWERS)
    except TimeoutError:
        raise _gone(address) from None
    return len(known["workers"])


def _gone(address: str) -> RunError:
    remedy = "start it, then run it again: what is finished is kept"
    return RunError("the scheduler went away", remedy=remedy, where=f"dask://{address}")


def _itself(value: Any) -> Any:
    return value


def _answer(ask: Callable[[Any, Any], Any], shared: Any, own: Any, here: Here, expected: Any) -> Any:
    """Run on the worker, which has been given what is shared."""
    return answer(Task(ask, shared, own), here, expected)
