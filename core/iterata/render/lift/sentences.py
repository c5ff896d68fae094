"""What the expected lift means, in sentences a stakeholder reads before any table."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from iterata.render.estimates import interval, percent_interval
from iterata.render.lift.assumption_names import named
from iterata.render.markdown import escape
from iterata.text import number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import AssumptionAnalysis, LiftResult

SMALL_HEADROOM = 0.2
"""With less than this share of the way from random to perfect left to win, a project is hard to justify.

The line is ours: the method says only that a status quo close to perfect makes one difficult to justify."""

ASSUMED = "These figures follow from assumptions; no data has been looked at yet."

RULE = "Piatetsky-Shapiro and Masand, 1999"

CAVEAT = "The perfect model is a bound, not a goal: no model will reach it."


def sentences(result: LiftResult) -> list[str]:
    """Plain sentences about a result, the most important first; made from the result alone."""
    return [
        *([ASSUMED] if result.assumed else []),
        *_at_stake(result),
        *_risk(result),
        *_headroom(result),
        *_good_model(result),
        *_break_even(result),
        *_split_test(result),
        *(_what_matters(result.assumed) if result.assumed else []),
        CAVEAT,
    ]


def _per(result: LiftResult) -> str:
    rows = f"{result.kpi.period_rows:,} rows"
    if result.kpi.period:
        return f"per {escape(result.kpi.period)} of {rows}"
    return f"over {rows}" if result.assumed else f"over the {rows} at hand"


def _at_stake(result: LiftResult) -> Iterator[str]:
    scale, unit = result.scale, escape(result.kpi.unit)
    today = f"**{number(scale.status_quo.value)} {unit}** {_per(result)}"
    perfect, blind = number(scale.perfect.value), number(scale.random.expectation.value)
    yield (
        f"Today ({escape(scale.status_quo_label)}): {today}. A perfect model would come to **{perfect}**, "
        f"a blind choice ({escape(scale.random.meaning)}) to {blind} on average."
    )
    yield f"The potential lift is **{interval(result.potential_lift)} {unit}**."


def _risk(result: LiftResult) -> Iterator[str]:
    risk, unit = result.risk, escape(result.kpi.unit)
    if risk.high < 0:
        yield (
            f"The risk is negative: today is worse than a blind choice by {number(-risk.value)} {unit}, "
            "so even a model that has learned nothing would be a gain."
        )
    elif risk.low <= 0:
        yield f"Today cannot be told from a blind choice: it is {interval(risk, sign=True)} {unit} ahead."
    else:
        yield f"The risk, should a model turn out no better than a blind choice, is {interval(risk)} {unit}."


def _headroom(result: LiftResult) -> Iterator[str]:
    if result.position is None:
        yield "A perfect model and a blind choice come to the same: nothing to be known changes this KPI."
        return
    if result.potential_lift.value <= 0:
        yield "Today is as good as a perfect model: there is no headroom, and no reason for a model."
        return
    left = 1 - result.position.value
    where = f"Today stands {percent(result.position.value)} of the way from random to perfect"
    if left < SMALL_HEADROOM:
        threshold = percent(SMALL_HEADROOM)
        yield f"{where}: less than {threshold} is left, which makes a modelling project hard to justify."
    else:
        yield f"{where}, so {percent(min(left, 1))} of it is left to win: enough to look further."


def _good_model(result: LiftResult) -> Iterator[str]:
    good, unit = result.good_model, escape(result.kpi.unit)
    if good is None or good.captured_share is None:
        return
    rule = f"By a rule of thumb ({RULE}), a good model comes to about {number(good.kpi)} {unit}"
    if good.gain <= 0:
        yield f"{rule}, which is no better than today: a model would have to be better than good."
    else:
        share = percent(good.captured_share)
        yield f"{rule}: {number(good.gain)} more than today, {share} of the potential. It is no promise."


def _break_even(result: LiftResult) -> Iterator[str]:
    even = result.break_even
    if even is None:
        return
    cost = f"{number(even.project_cost)} {escape(even.currency)}"
    if even.captured_share is None:
        yield f"There is no potential that could repay the project's {cost}."
        return
    value = f"{number(even.potential_value)} {escape(even.currency)}"
    whole = f"The whole potential is worth {value} over {_once(result)}"
    within = "" if even.payback_periods == 1 else f" within {_periods(even.payback_periods, result)}"
    if even.captured_share > 1:
        late = within or " by then"
        yield f"{whole}, too little for the project's {cost}: even a perfect model would not repay it{late}."
    else:
        with_interval = result.assumed.captured_share if result.assumed else None
        share = percent_interval(with_interval) if with_interval else percent(even.captured_share)
        yield f"{whole}; a model that captures {share} of it repays the project's {cost}{within}."
    if even.periods_with_good_model is not None:
        on = f", by {even.on.isoformat()}" if even.on else ""
        yield f"That good model would repay it within {_periods(even.periods_with_good_model, result)}{on}."


def _periods(count: float, result: LiftResult) -> str:
    """So many periods, in words."""
    return f"{number(count)} times {_once(result)}"


def _once(result: LiftResult) -> str:
    return f"one {escape(result.kpi.period)}" if result.kpi.period else "these rows"


def _split_test(result: LiftResult) -> Iterator[str]:
    test = result.split_test
    if test is None:
        return
    days = "" if test.days is None else f", about {ceil(test.days):,} days"
    yield (
        f"An A/B test that finds this gain {test.power * 100:g} % of the time (two-sided, "
        f"{test.alpha * 100:g} % false alarms) needs {test.rows_per_arm:,} rows in each arm: "
        f"{_periods(test.periods, result)}{days}, if all rows take part."
    )


def _what_matters(assumed: AssumptionAnalysis) -> Iterator[str]:
    """Which assumption to look into first."""
    if not assumed.sensitivity:
        yield (
            "Every assumption is a single number, so the figures look surer than they are: "
            "write ranges, such as [low, likely, high], to see how far they may be off."
        )
        return
    first = assumed.sensitivity[0]
    if first.variance == 0:
        yield "None of what is uncertain here changes the potential lift."
        return
    written = next(each for each in assumed.inputs if each.name == first.name)
    words, write = named(first.name)
    ends = [
        f"{number(figure)} at {write(end)}"
        for end, figure in ((written.low, first.at_low), (written.high, first.at_high))
        if figure is not None
    ]
    moves = f"; with the rest as is likely it is {' and '.join(ends)}" if ends else ""
    alone = f"it alone explains {percent(first.variance)} of how far the potential lift may be off"
    yield f"What matters most is the **{words}**: {alone}{moves}. Find that out first."
