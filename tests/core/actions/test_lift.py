"""The provenance of an expected lift: the commit, and whether the assessment differs from it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from iterata.actions.lift import lift
from iterata.errors import IterataError

if TYPE_CHECKING:
    from iterata.results.parts import Provenance

    from ...helpers.knowledge_base import KnowledgeBase

PAGE = "projects/churn/01-setup/assessment.md"
RESULT = "projects/churn/01-setup/results/lift.json"


@pytest.fixture
def assumed(base: KnowledgeBase) -> KnowledgeBase:
    """An assessment whose lift is computed from assumptions."""
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment\n")
    page = "churn/01-setup/assessment"
    base.set(page, "lift.data", None)
    base.set(page, "lift.assumptions", {"base_rate": 0.1, "status_quo": {"capture": 0.4}})
    base.set(page, "lift.period", {"name": "month", "rows": 100})
    return base


def provenance(base: KnowledgeBase) -> Provenance:
    return lift(base.root, base.repository.find_iteration("churn/01-setup")).result.provenance


def test_committed_assessment_is_not_dirty(assumed: KnowledgeBase) -> None:
    git = assumed.in_git()
    assumed.write("projects/churn/notes.md", "Other files do not count.\n")
    origin = provenance(assumed)
    assert (origin.commit, origin.dirty) == (git("rev-parse", "HEAD"), False)


def test_changed_assessment_is_dirty(assumed: KnowledgeBase) -> None:
    assumed.in_git()
    assumed.change(PAGE, "capture: 0.4", "capture: 0.5")
    assert provenance(assumed).dirty


def test_untracked_assessment_is_dirty(assumed: KnowledgeBase) -> None:
    git = assumed.in_git()
    git("rm", "--quiet", "--cached", PAGE)
    git("commit", "--quiet", "--message", "forget the assessment")
    assert provenance(assumed).dirty


def test_outside_git_there_is_no_commit(assumed: KnowledgeBase) -> None:
    origin = provenance(assumed)
    assert (origin.commit, origin.dirty) == (None, False)


def test_approved_figures_stay_and_their_page_is_rendered_again(assumed: KnowledgeBase) -> None:
    folder = assumed.repository.find_iteration("churn/01-setup")
    lift(assumed.root, folder)
    approved = assumed.read(PAGE).replace("status: draft", "status: approved")
    stored = assumed.read(RESULT)
    assumed.write(
        PAGE, approved.replace("capture: 0.4", "capture: 0.5").replace("- The potential", "- A potential")
    )
    with pytest.raises(IterataError) as refusal:
        lift(assumed.root, assumed.repository.find_iteration("churn/01-setup"))
    assert refusal.value.location.source == RESULT
    assert assumed.read(RESULT) == stored
    assert assumed.read(PAGE) == approved.replace("capture: 0.4", "capture: 0.5")


def test_no_fix_names_a_command_that_approved_figures_refuse(assumed: KnowledgeBase) -> None:
    lift(assumed.root, assumed.repository.find_iteration("churn/01-setup"))
    draft = assumed.read(PAGE)
    result = json.loads(assumed.read(RESULT))
    result["potential_lift"]["value"] += 1
    for status, is_named in (("draft", True), ("approved", False)):
        assumed.write(PAGE, draft.replace("status: draft", f"status: {status}"))
        assumed.write(RESULT, json.dumps(result))
        contradictions = assumed.problems("RES021")
        assert {"`iterata lift churn/01-setup`" in problem.remedy for problem in contradictions} == {is_named}
    assumed.change(PAGE, "capture: 0.4", "capture: 0.5")
    (gate,) = assumed.problems("GATE004")
    assert "iterata lift" not in gate.remedy
