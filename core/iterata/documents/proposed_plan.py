"""The plan of a proposal together with the assessment that describes its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.fingerprint import digest, plan_digest
from iterata.documents.models import requirements_inheritance
from iterata.documents.models.requirements_inheritance import inherited_kpi
from iterata.documents.stage_models import valid_model
from iterata.stages import Stage

if TYPE_CHECKING:
    from iterata.documents.document import Document
    from iterata.documents.models.lift import LiftSpec
    from iterata.documents.models.proposal import Plan
    from iterata.documents.models.requirements import Requirements


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


def digest_of_lift(assessment: Document | None, requirements: Requirements | None) -> str | None:
    """The digest of an assessment's `lift:` block, which covers what its KPI takes from the requirements.

    None if there is no such block. For a KPI that says everything itself, it is the digest of the block.
    """
    lift = assessment.data.get("lift") if assessment is not None else None
    if not isinstance(lift, dict):
        return None
    model = valid_model(assessment, Stage.ASSESSMENT)
    kpi = inherited_kpi(model, requirements) if model and requirements else {}
    return digest({"lift": lift, "inherited": kpi} if kpi else lift)


def plan_of(proposal: Document | None, assessment: Document | None) -> Plan | None:
    """The complete plan of a proposal; None if it is invalid, or describes no rows."""
    model = valid_model(proposal, Stage.PROPOSAL)
    if model is None:
        return None
    from iterata.documents.models.inheritance import complete_plan, missing  # noqa: PLC0415  # as above

    lift = lift_of(assessment)
    return None if missing(model.plan, lift) else complete_plan(model.plan, lift)


def rows_for_readers(proposal: Document | None, assessment: Document | None) -> dict[str, object]:
    """What a plan takes from its assessment, and what it describes differently; empty parts are left out."""
    model, lift = valid_model(proposal, Stage.PROPOSAL), lift_of(assessment)
    if model is None or lift is None:
        return {}
    from iterata.documents.models.inheritance import inherited, overrides  # noqa: PLC0415  # as above

    differing = [
        {"name": override.name, "plan": override.plan, "assessment": override.assessment}
        for override in overrides(model.plan, lift)
    ]
    taken = inherited(model.plan, lift)
    rows = {"taken_from_the_assessment": taken, "differs_from_the_assessment": differing}
    return {key: value for key, value in rows.items() if value}


def kpi_for_readers(assessment: Document | None, requirements: Requirements | None) -> dict[str, object]:
    """What an assessment takes from the requirements, and what it says differently; without empty parts."""
    model = valid_model(assessment, Stage.ASSESSMENT)
    if model is None or requirements is None:
        return {}
    differing = [
        {
            "name": override.name,
            "assessment": override.assessment,
            "requirements": override.requirements,
        }
        for override in requirements_inheritance.overrides(model, requirements)
    ]
    taken = requirements_inheritance.inherited(model, requirements)
    values = {requirements_inheritance.TAKEN_FROM: taken, requirements_inheritance.DIFFERS_FROM: differing}
    return {key: value for key, value in values.items() if value}


def lift_of(assessment: Document | None) -> LiftSpec | None:
    """The analysis of a valid assessment."""
    model = valid_model(assessment, Stage.ASSESSMENT)
    return model.lift if model else None
