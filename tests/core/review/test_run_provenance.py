"""A result counts only if the history says that its plan was approved before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .team import Team

EXAMPLE = Path(__file__).parents[3] / "projects" / "caravan-policies"
RESULT = "projects/caravan-policies/01-setup/results/experiment.json"
PROPOSAL = "projects/caravan-policies/01-setup/proposal.md"


@pytest.fixture
def approved(team: Team) -> str:
    """The commit on which the example's first plan is approved, and nothing was run yet."""
    place = team.root / "projects" / "caravan-policies"
    shutil.copytree(EXAMPLE, place, ignore=shutil.ignore_patterns("data", "0[23]-*", "experiment.json"))
    return team.commit("the plan is approved")


def run_on(team: Team, commit: str, **changes: str) -> None:
    """Bring in the example's real result, as if it had been made on `commit`."""
    result = json.loads((EXAMPLE / "01-setup/results/experiment.json").read_text("utf-8")) | changes
    result["provenance"]["commit"] = commit
    team.write(RESULT, json.dumps(result))


def reasons(team: Team) -> list[str]:
    return [problem.message for problem in team.review().own if problem.code == "SCOPE001"]


def test_a_run_after_the_approval_counts(team: Team, approved: str) -> None:
    with team.pull_request():
        run_on(team, approved)
    assert reasons(team) == []


def test_a_run_before_there_was_a_proposal_does_not(team: Team, approved: str) -> None:
    beginning = team.git("rev-list", "--max-parents=0", approved)
    with team.pull_request():
        run_on(team, beginning)
    assert reasons(team) == [f"the result was computed on {beginning[:12]}, before there was a proposal"]


def test_a_run_before_the_approval_does_not(team: Team, approved: str) -> None:
    with team.pull_request():
        team.change(PROPOSAL, "status: approved", "status: in_review")
        draft = team.commit("not yet approved")
        team.change(PROPOSAL, "status: in_review", "status: approved")
        run_on(team, draft)
    assert reasons(team) == [
        f"the result was computed on {draft[:12]}, when the status of the proposal was in_review"
    ]


def test_a_run_of_another_plan_does_not(team: Team, approved: str) -> None:
    with team.pull_request():
        run_on(team, approved, plan_digest="sha256:" + "0" * 64)
    assert reasons(team) == [
        f"the result was computed on {approved[:12]}, when a different plan was approved"
    ]


def test_a_run_on_another_branch_does_not(team: Team, approved: str) -> None:
    team.git("switch", "--quiet", "--create", "elsewhere")
    elsewhere = team.commit("somewhere else")
    team.git("switch", "--quiet", "main")
    with team.pull_request():
        run_on(team, elsewhere)
    assert reasons(team) == [
        f"the result was computed on {elsewhere[:12]}, which is not part of this history"
    ]


@pytest.mark.parametrize("commit", ["0" * 40, "HEAD", "main", "--output=x"])
def test_a_made_up_commit_does_not(team: Team, approved: str, commit: str) -> None:
    with team.pull_request():
        run_on(team, commit)
    assert reasons(team) == ["the result does not name a commit of this repository"]


def test_a_result_that_is_left_alone_is_not_asked_again(team: Team, approved: str) -> None:
    """After a squash merge the commit of the run is gone from the history; its review is over."""
    run_on(team, "0" * 40)
    team.commit("merged and squashed")
    with team.pull_request():
        team.document("pricing/requirements.md")
    assert reasons(team) == []
