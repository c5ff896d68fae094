"""The bounds for other budgets: a curve over the share of the rows that is contacted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from iterata import results
from iterata.measure.kpi.targeting import Targeting
from iterata.measure.kpi.uplift import Uplift
from iterata.measure.outcomes import Outcomes
from iterata.measure.score_order import ScoreOrder
from iterata.measure.uplift.couplings import coupling_bound

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.measures import Measure

DEPTHS = (0.01, 0.02, 0.05, *(tenth / 10 for tenth in range(1, 11)))
"""The shares at which the curves are computed, besides the budget itself and the bend of the perfect model's
curve."""

MAX_ROWS = 200_000
"""The most rows that a curve is computed from; of more rows, a random sample of this size is taken."""


def points_by_depth(kpi_scale: KpiScale) -> list[results.DepthPoint]:
    """The bounds at several depths, on the sample; empty for a KPI without a budget.

    This is the gains or profit curve of a campaign (Berry and Linoff, Data Mining Techniques, chapter 4).
    """
    kpi = kpi_scale.kpi
    if isinstance(kpi, Uplift):
        return _of_effects(kpi, kpi_scale)
    if not isinstance(kpi, Targeting) or isinstance(kpi_scale.status_quo, float):
        return []
    outcomes, status_quo = _sampled(kpi_scale.outcomes, kpi_scale.status_quo)
    order = None
    if kpi.forced or (status_quo > -np.inf).all():
        order = ScoreOrder(outcomes.positive, status_quo, outcomes.weight)
    depths = {round(depth, 7) for depth in (*DEPTHS, kpi.budget, _bend_depth(outcomes, kpi)) if depth > 0}
    points = []
    for depth in sorted(depths):
        at_depth = replace(kpi, budget=depth)
        status_quo_kpi = at_depth.of_order(order) if order else at_depth.measure(outcomes, status_quo)
        points.append(_point(at_depth, outcomes, status_quo_kpi, kpi_scale.factor))
    return points


def _of_effects(kpi: Uplift, kpi_scale: KpiScale) -> list[results.DepthPoint]:
    """The points of a KPI of treatment effects, with both ends of perfect; as long as both arms have rows."""
    outcomes, factor = kpi_scale.outcomes, kpi_scale.factor
    rows, points = len(outcomes), []
    if isinstance(kpi_scale.status_quo, float):
        return []
    for depth in sorted({round(depth, 7) for depth in (*DEPTHS, kpi.budget)}):
        at_depth = replace(kpi, budget=depth)
        status_quo = at_depth.measure(outcomes, kpi_scale.status_quo).on_sample(rows)
        random = at_depth.random(outcomes, kpi_scale.status_quo).on_sample(rows)
        if np.isnan(status_quo):
            continue
        lower, upper = _ends(at_depth, kpi_scale, kpi.sign * random)
        points.append(
            results.DepthPoint(
                depth=depth,
                random=factor * random,
                status_quo=factor * status_quo,
                perfect=factor * kpi.sign * max(upper, kpi.sign * status_quo),
                perfect_lower=factor * kpi.sign * max(lower, kpi.sign * status_quo),
            )
        )
    return points


def _ends(kpi: Uplift, kpi_scale: KpiScale, random: float) -> tuple[float, float]:
    """The ends of perfect's gain, in utility: from the shares turned that the scale has, whatever the budget.

    For a number, the lower end is a policy that is known.
    """
    outcomes, identification = kpi_scale.outcomes, kpi_scale.identification
    ends = None if identification is None else identification.at_budget(kpi.terms, outcomes)
    if ends is not None:
        return ends
    known = random if kpi.forced else max(random, 0.0)
    return known, coupling_bound(kpi.terms, outcomes, upper=True)


def _sampled(outcomes: Outcomes, status_quo: Floats) -> tuple[Outcomes, Floats]:
    """At most `MAX_ROWS` of the rows, drawn at random."""
    if len(outcomes) <= MAX_ROWS:
        return outcomes, status_quo
    rows = np.random.default_rng(0).choice(len(outcomes), MAX_ROWS, replace=False)
    weight = None if outcomes.weight is None else outcomes.weight[rows]
    return Outcomes(outcomes.target[rows], weight), status_quo[rows]


def _bend_depth(outcomes: Outcomes, kpi: Targeting) -> float:
    """The depth at which the perfect model has contacted all rows of the more valuable class."""
    base_rate = outcomes.mean(outcomes.target)
    return base_rate if kpi.sign * kpi.value >= 0 else 1 - base_rate


def _point(kpi: Targeting, outcomes: Outcomes, status_quo: Measure, factor: float) -> results.DepthPoint:
    rows = len(outcomes)
    return results.DepthPoint(
        depth=kpi.budget,
        random=factor * kpi.random(outcomes, outcomes.target).on_sample(rows),
        status_quo=factor * status_quo.on_sample(rows),
        perfect=factor * kpi.perfect(outcomes).on_sample(rows),
    )
