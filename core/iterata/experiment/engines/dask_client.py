"""Connects to the scheduler of a Dask cluster, within a time limit."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING

from iterata.experiment.engines import connection
from iterata.experiment.engines.refusals import ClusterLost, ClusterUnreachable, PackageMissing

if TYPE_CHECKING:
    from distributed import Client

REPLY_TIMEOUT = 30.0
"""Seconds that a connected scheduler may take to answer: it may be busy. A closed connection shows sooner."""


def connect(url: str) -> Client:
    """A client of the scheduler at `dask://host:port`.

    Raises:
        PackageMissing: Dask is not installed.
        ClusterUnreachable: no scheduler answers.
    """
    try:
        import distributed  # noqa: F401, PLC0415  # an extra
    except ImportError:
        raise PackageMissing("Dask", "dask", url) from None
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # errors are raised below
    client = _client_in_time(url)
    if client is None:
        raise ClusterUnreachable(url)
    return client


def _client_in_time(url: str) -> Client | None:
    """A client; None if no scheduler answers in time.

    The client may wait forever, whatever its timeout, and logs errors when it gives up. So it is created
    after a first handshake only, in a thread that this one waits for.
    """
    clients: Queue[Client | None] = Queue()

    def create() -> None:
        try:
            clients.put(_connect_and_create(url))
        except Exception:  # another service may answer anything: HTTP is read as a length
            clients.put(None)

    Thread(target=create, daemon=True).start()
    with suppress(Empty):
        return clients.get(timeout=3 * connection.CONNECT_TIMEOUT)
    return None


def _connect_and_create(url: str) -> Client:
    from distributed import Client  # noqa: PLC0415  # an extra
    from distributed.comm.core import connect as open_comm  # noqa: PLC0415

    timeout = connection.CONNECT_TIMEOUT
    address = f"tcp://{url.partition('://')[2]}"

    async def check_handshake() -> None:
        comm = await open_comm(address, timeout=timeout)
        await comm.close()

    connection.check_reachable(url)
    asyncio.run(asyncio.wait_for(check_handshake(), timeout))
    return Client(address, timeout=timeout, set_as_default=False)


def count_workers(client: Client, url: str) -> int:
    """How many workers the scheduler has.

    Raises:
        ClusterLost: the scheduler does not answer.
    """
    try:
        if client.status != "running" or client.scheduler is None:
            raise ClusterLost(url)
        identity = client.sync(client.scheduler.identity, callback_timeout=REPLY_TIMEOUT)
    except TimeoutError:
        raise ClusterLost(url) from None
    return len(identity["workers"])
