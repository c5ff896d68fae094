"""A plan that drops something of the approved plan that it follows says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.stages import Status

if TYPE_CHECKING:
    from ...helpers.knowledge_base import KnowledgeBase

NEXT = "churn/02-more/proposal"
FOLLOWS = {"kind": "feature", "follows": "01-setup", "inherits_assessment": "01-setup"}
ROWS = {"name": "rows", "source": "data/customers.csv"}


@pytest.fixture
def followed(base: KnowledgeBase) -> KnowledgeBase:
    """A plan with a guardrail, an excluded column, and one that is known afterwards."""
    base.grow("""
        churn
          requirements: approved
          01-setup
            assessment: approved
            lift.json
            experiment: completed
            report: approved
          02-more
    """)
    plan: dict[str, Any] = {
        "features": {"all": ["*", "!tariff"]},
        "data": [ROWS | {"known_after": ["reason"]}],
    }
    base.document("churn/01-setup/proposal", Status.APPROVED, plan=plan)
    base.document(NEXT, iteration=FOLLOWS, plan=plan)
    return base


def test_a_plan_that_drops_nothing_needs_no_reason(followed: KnowledgeBase) -> None:
    assert followed.problems("PLAN") == []


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("plan.metrics.guardrail", [], "calls to the elderly"),
        ("plan.features", {"all": ["*"]}, "tariff"),
        ("plan.data", [ROWS], "reason"),
    ],
)
def test_each_drop_needs_its_reason(followed: KnowledgeBase, field: str, value: Any, name: str) -> None:
    followed.set(NEXT, field, value)
    assert [problem.code for problem in followed.problems("PLAN")] == ["PLAN008"]
    followed.set(NEXT, "plan.drop_reasons", {"something": "It is old."})
    assert {problem.code for problem in followed.problems("PLAN")} == {"PLAN008", "PLAN009"}
    followed.set(NEXT, "plan.drop_reasons", {name: "It is old."})
    assert followed.problems("PLAN") == []


def test_a_draft_that_was_followed_binds_nobody(followed: KnowledgeBase) -> None:
    followed.document("churn/01-setup/proposal", Status.DRAFT)
    followed.set(NEXT, "plan.metrics.guardrail", [])
    assert followed.problems("PLAN008") == []


def test_another_setup_says_what_it_follows(followed: KnowledgeBase) -> None:
    followed.document("churn/03-again/assessment", iteration={"kind": "setup"})
    (problem,) = followed.problems("LIFE003")
    assert (problem.path, problem.field) == ("projects/churn/03-again/assessment.md", "iteration")
    assert "follows: 01-setup" in problem.remedy
    followed.document("churn/03-again/assessment", Status.APPROVED, iteration={"kind": "setup"})
    assert followed.problems("LIFE003") == []


def test_another_setup_before_any_report_follows_nothing(followed: KnowledgeBase) -> None:
    followed.document("churn/01-setup/report", Status.DRAFT)
    followed.document("churn/03-again/assessment", iteration={"kind": "setup"})
    assert followed.problems("LIFE003") == []
