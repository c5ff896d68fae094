"""Rules about the plan of a proposal, and the names it defines and uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.fingerprint import plan_digest
from iterata.documents.models.plan_names import wrong_names, wrong_primary
from iterata.documents.stage_models import valid_model
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.proposal import Proposal
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem


def _proposal(case: DocumentContext) -> Proposal | None:
    return valid_model(case.document, Stage.PROPOSAL)


def names_are_right(case: DocumentContext) -> Iterator[Problem]:
    """PLAN001: no two of a kind share a name, and what is referred to exists."""
    proposal = _proposal(case)
    for wrong in wrong_names(proposal.plan) if proposal else ():
        yield case.document.problem("PLAN001", wrong.field, wrong.message, wrong.remedy)


def primary_is_the_assessments_kpi(case: DocumentContext) -> Iterator[Problem]:
    """PLAN002."""
    proposal = _proposal(case)
    assessment = case.assessment if proposal else None
    if proposal is None or assessment is None:
        return
    for wrong in wrong_primary(proposal.plan, assessment.lift.kpi.name):
        yield case.document.problem("PLAN002", wrong.field, wrong.message, wrong.remedy)


def approved_plan_is_unchanged(case: DocumentContext) -> Iterator[Problem]:
    """PLAN003."""
    proposal = _proposal(case)
    if proposal is None or proposal.status is not Status.APPROVED:
        return
    if proposal.plan_digest is None:
        remedy = f"approve it with `iterata move {case.document.path} approved`, which records the digest"
        yield case.document.problem(
            "PLAN003", ["status"], "it is approved, but its plan's digest was never recorded", remedy
        )
    elif proposal.plan_digest != plan_digest(case.document.data["plan"]):
        message = "the plan is not the one that was approved"
        remedy = (
            "take the change back; or move it to draft, add an amendment with its reason, and have it "
            "approved anew; or begin a new iteration"
        )
        yield case.document.problem("PLAN003", ["plan"], message, remedy, key=True)


CHECKS = (names_are_right, primary_is_the_assessments_kpi, approved_plan_is_unchanged)
