"""A result counts only if the history confirms that its plan was approved before the run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from iterata.problems import Problem

    from ...helpers.golden import Golden
    from .team import Team

EXAMPLE = Path(__file__).parents[3] / "projects" / "caravan-policies"
RESULT = "projects/caravan-policies/01-setup/results/experiment.json"
PROPOSAL = "projects/caravan-policies/01-setup/proposal.md"


@pytest.fixture
def approved(team: Team) -> str:
    """The commit with the example's first approved plan, before its run."""
    copy_plan(team)
    return team.commit("the plan is approved")


def copy_plan(team: Team) -> None:
    place = team.root / "projects" / "caravan-policies"
    shutil.copytree(EXAMPLE, place, ignore=shutil.ignore_patterns("data", "0[23]-*", "experiment.json"))


GONE = "0" * 40


def run_on(team: Team, commit: str, **changes: str) -> None:
    """Copy the example's result, with `commit` as its provenance."""
    result = json.loads((EXAMPLE / "01-setup/results/experiment.json").read_text("utf-8")) | changes
    result["provenance"]["commit"] = commit
    team.write(RESULT, json.dumps(result))


def refusals(team: Team) -> list[Problem]:
    return [problem for problem in team.review().own if problem.code == "SCOPE001"]


def assert_refused(team: Team, commit: str, reason: str, golden: Golden) -> None:
    (problem,) = refusals(team)
    assert problem.path == RESULT
    golden.check(f"run_{reason}", problem.message.replace(commit[:12], "COMMIT"))


def test_run_after_the_approval_counts(team: Team, approved: str) -> None:
    with team.pull_request():
        run_on(team, approved)
    assert refusals(team) == []


def test_run_before_the_proposal_is_refused(team: Team, approved: str, golden: Golden) -> None:
    beginning = team.git("rev-list", "--max-parents=0", approved)
    with team.pull_request():
        run_on(team, beginning)
    assert_refused(team, beginning, "before_the_proposal", golden)


def test_run_before_the_approval_is_refused(team: Team, approved: str, golden: Golden) -> None:
    with team.pull_request():
        team.change(PROPOSAL, "status: approved", "status: in_review")
        draft = team.commit("not yet approved")
        team.change(PROPOSAL, "status: in_review", "status: approved")
        run_on(team, draft)
    assert_refused(team, draft, "before_the_approval", golden)


def test_run_of_another_plan_is_refused(team: Team, approved: str, golden: Golden) -> None:
    with team.pull_request():
        run_on(team, approved, plan_digest="sha256:" + "0" * 64)
    assert_refused(team, approved, "of_another_plan", golden)


def test_run_on_a_commit_that_is_gone_counts_only_if_it_records_its_code(team: Team, approved: str) -> None:
    with team.pull_request():
        run_on(team, GONE)
    assert refusals(team) == []
    (problem,) = [problem for problem in team.review().own if problem.code == "SCOPE003"]
    assert (problem.path, problem.severity) == (RESULT, "error")


def test_run_on_a_commit_that_is_gone_before_the_approval_is_refused(team: Team, golden: Golden) -> None:
    with team.pull_request():
        copy_plan(team)
        team.change(PROPOSAL, "status: approved", "status: in_review")
        run_on(team, GONE)
        team.commit("run")
        team.change(PROPOSAL, "status: in_review", "status: approved")
    (problem,) = refusals(team)
    golden.check("run_gone_before_the_approval", problem.message)


@pytest.mark.parametrize("commit", ["HEAD", "main", "--output=x", "0" * 39])
def test_run_on_an_invalid_commit_is_refused(team: Team, approved: str, commit: str, golden: Golden) -> None:
    with team.pull_request():
        run_on(team, commit)
    assert_refused(team, commit, "on_an_invalid_commit", golden)


def test_unchanged_result_is_not_checked(team: Team, approved: str) -> None:
    """After a squash merge, the commit of the run is not part of the history."""
    run_on(team, "0" * 40)
    team.commit("merged and squashed")
    with team.pull_request():
        team.document("pricing/requirements.md")
    assert refusals(team) == []
