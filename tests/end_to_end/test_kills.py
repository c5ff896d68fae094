"""`kill -9` at any moment of a command that writes: nothing is torn, and the next run finishes its work."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iterata.stages import Status

from ..core.actions.approved_plan import DATA, ROWS, planned
from ..helpers.command_line import CommandLine
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Callable

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


def committed_run(base: KnowledgeBase) -> None:
    git = planned(base)
    CommandLine(base.root)("run", "churn/01", "--jobs", "1").fine()
    git.commit("the result")


COMMANDS: list[tuple[Callable[[KnowledgeBase], object], str]] = [
    (empty, "init ."),
    (started, "new project sales"),
    (started, "new iteration churn"),
    (in_review, f"move {PROPOSAL} approved --as product --as analyst"),
    (assessed, "lift churn/01"),
    (planned, "run churn/01 --jobs 1"),
    (run, "report churn/01"),
    (committed_run, "verify churn/01 --jobs 1"),
    (run, "check"),
]


@pytest.mark.parametrize("count", [5, pytest.param(200, marks=pytest.mark.exhaustive)])
def test_a_killed_command_tears_nothing_and_is_finished_by_the_next(tmp_path: Path, count: int) -> None:
    folders = [tmp_path / f"{number}" for number in range(len(COMMANDS))]
    for folder, (prepare, words) in zip(folders, COMMANDS, strict=True):
        prepare(KnowledgeBase(folder / "template"))
        (folder / "command").write_text(words)
    done = subprocess.run(
        [sys.executable, HARNESS, str(count), *folders], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    print(done.stdout)  # `pytest -s` shows the table
    assert len(outcomes) == len(COMMANDS)
    assert {outcome["command"]: outcome["failures"] for outcome in outcomes if outcome["failures"]} == {}
