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

    from iterata.documents.models.splits import Split
    from iterata.results import ExperimentResult, LiftResult

SAME = 1e-6
"""The relative difference of figures that are the same: both are rounded to seven digits."""


def assessed_status_quo(lift: LiftResult, result: ExperimentResult, split: Split) -> AssessedStatusQuo | None:
    """The assessment's figure, and why the experiment has another one; None if there is none to compare.

    Args:
        lift: the expected lift of the assessment.
        result: of the experiment, with the plan's overrides.
        split: how its rows were divided.
    """
    if not result.kpi.comparable_with(lift.kpi):
        return None
    assessed, found = lift.scale.status_quo.value, result.scale.status_quo.value
    reasons: list[DifferenceReason] = []
    if not math.isclose(assessed, found, rel_tol=SAME, abs_tol=1e-12):
        reasons = list(_reasons(lift, result, split)) or [DifferenceReason.UNKNOWN]
    return AssessedStatusQuo(value=assessed, period_rows=lift.kpi.period_rows, differs_because=reasons)


def _reasons(lift: LiftResult, result: ExperimentResult, split: Split) -> Iterator[DifferenceReason]:
    if lift.sample is None:
        yield DifferenceReason.ASSUMED
    elif _digest(lift) != _digest(result):
        yield DifferenceReason.OTHER_DATA
    if lift.sample is not None and any(override.name != DATA for override in result.overrides):
        yield DifferenceReason.OTHER_DESCRIPTION
    if isinstance(split, HoldOut):
        yield DifferenceReason.HELD_OUT
    if isinstance(split, TimeOrdered):
        yield DifferenceReason.TIME_WINDOWS


def _digest(result: LiftResult | ExperimentResult) -> str | None:
    return result.provenance.data.get(result.sample.source) if result.sample else None
