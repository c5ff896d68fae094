"""What to expect of a good model before there is one.

How much it usually wins, when that repays the project, and how large a split test has to be to show it.
"""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from iterata import results

if TYPE_CHECKING:
    from iterata.documents.models.assumed_status_quo import PayoffMatrix
    from iterata.documents.models.lift import LiftSpec

ALPHA, POWER = 0.05, 0.8
"""The split test's two-sided error rate, and how often it would find the effect if it is there."""


RARE = 0.2
"""Up to this base rate the rule of thumb is offered: it was found on rare targets. The line is ours."""


def usual(worth: PayoffMatrix, base: float, budget: float | None) -> float | None:
    """The KPI per row that a good model usually comes to; none where positives are not rare.

    Piatetsky-Shapiro and Masand (KDD 1999) conjecture from campaigns that the lift of a good model among the
    best-scored `T` of the rows, `T` being the base rate, is about `sqrt(1 / T)`: it finds `sqrt(T)` of the
    positives there. The same curve, `sqrt(depth)` of the positives, is taken at the depth of a budget.

    Args:
        worth: what a row is worth by outcome and action.
        base: the share of positives.
        budget: the share of rows acted upon; none where nothing limits it, for as many as are positive.
    """
    if base > RARE:
        return None
    depth = base if budget is None else budget
    hits = base * sqrt(depth)
    hit, miss = worth.gains_of_acting
    return float(worth.without_action(base) + hits * hit + (depth - hits) * miss)


def good_model(
    scale: results.Scale, sign: float, kpi: float | None, potential: float
) -> results.GoodModel | None:
    """What the rule of thumb promises, on the scale; `kpi` is its figure for the period."""
    if kpi is None:
        return None
    gain = sign * (kpi - scale.status_quo.value)
    return results.GoodModel(kpi=kpi, gain=gain, captured_share=gain / potential if potential > 0 else None)


def break_even(
    spec: LiftSpec, potential: float, expected: results.GoodModel | None
) -> results.BreakEven | None:
    """What repays the project; without `worth`, the KPI's unit is taken for money."""
    if spec.project_cost is None:
        return None
    per_unit, currency = (spec.worth.per_unit, spec.worth.currency) if spec.worth else (1.0, spec.kpi.unit)
    value, gain = potential * per_unit, expected.gain * per_unit if expected else 0.0
    periods = spec.project_cost / gain if gain > 0 else None
    return results.BreakEven(
        project_cost=spec.project_cost,
        currency=currency,
        potential_value=value,
        payback_periods=spec.payback_periods,
        captured_share=spec.project_cost / (value * spec.payback_periods) if value > 0 else None,
        periods_with_good_model=periods,
        on=_day(spec, periods),
    )


def _day(spec: LiftSpec, periods: float | None) -> date | None:
    """When so many periods are over; none where the calendar is not known, or reaches too far."""
    if periods is None or spec.period is None or spec.period.days is None or spec.period.starts is None:
        return None
    try:
        return spec.period.starts + timedelta(days=ceil(periods * spec.period.days))
    except OverflowError:
        return None


def split_test(
    spec: LiftSpec, expected: results.GoodModel | None, variance: float | None, period_rows: int
) -> results.SplitTest | None:
    """How many rows an A/B test of equal arms needs to find the gain of a good model.

    The two-sample z-test: `2 (z[1 - alpha/2] + z[power])^2 variance / effect^2` rows an arm.

    Args:
        spec: the analysis.
        expected: the gain to be found; none, or no gain, needs no test.
        variance: of the KPI of a row today, in utility or not; with rows of one unit counted as alike as
            they are.
        period_rows: how many rows pass in a period.
    """
    if expected is None or expected.gain <= 0 or not variance:
        return None
    effect = expected.gain / period_rows
    reach = NormalDist().inv_cdf(1 - ALPHA / 2) + NormalDist().inv_cdf(POWER)
    rows = ceil(2 * reach**2 * variance / effect**2)
    days = spec.period.days if spec.period else None
    return results.SplitTest(
        rows_per_arm=rows,
        alpha=ALPHA,
        power=POWER,
        periods=2 * rows / period_rows,
        days=None if days is None else 2 * rows / period_rows * days,
    )
