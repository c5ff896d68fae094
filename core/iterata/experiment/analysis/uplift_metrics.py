"""Secondary metrics of estimated effects: the uplift at a depth, and the area of the gain by depth."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iterata.errors import RunError
from iterata.experiment.analysis.uplift_curves import ColumnCurve

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.measures import Measure
    from iterata.measure.predictions import PredictionColumn
    from iterata.measure.uplift.curve import GainCurve

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

    def figure(curve: GainCurve) -> Measure:
        return curve.area() if at is None else curve.uplift_at(int(at[1]) / 100)

    return lambda column: ColumnCurve.of(column, kpi_scale).measure(figure)
