"""The status quo's figure in the assessment beside that of an experiment.

On the same rows they are the same. Where they are not, the page says why.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from iterata.documents.models.inheritance import DATA
from iterata.documents.models.splits import HoldOut, TimeOrdered
from iterata.results import AssessedStatusQuo, DifferenceReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.proposal import Plan
    from iterata.results import ExperimentResult, LiftResult

SAME = 1e-6
"""The relative difference of figures that are the same: both are rounded to seven digits."""


def assessed_status_quo(lift: LiftResult, result: ExperimentResult, plan: Plan) -> AssessedStatusQuo | None:
    """The assessment's figure, and why the experiment has another one; None if there is none to compare.

    Args:
        lift: the expected lift of the assessment.
        result: of the experiment, with the plan's overrides.
        plan: the plan that was run.
    """
    if not result.kpi.comparable_with(lift.kpi):
        return None
    assessed, found = lift.scale.status_quo.value, result.scale.status_quo.value
    reasons: list[DifferenceReason] = []
    if not math.isclose(assessed, found, rel_tol=SAME, abs_tol=1e-12):
        reasons = list(_reasons(lift, result, plan)) or [_other_reason(plan)]
    return AssessedStatusQuo(value=assessed, period_rows=lift.kpi.period_rows, differs_because=reasons)


def _other_reason(plan: Plan) -> DifferenceReason:
    """The reason if no other is known: a query of a live table may give other rows than before."""
    return DifferenceReason.UNKNOWN if plan.data[0].query is None else DifferenceReason.OTHER_DATA


def _reasons(lift: LiftResult, result: ExperimentResult, plan: Plan) -> Iterator[DifferenceReason]:
    if lift.sample is None:
        yield DifferenceReason.ASSUMED
    elif _reads_other_data(lift, result, plan):
        yield DifferenceReason.OTHER_DATA
    if lift.sample is not None and any(override.name != DATA for override in result.overrides):
        yield DifferenceReason.OTHER_DESCRIPTION
    if isinstance(plan.split, HoldOut):
        yield DifferenceReason.HELD_OUT
    if isinstance(plan.split, TimeOrdered):
        yield DifferenceReason.TIME_WINDOWS


def _reads_other_data(lift: LiftResult, result: ExperimentResult, plan: Plan) -> bool:
    """Whether the data are known to be others. The digest of a query's rows depends on the columns read."""
    if any(override.name == DATA for override in result.overrides):
        return True
    return plan.data[0].query is None and _digest(lift) != _digest(result)


def _digest(result: LiftResult | ExperimentResult) -> str | None:
    return result.provenance.data.get(result.sample.source) if result.sample else None
