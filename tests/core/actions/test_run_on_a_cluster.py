"""`iterata run` and `iterata verify` with `--engine`, on a real Dask cluster."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from .approved_plan import FOLDER, PLAN, planned

if TYPE_CHECKING:
    from ...helpers.cluster import Cluster
    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

RESULT = f"{FOLDER}/results/experiment.json"
MODEL = """
import os
from sklearn.linear_model import LogisticRegression

class Unreliable(LogisticRegression):
    def fit(self, X, y):
        if os.path.exists(__file__ + ".broken"):
            raise ValueError("out of order")
        return super().fit(X, y)

def unreliable():
    return Unreliable()
"""
PROGRAM = """
import json, sys
from pathlib import Path
import pandas as pd
folder = Path(sys.argv[1])
task = json.loads((folder / "fold.json").read_text())
test = pd.read_csv(folder / task["test"])
test.assign(prediction=0.5)[["row_id", "prediction"]].to_csv(folder / task["predictions"], index=False)
"""


def test_run_and_verify_use_the_workers_and_run_programs_here(
    base: KnowledgeBase, iterata: CommandLine, cluster: Cluster
) -> None:
    base.write("projects/churn/constant.py", PROGRAM)
    program = {"name": "constant", "producer": "command", "command": [sys.executable, "constant.py"]}
    git = planned(base, variants=[*PLAN["variants"], {**program, "features": "all"}])
    url = f"dask://{cluster.address}"
    run = iterata("run", "churn/01", "--engine", url).fine()
    assert announced_place(run.err, url).endswith(": constant")
    assert json.loads(base.read(RESULT))["provenance"]["engine"] == "dask"
    git.commit("run it")
    on_cluster = iterata("verify", "churn/01", "--engine", url).fine()
    assert announced_place(on_cluster.err, url).endswith(": constant")
    local = iterata("verify", "churn/01", "--jobs", "1").fine()
    assert url not in local.err


def announced_place(err: str, url: str) -> str:
    """The line of an announcement that names the cluster."""
    (line,) = (line for line in err.splitlines() if url in line)
    return line


def test_failing_fold_is_reported_as_on_this_machine(
    base: KnowledgeBase, iterata: CommandLine, cluster: Cluster
) -> None:
    base.write("projects/churn/model.py", MODEL)
    switch = "projects/churn/model.py.broken"
    base.write(switch, "")
    unreliable = {"name": "unreliable", "factory": "model:unreliable", "features": "all"}
    planned(base, variants=[*PLAN["variants"], unreliable])
    errors = []
    for engine in (("--engine", f"dask://{cluster.address}"), ()):
        run = iterata("run", "churn/01", "--jobs", "1", *engine)
        assert run.code == 1
        assert "ValueError: out of order" in run.err
        assert len([*(base.root / ".iterata").rglob("*.npz")]) == 2  # both folds of the other variant
        errors.append([line for line in run.err.splitlines() if "variant unreliable" in line])
    assert errors[0] == errors[1] != []
    (base.root / switch).unlink()
    iterata("run", "churn/01", "--jobs", "1").fine()


@pytest.mark.parametrize("option", ["dusk://host:1", "ray://host"])
def test_unknown_engine_is_refused_before_anything_is_run(
    base: KnowledgeBase, iterata: CommandLine, option: str
) -> None:
    planned(base)
    run = iterata("run", "churn/01", "--engine", option)
    assert (run.code, run.out) == (1, "")
    assert f"{option} is not an engine" in run.err
    assert not (base.root / ".iterata").exists()
