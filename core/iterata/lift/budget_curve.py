"""What another budget would come to: the bounds over the share of the rows that is contacted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from iterata import results
from iterata.measure.kpi.targeting import Targeting
from iterata.measure.outcomes import Outcomes
from iterata.measure.score_order import ScoreOrder
from iterata.measure.weightings import ObservedSample, Weightings

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.measure.kpi_scale import KpiScale

DEPTHS = (0.01, 0.02, 0.05, *(tenth / 10 for tenth in range(1, 11)))
"""Where the curves are drawn, beside the budget itself and where the perfect model's turns."""

ENOUGH = 200_000
"""Rows that a curve is drawn from; of more, so many are taken blindly."""


def points_by_depth(kpi_scale: KpiScale) -> list[results.DepthPoint]:
    """The imagined models at several depths, on the sample; empty for KPIs without a budget.

    This is the gains or profit curve of a campaign (Berry and Linoff, Data Mining Techniques, chapter 4).
    """
    kpi = kpi_scale.kpi
    if not isinstance(kpi, Targeting) or isinstance(kpi_scale.status_quo, float):
        return []
    outcomes, today = _enough(kpi_scale.outcomes, kpi_scale.today)
    ranking = ScoreOrder(outcomes.positive, today, outcomes.weight)
    depths = {round(depth, 7) for depth in (*DEPTHS, kpi.budget, _turn(outcomes, kpi)) if depth > 0}
    return [_at(replace(kpi, budget=depth), outcomes, ranking, kpi_scale.factor) for depth in sorted(depths)]


def _enough(outcomes: Outcomes, today: Floats) -> tuple[Outcomes, Floats]:
    """As many rows as a curve needs."""
    if len(outcomes) <= ENOUGH:
        return outcomes, today
    some = np.random.default_rng(0).choice(len(outcomes), ENOUGH, replace=False)
    return Outcomes(outcomes.target[some], outcomes.counts[some]), today[some]


def _turn(outcomes: Outcomes, kpi: Targeting) -> float:
    """The depth at which a perfect model runs out of those who are contacted first."""
    base = outcomes.mean(outcomes.target)
    return base if kpi.sign * kpi.value >= 0 else 1 - base


def _at(kpi: Targeting, outcomes: Outcomes, ranking: ScoreOrder, factor: float) -> results.DepthPoint:
    sample = Weightings(ObservedSample(len(outcomes)))
    return results.DepthPoint(
        depth=kpi.budget,
        random=factor * kpi.random(outcomes, outcomes.target)(sample).item(),
        status_quo=factor * kpi.worth(ranking)(sample).item(),
        perfect=factor * kpi.perfect(outcomes)(sample).item(),
    )
