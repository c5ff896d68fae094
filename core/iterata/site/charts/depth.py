"""The KPI for other budgets: random, status quo and perfect over the share of contacted rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from iterata.site.charts.axis import CHARACTER, Axis, Tick
from iterata.site.charts.conclusions import of_budget
from iterata.site.charts.scale import kpi_name
from iterata.text import decimal_places, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iterata.results import DepthPoint, LiftResult

HEIGHT = 220
"""The height of the curves in pixels."""

MODELS = ("perfect", "status_quo", "random")


class Curve(NamedTuple):
    """The KPI of a model over all depths."""

    tone: str
    """`perfect`, `status_quo` or `random`."""
    name: str
    points: str
    """The points of a polyline, x and y from 0 to 100; down is worse."""
    at_budget: float
    """Its position at the budget, in pixels from the top."""
    text: str
    """Its value at the budget, as text."""


class Row(NamedTuple):
    """A row of the table: a depth with its figures."""

    depth: str
    random: str
    status_quo: str
    perfect: str
    is_budget: bool
    perfect_lower: str = ""
    """The lower end of perfect, where it is not known row by row."""


@dataclass(frozen=True, slots=True)
class Depth:
    """The drawing: three curves from no contact to all rows, and the budget between."""

    kpi: str
    budget: str
    """The budget as text."""
    x: float
    """The position of the budget, in percent of the drawing's width."""
    curves: tuple[Curve, ...]
    """Perfect, status quo and random, in this order."""
    rows: tuple[Row, ...]
    up: tuple[Tick, ...]
    """The ticks of the KPI's axis; `x` is in pixels from the top."""
    along: tuple[Tick, ...]
    """The ticks of the depths."""
    title: str
    """What it shows, as a sentence."""
    label: str
    """What the vertical axis measures, with its unit."""
    lower: Curve | None = None
    """The lower end of perfect; None if it is known row by row."""

    @property
    def margin(self) -> int:
        """The width in pixels of the labels of the vertical axis."""
        return margin_of(self.up)

    @property
    def all_curves(self) -> tuple[Curve, ...]:
        """Every curve, perfect first."""
        return (*self.curves, *filter(None, [self.lower]))

    @property
    def anchor(self) -> str:
        """The alignment of the budget's label."""
        return anchor_at(self.x)

    @property
    def description(self) -> str:
        """The drawing in words; the table below has all figures."""
        figures = ", ".join(f"{curve.name} {curve.text}" for curve in self.all_curves)
        last = self.rows[-1]
        end = f"each is {last.perfect}" if self.lower is None else f"random and status quo are {last.random}"
        return (
            f"{'Three' if self.lower is None else 'Four'} curves from no contact to all rows. "
            f"At the budget of {self.budget}: {figures}. If all rows are contacted, {end}. Up is better."
        )


def depth(result: LiftResult) -> Depth | None:
    """The drawing of the figures by depth. None if the KPI has no budget or there are no such figures."""
    budget = result.kpi.budget
    if not result.by_depth or budget is None:
        return None
    no_contact = result.scale.do_nothing or 0.0
    is_identified = all(point.perfect_lower is not None for point in result.by_depth)
    models = (*MODELS, "perfect_lower") if is_identified else MODELS
    figures = [no_contact, *(getattr(point, name) for point in result.by_depth for name in models)]
    axis = Axis.over(figures, result.kpi.direction)
    places = decimal_places(max(map(abs, figures)))
    at = min(result.by_depth, key=lambda point: abs(point.depth - budget))
    names = ("Perfect", result.scale.status_quo_label.capitalize(), "Random", "Perfect, at least")
    curves = [
        _curve(result.by_depth, axis, no_contact, tone, name, getattr(at, tone))
        for tone, name in zip(models, names, strict=False)
    ]
    return Depth(
        kpi=kpi_name(result.kpi),
        budget=_share(budget),
        x=round(100 * budget, 2),
        curves=tuple(curves[:3]),
        rows=tuple(_row(point, places, is_budget=point is at) for point in result.by_depth),
        up=upward(axis),
        along=SHARES,
        title=of_budget(result, at.status_quo, at.perfect, _share(budget)),
        label=_capital(f"{kpi_name(result.kpi)}, in {result.kpi.unit}"),
        lower=curves[3] if is_identified else None,
    )


def _curve(
    points: Sequence[DepthPoint], axis: Axis, start: float, tone: str, name: str, at_budget: float
) -> Curve:
    figures = [(0.0, start), *((point.depth, getattr(point, tone)) for point in points)]
    return Curve(tone, name, _points(axis, figures), _down(axis, at_budget), number(at_budget))


def _share(depth: float) -> str:
    return f"{100 * depth:.3g} %"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _down(axis: Axis, value: float) -> float:
    return round(HEIGHT * (1 - axis.at(value) / 100), 1)


def upward(axis: Axis) -> tuple[Tick, ...]:
    """The ticks of a vertical axis; `x` is in pixels from the top."""
    return tuple(Tick(round(HEIGHT * (1 - tick.x / 100), 1), tick.text, "end") for tick in axis.ticks)


SHARES = tuple(Tick(float(share), f"{share} %", "middle") for share in range(0, 101, 25))
"""The ticks of an axis of shares."""


def margin_of(ticks: Sequence[Tick]) -> int:
    """The width in pixels of the labels of a vertical axis."""
    return round(CHARACTER * max((len(tick.text) for tick in ticks), default=0)) + 4


def anchor_at(x: float) -> str:
    """The alignment of a label at a position in percent, so that it stays within the drawing."""
    return "start" if x < 20 else "end" if x > 80 else "middle"


def _points(axis: Axis, figures: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{100 * share:g},{100 - axis.at(value):g}" for share, value in figures)


def _row(point: DepthPoint, places: int, *, is_budget: bool) -> Row:
    random, status_quo, perfect = (
        number(value, places) for value in (point.random, point.status_quo, point.perfect)
    )
    lower = "" if point.perfect_lower is None else number(point.perfect_lower, places)
    return Row(_share(point.depth), random, status_quo, perfect, is_budget, lower)
