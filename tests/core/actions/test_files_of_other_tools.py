"""Predictions and data that MLflow or DVC store, used as the documentation shows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .approved_plan import DATA, FOLDER, PLAN, planned

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine
    from ...helpers.git import Git
    from ...helpers.knowledge_base import KnowledgeBase

SCORES = "row_id,prediction\n" + "".join(f"{n},{n * 31 % 97}\n" for n in range(120))
THEIRS = "projects/churn/data/theirs.csv"
PREDICT = """
from pathlib import Path
rows = len(Path("data/customers.csv").read_text().splitlines()) - 1
lines = "".join(f"{n},{n * 31 % 97}\\n" for n in range(rows))
Path("data/theirs.csv").write_text("row_id,prediction\\n" + lines)
"""
STAGE = """
stages:
  predict:
    cmd: python predict.py
    deps: [predict.py, data/customers.csv]
    outs: [data/theirs.csv]
"""


def with_theirs(base: KnowledgeBase, made_by: str | None = None) -> Git:
    """A plan with a variant that reads a file."""
    variant: dict[str, Any] = {
        "name": "theirs",
        "producer": "file",
        "source": "data/theirs.csv",
        "learned_from": "last year",
    }
    hypothesis = {"id": "H1", "claim": "It helps.", "supported_if": {"variant": "theirs"}}
    command = {} if made_by is None else {"made_by": made_by}
    return planned(base, variants=[*PLAN["variants"], {**variant, **command}], hypotheses=[hypothesis])


def variant_names(base: KnowledgeBase) -> list[str]:
    result = json.loads(base.read(f"{FOLDER}/results/experiment.json"))
    return [variant["name"] for variant in result["variants"]]


@pytest.mark.filterwarnings("ignore")  # MLflow uses deprecated functions of other packages
def test_predictions_stored_in_mlflow(
    base: KnowledgeBase, iterata: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow = pytest.importorskip("mlflow")
    address = f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    client = mlflow.MlflowClient(tracking_uri=address)
    theirs = client.create_experiment("theirs", artifact_location=(tmp_path / "artifacts").as_uri())
    run = client.create_run(theirs).info.run_id
    client.log_text(run, SCORES, "theirs.csv")
    download = (
        f"mlflow artifacts download --run-id {run} --artifact-path theirs.csv --dst-path projects/churn/data"
    )
    git = with_theirs(base, made_by=download)
    subprocess.run(download.split(), cwd=base.root, check=True, capture_output=True)
    iterata("run", "churn/01", "--jobs", "1").fine()
    assert variant_names(base) == ["logistic", "theirs"]
    git.commit("run it")
    (base.root / THEIRS).unlink()
    iterata("verify", "churn/01", "--jobs", "1", "--make").fine()


@pytest.fixture
def dvc(base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs DVC in the repository."""
    program = shutil.which("dvc")
    if program is None:
        assert "CI" not in os.environ, "DVC must be installed where the tests run unattended"
        pytest.skip("DVC is not installed (pipx install dvc)")
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(base.root.parent / "cache"))

    def run(*arguments: str) -> None:
        subprocess.run([program, *arguments], cwd=base.root, check=True, capture_output=True)

    return run


def test_predictions_of_a_dvc_stage(base: KnowledgeBase, iterata: CommandLine, dvc: Any) -> None:
    base.write("projects/churn/predict.py", PREDICT)
    base.write("projects/churn/dvc.yaml", STAGE)
    git = with_theirs(base, made_by="dvc repro projects/churn/dvc.yaml")
    dvc("init")
    dvc("repro", "projects/churn/dvc.yaml")
    assert (base.root / THEIRS).read_text("utf-8") == SCORES
    git.commit("let DVC predict")
    iterata("run", "churn/01", "--jobs", "1").fine()
    assert variant_names(base) == ["logistic", "theirs"]


def test_data_stored_with_dvc(base: KnowledgeBase, iterata: CommandLine, dvc: Any, tmp_path: Path) -> None:
    git = planned(base)
    base.write(".gitignore", "")  # DVC ignores the file itself
    dvc("init")
    dvc("remote", "add", "--default", "store", str(tmp_path / "store"))
    dvc("add", DATA)
    dvc("push")
    git.commit("keep the data")
    (base.root / DATA).unlink()
    shutil.rmtree(base.root / ".dvc" / "cache")
    missing = iterata("run", "churn/01", "--jobs", "1")
    assert missing.code == 1
    assert f"`dvc pull {DATA}`" in missing.err
    dvc("pull", DATA)
    iterata("run", "churn/01", "--jobs", "1").fine()
