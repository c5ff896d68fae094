"""The plan of a proposal together with the assessment that describes its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.fingerprint import plan_digest
from iterata.documents.stage_models import valid_model
from iterata.stages import Stage

if TYPE_CHECKING:
    from iterata.documents.document import Document
    from iterata.documents.models.lift import LiftSpec
    from iterata.documents.models.proposal import Plan


def digest_of_plan(proposal: Document, assessment: Document | None) -> str | None:
    """The digest of a proposal's plan, which covers what the plan takes from the assessment.

    None if the proposal has no plan. For a plan that says everything itself, it is the digest of the plan.
    """
    plan = proposal.data.get("plan")
    if not isinstance(plan, dict):
        return None
    model = valid_model(proposal, Stage.PROPOSAL)
    if model is None:
        return plan_digest(plan)
    from iterata.documents.models.inheritance import inherited  # noqa: PLC0415  # only for a valid proposal

    return plan_digest(plan, inherited(model.plan, lift_of(assessment)))


def plan_of(proposal: Document | None, assessment: Document | None) -> Plan | None:
    """The complete plan of a proposal; None if it is invalid, or describes no rows."""
    model = valid_model(proposal, Stage.PROPOSAL)
    if model is None:
        return None
    from iterata.documents.models.inheritance import complete_plan, missing  # noqa: PLC0415  # as above

    lift = lift_of(assessment)
    return None if missing(model.plan, lift) else complete_plan(model.plan, lift)


def lift_of(assessment: Document | None) -> LiftSpec | None:
    """The analysis of a valid assessment."""
    model = valid_model(assessment, Stage.ASSESSMENT)
    return model.lift if model else None
