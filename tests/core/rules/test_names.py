"""Every name that stands for something in another document exists there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.rules.names import REFERENCES
from iterata.stages import Status

if TYPE_CHECKING:
    from ...helpers.knowledge_base import KnowledgeBase

FOLDER = "churn/01-setup"


@pytest.fixture
def full(base: KnowledgeBase) -> KnowledgeBase:
    base.grow("""
        churn
          requirements: approved
          01-setup
            assessment: approved
            lift.json
            proposal: approved
            experiment: completed
            experiment.json
            report: approved
            deployment: planned
    """)
    base.set(f"{FOLDER}/report", "decision.outcome", "deploy")
    return base


NAMES: list[tuple[str, str, Any, Any]] = [
    (f"{FOLDER}/assessment", "stakeholders_confirmed", ["Product"], ["product", "sales"]),
    (f"{FOLDER}/assessment", "success_metrics", ["customers kept"], ["customers lost"]),
    (f"{FOLDER}/proposal", "plan.hypotheses[0].tests", ["B1"], ["B9"]),
    (f"{FOLDER}/report", "decision.by[0].role", "data-science", "the board"),
    (f"{FOLDER}/report", "approvals[1].role", "legal", "data scence"),
    (f"{FOLDER}/report", "owners", ["anna"], ["data scence"]),
    (f"{FOLDER}/deployment", "variant", "boosted", "bosted"),
    (f"{FOLDER}/deployment", "phases[0].result", "01-setup/results/lift.json", "01-setup/results/ab.json"),
    ("churn/requirements", "revisions", [], [{"revision": 2, "on": "2026-03-02", "reason": "a market"}]),
    (f"{FOLDER}/experiment", "deviations", [], [{"what": "w", "why": "y", "amendment": "of 2026-03-02"}]),
]


def test_every_reference_is_tested() -> None:
    tested = {field.split("[")[0].split(".")[0] for _, field, _, _ in NAMES}
    assert {reference.path[0] for reference in REFERENCES} == tested


@pytest.mark.parametrize(("path", "field", "right", "wrong"), NAMES, ids=[name[1] for name in NAMES])
def test_a_name_must_exist(full: KnowledgeBase, path: str, field: str, right: Any, wrong: Any) -> None:
    full.set(path, field, right)
    assert full.problems("LIFE021") == []
    full.set(path, field, wrong)
    (problem,) = full.problems("LIFE021")
    assert problem.field.startswith(field)


def test_an_amendment_is_named_by_its_day(full: KnowledgeBase) -> None:
    amendment = {"on": "2026-03-02", "what": "a column", "why": "it was renamed"}
    full.set(f"{FOLDER}/proposal", "amendments", [amendment])
    full.set(f"{FOLDER}/experiment", "deviations", [{"what": "w", "why": "y", "amendment": "of 2026-03-02"}])
    assert full.problems("LIFE021") == []


def test_names_in_an_incomplete_project_are_not_judged(full: KnowledgeBase) -> None:
    (full.root / "projects/churn/requirements.md").unlink()
    full.set(f"{FOLDER}/report", "decision.by[0].role", "the board")
    assert full.problems("LIFE021") == []


def test_a_name_left_to_fill_in_is_none(full: KnowledgeBase) -> None:
    full.set(f"{FOLDER}/deployment", "variant", "TODO")
    assert full.problems("LIFE021") == []


@pytest.mark.parametrize(
    ("status", "is_open"),
    [(Status.DRAFT, True), (Status.IN_REVIEW, True), (Status.APPROVED, True), (Status.ABANDONED, False)],
)
def test_requirements_are_abandoned_after_their_iterations(
    base: KnowledgeBase, status: Status, is_open: bool
) -> None:
    base.grow("churn\n  requirements: abandoned\n  01-setup")
    base.document(f"{FOLDER}/assessment", status)
    assert len(base.problems("LIFE023")) == is_open


def test_a_release_under_way_keeps_requirements_open(full: KnowledgeBase) -> None:
    full.document("churn/requirements", Status.ABANDONED)
    for status in (Status.PLANNED, Status.ROLLING_OUT):
        full.document(f"{FOLDER}/deployment", status)
        assert len(full.problems("LIFE023")) == 1
    full.document(f"{FOLDER}/deployment", Status.DEPLOYED)
    assert len(full.problems("LIFE023")) == 0
