"""The expected lift in sentences, which stakeholders read before any table."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from iterata.documents.models.enums import Direction
from iterata.render.estimates import interval, percent_interval
from iterata.render.lift import uplift
from iterata.render.lift.answers import answer_sentences
from iterata.render.lift.assumption_names import plain, term
from iterata.render.lift.power import power_of_rows
from iterata.render.markdown import escape
from iterata.results import NoGoodModel
from iterata.text import number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import AssumptionAnalysis, ExperimentResult, LiftResult, Sensitivity

SMALL_HEADROOM = 0.2
"""Below this share of the way from random to perfect, the page calls a project hard to justify.

The threshold is ours: the method says only that a status quo close to perfect makes a project difficult to
justify."""

UNLABELLED = "status quo"
"""The label of a status quo that has no other."""

ASSUMED = "These figures are computed from assumptions, without any data."

RULE = "Piatetsky-Shapiro and Masand, 1999"

_NO_RULE = {
    NoGoodModel.FREQUENT_POSITIVES: "was found where at most 20 % of the rows are positive; here more are",
    NoGoodModel.SMALL_BUDGET: (
        "does not fit so small a budget: more than half of the rows acted upon would be positive"
    ),
    NoGoodModel.NEGATIVES_SOUGHT: (
        "is about finding positives; here acting on a positive row is worth no more than on a negative one"
    ),
}
"""Why the rule of thumb has no basis."""

CAVEAT = "The perfect model is a bound, not a goal: no model reaches it."


HITS_NOT_EFFECTS = "These are hits, not effects: who would have come anyway is counted."
"""What a KPI of kind `targeting` counts if its rows have no control group."""


def sentences(result: LiftResult) -> list[str]:
    """Sentences about a result, the most important one first; they depend on the result alone."""
    of_effects = result.scale.perfect_identified is not None
    return [
        *([ASSUMED] if result.assumed else []),
        *_overrides(result),
        *(uplift.bounds(result) if of_effects else _bounds(result)),
        *_risk(result),
        *answer_sentences(result),
        *(() if of_effects else _headroom(result)),
        *_good_model(result),
        *_break_even(result),
        *power_of_rows(result),
        *(uplift.split_test(result) if of_effects else _split_test(result)),
        *uplift.checks(result),
        *(_most_important_assumption(result.assumed) if result.assumed else []),
        *hits_not_effects(result),
        CAVEAT,
    ]


def hits_not_effects(result: LiftResult | ExperimentResult) -> list[str]:
    """The sentence about hits, if the KPI counts them."""
    counts_hits = result.kpi.kind == "targeting" and result.balance is None
    return [HITS_NOT_EFFECTS] if counts_hits else []


def _overrides(result: LiftResult) -> Iterator[str]:
    """What the assessment's KPI has otherwise than the requirements, and why."""
    if result.overrides:
        both = "; ".join(
            f"{escape(override.name)}: {escape(override.assessment)}, in the requirements "
            f"{escape(override.requirements)}"
            for override in result.overrides
        )
        reason = f" The reason: {escape(result.override_reason)}" if result.override_reason else ""
        yield f"**The assessment differs from the requirements:** {both}.{reason}"


def _bounds(result: LiftResult) -> Iterator[str]:
    scale, unit = result.scale, escape(result.kpi.unit)
    status_quo = f"**{number(scale.status_quo.value)} {unit}** {_per_period(result)}"
    perfect, random = number(scale.perfect.value), number(scale.random.expectation.value)
    label = scale.status_quo_label
    described = "" if label == UNLABELLED else f" ({escape(label)})"
    yield (
        f"The status quo{described} reaches {status_quo}. A perfect model would "
        f"reach **{perfect}**, a random choice ({escape(scale.random.meaning)}) {random} on average."
    )
    yield f"The potential lift is **{interval(result.potential_lift)} {unit}**."
    if scale.contacts and scale.contacts.only_perfect_stops:
        perfect_contacts, budget = percent(scale.contacts.perfect), percent(scale.contacts.budget)
        yield (
            "A part of the budget may be left, but only the perfect model leaves one: it contacts "
            f"{perfect_contacts} of the rows, the status quo {budget}. A model with a `stop_below`, a score "
            "below which it contacts nobody, can take this part of the potential lift too."
        )


def _per_period(result: LiftResult) -> str:
    rows = f"{result.kpi.period_rows:,} rows"
    if result.kpi.period:
        return f"per {escape(result.kpi.period)} of {rows}"
    return f"over {rows}" if result.assumed else f"over the {rows} of the data"


def _risk(result: LiftResult) -> Iterator[str]:
    risk, unit = result.risk, escape(result.kpi.unit)
    if risk.interval is None:
        yield f"The status quo differs from a random choice by {interval(risk, sign=True)} {unit}."
    elif risk.interval[1] < 0:
        difference = f"{number(-risk.value)} {unit} worse than a random choice"
        yield (
            f"The risk is negative: the status quo is {difference}, so even a model that has learned nothing "
            "would be a gain."
        )
    elif risk.interval[0] <= 0:
        difference = f"{interval(risk, sign=True)} {unit}"
        yield f"The status quo cannot be distinguished from a random choice: the difference is {difference}."
    else:
        yield f"The risk is {interval(risk)} {unit}: the loss if a model is no better than a random choice."


def _headroom(result: LiftResult) -> Iterator[str]:
    span = result.potential_lift.value + result.risk.value
    if span > 0 and (result.position is None or result.position.interval is None):
        yield _unknown_headroom(result)
        return
    if result.position is None:
        yield "A perfect model and a random choice reach the same figure: no prediction changes this KPI."
        return
    if result.potential_lift.value <= 0:
        yield "The status quo is as good as a perfect model: there is no headroom, and no reason for a model."
        return
    left = 1 - result.position.value
    position = f"The status quo is {percent(result.position.value)} of the way from random to perfect"
    if left < SMALL_HEADROOM:
        threshold = percent(SMALL_HEADROOM)
        yield f"{position}: less than {threshold} is left, which makes a modelling project hard to justify."
    else:
        yield f"{position}: {percent(min(left, 1))} is left to gain, enough to look further."


def _unknown_headroom(result: LiftResult) -> str:
    """Why the status quo's position has no interval."""
    if result.potential_lift.value <= 0 and result.scale.perfect.interval is not None:
        return (
            "On these rows the status quo is as good as a perfect model. They show no headroom, but not how "
            "far from perfect it could be on other rows."
        )
    sample = result.sample
    few = "rows" if sample is None or sample.positives is None else f"positives ({sample.positives:,})"
    return (
        f"There are too few {few} to say how far the status quo is on the way from random to perfect, and so "
        "whether a model has headroom."
    )


def _good_model(result: LiftResult) -> Iterator[str]:
    good, unit = result.good_model, escape(result.kpi.unit)
    if result.no_good_model is not None:
        yield (
            f"The rule of thumb for a good model ({RULE}) {_NO_RULE[result.no_good_model]}. So the page "
            "names no gain of a good model, and no A/B test that detects it."
        )
    if good is None or good.captured_share is None:
        return
    rule = f"By a rule of thumb ({RULE}), a good model reaches about {number(good.kpi)} {unit}"
    better = "less" if result.kpi.direction is Direction.MINIMISE else "more"
    if good.gain <= 0:
        yield f"{rule}, no {better} than the status quo: the model would have to be better than a good one."
    else:
        share = f"{percent(good.captured_share)} of the potential lift"
        yield f"{rule}: {number(good.gain)} {better} than the status quo, {share}. This is not a promise."


def _break_even(result: LiftResult) -> Iterator[str]:
    even = result.break_even
    if even is None:
        return
    cost = f"{number(even.project_cost)} {escape(even.currency)}"
    if even.captured_share is None:
        yield f"There is no potential lift that could repay the project's {cost}."
        return
    value = f"{number(even.potential_value)} {escape(even.currency)}"
    worth = f"The potential lift is worth {value} {_each_period(result)}"
    within = (
        f" within {_periods(even.payback_periods, result)}"
        if result.kpi.period or even.payback_periods != 1
        else ""
    )
    if even.captured_share > 1:
        yield f"{worth}, too little: even a perfect model would not repay the project's {cost}{within}."
    else:
        uncertain = result.assumed.captured_share if result.assumed else None
        share = percent_interval(uncertain) if uncertain else percent(even.captured_share)
        yield f"{worth}. A model that captures {share} of it repays the project's {cost}{within}."
    if even.periods_with_good_model is not None:
        day = f", by {even.on.isoformat()}" if even.on else ""
        yield f"A good model repays it within {_periods(even.periods_with_good_model, result)}{day}."


def _each_period(result: LiftResult) -> str:
    return f"per {escape(result.kpi.period)}" if result.kpi.period else "over these rows"


def _periods(count: float, result: LiftResult) -> str:
    """A number of periods in words: `12 months`, `1 mailing`, `1.5 times these rows`."""
    period = result.kpi.period
    if not period:
        return f"{plain(count)} times these rows"
    if not (period.isascii() and period.isalpha()):  # the plural of several words is not simple
        return f"{plain(count)} times one {escape(period)}"
    return f"{plain(count)} {period if count == 1 else _plural(period)}"


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "z", "ch", "sh")) else f"{noun}s"


def _split_test(result: LiftResult) -> Iterator[str]:
    test = result.split_test
    if test is None:
        return
    gain = "the gain of a good model"
    if test.potential_share is not None:
        of = "half" if test.potential_share == 0.5 else percent(test.potential_share)
        gain = f"{of} of the potential lift ({number(test.detected_gain or 0.0)} {escape(result.kpi.unit)})"
    elif test.detected_gain is not None:
        repays = " that repays the project's cost" if result.break_even else ""
        gain = f"a gain of {number(test.detected_gain)} {escape(result.kpi.unit)}{repays}"
    yield (
        f"An A/B test that detects {gain} with a power of {test.power * 100:g} % "
        f"(two-sided, significance level {test.alpha * 100:g} %) needs {test.rows_per_arm:,} rows in each "
        f"arm: {_periods(test.periods, result)}{uplift.duration(test)}, if all rows take part."
    )


def _most_important_assumption(assumed: AssumptionAnalysis) -> Iterator[str]:
    """The assumption to measure first."""
    if not assumed.sensitivity:
        yield (
            "Every assumption is a single number, so the figures look more certain than they are: write "
            "ranges, such as [low, likely, high], to see the uncertainty."
        )
        return
    first = assumed.sensitivity[0]
    if first.variance == 0:
        yield "None of the uncertain assumptions changes the potential lift."
        return
    tied = [other for other in assumed.sensitivity[1:] if _indistinguishable(first, other)]
    if tied:
        names = " and ".join(f"**{term(entry.name).words}**" for entry in (first, *tied))
        yield f"The most important assumptions are {names}; the draws do not tell which matters more."
        return
    yield (
        f"The most important assumption is the **{term(first.name).words}**: it alone explains "
        f"{percent(first.variance)} of the variance of the potential lift{_ends(first, assumed)}. Find out "
        "more about it first."
    )


def _indistinguishable(first: Sensitivity, other: Sensitivity) -> bool:
    """Whether two shares lie within two standard errors of their difference."""
    error = hypot(first.standard_error or 0.0, other.standard_error or 0.0)
    return first.variance - other.variance <= 2 * error and error > 0


def _ends(sensitivity: Sensitivity, assumed: AssumptionAnalysis) -> str:
    """The potential lift at the ends of an assumption, as far as these are possible."""
    assumption = next(entry for entry in assumed.inputs if entry.name == sensitivity.name)
    write = term(sensitivity.name).write
    ends = [
        f"{number(lift)} at {write(end)}"
        for end, lift in ((assumption.low, sensitivity.at_low), (assumption.high, sensitivity.at_high))
        if lift is not None
    ]
    return f"; with the others at their likely values it is {' and '.join(ends)}" if ends else ""
