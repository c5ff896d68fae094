"""RES021 for effects at other depths: curves, budgets and intervals that repeat each other.

The gain by depth of a model is its KPI wherever it treats the best rows down to that depth, and what perfect
gains under any budget follows from the shares turned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import STATUS_QUO, OutcomeKind
from iterata.documents.models.kpi import UpliftSpec
from iterata.results import Estimate
from iterata.rules.figures.fault import Fault, close, differs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from iterata.documents.models.kpi import KpiSpec
    from iterata.errors import FieldPath
    from iterata.results import LiftResult, SampleResult
    from iterata.results.parts import Identified
    from iterata.results.uplift import UpliftCurve

CODE = "RES021"
MOST_ROWS = 200_000
"""Of more rows some figures are of a part of them."""


class Worth(NamedTuple):
    """From the gain a row at a depth to the KPI in the period."""

    rows: float
    value: float
    cost: float
    sign: float

    @classmethod
    def of(cls, result: SampleResult, spec: UpliftSpec) -> Worth:
        """What the KPI says."""
        sign = spec.direction.sign
        return cls(result.kpi.period_rows, abs(spec.value_per_outcome), spec.cost_per_contact, sign)

    def kpi(self, gain: float, depth: float) -> float:
        """The KPI of a model that gains so much on the outcome by treating a share of the rows."""
        return self.rows * self.sign * (self.value * gain - self.cost * depth)

    def size(self, gain: float, depth: float) -> float:
        """The largest number that the KPI is computed from."""
        return self.rows * (self.value * abs(gain) + self.cost * depth)

    def perfect(self, turned: float, depth: float) -> float:
        """The KPI of perfect with optional spend, from the share of rows that are turned."""
        return self.rows * self.sign * max(self.value - self.cost, 0.0) * min(depth, turned)


def faults(result: SampleResult, spec: KpiSpec | None, stopping: Collection[str]) -> Iterator[Fault]:
    """Figures at a depth that differ from the same figure elsewhere.

    Args:
        result: the result; not one of windows of time, which have budgets of their own.
        spec: the KPI of the assessment.
        stopping: the models that may leave a part of the budget, by a `stop_below`.
    """
    if not isinstance(spec, UpliftSpec) or result.sample is None or result.sample.rows > MOST_ROWS:
        return
    worth = Worth.of(result, spec)
    for name, place, kpi, curve in _models(result):
        if name not in stopping:
            yield from _kpi_of_curve(worth, result.kpi.budget or 1.0, place, kpi, curve)
    yield from _whole(result, worth)
    if result.kind == "lift":
        if STATUS_QUO not in stopping:
            yield from _budgets_of_curve(result, worth)
        yield from _repeated(result)
        if spec.outcome is OutcomeKind.YES_NO and spec.may_stop:
            yield from _perfect(result, worth)


def _models(result: SampleResult) -> Iterator[tuple[str, FieldPath, Estimate, UpliftCurve]]:
    """Every model that has a curve, with its KPI."""
    curve = result.curve if result.kind == "lift" else result.status_quo_curve
    if curve is not None:
        yield STATUS_QUO, ("scale", "status_quo"), result.scale.status_quo, curve
    for number, variant in enumerate(result.variants if result.kind == "experiment" else []):
        if variant.curve is not None:
            yield variant.name, ("variants", number, "kpi"), variant.kpi, variant.curve


def _kpi_of_curve(
    worth: Worth, budget: float, place: FieldPath, kpi: Estimate, curve: UpliftCurve
) -> Iterator[Fault]:
    """The KPI is the gain at the budget's depth; their intervals differ, because a curve has fewer levels."""
    for point in curve.points:
        if close(point.depth, budget):
            expected, size = worth.kpi(point.gain, budget), worth.size(point.gain, budget)
            why = "the curve at the budget's depth"
            yield from differs(CODE, (*place, "value"), kpi.value, expected, why, size)


def _scaled(
    worth: Worth, depth: float, place: FieldPath, kpi: Estimate, gain: Estimate, why: str
) -> Iterator[Fault]:
    """A KPI with its interval is that of a gain with its interval."""
    size = worth.size(gain.value, depth)
    yield from differs(CODE, (*place, "value"), kpi.value, worth.kpi(gain.value, depth), why, size)
    if kpi.interval is None or gain.interval is None:
        return
    ends = sorted(worth.kpi(end, depth) for end in gain.interval)
    sizes = [worth.size(end, depth) for end in gain.interval]
    for name, found, expected in zip(("low", "high"), kpi.interval, ends, strict=True):
        yield from differs(CODE, (*place, name), found, expected, why, *sizes)


def _whole(result: SampleResult, worth: Worth) -> Iterator[Fault]:
    """Treating everybody has one interval, whatever the order is; random is a share of it."""
    wholes = [
        Estimate(value=point.gain, low=point.low, high=point.high)
        for _, _, _, curve in _models(result)
        for point in curve.points[-1:]
        if point.depth == 1 and point.low is not None
    ]
    if not wholes:
        return
    first, budget = wholes[0], result.kpi.budget or 1.0
    for number, whole in enumerate(wholes[1:], 1):
        for end in ("low", "high"):
            place: FieldPath = ("variants", number - 1, "curve", "points", 19, end)
            yield from differs(CODE, place, getattr(whole, end), getattr(first, end), "treating everybody")
    blind = Estimate(
        value=budget * first.value, low=budget * (first.low or 0.0), high=budget * (first.high or 0.0)
    )
    place, why = ("scale", "random", "expectation"), "a share of treating everybody"
    yield from _scaled(worth, budget, place, result.scale.random.expectation, blind, why)
    if result.kind == "lift" and result.uplift is not None and result.uplift.effect.interval is not None:
        for end in ("low", "high"):
            found, expected = getattr(result.uplift.effect, end), getattr(first, end)
            yield from differs(CODE, ("uplift", "effect", end), found, expected, "treating everybody")


def _budgets_of_curve(result: LiftResult, worth: Worth) -> Iterator[Fault]:
    """The status quo at another budget is its gain at that depth."""
    gains = {} if result.curve is None else {point.depth: point.gain for point in result.curve.points}
    for number, point in enumerate(result.by_depth):
        if (gain := gains.get(point.depth)) is not None:
            expected, size = worth.kpi(gain, point.depth), worth.size(gain, point.depth)
            place: FieldPath = ("by_depth", number, "status_quo")
            yield from differs(CODE, place, point.status_quo, expected, "the curve at this depth", size)


def _repeated(result: LiftResult) -> Iterator[Fault]:
    """What has two ends is shown at one of them elsewhere."""
    best = result.scale.perfect_identified
    pairs: list[tuple[FieldPath, Estimate | None, Estimate | None]] = []
    if best is not None:
        end = best.upper if result.kpi.direction.sign > 0 else best.lower
        pairs.append((("scale", "perfect"), result.scale.perfect, end))
    if (lift := result.potential_lift_identified) is not None:
        pairs.append((("potential_lift",), result.potential_lift, lift.upper))
    if (position := result.position_identified) is not None:
        pairs.append((("position",), result.position, position.lower))
    for place, found, expected in pairs:
        for end_name in ("low", "high"):
            ends = getattr(found, end_name, None), getattr(expected, end_name, None)
            yield from differs(CODE, (*place, end_name), *ends, "the end that is shown")


def _perfect(result: LiftResult, worth: Worth) -> Iterator[Fault]:
    """With optional spend, perfect treats those who are turned, as far as the budget reaches."""
    turned = None if result.uplift is None else result.uplift.turned
    if turned is None:
        return
    why = "the share turned, as far as the budget reaches"
    for number, point in enumerate(result.by_depth):
        for name, share in (("perfect", turned.upper.value), ("perfect_lower", turned.lower.value)):
            best = max(worth.sign * worth.perfect(share, point.depth), worth.sign * point.status_quo)
            found: float | None = getattr(point, name)
            yield from differs(CODE, ("by_depth", number, name), found, worth.sign * best, why)
    if result.scale.perfect_identified is not None:
        yield from _ends_of_perfect(result.scale.perfect_identified, turned, worth, result.kpi.budget or 1.0)


def _ends_of_perfect(found: Identified, turned: Identified, worth: Worth, budget: float) -> Iterator[Fault]:
    """Both ends of perfect with their intervals."""
    shares = (turned.lower, turned.upper) if worth.sign > 0 else (turned.upper, turned.lower)
    why = "the share turned, as far as the budget reaches"
    for end, estimate, share in zip(("lower", "upper"), (found.lower, found.upper), shares, strict=True):
        place: FieldPath = ("scale", "perfect_identified", end)
        expected = worth.perfect(share.value, budget)
        yield from differs(CODE, (*place, "value"), estimate.value, expected, why)
        if estimate.interval is None or share.interval is None:
            continue
        limits = sorted(worth.perfect(limit, budget) for limit in share.interval)
        for name, limit, of_share in zip(("low", "high"), estimate.interval, limits, strict=True):
            yield from differs(CODE, (*place, name), limit, of_share, why)
