"""Results in MLflow: what is there, once, whatever happened in between."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iterata.stages import Status

from .shop import FOLDER, planned

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

pytestmark = pytest.mark.filterwarnings("ignore")  # of what MLflow makes of other packages

RESULT = f"{FOLDER}/results/experiment.json"
TRACK = ("track", "churn/01")


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A tracking store of its own."""
    pytest.importorskip("mlflow")
    found = f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", found)
    return found


@pytest.fixture
def client(address: str) -> Any:
    from mlflow import MlflowClient  # noqa: PLC0415  # an extra

    return MlflowClient(tracking_uri=address)


def runs(client: Any, found: str = "") -> list[Any]:
    return list(client.search_runs([client.get_experiment_by_name("churn").experiment_id], found))


def test_figures_settings_and_files_are_there(
    base: KnowledgeBase, iterata: CommandLine, client: Any, tmp_path: Path
) -> None:
    git = planned(base)
    iterata("run", "churn/01", "--jobs", "1").fine()
    before = git.status
    done = iterata(*TRACK).fine()
    result = json.loads(base.read(RESULT))
    (whole,) = runs(client, "tags.`iterata.iteration` = 'churn/01-setup'")
    (variant,) = runs(client, f"tags.mlflow.parentRunId = '{whole.info.run_id}'")
    assert whole.info.run_id in done.err
    assert whole.info.status == variant.info.status == "FINISHED"
    assert whole.data.metrics["status_quo"] == result["scale"]["status_quo"]["value"]
    assert whole.data.tags["mlflow.source.git.commit"] == git("rev-parse", "HEAD").strip()
    assert whole.data.tags["iterata.H1"].startswith(result["hypotheses"][0]["verdict"])
    (told,) = result["variants"]
    for key, name in (("kpi", "kpi"), ("difference", "over_status_quo")):
        for end, suffix in (("value", ""), ("low", ".low"), ("high", ".high")):
            assert variant.data.metrics[name + suffix] == told[key][end]
    assert variant.data.params["estimator"] == told["estimator"]
    kept = client.download_artifacts(whole.info.run_id, "experiment.json", str(tmp_path))
    assert Path(kept).read_text("utf-8") == base.read(RESULT)
    assert git.status == before


def test_the_same_result_is_logged_once_and_another_one_beside_it(
    base: KnowledgeBase, iterata: CommandLine, client: Any
) -> None:
    planned(base)
    iterata("run", "churn/01", "--jobs", "1").fine()
    iterata(*TRACK).fine()
    assert "is there already" in iterata(*TRACK).fine().err
    assert len(runs(client)) == 2  # with its variant
    (base.root / FOLDER / "results" / "lift.json").unlink()
    assert "logged as" in iterata(*TRACK).fine().err


def test_what_an_interrupted_command_left_is_replaced(
    base: KnowledgeBase, iterata: CommandLine, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from iterata.actions import track  # noqa: PLC0415

    planned(base)
    iterata("run", "churn/01", "--jobs", "1").fine()

    def unplugged(*_: Any) -> Any:
        raise OSError("the cable is out")

    with monkeypatch.context() as pulled:
        pulled.setattr(track, "variant_entry", unplugged)
        done = iterata(*TRACK)
    assert (done.code, "the cable is out" in done.err) == (1, True)
    assert [run.info.status for run in runs(client)] == ["RUNNING"]
    iterata(*TRACK).fine()
    assert {run.info.status for run in runs(client)} == {"FINISHED"}


def test_a_server_that_does_not_answer_costs_a_message_and_no_result(
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
        assert "refused" in done.err
        assert "hunter2" not in done.said
        assert "Traceback" not in done.said
    assert base.read(RESULT) == before


def test_what_is_missing_is_named(
    base: KnowledgeBase, iterata: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    planned(base)
    assert "MLFLOW_TRACKING_URI is not set" in iterata(*TRACK).err
    base.grow("shop\n  requirements: approved\n  01-setup")
    base.document("shop/01-setup/assessment", Status.DRAFT)
    assert "there are no results to log" in iterata("track", "shop/01").err
