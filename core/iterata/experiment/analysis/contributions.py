"""What each row adds to the KPI of a model, to count the rows on which two models differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.documents.models.kpi import (
    ClassValueSpec,
    ForecastCostSpec,
    OutcomeValueSpec,
    TargetingSpec,
    UpliftSpec,
)
from iterata.measure.kpi.class_value import ClassValue
from iterata.measure.uplift.gain import membership
from iterata.measure.windows import windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.predictions import PredictionColumn


def contributions(kpi_scale: KpiScale, columns: Sequence[PredictionColumn]) -> Floats | None:
    """What each row adds to the KPI, averaged over repeats, up to a factor: `(n,)`.

    Returns:
        None for a KPI that is no sum over rows, such as ROC AUC.
    """
    lines = [_of_column(kpi_scale, column) for column in columns]
    known = [line for line in lines if line is not None]
    return np.mean(known, axis=0) if known else None


def _of_column(kpi_scale: KpiScale, column: PredictionColumn) -> Floats | None:
    outcomes = kpi_scale.outcomes
    match kpi_scale.spec:
        case TargetingSpec():
            return contacted(outcomes, column.priority, kpi_scale.kpi.budget or 1.0) * outcomes.positive
        case UpliftSpec():  # a row without an outcome tells almost nothing of an effect
            return membership(outcomes, column.priority, kpi_scale.kpi.budget or 1.0) * outcomes.target
        case OutcomeValueSpec(values=values, threshold=threshold):
            by_class = np.array([values.tn, values.fn, values.fp, values.tp])
            acts = column.values >= threshold
            return by_class[2 * acts.astype(np.intp) + outcomes.positive]
        case ClassValueSpec() as spec:
            worth = ClassValue.of(spec).values(outcomes)
            by_row: Floats = worth[column.values.astype(np.intp), outcomes.target.astype(np.intp)]
            return by_row
        case ForecastCostSpec(under=under, over=over):
            error = outcomes.target - column.values
            return np.where(error > 0, under * error, -over * error)
    return None


def contacted(outcomes: Outcomes, score: Floats, budget: float) -> Floats:
    """Which share of each row is contacted, `(n,)`: 1, 0, or part of a tie at the end of the budget."""
    shares = np.empty(len(outcomes))
    for rows, part, _ in windows(outcomes):
        levels, level = np.unique(-score[rows], return_inverse=True)
        size = np.bincount(level, part.counts, len(levels))
        left = budget * size.sum() - (np.cumsum(size) - size)
        included = np.divide(np.clip(left, 0, size), size, out=np.zeros_like(size), where=size > 0)
        shares[rows] = included[level]
    return shares


def differing(one: Floats, other: Floats, units: NDArray[np.intp] | None) -> int:
    """On how many rows two models differ, or on how many units if rows depend on each other."""
    difference: Floats = one - other
    if units is not None:
        difference = np.bincount(units, difference).astype(np.float64)
    largest = max(np.abs(one).max(), np.abs(other).max())
    return int((np.abs(difference) > 1e-9 * largest).sum())
