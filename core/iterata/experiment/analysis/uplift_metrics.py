"""Secondary metrics of estimated effects: the uplift at a depth, and the area of the gain by depth."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from iterata.documents.models.kpi import UpliftSpec
from iterata.errors import RunError
from iterata.measure.kpi.uplift import arms_within
from iterata.measure.uplift.curve import GainCurve
from iterata.measure.windows import by_window

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.arrays import Bools
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.measures import Measure
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.predictions import PredictionColumn

AREA = "uplift_area"
_AT_DEPTH = re.compile(r"uplift_at_([1-9][0-9]?|100)_percent")
"""The difference between the arms among the best-scored share of the rows: `uplift_at_20_percent`."""


def uplift_measurer(name: str, kpi_scale: KpiScale) -> Callable[[PredictionColumn], Measure]:
    """What measures estimated effects by a metric; more is better.

    Raises:
        RunError: it is no metric of effects.
    """
    at = _AT_DEPTH.fullmatch(name)
    if name != AREA and at is None:
        remedy = f"choose {AREA}, or uplift_at_20_percent and the like: nobody's own effect is known"
        raise RunError(f"{name} is not a metric of effects", remedy=remedy)
    depth = None if at is None else int(at[1]) / 100

    def measure(column: PredictionColumn) -> Measure:
        def of_window(part: Outcomes, rows: Bools) -> Measure:
            curve = GainCurve(part, column.order[rows], outcome_sign(kpi_scale))
            every = np.ones(len(part), dtype=bool)
            figure = curve.area() if depth is None else curve.uplift_at(depth)
            return figure.of_parts(arms_within(part, every))

        return by_window(kpi_scale.outcomes, of_window)

    return measure


def outcome_sign(kpi_scale: KpiScale) -> float:
    """1 if more of the outcome is better, -1 if less is."""
    spec = kpi_scale.spec
    if not isinstance(spec, UpliftSpec):
        raise TypeError(f"a KPI of kind {spec.kind} has no treatment")
    return 1.0 if kpi_scale.sign * spec.value_per_outcome > 0 else -1.0
