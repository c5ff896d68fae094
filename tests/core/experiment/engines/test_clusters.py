"""Figures do not depend on where folds are predicted, nor on what becomes of the machines meanwhile."""

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
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from iterata import results
from iterata.errors import RunError
from iterata.experiment.engines import connection, dask, joblib_cluster, ray, spark
from iterata.experiment.engines.base import LOCAL, Engine, parse_engine
from iterata.experiment.engines.tasks import Task, WorkerLost
from iterata.experiment.run import PlanRevision, execute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan
    from iterata.results import ExperimentResult

    from ....helpers.cluster import Cluster

REVISION = PlanRevision("projects/shop/01-setup/proposal.md", f"sha256:{'0' * 64}", "abc123", dirty=False)
FACTORY = """
import os, time
from pathlib import Path
from sklearn.linear_model import LogisticRegression

LOG = Path(__file__).with_name("fits.log")

class Slow(LogisticRegression):
    def fit(self, rows, truth):
        with LOG.open("a") as log:
            log.write(f"{os.getpid()}\\n")
        time.sleep(0.3)
        return super().fit(rows, truth)

def slow(C=1.0):
    return Slow(C=C)
"""


class Hello(socketserver.BaseRequestHandler):
    """Says at once what a web server says to whoever does not speak HTTP."""

    def handle(self) -> None:
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


CONNECT = {"ray": ray.connect, "spark": spark.connect}

VARIANTS = [
    {"name": "logistic", "factory": "model:slow", "features": "all"},
    {"name": "forest", "estimator": "sklearn.ensemble.ExtraTreesClassifier", "features": "all"},
]


@pytest.fixture
def run(
    tmp_path: Path, customers: pd.DataFrame, plan: Callable[..., Plan], sales: TargetingSpec
) -> Callable[..., ExperimentResult]:
    """Carries the plan out, in a repository of its own for each name."""

    def carried_out(name: str, by: Engine = LOCAL) -> ExperimentResult:
        project = tmp_path / name / "projects" / "shop"
        (project / "data").mkdir(parents=True, exist_ok=True)
        customers.to_csv(project / "data" / "customers.csv", index=False)
        (project / "model.py").write_text(FACTORY)
        made = plan(variants=VARIANTS)
        return execute(made, sales, None, project, tmp_path / name, REVISION, jobs=1, engine=by)

    return carried_out


def figures(result: ExperimentResult) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(results.to_json(result))
    del figures["provenance"]
    return figures


def fits(log: Path, wanted: int) -> list[int]:
    """The processes of the first fits, once there are so many."""
    until = time.monotonic() + 40
    while not log.exists() or len(log.read_text().splitlines()) < wanted:
        assert time.monotonic() < until
        time.sleep(0.02)
    return [int(line) for line in log.read_text().splitlines()]


def kept(place: Path) -> dict[Path, int]:
    """The predictions kept so far, and when each was written."""
    return {path: path.stat().st_mtime_ns for path in place.rglob("*.npz")}


def test_a_cluster_gives_the_same_figures_though_a_worker_is_lost(
    run: Callable[..., ExperimentResult], cluster: Cluster, tmp_path: Path
) -> None:
    log, killed = tmp_path / "cluster" / "projects" / "shop" / "fits.log", []

    def strike() -> None:
        first = fits(log, 2)[0]
        killed.extend(worker for worker in cluster.workers if worker.pid == first)
        for worker in killed:
            worker.kill()

    striker = Thread(target=strike, daemon=True)
    striker.start()
    there = run("cluster", Engine("dask", cluster.address))
    striker.join()
    assert len(killed) == 1
    assert {int(pid) for pid in log.read_text().split()} == {each.pid for each in cluster.workers}
    here = run("local")
    assert figures(there) == figures(here)
    assert (there.provenance.engine, here.provenance.engine) == ("dask", "local")


def test_what_is_finished_is_kept_when_all_workers_are_lost(
    run: Callable[..., ExperimentResult],
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dask, "WORKERS_TIMEOUT", 4.0)

    def strike() -> None:
        until = time.monotonic() + 40
        while not kept(tmp_path):
            assert time.monotonic() < until
            time.sleep(0.02)
        for worker in cluster.workers:
            worker.kill()

    striker = Thread(target=strike, daemon=True)
    striker.start()
    with pytest.raises(RunError, match="the cluster has no workers"):
        run("shop", Engine("dask", cluster.address))
    striker.join()
    finished = kept(tmp_path)
    assert finished
    run("shop")
    assert finished.items() < kept(tmp_path).items()  # the others came, and none of these was made again


def test_a_scheduler_that_goes_away_is_told(
    run: Callable[..., ExperimentResult], cluster: Cluster, tmp_path: Path
) -> None:
    def strike() -> None:
        fits(tmp_path / "shop" / "projects" / "shop" / "fits.log", 1)
        cluster.scheduler.kill()

    striker = Thread(target=strike, daemon=True)
    striker.start()
    with pytest.raises(RunError, match="the scheduler stopped"):
        run("shop", Engine("dask", cluster.address))
    striker.join()


def test_a_worker_with_other_code_is_not_asked(cluster: Cluster) -> None:
    answers = list(dask.run_on_cluster(f"dask://{cluster.address}", {"a": Task(max, 1, 2)}, os.getpid))
    ((name, answer),) = answers
    assert name == "a"
    assert isinstance(answer, WorkerLost)
    assert "different code" in answer.reason
    assert list(dask.run_on_cluster(f"dask://{cluster.address}", {"a": Task(max, 1, 2)}, dict)) == [("a", 2)]


def test_an_answer_may_take_longer_than_one_look(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "POLL_INTERVAL", 0.001)
    answers: list[tuple[str, bytes]] = []
    tasks = {"a": Task(operator.mul, b"far", 10_000_000)}

    def ask() -> None:
        answers.extend(dask.run_on_cluster(f"dask://{cluster.address}", tasks, dict))

    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout=30)
    assert not [answer for _, answer in answers if isinstance(answer, WorkerLost)]
    assert [(name, len(answer)) for name, answer in answers] == [("a", 30_000_000)]


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that gives a task up with the first worker it kills, and not with the fourth."""
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")


@pytest.mark.usefixtures("strict")  # before the cluster starts
def test_what_kills_its_worker_is_given_up(cluster: Cluster) -> None:
    deadly = Task(eval, "__import__('os')._exit(1)", {})
    ((_, answer),) = dask.run_on_cluster(f"dask://{cluster.address}", {"a": deadly}, dict)
    assert isinstance(answer, WorkerLost)
    assert "every worker that tried it was killed" in answer.reason
    assert list(dask.run_on_cluster(f"dask://{cluster.address}", {"a": Task(max, 1, 2)}, dict)) == [("a", 2)]


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RunError, match="Dask is not installed") as refused:
        list(dask.run_on_cluster("dask://127.0.0.1:1", {}, dict))
    assert "iterata[dask]" in refused.value.remedy


def test_another_service_is_no_scheduler(
    run: Callable[..., ExperimentResult], capfd: pytest.CaptureFixture[str]
) -> None:
    """Dask reads the words of HTTP as the length of what comes next."""
    pytest.importorskip("distributed", reason="needs the extra dask")
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Hello) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(RunError, match="no scheduler answers"):
            run("shop", Engine("dask", f"127.0.0.1:{server.server_address[1]}"))
        server.shutdown()
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("listens", [False, True], ids=["nobody is there", "somebody deaf is there"])
def test_a_scheduler_that_does_not_answer_is_told_soon(
    run: Callable[..., ExperimentResult], monkeypatch: pytest.MonkeyPatch, listens: bool
) -> None:
    pytest.importorskip("distributed", reason="needs the extra dask")
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT", 2.0)
    with socket.socket() as there:
        there.bind(("127.0.0.1", 0))
        if listens:
            there.listen()
        began = time.monotonic()
        with pytest.raises(RunError, match="no scheduler answers"):
            run("shop", Engine("dask", f"127.0.0.1:{there.getsockname()[1]}"))
        assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "written", ["", "dask", "dask://", "dask://host", "dask://a b:1", "loky", "http://h:1"]
)
def test_what_is_no_engine_is_refused(written: str) -> None:
    with pytest.raises(RunError, match="is not an engine"):
        parse_engine(written)


def url(engine: Engine) -> str:
    return f"{engine.kind}://{engine.address}"


def waited_for(port: int) -> None:
    """Wait until somebody answers at a port."""
    until = time.monotonic() + 60
    while True:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        assert time.monotonic() < until
        time.sleep(0.2)


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses, and that neither Ray's workers nor the system choose for themselves."""
    found: list[int] = []
    for port in random.sample(range(20_000, 32_000), 1000):
        with suppress(OSError):
            socket.create_server(("127.0.0.1", port)).close()
            found.append(port)
        if len(found) == count:
            break
    return found


class Other:
    """A Ray or Spark cluster of this machine, whose processes end with it."""

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
            waited_for(self.port)
            return Engine("ray", f"127.0.0.1:{self.port}")
        import pyspark  # noqa: PLC0415  # an extra

        program = str(Path(pyspark.__file__).with_name("bin") / "spark-class")
        at = ["--host", "127.0.0.1", "--webui-port", "0"]
        address = f"127.0.0.1:{self.port}"
        self._begin(program, "org.apache.spark.deploy.master.Master", *at, "--port", str(self.port))
        waited_for(self.port)
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
def other(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Other]:
    """A cluster of another kind, where it is installed; not started yet."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    pytest.importorskip(
        "ray" if request.param == "ray" else "pyspark", reason=f"needs the extra {request.param}"
    )
    with tempfile.TemporaryDirectory(
        prefix="it-", ignore_cleanup_errors=True
    ) as place:  # sockets' paths are short
        made = Other(request.param, Path(place))
        try:
            yield made
        finally:
            made.end()


def test_other_clusters_give_the_same_figures_too(run: Callable[..., ExperimentResult], other: Other) -> None:
    there, here = run("cluster", other.start()), run("local")
    assert figures(there) == figures(here)
    assert there.provenance.engine == other.kind


def test_a_task_that_kills_its_worker_costs_no_other(other: Other) -> None:
    engine = other.start()
    deadly = Task(eval, "__import__('os')._exit(1)", {})
    where = Task(eval, "__import__('os').getpid()", {})
    answers = dict(
        joblib_cluster.run_on_cluster(CONNECT[engine.kind], url(engine), {"a": deadly, "b": where}, dict)
    )
    assert isinstance(answers["a"], WorkerLost)
    assert isinstance(answers["b"], int)
    assert answers["b"] != os.getpid()


def test_one_task_alone_is_done_there_as_well(other: Other) -> None:
    engine = other.start()
    where = Task(eval, "__import__('os').getpid()", {})
    ((_, process),) = joblib_cluster.run_on_cluster(CONNECT[engine.kind], url(engine), {"a": where}, dict)
    assert process != os.getpid()


def test_a_cluster_without_workers_is_told(other: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    if other.kind == "ray":
        pytest.skip("the head of a Ray cluster works, too")
    monkeypatch.setattr(joblib_cluster, "WORKERS_TIMEOUT", 5.0)
    engine = other.start(workers=False)
    with pytest.raises(RunError, match="the cluster has no workers"):
        list(joblib_cluster.run_on_cluster(CONNECT[engine.kind], url(engine), {"a": Task(max, 1, 2)}, dict))


@pytest.mark.parametrize("kind", ["ray", "spark"])
def test_a_cluster_that_does_not_answer_is_told(run: Callable[..., ExperimentResult], kind: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(RunError, match="no scheduler answers"):
        run("shop", Engine(kind, address))


@pytest.mark.parametrize(("kind", "package"), [("ray", "ray"), ("spark", "joblibspark")])
def test_what_a_cluster_takes_is_named(monkeypatch: pytest.MonkeyPatch, kind: str, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(RunError, match="is not installed") as refused:
            list(joblib_cluster.run_on_cluster(CONNECT[kind], f"{kind}://{address}", {}, dict))
    assert f"iterata[{kind}]" in refused.value.remedy
