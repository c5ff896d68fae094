"""What must hold before a plan is run; nothing is written or executed to find out."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest

from iterata.actions.preparation import prepare
from iterata.errors import IterataError, NotFoundError, ProblemsError
from iterata.repository import config
from iterata.stages import Status

from .approved_plan import FOLDER, planned

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.actions.preparation import PreparedRun

    from ...helpers.golden import Golden
    from ...helpers.knowledge_base import KnowledgeBase

ITERATION = "churn/01-setup"


def prepared(base: KnowledgeBase, *, draft: bool = False, allow_dirty: bool = False) -> PreparedRun:
    folder = base.repository.find_iteration(ITERATION)
    return prepare(config.load(base.root), folder, draft=draft, allow_dirty=allow_dirty)


class Refusal(NamedTuple):
    """A run that is refused."""

    change: Callable[[KnowledgeBase], object]
    """What is wrong in the knowledge base."""
    error: type[IterataError]
    source: str
    """The source of the error's location."""


REFUSALS = {
    "no_proposal": Refusal(
        lambda base: (base.root / FOLDER / "proposal.md").unlink(), NotFoundError, ITERATION
    ),
    "changed_assessment": Refusal(
        lambda base: base.set(f"{ITERATION}/assessment", "lift.kpi.budget", 0.5),
        IterataError,
        f"{FOLDER}/assessment.md",
    ),
    "uncommitted": Refusal(
        lambda base: base.write("projects/churn/model.py", "x = 1\n"), IterataError, ITERATION
    ),
    "no_commit": Refusal(lambda base: shutil.rmtree(base.root / ".git"), IterataError, ITERATION),
}


@pytest.fixture
def approved(base: KnowledgeBase) -> KnowledgeBase:
    """An iteration with an approved plan that records what it was written against."""
    planned(base)
    assessment = base.parsed(f"{ITERATION}/assessment")
    base.set(f"{ITERATION}/proposal", "written_against", {"assessment": assessment.fingerprint})
    base.in_git()
    return base


def test_approved_plan_is_prepared(approved: KnowledgeBase) -> None:
    run = prepared(approved)
    assert run.plan.variants[0].name == "logistic"
    assert run.uncommitted == []
    assert run.commit is not None


@pytest.mark.parametrize("name", REFUSALS)
def test_run_is_refused(approved: KnowledgeBase, golden: Golden, name: str) -> None:
    refusal = REFUSALS[name]
    refusal.change(approved)
    before = approved.files()
    with pytest.raises(refusal.error) as raised:
        prepared(approved)
    assert raised.value.location.source == refusal.source
    assert approved.files() == before
    golden.check(f"prepare_{name}", str(raised.value))


def test_unapproved_plan_is_refused_with_its_closed_gates(base: KnowledgeBase) -> None:
    planned(base, Status.DRAFT)
    with pytest.raises(ProblemsError) as raised:
        prepared(base)
    assert {problem.code for problem in raised.value.problems} == {"GATE002"}
    assert prepared(base, draft=True).commit


def test_plan_changed_after_approval_is_refused_unless_it_is_a_draft(approved: KnowledgeBase) -> None:
    approved.set(f"{ITERATION}/proposal", "plan.split.seed", 9)
    with pytest.raises(ProblemsError) as raised:
        prepared(approved, allow_dirty=True)
    assert [problem.code for problem in raised.value.problems] == ["PLAN003"]
    assert prepared(approved, draft=True).plan.split.seed == 9


def test_experiment_behind_a_closed_gate_is_refused(approved: KnowledgeBase) -> None:
    path = approved.document(f"{ITERATION}/experiment")
    approved.write(path, approved.read(path) + "\nTODO: notes\n")
    with pytest.raises(ProblemsError) as raised:
        prepared(approved)
    assert {problem.code for problem in raised.value.problems} == {"GATE001"}


def test_uncommitted_files_are_recorded_if_dirty_is_allowed(approved: KnowledgeBase) -> None:
    approved.write("projects/churn/model.py", "x = 1\n")
    assert prepared(approved, allow_dirty=True).uncommitted == ["projects/churn/model.py"]
