"""What a report says of treatment effects: their identification, the gain by depth, and the two arms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import UpliftMethod
from iterata.render.estimates import interval, percent_interval, status_quo_row
from iterata.render.experiment.verdicts import p_value
from iterata.render.markdown import escape, markdown_table
from iterata.results import Estimate
from iterata.text import number, percent, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import Balance, ExperimentResult, Identified, Scale, UpliftCurve, VariantResult

PER = 1000
"""Gains by depth are shown for so many rows."""

SHOWN_DEPTHS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)

METHODS = {
    UpliftMethod.TWO_MODELS: "two models",
    UpliftMethod.TREATMENT_AS_FEATURE: "treatment as a feature",
    UpliftMethod.TRANSFORMED_OUTCOME: "transformed outcome",
}
"""How a variant estimates effects, in words."""


def sections(result: ExperimentResult) -> Iterator[str]:
    """What a KPI of treatment effects has beside its scale; nothing for other kinds."""
    if result.status_quo_curve is not None:
        yield _curves(result)
    if result.balance is not None:
        yield _balance(result.balance)


def perfect_rows(scale: Scale) -> list[tuple[str, str, str, str]]:
    """The rows of the perfect model: one, or its two ends if it is not known row by row."""
    ends = scale.perfect_identified
    if ends is None:
        return [("perfect", interval(scale.perfect), "", "")]
    if ends.point is not None:
        return [("perfect", interval(ends.point), "", "")]
    return [
        ("perfect, lower end", interval(ends.lower), "", ""),
        ("perfect, upper end", interval(ends.upper), "", ""),
    ]


def captured(share: Identified) -> str:
    """A captured share as an interval, and what chance widens it to: `1.2 to 8.9 % (−3.0 to 24.0 %)`."""
    if share.point is not None:
        return percent_interval(share.point)
    span = _percent_span(share.lower.value, share.upper.value)
    widened = share.widened
    return f"{span} ({_percent_span(*widened)})" if widened else span


def _percent_span(low: float, high: float) -> str:
    return f"{percent(low).removesuffix(' %')} to {percent(high)}"


def identification(result: ExperimentResult) -> str:
    """Why perfect is an interval, in one sentence; empty if it is known."""
    ends = result.scale.perfect_identified
    if ends is None or ends.point is not None:
        return ""
    low, high = number(ends.lower.value), number(ends.upper.value)
    unit, widened = escape(result.kpi.scaled_unit), ends.widened
    chance = f" Chance widens this to {number(widened[0])} to {number(widened[1])}." if widened else ""
    return (
        f"*A perfect model gains between {low} and {high} {unit}: no experiment can tell more, because "
        f"nobody is seen both treated and untreated.{chance} A captured share is an interval for the same "
        "reason.*"
    )


def method(variant: VariantResult) -> str:
    """How the variant estimates effects, in brackets after its estimator; empty if it does not."""
    return "" if variant.uplift is None else f" ({METHODS[variant.uplift]})"


def propensity(result: ExperimentResult) -> Iterator[str]:
    """The variants that order rows by the outcome, where the KPI is one of effects."""
    for variant in result.variants if result.kpi.kind == "uplift" else ():
        if variant.uplift is None and variant.predictions:
            yield (
                f"{escape(variant.name)} estimates the outcome, not the effect of the treatment: who is "
                "likeliest to have it comes first, also if the treatment changes nothing for them."
            )


def _curves(result: ExperimentResult) -> str:
    models = [(status_quo_row(result.scale.status_quo_label), result.status_quo_curve)]
    models += [(f"**{escape(variant.name)}**", variant.curve) for variant in result.variants]
    headers = (
        f"gained per {PER:,} rows if the best are treated",
        *(f"{depth:.0%}" for depth in SHOWN_DEPTHS),
    )
    rows = [(name, *(_point(curve, depth) for depth in SHOWN_DEPTHS), _area(curve)) for name, curve in models]
    note = (
        "*The outcomes that the treatment causes, before its cost. In brackets: 95 % intervals of one depth, "
        "not of all at once. A random choice lies on a straight line from 0 to the last depth. The area lies "
        "between the curve and this line: it is 0 for a random order, and if the treatment has the same "
        "effect on everybody.*"
    )
    return f"{markdown_table((*headers, 'area'), rows)}\n\n{note}"


def _point(curve: UpliftCurve | None, depth: float) -> str:
    points = [] if curve is None else [point for point in curve.points if abs(point.depth - depth) < 1e-9]
    return _scaled(Estimate(value=points[0].gain, low=points[0].low, high=points[0].high)) if points else "-"


def _area(curve: UpliftCurve | None) -> str:
    return "-" if curve is None else _scaled(curve.area)


def _scaled(estimate: Estimate) -> str:
    ends = estimate.interval or (None, None)
    low, high = (None if end is None else PER * end for end in ends)
    return interval(Estimate(value=PER * estimate.value, low=low, high=high), sign=True)


def _balance(balance: Balance) -> str:
    headers = ("arm", "rows", "units", "positives", "mean outcome")
    rows = [
        (
            name,
            f"{arm.rows:,}",
            f"{arm.units:,}",
            "-" if arm.positives is None else f"{arm.positives:,}",
            number(arm.mean),
        )
        for name, arm in (("treated", balance.treated), ("control", balance.control))
    ]
    return f"{markdown_table(headers, rows)}\n\n*{' '.join(balance_sentences(balance))}*"


def balance_sentences(balance: Balance) -> Iterator[str]:
    """Whether chance divided the rows as it was meant to, and whether the arms are alike."""
    ratio = balance.sample_ratio
    if ratio is None:
        yield (
            "No probability of treatment is declared, so it was not checked whether as many were treated as "
            "the design says."
        )
    else:
        statistic = f"{ratio.test} = {number(ratio.statistic)}, p {_relation(ratio.p)}"
        expected = f"{number(ratio.expected, 0)} were to be treated by the declared probability ({statistic})"
        verdict = (
            "**the assignment is not the declared one**"
            if ratio.off
            else "the assignment can be the declared one"
        )
        yield f"{expected}: {verdict}."
    if balance.largest is not None and balance.chance is not None:
        yield (
            f"Of {balance.columns:,} columns and levels the arms differ most in "
            f"{escape(balance.largest.name)}: {signed(balance.largest.difference, 3)} standard "
            f"deviations; chance alone exceeds {number(balance.chance, 3)} in 5 of 100 such tables."
        )
        if abs(balance.largest.difference) > balance.chance:
            yield "That is more than chance: ask whether it was measured after the treatment."
    if balance.units_in_both:
        yield f"{balance.units_in_both:,} units have rows in both arms; they are resampled as a whole."
    if balance.fewest_units < FEW_UNITS:
        yield f"An arm has only {balance.fewest_units:,} units: its intervals are too narrow."


FEW_UNITS = 30
"""Below this number of units in an arm, percentile intervals are too narrow."""


def _relation(p: float) -> str:
    return p_value(p) if p < 0.0001 else f"= {p_value(p)}"
