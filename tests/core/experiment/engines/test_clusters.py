"""Figures do not depend on the engine, nor on machines that are lost during a run."""

from __future__ import annotations

import operator
import os
import socket
import socketserver
import sys
import time
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from iterata.experiment.engines import connection, dask
from iterata.experiment.engines.base import Engine, parse_engine
from iterata.experiment.engines.refusals import (
    ClusterLost,
    ClusterRefused,
    ClusterUnreachable,
    NoWorkers,
    NoWorkerSucceeded,
    PackageMissing,
    UnknownEngine,
    WorkerKilled,
)
from iterata.experiment.engines.tasks import Task, WorkerLost

from .engine_runs import EXIT, MAXIMUM, TIMEOUT, Run, figures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ....helpers.cluster import Cluster
    from ....helpers.golden import Golden


class WebServer(socketserver.BaseRequestHandler):
    """Sends what a web server sends to a client that does not speak HTTP."""

    def handle(self) -> None:
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def processes_of_fits(log: Path, count: int) -> list[int]:
    """The processes of the first fits, as soon as there are `count` of them."""
    deadline = time.monotonic() + TIMEOUT
    while not log.exists() or len(log.read_text().splitlines()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return [int(line) for line in log.read_text().splitlines()]


def cached_folds(folder: Path) -> dict[Path, int]:
    """The cached predictions, and the file of each: an entry that is written again is another file."""
    return {path: path.stat().st_ino for path in folder.rglob("*.npz")}


@contextmanager
def meanwhile(action: Callable[[], None]) -> Iterator[None]:
    """Run an action in another thread, which must have ended when the work inside has."""
    thread = Thread(target=action, daemon=True)
    thread.start()
    yield
    thread.join(timeout=TIMEOUT)
    assert not thread.is_alive()


def dask_url(cluster: Cluster) -> str:
    return f"dask://{cluster.address}"


def test_figures_are_the_same_if_a_worker_is_lost(run: Run, own_cluster: Cluster, tmp_path: Path) -> None:
    log = tmp_path / "cluster" / "projects" / "shop" / "fits.log"
    killed = []

    def kill_a_worker() -> None:
        first = processes_of_fits(log, 2)[0]
        killed.extend(worker for worker in own_cluster.workers if worker.pid == first)
        for worker in killed:
            worker.kill()

    with meanwhile(kill_a_worker):
        on_cluster = run("cluster", Engine("dask", own_cluster.address))
    assert len(killed) == 1
    assert set(processes_of_fits(log, 1)) == {worker.pid for worker in own_cluster.workers}
    local = run("local")
    assert figures(on_cluster) == figures(local)
    assert (on_cluster.provenance.engine, local.provenance.engine) == ("dask", "local")


def test_finished_folds_stay_cached_if_all_workers_are_lost(
    run: Run, own_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask, "WORKERS_TIMEOUT", 2.0)

    def kill_all_workers() -> None:
        deadline = time.monotonic() + TIMEOUT
        while not cached_folds(tmp_path):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        for worker in own_cluster.workers:
            worker.kill()

    with meanwhile(kill_all_workers), pytest.raises(NoWorkers) as raised:
        run("shop", Engine("dask", own_cluster.address))
    assert raised.value.location.source == dask_url(own_cluster)
    finished = cached_folds(tmp_path)
    assert finished
    run("shop")
    assert finished.items() < cached_folds(tmp_path).items()  # the others were added, and none was rewritten


def test_scheduler_that_stops_is_reported(run: Run, own_cluster: Cluster, tmp_path: Path) -> None:
    def kill_the_scheduler() -> None:
        processes_of_fits(tmp_path / "shop" / "projects" / "shop" / "fits.log", 1)
        own_cluster.scheduler.kill()

    with meanwhile(kill_the_scheduler), pytest.raises(ClusterLost) as raised:
        run("shop", Engine("dask", own_cluster.address))
    assert raised.value.location.source == dask_url(own_cluster)


def test_worker_with_another_environment_is_not_used(cluster: Cluster) -> None:
    ((name, result),) = dask.run_on_cluster(dask_url(cluster), {"a": MAXIMUM}, os.getpid)
    assert name == "a"
    assert isinstance(result, WorkerLost)
    assert list(dask.run_on_cluster(dask_url(cluster), {"a": MAXIMUM}, dict)) == [("a", 2)]


def test_result_may_take_longer_than_one_poll(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "POLL_INTERVAL", 0.001)
    received: list[tuple[str, bytes | WorkerLost]] = []
    tasks = {"a": Task(operator.mul, b"far", 10_000_000)}
    with meanwhile(lambda: received.extend(dask.run_on_cluster(dask_url(cluster), tasks, dict))):
        pass
    ((name, result),) = received
    assert not isinstance(result, WorkerLost)
    assert (name, len(result)) == ("a", 30_000_000)


@pytest.fixture
def no_second_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the scheduler give up a task that killed one worker; by default it gives up after four."""
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")


@pytest.mark.usefixtures("no_second_attempt")  # before the cluster starts
def test_task_that_kills_its_worker_is_given_up(own_cluster: Cluster) -> None:
    ((_, result),) = dask.run_on_cluster(dask_url(own_cluster), {"a": EXIT}, dict)
    assert isinstance(result, WorkerLost)
    assert list(dask.run_on_cluster(dask_url(own_cluster), {"a": MAXIMUM}, dict)) == [("a", 2)]


def test_missing_dask_is_reported_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(PackageMissing) as raised:
        list(dask.run_on_cluster("dask://127.0.0.1:1", {}, dict))
    assert "distributed>=" in raised.value.remedy


def test_other_service_at_the_address_is_no_scheduler(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    """Dask reads HTTP as the length of a message."""
    pytest.importorskip("distributed", reason="needs the extra dask")
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), WebServer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(ClusterUnreachable):
            run("shop", Engine("dask", f"127.0.0.1:{server.server_address[1]}"))
        server.shutdown()
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("listens", [False, True], ids=["closed port", "silent service"])
def test_scheduler_that_does_not_answer_is_reported_soon(
    run: Run, monkeypatch: pytest.MonkeyPatch, listens: bool
) -> None:
    pytest.importorskip("distributed", reason="needs the extra dask")
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT", 1.0)
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        if listens:
            port.listen()
        start = time.monotonic()
        with pytest.raises(ClusterUnreachable):
            run("shop", Engine("dask", f"127.0.0.1:{port.getsockname()[1]}"))
        assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "option", ["", "dask", "dask://", "dask://host", "dask://a b:1", "loky", "http://h:1"]
)
def test_unknown_engine_is_refused(option: str) -> None:
    with pytest.raises(UnknownEngine) as raised:
        parse_engine(option)
    assert raised.value.location.source == "--engine"


def test_wording_of_refused_engines(golden: Golden) -> None:
    url = "ray://cluster:10001"
    errors = [
        UnknownEngine("loky"),
        PackageMissing("Ray", "ray", url),
        ClusterUnreachable(url),
        ClusterRefused(url, RuntimeError("Python 3.11.7 here, 3.12.1 there")),
        ClusterLost(url),
        NoWorkers(url),
        NoWorkerSucceeded("ValueError: no rows"),
        WorkerKilled(),
    ]
    golden.check("engines", "\n".join(map(str, errors)))
