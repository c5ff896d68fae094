"""The curve of gain by depth of the status quo and the variants, for a KPI of treatment effects.

Scores of models that were fitted on different folds are compared within folds, and those of different windows
of time within windows: the figure at a depth is that of the best rows of each fold and of each window.
"""

from __future__ import annotations

from operator import methodcaller
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from iterata.documents.models.kpi import UpliftSpec
from iterata.errors import Location, RunError
from iterata.measure.measures import Measure, mean_of
from iterata.measure.uplift.arm_sums import arms_within
from iterata.measure.uplift.curve import GainCurve
from iterata.measure.windows import by_window
from iterata.results import CurvePoint, UpliftCurve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iterata.arrays import Bools
    from iterata.experiment.analysis.evidence import Figure, Predictions
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.predictions import PredictionColumn


class OneArmChosen(RunError):
    """A variant chooses rows of one arm only, so that its gain is not defined."""

    def __init__(self, variant: str) -> None:
        message = (
            f"all rows that `{variant}` chooses within the budget are in one arm, so its gain is not defined"
        )
        remedy = (
            "look for a feature that tells who was treated, such as what the treatment was worth, and name "
            "it under `known_after`; or use more rows"
        )
        super().__init__(message, remedy=remedy, where=Location(variant=variant))


DEPTHS = tuple(step / 20 for step in range(1, 21))
"""The depths of the points: 5 %, 10 %, ..., 100 %."""


class CurveMeasures(TypedDict, total=False):
    """How the points and the area of each model's curve are measured; empty if the KPI has no effects."""

    curves: Mapping[str, Mapping[float, Measure]]
    areas: Mapping[str, Measure]


class ColumnCurve(NamedTuple):
    """The gain by depth of one column of predictions, in every window of time."""

    kpi_scale: KpiScale
    curves: dict[int, GainCurve]
    """By the first row of the window."""

    @classmethod
    def of(cls, column: PredictionColumn, kpi_scale: KpiScale) -> ColumnCurve:
        """The curve of all rows, whether the model acts upon them or not."""
        curves: dict[int, GainCurve] = {}
        sign = outcome_sign(kpi_scale)

        def keep(part: Outcomes, rows: Bools) -> Measure:
            curve = GainCurve(part, column.order[rows], sign)
            curves[int(rows.argmax())] = curve
            return curve.area()

        by_window(kpi_scale.outcomes, keep)
        return cls(kpi_scale, curves)

    def measure(self, figure: Callable[[GainCurve], Measure]) -> Measure:
        """A figure of the curve: of each window, averaged by the windows' rows."""

        def of_window(part: Outcomes, rows: Bools) -> Measure:
            return figure(self.curves[int(rows.argmax())]).of_parts(arms_within(part))

        return by_window(self.kpi_scale.outcomes, of_window)


def outcome_sign(kpi_scale: KpiScale) -> float:
    """1 if more of the outcome is better, -1 if less is."""
    spec = kpi_scale.spec
    if not isinstance(spec, UpliftSpec):
        raise TypeError(f"a KPI of kind {spec.kind} has no treatment")
    return 1.0 if kpi_scale.sign * spec.value_per_outcome > 0 else -1.0


def measures(predictions: Predictions, kpi_scale: KpiScale) -> CurveMeasures:
    """How the curves are measured, averaged over the repeats of each model."""
    if not isinstance(kpi_scale.spec, UpliftSpec):
        return {}
    curves = {
        model: [ColumnCurve.of(column, kpi_scale) for column in columns]
        for model, columns in predictions.items()
    }
    return {
        "curves": {
            model: {
                depth: mean_of([curve.measure(methodcaller("at", depth)) for curve in of_model])
                for depth in DEPTHS
            }
            for model, of_model in curves.items()
        },
        "areas": {
            model: mean_of([curve.measure(GainCurve.area) for curve in of_model])
            for model, of_model in curves.items()
        },
    }


def result(curve: tuple[Mapping[float, Figure], Figure] | None) -> UpliftCurve | None:
    """The curve as a result holds it, without the depths at which an arm has no rows."""
    if curve is None or not curve[1].is_defined:
        return None
    points, area = curve
    estimates = {depth: figure.estimate() for depth, figure in points.items() if figure.is_defined}
    return UpliftCurve(
        points=[
            CurvePoint(depth=depth, gain=estimate.value, low=estimate.low, high=estimate.high)
            for depth, estimate in estimates.items()
        ],
        area=area.estimate(),
    )
