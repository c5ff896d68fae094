"""Figures do not depend on the engine, nor on machines that are lost during a run."""

from __future__ import annotations

import json
import operator
import os
import random
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from iterata import results
from iterata.experiment.engines import connection, dask, joblib_cluster, ray, spark
from iterata.experiment.engines.base import LOCAL, Engine, parse_engine
from iterata.experiment.engines.refusals import (
    CacheUnreachable,
    ClusterLost,
    ClusterRefused,
    ClusterUnreachable,
    FsspecMissing,
    NoWorkers,
    NoWorkerSucceeded,
    PackageMissing,
    UnknownEngine,
    WorkerKilled,
)
from iterata.experiment.engines.tasks import Task, WorkerLost
from iterata.experiment.run import PlanRevision, execute

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan
    from iterata.errors import RunError
    from iterata.results import ExperimentResult

    from ....helpers.cluster import Cluster
    from ....helpers.golden import Golden

TIMEOUT = 120.0
"""Seconds to wait for other processes: a busy machine may take long to start them."""

REVISION = PlanRevision("projects/shop/01-setup/proposal.md", f"sha256:{'0' * 64}", "abc123", dirty=False)
FACTORY = """
import os, time
from pathlib import Path
from sklearn.linear_model import LogisticRegression

LOG = Path(__file__).with_name("fits.log")

class Slow(LogisticRegression):
    def fit(self, X, y):
        with LOG.open("a") as log:
            log.write(f"{os.getpid()}\\n")
        time.sleep(0.3)
        return super().fit(X, y)

def slow(C=1.0):
    return Slow(C=C)
"""


class WebServer(socketserver.BaseRequestHandler):
    """Sends what a web server sends to a client that does not speak HTTP."""

    def handle(self) -> None:
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


CONNECT = {"ray": ray.connect, "spark": spark.connect}

VARIANTS = [
    {"name": "logistic", "factory": "model:slow", "features": "all"},
    {"name": "forest", "estimator": "sklearn.ensemble.ExtraTreesClassifier", "features": "all"},
]

EXIT = Task(eval, "__import__('os')._exit(1)", {})
"""Kills the worker that runs it."""

PID = Task(eval, "__import__('os').getpid()", {})
"""The process that runs it."""

MAXIMUM = Task(max, 1, 2)

Run = Callable[..., "ExperimentResult"]


@pytest.fixture
def run(
    tmp_path: Path, customers: pd.DataFrame, plan: Callable[..., Plan], sales: TargetingSpec
) -> Callable[..., ExperimentResult]:
    """Runs the plan, in a separate repository for each name."""

    def run_in(name: str, engine: Engine = LOCAL) -> ExperimentResult:
        project = tmp_path / name / "projects" / "shop"
        (project / "data").mkdir(parents=True, exist_ok=True)
        customers.to_csv(project / "data" / "customers.csv", index=False)
        (project / "model.py").write_text(FACTORY)
        root = tmp_path / name
        return execute(plan(variants=VARIANTS), sales, None, project, root, REVISION, jobs=1, engine=engine)

    return run_in


def figures(result: ExperimentResult) -> dict[str, Any]:
    """The result without its provenance."""
    data: dict[str, Any] = json.loads(results.to_json(result))
    del data["provenance"]
    return data


def processes_of_fits(log: Path, count: int) -> list[int]:
    """The processes of the first fits, as soon as there are `count` of them."""
    deadline = time.monotonic() + TIMEOUT
    while not log.exists() or len(log.read_text().splitlines()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return [int(line) for line in log.read_text().splitlines()]


def cached_folds(folder: Path) -> dict[Path, int]:
    """The cached predictions, and when each was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.npz")}


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
    assert "iterata[dask]" in raised.value.remedy


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


def test_refusals_of_clusters_read_well(golden: Golden) -> None:
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
        FsspecMissing("s3://bucket/cache"),
        CacheUnreachable("s3://bucket/cache", OSError("no route to host")),
    ]
    golden.check("engines", "\n".join(map(str, errors)))


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
    assert f"iterata[{kind}]" in raised.value.remedy


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
