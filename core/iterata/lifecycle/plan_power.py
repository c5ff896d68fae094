"""Which gain the plan of a proposal could show, from the expected lift of its assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.inheritance import overrides
from iterata.measure.power import detectable_gain

if TYPE_CHECKING:
    from iterata.documents.models.proposal import Plan
    from iterata.lifecycle.context import DocumentContext
    from iterata.results import LiftResult


class PlanPower(NamedTuple):
    """The gain over the status quo that a plan supports in 80 of 100 experiments."""

    plan: Plan
    lift: LiftResult
    gain: float
    """In the KPI's unit and period."""

    @property
    def good_gain(self) -> float | None:
        """The gain of a good model by the rule of thumb; None if it has none."""
        good = self.lift.good_model
        return good.gain if good is not None and good.gain > 0 else None


def plan_power(context: DocumentContext) -> PlanPower | None:
    """The power of the plan of a proposal.

    None if the plan or the lift is missing, if the lift was computed from assumptions or by an earlier
    version, or if the plan is about other rows than the assessment.
    """
    folder = context.iteration.assessment_folder if context.iteration else None
    lift = folder.lift_result if folder else None
    if lift is None or lift.gain_error is None:
        return None
    proposal, assessment, plan = context.proposal, context.assessment, context.plan
    if proposal is None or assessment is None or plan is None:
        return None
    if any(overrides(proposal.plan, assessment.lift)):
        return None
    gain = detectable_gain(lift.gain_error, plan.split)
    return None if gain is None else PlanPower(plan, lift, gain)
