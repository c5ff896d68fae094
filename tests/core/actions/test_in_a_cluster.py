"""`iterata run` and `verify` by the workers of a cluster, as a user types them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from .approved_plan import FOLDER, PLAN, planned

if TYPE_CHECKING:
    from ...helpers.cluster import Cluster
    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

RESULT = f"{FOLDER}/results/experiment.json"
MODEL = """
import os
from sklearn.linear_model import LogisticRegression

class Moody(LogisticRegression):
    def fit(self, rows, truth):
        if len(rows) and os.path.exists(__file__ + ".broken"):
            raise ValueError("out of order")
        return super().fit(rows, truth)

def moody():
    return Moody()
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


def test_run_and_verify(base: KnowledgeBase, iterata: CommandLine, cluster: Cluster) -> None:
    base.write("projects/churn/theirs.py", PROGRAM)
    theirs = {"name": "theirs", "producer": "command", "command": [sys.executable, "theirs.py"]}
    git = planned(base, variants=[*PLAN["variants"], {**theirs, "features": "all"}])
    there = ("--engine", f"dask://{cluster.address}")
    done = iterata("run", "churn/01", *there).fine()
    assert f"by the workers of {there[1]}; here: theirs\n" in done.err
    assert json.loads(base.read(RESULT))["provenance"]["engine"] == "dask"
    git.commit("run it")
    done = iterata("verify", "churn/01", *there).fine()
    assert "figures and words are the same, exactly" in done.err
    assert f"by the workers of {there[1]}; here: theirs\n" in done.err
    done = iterata("verify", "churn/01", "--jobs", "1").fine()
    assert "by the workers" not in done.err
    assert "figures and words are the same, exactly" in done.err


def test_a_fold_that_fails_there_is_told_as_here(
    base: KnowledgeBase, iterata: CommandLine, cluster: Cluster
) -> None:
    base.write("projects/churn/model.py", MODEL)
    broken = "projects/churn/model.py.broken"
    base.write(broken, "")
    moody = {"name": "moody", "factory": "model:moody", "features": "all"}
    planned(base, variants=[*PLAN["variants"], moody])
    for engine in (("--engine", f"dask://{cluster.address}"), ()):
        done = iterata("run", "churn/01", "--jobs", "1", *engine)
        assert done.code == 1
        assert "variant moody, fold 1 of repeat 1" in done.err
        assert "out of order" in done.err
        assert "Traceback" not in done.said
        kept = [*(base.root / ".iterata").rglob("*.npz")]
        assert len(kept) == 2  # both folds of the other variant
    (base.root / broken).unlink()
    iterata("run", "churn/01", "--jobs", "1").fine()


def test_what_is_no_engine_is_refused_before_anything_is_done(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    planned(base)
    for written, said in (("dusk://host:1", "is no engine"), ("ray://host", "is no engine")):
        done = iterata("run", "churn/01", "--engine", written)
        assert (done.code, said in done.err) == (1, True)
        assert "which executes" not in done.err
