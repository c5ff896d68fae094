"""What to expect of a good model: its gain, and when it repays the project."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil, sqrt
from typing import TYPE_CHECKING

from iterata import results

if TYPE_CHECKING:
    from iterata.documents.models.assumed_status_quo import PayoffMatrix
    from iterata.documents.models.lift import LiftSpec

MAX_BASE_RATE = 0.2
"""The highest base rate for the rule of thumb, which was found on rare targets; the limit is our choice."""


MAX_PRECISION = 0.5
"""The highest share of positives among the rows acted upon for which the rule is used.

The rule expects `sqrt(base rate)` of them at the depth of the base rate, at most 45 %. At smaller depths it
expects more, and below the squared base rate more positives than rows; this limit is our choice."""


def rule_of_thumb_limit(
    payoffs: PayoffMatrix, base_rate: float, budget: float | None, sign: float
) -> results.NoGoodModel | None:
    """Why the rule of thumb has no basis; None if it has one.

    Args:
        payoffs: what a row is worth, by its outcome and whether it is acted upon.
        base_rate: the share of positives.
        budget: the share of rows that are acted upon; None without a limit.
        sign: 1 if more of the KPI is better, -1 if less is.
    """
    positive_gain, negative_gain = payoffs.gains_of_acting
    if sign * positive_gain <= sign * negative_gain:
        return results.NoGoodModel.NEGATIVES_SOUGHT
    if base_rate > MAX_BASE_RATE:
        return results.NoGoodModel.FREQUENT_POSITIVES
    if budget is not None and base_rate > MAX_PRECISION * sqrt(budget):
        return results.NoGoodModel.SMALL_BUDGET
    return None


def rule_of_thumb_kpi(payoffs: PayoffMatrix, base_rate: float, budget: float | None) -> float:
    """The KPI per row that a good model usually reaches, where the rule has a basis.

    Piatetsky-Shapiro and Masand (KDD 1999) conjecture from campaigns that the lift of a good model among the
    best-scored share `T` of the rows, with the base rate `T`, is about `sqrt(1 / T)`: it finds `sqrt(T)` of
    the positives there. The same curve, `sqrt(depth)` of the positives, is used at the depth of a budget.

    Args:
        payoffs: what a row is worth, by its outcome and whether it is acted upon.
        base_rate: the share of positives.
        budget: the share of rows that are acted upon; None, without a limit, for the base rate.
    """
    depth = base_rate if budget is None else budget
    true_positives = base_rate * sqrt(depth)
    positive_gain, negative_gain = payoffs.gains_of_acting
    gain = true_positives * positive_gain + (depth - true_positives) * negative_gain
    return float(payoffs.without_action(base_rate) + gain)


def good_model(scale: results.Scale, sign: float, kpi: float, potential: float) -> results.GoodModel:
    """The rule of thumb as a result.

    Args:
        scale: the KPI of the status quo.
        sign: 1 if more of the KPI is better, -1 if less is.
        kpi: the rule of thumb's KPI for a period.
        potential: the potential lift.
    """
    gain = sign * (kpi - scale.status_quo.value)
    return results.GoodModel(kpi=kpi, gain=gain, captured_share=gain / potential if potential > 0 else None)


def break_even(
    spec: LiftSpec, potential: float, good_model: results.GoodModel | None
) -> results.BreakEven | None:
    """What repays the project's cost; without `worth`, the KPI's unit is money. None without a cost."""
    if spec.project_cost is None:
        return None
    per_unit, currency = (spec.worth.per_unit, spec.worth.currency) if spec.worth else (1.0, spec.kpi.unit)
    value, gain = potential * per_unit, good_model.gain * per_unit if good_model else 0.0
    periods = spec.project_cost / gain if gain > 0 else None
    return results.BreakEven(
        project_cost=spec.project_cost,
        currency=currency,
        potential_value=value,
        payback_periods=spec.payback_periods,
        captured_share=spec.project_cost / (value * spec.payback_periods) if value > 0 else None,
        periods_with_good_model=periods,
        on=_end_of(periods, spec),
    )


def _end_of(periods: float | None, spec: LiftSpec) -> date | None:
    """The day when so many periods have passed; None without dates, or beyond the calendar."""
    if periods is None or spec.period is None or spec.period.days is None or spec.period.starts is None:
        return None
    try:
        return spec.period.starts + timedelta(days=ceil(periods * spec.period.days))
    except OverflowError:
        return None
