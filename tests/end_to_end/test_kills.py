"""`kill -9` at any moment of a command that writes: nothing is torn, and the next run finishes its work."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iterata.stages import Status

from ..cli.test_monitor import DATA as CALLS
from ..cli.test_monitor import KEPT, rows
from ..core.actions.approved_plan import DATA, ROWS, planned
from ..helpers.command_line import CommandLine
from ..helpers.knowledge_base import KnowledgeBase
from ..helpers.releases import DEPLOYMENT, explain, planned_release, result_of
from .test_earlier_versions import GOLDEN, OLDEST

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow warns about other packages

HARNESS = Path(__file__).parents[1] / "helpers" / "kills.py"
PROPOSAL = "projects/churn/01-setup/proposal.md"


def empty(base: KnowledgeBase) -> None:
    (base.root / "mkdocs.yml").unlink()


def started(base: KnowledgeBase) -> None:
    base.grow("churn\n  requirements: approved")


def in_review(base: KnowledgeBase) -> None:
    planned(base, Status.IN_REVIEW)


def assessed(base: KnowledgeBase) -> None:
    base.write(DATA, ROWS)
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment")


def run(base: KnowledgeBase) -> None:
    planned(base)
    CommandLine(base.root)("run", "churn/01", "--jobs", "1").fine()


def suspect(base: KnowledgeBase) -> None:
    planned(base, Status.IN_REVIEW)
    CommandLine(base.root)("move", PROPOSAL, "approved", "--as", "product", "--as", "data science").fine()
    base.set("churn/01-setup/assessment", "lift.kpi.budget", 0.5)


def released(base: KnowledgeBase) -> None:
    base.grow("churn\n  requirements: approved\n  01-setup\n    deployment: rolling_out")
    base.set("churn/01-setup/deployment", "monitors", [KEPT])
    base.write(CALLS, rows(kept=3))


def reverted_and_explained(base: KnowledgeBase) -> None:
    planned_release(base)
    for share in (0.1, 0.25):
        result_of(base, share)
    base.set(DEPLOYMENT, "phases[0].started", "2026-06-01")
    base.set(DEPLOYMENT, "status", "reverted")
    base.set(DEPLOYMENT, "revert", {"on": "2026-06-09", "why": "Complaints doubled."})
    explain(base, "2026-06-10")


def tracked_before(base: KnowledgeBase) -> None:
    """A result, and a database of MLflow without runs."""
    run(base)
    from mlflow import MlflowClient  # noqa: PLC0415  # an optional dependency

    MlflowClient(tracking_uri=f"sqlite:///{base.root / 'mlflow.db'}").search_experiments()


def earlier(base: KnowledgeBase) -> None:
    shutil.copytree(GOLDEN / OLDEST, base.root, dirs_exist_ok=True)
    base.in_git()


def committed_run(base: KnowledgeBase) -> None:
    git = planned(base)
    CommandLine(base.root)("run", "churn/01", "--jobs", "1").fine()
    git.commit("the result")


ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # a process with threads must not fork
    "OPENBLAS_NUM_THREADS": "1",
    "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db",
}

COMMANDS: list[tuple[Callable[[KnowledgeBase], object], str]] = [
    (empty, "init ."),
    (started, "new project sales"),
    (started, "new iteration churn"),
    (in_review, f'move {PROPOSAL} approved --as product --as "data science"'),
    (assessed, "lift churn/01"),
    (planned, "run churn/01 --jobs 1"),
    (run, "report churn/01"),
    (committed_run, "verify churn/01 --jobs 1"),
    (run, "check"),
    (assessed, "new document churn/01 proposal"),
    (suspect, f"affirm {PROPOSAL}"),
    (released, "monitor"),
    (reverted_and_explained, f"move projects/{DEPLOYMENT}.md planned"),
    (tracked_before, "track churn/01"),
    (earlier, "upgrade"),
    (run, "cache prune --keep-size 0"),
]


@pytest.mark.parametrize("count", [5, pytest.param(200, marks=pytest.mark.exhaustive)])
def test_a_killed_command_tears_nothing_and_is_finished_by_the_next(tmp_path: Path, count: int) -> None:
    folders = [tmp_path / f"{number}" for number in range(len(COMMANDS))]
    for folder, (prepare, words) in zip(folders, COMMANDS, strict=True):
        prepare(KnowledgeBase(folder / "template"))
        (folder / "command").write_text(words)
    done = subprocess.run(
        [sys.executable, HARNESS, str(count), *folders],
        env=CommandLine.environment(ENVIRONMENT), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    print(done.stdout)  # `pytest -s` shows the table
    assert len(outcomes) == len(COMMANDS)
    assert {outcome["command"]: outcome["failures"] for outcome in outcomes if outcome["failures"]} == {}
