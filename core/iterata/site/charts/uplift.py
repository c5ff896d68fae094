"""The gain of treating the best-scored rows, by their share: the curve of a KPI of treatment effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import Direction
from iterata.render.estimates import interval
from iterata.render.experiment.uplift import PER
from iterata.results import Estimate, ExperimentResult
from iterata.site.charts.axis import Axis
from iterata.site.charts.conclusions import of_order
from iterata.site.charts.depth import SHARES, anchor_at, margin_of, upward
from iterata.text import decimal_places, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.results import LiftResult
    from iterata.results.uplift import CurvePoint, UpliftCurve
    from iterata.site.charts.axis import Tick


class UpliftLine(NamedTuple):
    """One curve."""

    tone: str
    """`variant`, `status_quo` or `random`."""
    name: str
    points: str
    """The points of a polyline, x and y from 0 to 100; down is worse."""


class UpliftRow(NamedTuple):
    """A row of the table: a depth with the gain of each model."""

    depth: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UpliftChart:
    """The drawing: a curve with its band, and the straight line of a random choice."""

    name: str
    """The model whose curve has the band."""
    band: str
    """The points of the band's polygon; empty without one."""
    lines: tuple[UpliftLine, ...]
    """Random, perhaps the status quo, and the model, in the order of drawing."""
    areas: tuple[tuple[str, str], ...]
    """Each model with the area between its curve and the straight line, with its interval."""
    budget: str
    """The budget as text; empty without one."""
    x: float
    """The position of the budget, in percent of the drawing's width."""
    up: tuple[Tick, ...]
    """The ticks of the gain; `x` is in pixels from the top."""
    along: tuple[Tick, ...]
    """The ticks of the depths."""
    models: tuple[str, ...]
    """The models of the table."""
    rows: tuple[UpliftRow, ...]

    title: str
    """What it shows, as a sentence."""

    @property
    def label(self) -> str:
        """What the vertical axis measures, with its unit."""
        return f"Gain of treating the best-scored rows first, in outcomes per {PER:,} rows, before cost"

    @property
    def margin(self) -> int:
        """The width in pixels of the labels of the vertical axis."""
        return margin_of(self.up)

    @property
    def anchor(self) -> str:
        """The alignment of the budget's label."""
        return anchor_at(self.x)

    @property
    def description(self) -> str:
        """The drawing in words; the table below has all figures."""
        areas = "; ".join(f"{name} {area}" for name, area in self.areas)
        return (
            f"The gain per {PER:,} rows goes from nothing to {self.rows[-1].cells[0]} if all are treated. "
            f"Area between the curve and the straight line of a random choice: {areas}. Up is better."
        )


def has_uplift(result: LiftResult | ExperimentResult) -> bool:
    """Whether a model has such a curve."""
    return bool(_curves(result))


def uplift_chart(result: LiftResult | ExperimentResult) -> UpliftChart | None:
    """The drawing of a result. None if no model has such a curve."""
    curves = _curves(result)
    if not curves:
        return None
    (name, leading), *others = curves.items()
    status_quo = next((curve for other, curve in others if other == _label(result)), None)
    axis = Axis.over(_figures([leading, *filter(None, [status_quo])]), Direction.MAXIMISE)
    last = leading.points[-1]
    lines = [UpliftLine("random", "Random", _points(axis, [(0.0, 0.0), (last.depth, last.gain)]))]
    if status_quo is not None:
        lines.append(UpliftLine("status_quo", _label(result), _line(axis, status_quo)))
    own = "status_quo" if name == _label(result) else "variant"
    lines.append(UpliftLine(own, name, _line(axis, leading)))
    budget = result.kpi.budget
    return UpliftChart(
        name=name,
        band=_band(axis, leading.points),
        lines=tuple(lines),
        areas=tuple((model, interval(_scaled(curve.area), sign=True)) for model, curve in curves.items()),
        budget="" if budget is None or budget >= 1 else f"{100 * budget:.3g} %",
        x=round(100 * (budget or 0.0), 2),
        up=upward(axis),
        along=SHARES,
        models=tuple(curves),
        rows=tuple(_rows(list(curves.values()))),
        title=of_order(name, leading.area),
    )


def _label(result: LiftResult | ExperimentResult) -> str:
    return result.scale.status_quo_label.capitalize()


def _curves(result: LiftResult | ExperimentResult) -> dict[str, UpliftCurve]:
    """The curves by model: the variant with the largest gain first, the status quo last."""
    curves: dict[str, UpliftCurve] = {}
    own = result.curve if not isinstance(result, ExperimentResult) else result.status_quo_curve
    if isinstance(result, ExperimentResult):
        for variant in sorted(result.variants, key=lambda variant: -variant.difference.value):
            if variant.curve is not None and variant.curve.points:
                curves[variant.name] = variant.curve
    if own is not None and own.points:
        curves[_label(result)] = own
    return curves


def _scaled(area: Estimate) -> Estimate:
    """An area a row, for `PER` rows."""
    low, high = area.interval or (None, None)
    ends = {} if low is None or high is None else {"low": PER * low, "high": PER * high}
    return Estimate(value=PER * area.value, **ends)


def _figures(curves: Sequence[UpliftCurve]) -> list[float]:
    ends = [0.0]
    for curve in curves:
        ends += (PER * point.gain for point in curve.points)
    for point in curves[0].points:
        ends += (PER * end for end in (point.low, point.high) if end is not None)
    return ends


def _line(axis: Axis, curve: UpliftCurve) -> str:
    return _points(axis, [(0.0, 0.0), *((point.depth, point.gain) for point in curve.points if point.depth)])


def _band(axis: Axis, points: Sequence[CurvePoint]) -> str:
    """A polygon along the upper ends and back along the lower ones."""
    upper = [(point.depth, point.high) for point in points if point.high is not None]
    lower = [(point.depth, point.low) for point in points if point.low is not None]
    return _points(axis, [*upper, *reversed(lower)]) if len(upper) > 1 else ""


def _points(axis: Axis, figures: Sequence[tuple[float, float]]) -> str:
    return " ".join(
        f"{round(100 * share, 2):g},{round(100 - axis.at(PER * gain), 2):g}" for share, gain in figures
    )


DEPTHS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""The depths of the table."""


def _rows(curves: Sequence[UpliftCurve]) -> list[UpliftRow]:
    places = decimal_places(PER * max(abs(point.gain) for curve in curves for point in curve.points))
    return [
        UpliftRow(f"{100 * depth:.3g} %", tuple(_cell(curve, depth, places) for curve in curves))
        for depth in DEPTHS
    ]


def _cell(curve: UpliftCurve, depth: float, places: int) -> str:
    """The gain at the point of the curve that is nearest to a depth."""
    point = min(curve.points, key=lambda point: abs(point.depth - depth))
    if abs(point.depth - depth) > 0.03:
        return ""
    gain = number(PER * point.gain, places)
    if point.low is None or point.high is None:
        return gain
    return f"{gain} ({number(PER * point.low, places)} to {number(PER * point.high, places)})"
