"""RES021 and RES024 for `results/lift.json`."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from iterata.documents.models.kpi import ClassValueSpec, group_of
from iterata.rules.figures.bounds import (
    assumed,
    assumed_status_quo,
    base_of_assumptions,
    base_of_sample,
    bound_faults,
)
from iterata.rules.figures.fault import Fault, close, differs, unequal
from iterata.rules.figures.of_plan import unit_faults, weight_faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.documents.models.lift import LiftSpec
    from iterata.documents.models.ranges import Range
    from iterata.errors import FieldPath
    from iterata.results import AssumptionAnalysis, BreakEven, GoodModel, LiftResult
    from iterata.rules.figures.bounds import Base

DERIVED, OF_SPEC = "RES021", "RES024"
SPEC = "the assessment has"


def gain_faults(result: LiftResult) -> Iterator[Fault]:
    """Potential lift, risk and position follow from the bounds."""
    scale, sign = result.scale, result.kpi.direction.sign
    best, status_quo, random = scale.perfect.value, scale.status_quo.value, scale.random.expectation.value
    gains = {
        "potential_lift": (sign * (best - status_quo), "perfect minus status quo"),
        "risk": (sign * (status_quo - random), "status quo minus random"),
    }
    for name, (expected, why) in gains.items():
        found = getattr(result, name).value
        yield from differs(DERIVED, (name, "value"), found, expected, why, best, status_quo, random)
    span = sign * (best - random)
    if result.position is not None and result.position_identified is not None:
        place: FieldPath = ("position", "value")
        lower, why = result.position_identified.lower.value, "the lower end of its interval of identification"
        yield from differs(DERIVED, place, result.position.value, lower, why)
    elif result.position is not None and span > 1e-9 * max(abs(best), abs(random)):
        why, share = "where the status quo is between random and perfect", gains["risk"][0] / span
        scales = (figure / span for figure in (best, status_quo, random))
        place = ("position", "value")
        yield from differs(DERIVED, place, result.position.value, share, why, 1.0, *scales)
    if result.good_model is not None:
        place = ("good_model",)
        yield from expectation_faults(result.good_model, place, sign, status_quo, gains["potential_lift"][0])


def expectation_faults(
    model: GoodModel, place: FieldPath, sign: float, status_quo: float, potential: float
) -> Iterator[Fault]:
    """What a good model is expected to gain follows from its KPI."""
    gain, scales = sign * (model.kpi - status_quo), (model.kpi, status_quo)
    why = "the good model minus the status quo"
    yield from differs(DERIVED, (*place, "gain"), model.gain, gain, why, *scales)
    share = gain / potential if potential > 0 else None
    relative = (figure / potential for figure in scales) if potential > 0 else ()
    why = "its gain divided by the potential lift"
    yield from differs(DERIVED, (*place, "captured_share"), model.captured_share, share, why, 1.0, *relative)


def money_faults(result: LiftResult, spec: LiftSpec) -> Iterator[Fault]:
    """The break-even follows from the potential lift, the cost and the worth of a unit."""
    found = result.break_even
    if found is None or spec.project_cost is None:
        if (found is None) != (spec.project_cost is None):
            yield Fault(OF_SPEC, ("break_even",), "there is one if, and only if, the assessment has a cost")
        return
    per_unit, currency = (spec.worth.per_unit, spec.worth.currency) if spec.worth else (1.0, spec.kpi.unit)
    place: FieldPath = ("break_even",)
    cost = spec.project_cost
    yield from differs(OF_SPEC, (*place, "project_cost"), found.project_cost, cost, "the assessment's")
    yield from unequal(OF_SPEC, (*place, "currency"), found.currency, currency, SPEC)
    if "payback_periods" in found.model_fields_set:
        periods = spec.payback_periods
        yield from differs(
            OF_SPEC, (*place, "payback_periods"), found.payback_periods, periods, "as assessed"
        )
    value = per_unit * result.potential_lift.value
    why = "the potential lift in money"
    yield from differs(DERIVED, (*place, "potential_value"), found.potential_value, value, why)
    share = cost / (value * spec.payback_periods) if value > 0 else None
    why = "the cost divided by that value"
    yield from differs(DERIVED, (*place, "captured_share"), found.captured_share, share, why)
    gain = per_unit * result.good_model.gain if result.good_model else 0.0
    periods_needed = cost / gain if gain > 0 else None
    where, why = (*place, "periods_with_good_model"), "the cost divided by the good model's gain"
    yield from differs(DERIVED, where, found.periods_with_good_model, periods_needed, why)
    yield from _date(found, spec, periods_needed)


def _date(found: BreakEven, spec: LiftSpec, periods: float | None) -> Iterator[Fault]:
    period, place = spec.period, ("break_even", "on")
    if periods is None or period is None or period.days is None or period.starts is None:
        yield from unequal(DERIVED, place, found.on, None, "without dates there is")
    elif found.on is not None:
        days = (found.on - period.starts) / timedelta(days=1)
        if abs(days - ceil(periods * period.days)) > 1 + 1e-6 * abs(days):
            yield Fault(DERIVED, place, f"is {found.on}, but it is {periods:.7g} periods after the start")


def test_faults(result: LiftResult, spec: LiftSpec) -> Iterator[Fault]:
    """How long an A/B test takes follows from its rows."""
    test = result.split_test
    if test is None:
        return
    place, why = ("split_test",), "two arms, divided by the rows of a period"
    if test.rows_per_arm < 1:
        yield Fault(DERIVED, (*place, "rows_per_arm"), f"is {test.rows_per_arm}")
    periods = 2 * test.rows_per_arm / result.kpi.period_rows
    yield from differs(DERIVED, (*place, "periods"), test.periods, periods, why)
    length = spec.period.days if spec.period else None
    days = None if length is None else length * periods
    yield from differs(DERIVED, (*place, "days"), test.days, days, "the days of so many periods")
    for name, value in (("alpha", 0.05), ("power", 0.8)):
        yield from differs(DERIVED, (*place, name), getattr(test, name), value, "as every split test here")


def depth_faults(result: LiftResult) -> Iterator[Fault]:
    """The curve over budgets rises in depth, and is the scale at the KPI's own budget."""
    scale, depths = result.scale, [point.depth for point in result.by_depth]
    if depths != sorted(set(depths)) or any(not 0 < depth <= 1 for depth in depths):
        yield Fault(DERIVED, ("by_depth",), "depths are shares above 0, in ascending order")
    large_sample = result.sample is not None and result.sample.rows > 200_000  # the curve is of a part of it
    sign = result.kpi.direction.sign
    for number, point in enumerate(result.by_depth):
        place: FieldPath = ("by_depth", number)
        largest = max(abs(point.perfect), abs(point.status_quo), abs(point.random), 1e-6)
        for name in ("random", "status_quo"):
            if sign * (getattr(point, name) - point.perfect) > 1e-5 * largest:
                message = f"is better than the perfect model, {point.perfect:.7g}"
                yield Fault(DERIVED, (*place, name), message)
        if result.kpi.budget is not None and close(point.depth, result.kpi.budget) and not large_sample:
            why = "the figure at the KPI's budget"
            at_budget = {"random": scale.random.expectation, "status_quo": scale.status_quo}
            for name, figure in at_budget.items():
                found = getattr(point, name)
                yield from differs(DERIVED, (*place, name), found, figure.value, why, largest)
            best = sign * max(sign * scale.perfect.value, sign * point.status_quo)
            yield from differs(DERIVED, (*place, "perfect"), point.perfect, best, why, largest)
        if (point.perfect_lower is None) != (scale.perfect_identified is None):
            message = "is there if, and only if, perfect is not known row by row"
            yield Fault(DERIVED, (*place, "perfect_lower"), message)
        if point.perfect_lower is not None and sign * (point.perfect_lower - point.perfect) > 1e-5 * largest:
            yield Fault(DERIVED, (*place, "perfect_lower"), f"is above the upper end, {point.perfect:.7g}")


def curve_faults(result: LiftResult, spec: LiftSpec) -> Iterator[Fault]:
    """The bounds at other budgets follow from the sample, too."""
    base = base_of_sample(spec.kpi, result.kpi, result.sample)
    if base is None or result.sample is None or result.sample.rows > 200_000:
        return
    factor = base.inputs["volume"]
    for number, point in enumerate(result.by_depth):
        at_depth = base._replace(budget=point.depth)
        largest = factor * point.depth * max(abs(gain) for gain in at_depth.payoffs.gains_of_acting)
        for name, expected in (("random", at_depth.acting(point.depth)), ("perfect", at_depth.perfect())):
            found, why = getattr(point, name), f"{base.why}, and this share is contacted"
            yield from differs(DERIVED, ("by_depth", number, name), found, factor * expected, why, largest)
    yield from _hits_of_depth(result, base)


def _hits_of_depth(result: LiftResult, base: Base) -> Iterator[Fault]:
    """The status quo finds more positives with every further contact, and at most one for each."""
    hit, miss = base.payoffs.gains_of_acting
    if hit == miss or not base.forced:
        return
    factor, depth, hits = base.inputs["volume"], 0.0, 0.0
    for number, point in enumerate(result.by_depth):
        found = (point.status_quo / factor - base.idle - point.depth * miss) / (hit - miss)
        slack = 1e-5 * max(abs(found), point.depth)
        least, most = hits, min(hits + point.depth - depth, base.base_rate)
        if point.depth == 1:
            least = base.base_rate
        if not least - slack <= found <= most + slack:
            message = f"is {point.status_quo:.7g}: so many positives cannot be among these rows"
            yield Fault(DERIVED, ("by_depth", number, "status_quo"), message)
        depth, hits = point.depth, found


def spec_faults(result: LiftResult, spec: LiftSpec) -> Iterator[Fault]:
    """Settings that are not those of the assessment; the bounds of its assumptions, or of its sample."""
    yield from unequal(OF_SPEC, ("seed",), result.seed, spec.seed, SPEC)
    if spec.data is None:
        yield from _of_assumptions(result, spec)
        return
    yield from unequal(OF_SPEC, ("interval", "resamples"), result.interval.resamples, spec.resamples, SPEC)
    label = spec.data.status_quo.label
    yield from unequal(OF_SPEC, ("scale", "status_quo_label"), result.scale.status_quo_label, label, SPEC)
    if result.sample is None:
        yield Fault(OF_SPEC, ("sample",), "is missing, but the assessment has data")
        return
    unit = spec.data.unit_id or group_of(spec.kpi)
    yield from unit_faults(result, unit, may_be_blocks=spec.data.blocks is not None)
    yield from weight_faults(result, spec.data.weights)
    base = base_of_sample(spec.kpi, result.kpi, result.sample)
    if base is not None:
        yield from bound_faults(result, base)
    known = spec.data.status_quo.value
    if known is not None:
        why, place = "the assessment gives it", ("scale", "status_quo", "value")
        yield from differs(OF_SPEC, place, result.scale.status_quo.value, known, why)


def _of_assumptions(result: LiftResult, spec: LiftSpec) -> Iterator[Fault]:
    base = base_of_assumptions(spec, result.kpi)
    of_classes = isinstance(spec.kpi, ClassValueSpec)
    yield from unequal(OF_SPEC, ("interval", "unit"), result.interval.unit, "draw", "they are")
    if result.sample is not None or result.assumed is None or (base is None and not of_classes):
        yield Fault(OF_SPEC, ("assumed",), "is missing, or beside a sample: the assessment has assumptions")
        return
    if base is not None:
        yield from bound_faults(result, base)
        place, why = ("scale", "status_quo", "value"), "the assumptions say so"
        expected, perfect = assumed_status_quo(base), result.scale.perfect.value
        yield from differs(DERIVED, place, result.scale.status_quo.value, expected, why, perfect)
    yield from _inputs(result.assumed, assumed(spec))


def _inputs(analysis: AssumptionAnalysis, values: Mapping[str, Range]) -> Iterator[Fault]:
    """Assumptions that are not those of the assessment."""
    found = {assumption.name: assumption for assumption in analysis.inputs}
    yield from unequal(OF_SPEC, ("assumed", "inputs"), list(found), list(values), SPEC)
    for number, assumption in enumerate(analysis.inputs):
        if (value := values.get(assumption.name)) is None:
            continue
        inputs: FieldPath = ("assumed", "inputs", number)
        kind = value.distribution
        yield from unequal(OF_SPEC, (*inputs, "distribution"), assumption.distribution, kind, SPEC)
        for end in ("low", "likely", "high"):
            numbers = getattr(assumption, end), getattr(value, end)
            yield from differs(OF_SPEC, (*inputs, end), *numbers, "as the assessment assumes")
    uncertain = {name for name, value in values.items() if value.distribution != "fixed"}
    influences = {influence.name for influence in analysis.sensitivity}
    names = sorted(influences), sorted(uncertain)
    yield from unequal(OF_SPEC, ("assumed", "sensitivity"), *names, "the uncertain assumptions are")
