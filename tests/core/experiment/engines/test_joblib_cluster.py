"""Ray and Spark run folds in rounds; a lost round costs no other."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from iterata.execution.extras import install_command
from iterata.experiment.engines import joblib_cluster, ray, spark
from iterata.experiment.engines.base import Engine
from iterata.experiment.engines.refusals import (
    ClusterLost,
    ClusterUnreachable,
    NoWorkers,
    PackageMissing,
)
from iterata.experiment.engines.tasks import Task, WorkerLost

from .engine_runs import EXIT, MAXIMUM, PID, TIMEOUT, Run, figures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.errors import RunError


CONNECT = {"ray": ray.connect, "spark": spark.connect}


def url_of(engine: Engine) -> str:
    return f"{engine.kind}://{engine.address}"


def wait_for_port(port: int) -> None:
    """Wait until a service listens."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        assert time.monotonic() < deadline
        time.sleep(0.2)


def free_ports(count: int) -> list[int]:
    """Free ports outside the ranges from which Ray's workers and the system choose theirs."""
    ports: list[int] = []
    for port in random.sample(range(20_000, 32_000), 1000):
        with suppress(OSError):
            socket.create_server(("127.0.0.1", port)).close()
            ports.append(port)
        if len(ports) == count:
            break
    return ports


class JoblibCluster:
    """A Ray or Spark cluster of this machine."""

    def __init__(self, kind: str, place: Path) -> None:
        self.kind, self.place, self.running = kind, place, list[subprocess.Popen[bytes]]()
        self.port, self.second = free_ports(2)

    def start(self, *, workers: bool = True) -> Engine:
        if self.kind == "ray":
            cpus = 2 if workers else 0
            words = (
                f"--head --block --port={self.second} --ray-client-server-port={self.port} --num-cpus={cpus}"
            )
            more = f"--node-ip-address=127.0.0.1 --include-dashboard=false --temp-dir={self.place}"
            self._begin(sys.executable, "-m", "ray.scripts.scripts", "start", *words.split(), *more.split())
            wait_for_port(self.port)
            return Engine("ray", f"127.0.0.1:{self.port}")
        import pyspark  # noqa: PLC0415  # an extra

        program = str(Path(pyspark.__file__).with_name("bin") / "spark-class")
        at = ["--host", "127.0.0.1", "--webui-port", "0"]
        address = f"127.0.0.1:{self.port}"
        self._begin(program, "org.apache.spark.deploy.master.Master", *at, "--port", str(self.port))
        wait_for_port(self.port)
        if workers:
            what = ["--cores", "2", "--work-dir", str(self.place / "work")]
            self._begin(program, "org.apache.spark.deploy.worker.Worker", *at, *what, f"spark://{address}")
        return Engine("spark", address)

    def _begin(self, *words: str) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.running.append(subprocess.Popen(words, cwd=self.place, start_new_session=True, **quiet))

    def end(self) -> None:
        for process in self.running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(15)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(params=["ray", "spark"])
def joblib_services(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[JoblibCluster]:
    """A Ray or Spark cluster that is not started yet; skipped if its package is not installed."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    pytest.importorskip(
        "ray" if request.param == "ray" else "pyspark", reason=f"needs the extra {request.param}"
    )
    with tempfile.TemporaryDirectory(
        prefix="it-", ignore_cleanup_errors=True
    ) as place:  # sockets' paths are short
        started = JoblibCluster(request.param, Path(place))
        try:
            yield started
        finally:
            started.end()


def test_ray_and_spark_give_the_same_figures(run: Run, joblib_services: JoblibCluster) -> None:
    on_cluster, local = run("cluster", joblib_services.start()), run("local")
    assert figures(on_cluster) == figures(local)
    assert on_cluster.provenance.engine == joblib_services.kind


def test_task_that_kills_its_worker_costs_no_other(joblib_services: JoblibCluster) -> None:
    engine = joblib_services.start()
    tasks = {"a": EXIT, "b": PID}
    outcomes = dict(joblib_cluster.run_on_cluster(CONNECT[engine.kind], url_of(engine), tasks, dict))
    assert isinstance(outcomes["a"], WorkerLost)
    assert isinstance(outcomes["b"], int)
    assert outcomes["b"] != os.getpid()


def test_single_task_runs_on_the_cluster(joblib_services: JoblibCluster) -> None:
    engine = joblib_services.start()
    ((_, pid),) = joblib_cluster.run_on_cluster(CONNECT[engine.kind], url_of(engine), {"a": PID}, dict)
    assert pid != os.getpid()


def test_cluster_without_workers_is_reported(
    joblib_services: JoblibCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    if joblib_services.kind == "ray":
        pytest.skip("the head of a Ray cluster is a worker, too")
    monkeypatch.setattr(joblib_cluster, "WORKERS_TIMEOUT", 5.0)
    engine = joblib_services.start(workers=False)
    with pytest.raises(NoWorkers):
        list(joblib_cluster.run_on_cluster(CONNECT[engine.kind], url_of(engine), {"a": MAXIMUM}, dict))


@pytest.mark.parametrize("kind", ["ray", "spark"])
def test_cluster_that_does_not_answer_is_reported(run: Run, kind: str) -> None:
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{port.getsockname()[1]}"
    with pytest.raises(ClusterUnreachable) as raised:
        run("shop", Engine(kind, address))
    assert raised.value.location.source == f"{kind}://{address}"


@pytest.mark.parametrize(("kind", "package"), [("ray", "ray"), ("spark", "joblibspark")])
def test_missing_package_is_reported_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, kind: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"{kind}://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(PackageMissing) as raised:
            list(joblib_cluster.run_on_cluster(CONNECT[kind], url, {}, dict))
    assert install_command(kind) in raised.value.remedy


class Threads:
    """A stand-in for the client of a cluster: joblib's own threads, and a count of workers that can fall."""

    def __init__(self) -> None:
        self.workers: int | Exception = 2

    def count_workers(self) -> int:
        if isinstance(self.workers, Exception):
            raise self.workers
        return self.workers

    @contextmanager
    def connect(self, url: str) -> Iterator[joblib_cluster.Cluster]:
        yield joblib_cluster.Cluster("threading", 2, self.count_workers)


@pytest.fixture
def listening() -> Iterator[str]:
    """The URL of a port that answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"ray://127.0.0.1:{server.getsockname()[1]}"


def test_rounds_return_every_result(listening: str) -> None:
    tasks = {number: Task(max, number, 2) for number in range(5)}
    outcomes = dict(joblib_cluster.run_on_cluster(Threads().connect, listening, tasks, dict))
    assert outcomes == {0: 2, 1: 2, 2: 2, 3: 3, 4: 4}


def test_failing_task_of_a_round_costs_no_other(listening: str) -> None:
    tasks = {"a": Task(eval, "1 / 0", {}), "b": Task(eval, "1 + 1", {})}
    outcomes = dict(joblib_cluster.run_on_cluster(Threads().connect, listening, tasks, dict))
    assert isinstance(outcomes["a"], WorkerLost)
    assert outcomes["b"] == 2


@pytest.mark.parametrize(("workers", "kind"), [(0, NoWorkers), (OSError("gone"), ClusterLost)])
def test_lost_workers_end_the_wait(
    listening: str, monkeypatch: pytest.MonkeyPatch, workers: int | Exception, kind: type[RunError]
) -> None:
    monkeypatch.setattr(joblib_cluster, "WORKERS_TIMEOUT", 0.0)
    monkeypatch.setattr(joblib_cluster, "POLL_INTERVAL", 0.01)
    services, released = Threads(), Event()
    services.workers = workers
    with pytest.raises(kind):
        list(
            joblib_cluster.run_on_cluster(
                services.connect, listening, {"a": Task(Event.wait, released, 30)}, dict
            )
        )
    released.set()
