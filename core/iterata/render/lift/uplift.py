"""What a page says of an expected lift of treatment effects: what cannot be known, and what was checked."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from iterata.render.estimates import interval, parts
from iterata.render.experiment.uplift import PER, balance_sentences
from iterata.render.lift.assumption_names import plain
from iterata.render.markdown import escape, markdown_table
from iterata.results import Estimate
from iterata.text import number, percent, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import Identified, LiftResult, SplitTest, UpliftAnalysis, UpliftCurve

MOST_NAMED = 10
"""How many strata that were joined are named."""

SHOWN_DEPTHS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
"""The depths of the curve that the page shows."""


def bounds(result: LiftResult) -> Iterator[str]:
    """The status quo, perfect as an interval, and the potential lift; nothing for other kinds of KPI."""
    scale, ends, lift = result.scale, result.scale.perfect_identified, result.potential_lift_identified
    if ends is None or lift is None:
        return
    unit = escape(result.kpi.unit)
    label = "" if scale.status_quo_label == "status quo" else f" ({escape(scale.status_quo_label)})"
    random = f"a random choice ({escape(scale.random.meaning)}) {number(scale.random.expectation.value)}"
    yield (
        f"The status quo{label} gains **{number(scale.status_quo.value)} {unit}** over treating nobody, and "
        f"{random} on average."
    )
    why = (
        "no experiment can tell more, because nobody is seen both treated and untreated"
        if ends.point is None
        else "both ends of what an experiment can tell are the same here"
    )
    yield f"A perfect model would gain **{_between(ends)}**: {why}.{_chance(ends, result)}"
    yield f"The potential lift is **{_between(lift)} {unit}**.{_chance(lift, result)}"
    yield from _verdict(result, lift)
    if result.uplift is not None:
        yield from _shares(result.uplift)


def _between(ends: Identified) -> str:
    low, high = number(ends.lower.value), number(ends.upper.value)
    return low if ends.point else f"between {low} and {high}"


def _chance(ends: Identified, result: LiftResult) -> str:
    """What widens the interval of identification; empty if nothing is known to."""
    widened, by = ends.widened, "The assumptions widen" if result.assumed else "Chance widens"
    same = widened == (ends.lower.value, ends.upper.value)
    if widened is None or (same and ends.point) or (result.assumed and not result.interval.resamples):
        return ""
    return f" {by} this to {number(widened[0])} to {number(widened[1])}."


def _verdict(result: LiftResult, lift: Identified) -> Iterator[str]:
    """Whether perfect repays the project at both ends, or at one of them."""
    even = result.break_even
    if even is None:
        return
    per_unit = even.potential_value / result.potential_lift.value if result.potential_lift.value else 0.0
    if per_unit <= 0:
        return
    needed = even.project_cost / (per_unit * even.payback_periods)
    cost = f"the {number(needed)} {escape(result.kpi.unit)} that repay the project"
    low, high = lift.widened or (lift.lower.value, lift.upper.value)
    if high < needed:
        yield f"Even the upper end is less than {cost}: no model can repay it."
    elif low >= needed:
        share = percent(needed / lift.lower.value) if lift.lower.value else "all"
        yield f"Even the lower end is more than {cost}: a model that captures {share} of it is enough."
    else:
        also = "the assumptions" if result.assumed else "chance"
        yield f"Whether a model can gain {cost} depends on what cannot be known, or on {also}."


def _shares(uplift: UpliftAnalysis) -> Iterator[str]:
    """The shares of rows that the treatment turns, or that gain; and what the bounds rest on."""
    turned, away = uplift.turned, uplift.turned_away
    if turned is not None and away is not None:
        yield (
            f"The treatment turns between {percent(turned.lower.value)} and {percent(turned.upper.value)} of "
            f"the rows to the better outcome, and between {percent(away.lower.value)} and "
            f"{percent(away.upper.value)} to the worse one."
        )
    if uplift.shares_that_gain:
        low, high = uplift.shares_that_gain
        yield (
            f"Between {percent(low)} and {percent(high)} of the rows have a better outcome if they are "
            "treated (Makarov's bounds, which say nothing about how much better)."
        )
    if uplift.plug_in_lower is not None:
        yield (
            "The lower end is the gain of the best policy that is known, and is not sharp. The sharp one "
            f"would be {number(uplift.plug_in_lower)} on these rows, but in samples it leans upwards."
        )
    if uplift.contradicts_no_harm:
        yield (
            "**The rows contradict `turned_away_at_most`:** the treatment turns more rows away than it "
            "assumes, beyond chance."
        )
    if uplift.strata:
        yield f"The bounds use the strata {'; '.join(map(escape, uplift.strata))}."
    if uplift.joined_strata:
        more = len(uplift.joined_strata) - MOST_NAMED
        joined = "; ".join(map(escape, uplift.joined_strata[:MOST_NAMED])) + (f"; {more:,} more" * (more > 0))
        yield f"Joined to others, because an arm has too few rows or outcomes: {joined}."
    if uplift.undefined_resamples:
        yield (
            f"In {uplift.undefined_resamples:,} resamples the status quo's choice has no row of one arm; "
            "they are left out."
        )


def checks(result: LiftResult) -> Iterator[str]:
    """What was checked about the campaign, and what only its makers know."""
    if result.balance is None or result.kpi.kind != "uplift":
        return
    yield " ".join(balance_sentences(result.balance))
    yield (
        "Not checked, because no table shows it: that chance alone decided who was treated, that the column "
        "is the assignment and not who was reached, and that the outcome was measured after it."
    )


def split_test(result: LiftResult) -> Iterator[str]:
    """The A/B test of two policies."""
    test = result.split_test
    if test is None or test.detected_gain is None:
        return
    lift = result.potential_lift_identified
    of = "the potential lift" if lift and lift.point else "the lower end of the potential lift"
    if test.potential_share is not None:
        of = f"{percent(test.potential_share)} of the upper end of the potential lift"
    elif result.break_even:
        of = "the gain that repays the project"
    yield (
        f"An A/B test of a model against the status quo that detects {of} "
        f"({number(test.detected_gain)} {escape(result.kpi.unit)}) with a power of {test.power * 100:g} % "
        f"(two-sided, significance level {test.alpha * 100:g} %) needs {test.rows_per_arm:,} rows in each "
        f"arm, {plain(test.periods)} times the {result.kpi.period_rows:,} rows{duration(test)}."
    )


def duration(test: SplitTest) -> str:
    """How long the test takes: `, about 16 days, so 3 whole weeks`; empty if the period has no length."""
    if test.days is None or test.whole_weeks is None:
        return ""
    weeks = test.whole_weeks // 7
    whole = "1 whole week" if weeks == 1 else f"{weeks:,} whole weeks"
    return f", about {max(ceil(test.days), 1):,} days, so {whole}"


def perfect_rows(result: LiftResult) -> Iterator[tuple[str, str, str]]:
    """The rows of perfect and of the potential lift at both ends."""
    for name, ends in (
        ("perfect", result.scale.perfect_identified),
        ("**potential lift**", result.potential_lift_identified),
    ):
        if ends is not None and ends.point is not None:
            yield name, *parts(ends.point)
        elif ends is not None:
            yield f"{name}, lower end", *parts(ends.lower)
            yield f"{name}, upper end", *parts(ends.upper)


def curve_table(result: LiftResult) -> str:
    """The status quo's gain by depth; empty without a curve."""
    curve = result.curve
    if curve is None:
        return ""
    points = {point.depth: point for point in curve.points}
    shown = [points[depth] for depth in SHOWN_DEPTHS if depth in points]
    last = points.get(1.0)
    rows = [
        (
            percent(point.depth),
            _scaled(Estimate(value=point.gain, low=point.low, high=point.high)),
            "" if last is None else signed(PER * point.depth * last.gain),
        )
        for point in shown
    ]
    headers = (f"share treated, by the status quo (gain per {PER:,} rows)", "gain", "random")
    note = (
        f"*Outcomes that the treatment causes, before its cost, with 95 % intervals of one depth, not of all "
        f"at once. The area between the gain and a random choice is {_area(curve)} per {PER:,} rows: 0 for a "
        "random order, and if the treatment has the same effect on everybody.*"
    )
    return f"{markdown_table(headers, rows)}\n\n{note}"


def _area(curve: UpliftCurve) -> str:
    return _scaled(curve.area)


def _scaled(estimate: Estimate) -> str:
    ends = estimate.interval
    low, high = (None, None) if ends is None else (PER * ends[0], PER * ends[1])
    return interval(Estimate(value=PER * estimate.value, low=low, high=high), sign=True)
