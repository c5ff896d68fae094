"""Conditions of gates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...helpers.knowledge_base import KnowledgeBase


def test_a_proposal_on_an_invalid_assessment_asks_to_correct_that_assessment(base: KnowledgeBase) -> None:
    base.grow("""
        churn
          requirements: approved
          01-setup
            assessment: approved
            proposal: approved
    """)
    assessment = "projects/churn/01-setup/assessment.md"
    base.change(assessment, "why_a_model:", "why_model:")
    (problem,) = base.problems("GATE006")
    assert problem.path == "projects/churn/01-setup/proposal.md"
    assert assessment in problem.remedy
