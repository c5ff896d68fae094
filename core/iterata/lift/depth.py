"""What another budget would come to: the bounds over the share of the rows that is contacted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from iterata import results
from iterata.draws import Draws, Itself
from iterata.kpi.targeting import Targeting

if TYPE_CHECKING:
    from iterata.scale import Ruler

DEPTHS = (0.01, 0.02, 0.05, *(tenth / 10 for tenth in range(1, 11)))
"""Where the curves are drawn, beside the budget itself and where the perfect model's turns."""

ENOUGH = 200_000
"""Rows that a curve is drawn from; of more, so many are taken blindly."""


def by_depth(ruler: Ruler) -> list[results.DepthPoint]:
    """The imagined models at several depths, on the sample; empty for KPIs without a budget.

    This is the gains or profit curve of a campaign (Berry and Linoff, Data Mining Techniques, chapter 4).
    """
    kpi = ruler.kpi
    if not isinstance(kpi, Targeting) or isinstance(ruler.status_quo, float):
        return []
    if len(ruler.outcomes) > ENOUGH:
        chosen = np.zeros(len(ruler.outcomes), dtype=bool)
        chosen[np.random.default_rng(0).choice(len(chosen), ENOUGH, replace=False)] = True
        ruler = ruler.within(chosen)
    depths = {round(depth, 7) for depth in (*DEPTHS, kpi.budget, _turn(ruler, kpi)) if depth > 0}
    return [_at(ruler, replace(kpi, budget=depth)) for depth in sorted(depths)]


def _turn(ruler: Ruler, kpi: Targeting) -> float:
    """The depth at which a perfect model runs out of those who are contacted first."""
    base = ruler.outcomes.mean(ruler.outcomes.target)
    return base if kpi.sign * kpi.value >= 0 else 1 - base


def _at(ruler: Ruler, kpi: Targeting) -> results.DepthPoint:
    sample = Draws(Itself(len(ruler.outcomes)))
    measures = {
        "random": kpi.random(ruler.outcomes, ruler.today),
        "status_quo": kpi.measure(ruler.outcomes, ruler.today),
        "perfect": kpi.perfect(ruler.outcomes),
    }
    figures = {name: ruler.scaled(measure)(sample).item() for name, measure in measures.items()}
    return results.DepthPoint(depth=kpi.budget, **figures)
