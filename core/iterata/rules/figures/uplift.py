"""RES021 and RES022 for results about treatment effects: their arms, what follows from these, and curves."""

from __future__ import annotations

from itertools import groupby
from math import erfc, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from iterata.documents.models.enums import OutcomeKind
from iterata.documents.models.kpi import UpliftSpec
from iterata.rules.figures.fault import Fault, close, differs, unequal
from iterata.rules.figures.identification import end_faults, identified_faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.rows import LiftData, Treated
    from iterata.errors import FieldPath
    from iterata.results import ExperimentResult, LiftResult, SampleResult
    from iterata.results.parts import Identified
    from iterata.results.uplift import Arm, Balance, UpliftCurve

DERIVED, COUNTS, OF_SPEC = "RES021", "RES022", "RES024"

OFF_BELOW = 0.001
"""Below this p the sample ratio is told as off."""

CHANCE = 0.05
"""How often chance alone exceeds the level of the standardised differences."""


def faults(
    result: SampleResult, kpi: KpiSpec | None, data: LiftData | None = None, *, in_windows: bool = False
) -> Iterator[Fault]:
    """Contradictions in what a result says about effects.

    Args:
        result: the result.
        kpi: the KPI of the assessment; None if it is not known.
        data: the description of the rows of a lift; None if it is not known.
        in_windows: whether windows of time are measured one by one.
    """
    yield from identified_faults(result)
    yield from end_faults(result)
    yield from balance_faults(result, data.treated if data else None)
    yield from effect_faults(result, kpi, in_windows=in_windows)
    if result.kind == "lift":
        yield from analysis_faults(result, kpi)
    if result.kind == "lift" and data is not None and data.status_quo.constant is not None:
        yield from turned_faults(result, kpi)  # a status quo that chooses among the rows makes strata of them
    yield from curve_faults(result)
    if result.kind == "experiment":
        yield from segment_faults(result)


def segment_faults(result: ExperimentResult) -> Iterator[Fault]:
    """Segments of a column that together have other treated rows than the sample."""
    if result.balance is None:
        return
    numbered = list(enumerate(result.segments))
    for column, group in groupby(numbered, key=lambda entry: entry[1].column):
        segments = list(group)
        counts = [segment.treated for _, segment in segments]
        known = [count for count in counts if count is not None]
        if len(known) == len(counts) and sum(known) != result.balance.treated.rows:
            message = f"the segments of {column} have together {sum(known):,} treated rows, but the arm has "
            place: FieldPath = ("segments", segments[0][0], "treated")
            yield Fault(COUNTS, place, f"{message}{result.balance.treated.rows:,}")


def balance_faults(result: SampleResult, treated: Treated | None = None) -> Iterator[Fault]:
    """The arms are the sample, and the sample ratio follows from their units."""
    balance, sample = result.balance, result.sample
    if balance is None or sample is None:
        if balance is None and result.kpi.kind == "uplift":
            yield Fault(COUNTS, ("balance",), "is missing, but effects need two arms")
        return
    arms = {"treated": balance.treated, "control": balance.control}
    yield from _arm_faults(arms)
    rows = sum(arm.rows for arm in arms.values())
    yield from unequal(COUNTS, ("balance", "treated", "rows"), rows, sample.rows, "together the sample has")
    units = sum(arm.units for arm in arms.values()) - balance.units_in_both
    yield from unequal(COUNTS, ("balance", "treated", "units"), units, sample.units, "the sample has")
    counts = [arm.positives for arm in arms.values()]
    positives = None if None in counts else sum(count for count in counts if count is not None)
    if sample.positives is not None or positives is not None:
        place = ("balance", "treated", "positives")
        yield from unequal(COUNTS, place, positives, sample.positives, "together the sample has")
    yield from _means(balance, weighted=sample.weights is not None)
    yield from _ratio(balance)
    yield from _chance(balance)
    yield from _declared(balance, treated)


def _arm_faults(arms: Mapping[str, Arm]) -> Iterator[Fault]:
    """More units or positives than rows."""
    for name, arm in arms.items():
        if not 1 <= arm.units <= arm.rows:
            yield Fault(
                COUNTS, ("balance", name, "units"), f"is {arm.units:,}, but the arm has {arm.rows:,} rows"
            )
        if arm.positives is not None and not 0 <= arm.positives <= arm.rows:
            message = f"is {arm.positives:,}, but the arm has {arm.rows:,} rows"
            yield Fault(COUNTS, ("balance", name, "positives"), message)


def _means(balance: Balance, *, weighted: bool) -> Iterator[Fault]:
    """With one probability and no weights, the mean outcome of an arm is its share of positives."""
    if weighted or balance.probability is None:
        return
    for name, arm in (("treated", balance.treated), ("control", balance.control)):
        if arm.positives is not None:
            why = f"{arm.positives:,} of {arm.rows:,} rows"
            yield from differs(DERIVED, ("balance", name, "mean"), arm.mean, arm.positives / arm.rows, why)


def _ratio(balance: Balance) -> Iterator[Fault]:
    """The sample ratio: its p, its verdict, and with one probability its statistic."""
    ratio, place = balance.sample_ratio, ("balance", "sample_ratio")
    if (ratio is not None) != balance.declared:
        yield Fault(DERIVED, place, "is there if, and only if, the probability of treatment is declared")
    if ratio is None:
        return
    if ratio.off != (ratio.p < OFF_BELOW):
        yield Fault(DERIVED, (*place, "off"), f"p is {ratio.p:.7g}, and off means below {OFF_BELOW}")
    squared = ratio.statistic if ratio.test == "chi2" else ratio.statistic**2
    if ratio.test == "z" or ratio.freedom == 1:
        p = erfc(sqrt(max(squared, 0.0) / 2))
        if not close(ratio.p, p, 10 * p):
            yield from differs(DERIVED, (*place, "p"), ratio.p, p, "of this statistic")
    if balance.probability is None or balance.units_in_both or ratio.test != "chi2":
        return
    if ratio.freedom != 1:
        yield Fault(DERIVED, (*place, "freedom"), f"is {ratio.freedom}, but two arms of one design have 1")
    units = balance.treated.units + balance.control.units
    expected = balance.probability * units
    yield from differs(DERIVED, (*place, "expected"), ratio.expected, expected, "of all units")
    apart = (balance.treated.units - expected) ** 2
    statistic = apart / expected + apart / (units - expected)
    yield from differs(DERIVED, (*place, "statistic"), ratio.statistic, statistic, "of these counts", 1.0)


def _chance(balance: Balance) -> Iterator[Fault]:
    """The level that chance alone exceeds in 5 of 100 tables follows from the rows and the columns."""
    if balance.columns < 1:
        return
    z = NormalDist().inv_cdf(1 - CHANCE / 2 / balance.columns)
    for rows in ("units", "rows"):
        sizes = [getattr(arm, rows) for arm in (balance.treated, balance.control)]
        if balance.chance is not None and close(balance.chance, z * sqrt(sum(1 / size for size in sizes))):
            return
    if balance.probability is None:  # rows weigh differently
        return
    sizes = [balance.treated.rows, balance.control.rows]
    level, why = z * sqrt(sum(1 / size for size in sizes)), f"of {balance.columns} columns"
    yield from differs(DERIVED, ("balance", "chance"), balance.chance, level, why)


def _declared(balance: Balance, treated: Treated | None) -> Iterator[Fault]:
    if treated is None:
        return
    declared = treated.probability is not None
    place, why = ("balance", "declared"), "the description of the rows says"
    yield from unequal(OF_SPEC, place, balance.declared, declared, why)
    if isinstance(treated.probability, float):
        place = ("balance", "probability")
        yield from differs(OF_SPEC, place, balance.probability, treated.probability, "the declared one")
    elif not declared and not balance.units_in_both:
        share = balance.treated.rows / (balance.treated.rows + balance.control.rows)
        if balance.probability is not None and not close(balance.probability, share):
            yield Fault(
                DERIVED,
                ("balance", "probability"),
                f"must be the share treated, {share:.7g}: none is declared",
            )


def effect_faults(result: SampleResult, spec: KpiSpec | None, *, in_windows: bool = False) -> Iterator[Fault]:
    """Random and treating everybody follow from the difference between the arms."""
    balance = result.balance
    if not isinstance(spec, UpliftSpec) or balance is None or in_windows:
        return
    effect, scales = balance.treated.mean - balance.control.mean, (balance.treated.mean, balance.control.mean)
    rows, budget = result.kpi.period_rows, result.kpi.budget or 1.0
    cost = spec.cost_per_contact * spec.direction.sign
    everybody = rows * (spec.value_per_outcome * effect - cost)
    size = [rows * (abs(spec.value_per_outcome * mean) + cost) for mean in scales]
    scale, why = result.scale, "the difference between the arms"
    yield from differs(DERIVED, ("scale", "do_nothing"), scale.do_nothing, 0.0, "nobody is treated")
    can_treat_all = spec.may_stop or budget == 1
    expected = everybody if can_treat_all else None
    yield from differs(DERIVED, ("scale", "treat_all"), scale.treat_all, expected, why, *size)
    place: FieldPath = ("scale", "random", "expectation", "value")
    found = scale.random.expectation.value
    yield from differs(DERIVED, place, found, budget * everybody, why, *size)
    yield from _spread_faults(result, spec, budget)
    if result.kind == "lift":
        for number, point in enumerate(result.by_depth):
            found, blind = point.random, point.depth * everybody
            place = ("by_depth", number, "random")
            yield from differs(DERIVED, place, found, blind, why, *(point.depth * most for most in size))
    if result.kind == "lift" and result.uplift is not None:
        helps = effect if _more_is_better(spec) else -effect
        place = ("uplift", "effect", "value")
        found = result.uplift.effect.value
        yield from differs(DERIVED, place, found, helps, "treated minus control", *scales)


def _spread_faults(result: SampleResult, spec: UpliftSpec, budget: float) -> Iterator[Fault]:
    """What one random choice would show varies as the two arms do, if all rows weigh the same."""
    balance, sd = result.balance, result.scale.random.sd_of_one_draw
    if spec.outcome is not OutcomeKind.YES_NO or balance is None or balance.probability is None:
        return
    if sd is None or result.sample is None or result.sample.weights is not None:
        return
    arms = balance.treated, balance.control
    variance = sum(arm.mean * (1 - arm.mean) / max(arm.rows - 1, 1) for arm in arms)
    expected = result.kpi.period_rows * abs(spec.value_per_outcome) * sqrt(budget * (1 - budget) * variance)
    place: FieldPath = ("scale", "random", "sd_of_one_draw")
    yield from differs(DERIVED, place, sd, expected, "the rates of the arms")


def _more_is_better(spec: UpliftSpec) -> bool:
    """Whether a positive outcome is the better one."""
    return spec.direction.sign * spec.value_per_outcome > 0


def analysis_faults(result: LiftResult, spec: KpiSpec | None) -> Iterator[Fault]:
    """What is said of the shares turned, whatever the strata are."""
    analysis = result.uplift
    if not isinstance(spec, UpliftSpec) or analysis is None:
        return
    place: FieldPath = ("uplift",)
    if spec.turned_away_at_most is None and analysis.contradicts_no_harm:
        yield Fault(DERIVED, (*place, "contradicts_no_harm"), "is true, but nothing is assumed of harm")
    if spec.outcome is OutcomeKind.YES_NO and analysis.plug_in_lower is not None:
        yield Fault(DERIVED, (*place, "plug_in_lower"), "is there, but the outcome is not a number")
    turned, away = analysis.turned, analysis.turned_away
    if turned is None or away is None or spec.turned_away_at_most is not None:
        return
    shares = turned.lower.value, turned.upper.value, away.upper.value
    if away.upper.value <= 0:
        return
    effect = turned.upper.value - away.upper.value
    least = max(0.0, -effect, turned.lower.value - effect)  # noise can make the share less than the effect
    found, why = away.lower.value, "the share turned less the effect, which is that of the upper ends"
    yield from differs(DERIVED, (*place, "turned_away", "lower", "value"), found, least, why, *shares)


def turned_faults(result: LiftResult, spec: KpiSpec | None) -> Iterator[Fault]:
    """The share turned follows from the rates of the arms, if all rows are one stratum."""
    balance, analysis = result.balance, result.uplift
    if not isinstance(spec, UpliftSpec) or balance is None or analysis is None:
        return
    better, means = _more_is_better(spec), (balance.treated.mean, balance.control.mean)
    helps = (means[0] - means[1]) * (1 if better else -1)
    if spec.outcome is not OutcomeKind.YES_NO or analysis.turned is None or analysis.turned_away is None:
        return
    if spec.strata or spec.turned_away_at_most is not None or analysis.strata:
        return
    treated, control = means if better else (1 - means[0], 1 - means[1])
    expected = {
        "turned": (max(0.0, helps), min(treated, 1 - control)),
        "turned_away": (max(0.0, -helps), min(control, 1 - treated)),
    }
    for name, (low, high) in expected.items():
        found: Identified = getattr(analysis, name)
        for end, figure, value in (("lower", found.lower, low), ("upper", found.upper, high)):
            where: FieldPath = ("uplift", name, end, "value")
            yield from differs(DERIVED, where, figure.value, value, "the rates of the arms", *means)


def curve_faults(result: SampleResult) -> Iterator[Fault]:
    """Curves whose depths do not rise to all rows, and that do not end where all others do."""
    ends: list[tuple[FieldPath, float]] = []
    for place, curve in _curves(result):
        depths = [point.depth for point in curve.points]
        if depths != sorted(set(depths)) or any(not 0 < depth <= 1 for depth in depths):
            yield Fault(DERIVED, (*place, "points"), "depths must rise, above 0 and up to 1")
        for number, point in enumerate(curve.points):
            if not close(20 * point.depth, round(20 * point.depth)):
                yield Fault(DERIVED, (*place, "points", number, "depth"), "depths are multiples of 5 %")
            if point.low is None or point.high is None:
                continue
            slack = 2e-6 * max(abs(point.low), abs(point.high), abs(point.gain))
            if not point.low - slack <= point.gain <= point.high + slack:
                message = f"{point.gain:.7g} is outside of its band, {point.low:.7g} to {point.high:.7g}"
                yield Fault("RES020", (*place, "points", number, "gain"), message)
        if curve.points and curve.points[-1].depth == 1:
            ends.append(((*place, "points", len(curve.points) - 1, "gain"), curve.points[-1].gain))
    for place, gain in ends[1:]:
        why = "treating everybody is the same for every order"
        yield from differs(DERIVED, place, gain, ends[0][1], why, 1e-3)


def _curves(result: SampleResult) -> Iterator[tuple[FieldPath, UpliftCurve]]:
    if result.kind == "lift":
        if result.curve is not None:
            yield ("curve",), result.curve
        return
    if result.status_quo_curve is not None:
        yield ("status_quo_curve",), result.status_quo_curve
    for number, variant in enumerate(result.variants):
        if variant.curve is not None:
            yield ("variants", number, "curve"), variant.curve
