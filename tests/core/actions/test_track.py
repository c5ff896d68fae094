"""`track` logs every result in MLflow exactly once, also after interruptions."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iterata.documents.models.enums import Verdict
from iterata.stages import Status

from .approved_plan import FOLDER, planned

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow warns about other packages

RESULT = f"{FOLDER}/results/experiment.json"
TRACK = ("track", "churn/01")


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty tracking store."""
    pytest.importorskip("mlflow")
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    return uri


@pytest.fixture(scope="module")
def created(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of MLflow, which takes seconds to create."""
    pytest.importorskip("mlflow")
    from mlflow import MlflowClient  # noqa: PLC0415  # an optional dependency

    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def client(address: str, created: Path, tmp_path: Path) -> Any:
    from mlflow import MlflowClient  # noqa: PLC0415  # an optional dependency

    shutil.copyfile(created, tmp_path / "mlflow.db")
    return MlflowClient(tracking_uri=address)


def runs(client: Any, query: str = "") -> list[Any]:
    return list(client.search_runs([client.get_experiment_by_name("churn").experiment_id], query))


def test_figures_parameters_and_files_are_logged(
    base: KnowledgeBase, iterata: CommandLine, client: Any, tmp_path: Path
) -> None:
    git = planned(base)
    iterata("run", "churn/01", "--jobs", "1").fine()
    before = git.status
    done = iterata(*TRACK).fine()
    assert done.out == ""
    assert len(done.err.splitlines()) == 1, "what MLflow prints is left out"
    result = json.loads(base.read(RESULT))
    (run,) = runs(client, "tags.`iterata.iteration` = 'churn/01-setup'")
    (variant,) = runs(client, f"tags.mlflow.parentRunId = '{run.info.run_id}'")
    assert run.info.run_id in done.err
    assert run.info.status == variant.info.status == "FINISHED"
    assert run.data.metrics["status_quo"] == result["scale"]["status_quo"]["value"]
    assert run.data.tags["mlflow.source.git.commit"] == git("rev-parse", "HEAD").strip()
    assert run.data.tags["iterata.H1"].startswith(Verdict(result["hypotheses"][0]["verdict"]).label)
    (expected,) = result["variants"]
    for key, name in (("kpi", "kpi"), ("difference", "over_status_quo")):
        for end, suffix in (("value", ""), ("low", ".low"), ("high", ".high")):
            assert variant.data.metrics[name + suffix] == expected[key][end]
    assert variant.data.params["estimator"] == expected["estimator"]
    artifact = client.download_artifacts(run.info.run_id, "experiment.json", str(tmp_path))
    assert Path(artifact).read_text("utf-8") == base.read(RESULT)
    assert git.status == before


def test_the_same_result_is_logged_once(base: KnowledgeBase, iterata: CommandLine, client: Any) -> None:
    planned(base)
    iterata("run", "churn/01", "--jobs", "1").fine()
    iterata(*TRACK).fine()
    iterata(*TRACK).fine()
    assert len(runs(client)) == 2  # the iteration and its variant
    (base.root / FOLDER / "results" / "lift.json").unlink()
    iterata(*TRACK).fine()
    assert len(runs(client)) == 4, "other results are logged beside them"


def test_unfinished_runs_are_replaced(
    base: KnowledgeBase, iterata: CommandLine, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from iterata.actions import track  # noqa: PLC0415

    planned(base)
    iterata("run", "churn/01", "--jobs", "1").fine()

    def disconnect(*_: Any) -> Any:
        raise OSError("connection lost")

    with monkeypatch.context() as patched:
        patched.setattr(track, "variant_entry", disconnect)
        done = iterata(*TRACK)
    assert (done.code, "connection lost" in done.err) == (1, True)
    assert [run.info.status for run in runs(client)] == ["RUNNING"]
    iterata(*TRACK).fine()
    assert {run.info.status for run in runs(client)} == {"FINISHED"}


def test_a_failing_server_is_an_error_and_affects_no_result(
    base: KnowledgeBase, iterata: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mlflow")
    planned(base)
    iterata("run", "churn/01", "--jobs", "1").fine()
    before = base.read(RESULT)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    for address in (
        f"http://me:hunter2@127.0.0.1:{port}",
        f"sqlite:///{base.root}/mkdocs.yml/mlflow.db",
        "what://ever",
    ):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        done = iterata(*TRACK)
        assert done.code == 1
        # Some versions try a database again for minutes, and the wait is logged.
        assert any(line.startswith("MLflow: error: ") for line in done.err.splitlines())
        assert "hunter2" not in done.output
        assert "Traceback" not in done.output
    assert base.read(RESULT) == before


def test_missing_settings_and_results_are_errors(
    base: KnowledgeBase, iterata: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    planned(base)
    assert "MLFLOW_TRACKING_URI" in iterata(*TRACK).err
    base.grow("shop\n  requirements: approved\n  01-setup")
    base.document("shop/01-setup/assessment", Status.DRAFT)
    done = iterata("track", "shop/01")
    assert (done.code, done.err.partition(":")[0]) == (1, "shop/01-setup")


def test_a_database_whose_creation_was_interrupted_is_named_with_its_fix(
    base: KnowledgeBase, iterata: CommandLine, address: str
) -> None:
    """MLflow takes a database with some of its tables for one of an older version."""
    planned(base)
    iterata("run", "churn/01", "--jobs", "1").fine()
    path = Path(address.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE experiments (experiment_id INTEGER NOT NULL PRIMARY KEY)")
        database.commit()
    done = iterata(*TRACK)
    assert done.code == 1
    assert f"delete {path}" in done.err.splitlines()[-1]
    path.unlink()
    iterata.in_subprocess(*TRACK).fine()  # MLflow keeps its connection to the deleted file
