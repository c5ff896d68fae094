"""How often intervals miss the truth: at a kink, at a known base rate, and of few positives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from iterata.kpi import describe
from iterata.measure.bootstrap import bootstrap
from iterata.measure.intervals import FEWEST
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from tests.helpers.rates import Rates

    from iterata.arrays import Floats
    from iterata.results import Estimate

SEPARATION = 1.0
"""How many standard deviations the scores of positive rows are higher."""

SAMPLES = 400


def true_hits(base_rate: float, budget: float) -> float:
    """The share of rows that are positive and among the best-scored of the population."""

    def excess(cutoff: float) -> float:
        found = base_rate * norm.sf(cutoff - SEPARATION) + (1 - base_rate) * norm.sf(cutoff)
        return float(found - budget)

    return float(base_rate * norm.sf(brentq(excess, -9, 9) - SEPARATION))


def is_missed(estimate: Estimate | None, truth: float) -> bool:
    """Whether an estimate with an interval misses the truth."""
    if estimate is None or estimate.interval is None:
        return False
    low, high = estimate.interval
    return not low - 1e-9 <= truth <= high + 1e-9


def estimates(
    outcomes: Outcomes, score: Floats, budget: float, rng: np.random.Generator
) -> dict[str, Estimate | None]:
    scale = KpiScale.of(describe("targeting", budget=budget), outcomes, score, None)
    sample, drawn = bootstrap(scale.bounds, len(outcomes), 300, rng, None, outcomes)
    bounds = scale.scale(sample, drawn, "")
    return {
        "perfect model": bounds.perfect,
        "status quo": bounds.status_quo,
        "potential lift": scale.potential_lift(sample, drawn),
        "position": scale.position(sample, drawn),
    }


@pytest.mark.statistical
@pytest.mark.parametrize("times", [0.5, 0.9, 1.0, 1.15, 2.0])
def test_intervals_near_the_kink_of_the_perfect_model(times: float, rates: Rates) -> None:
    """The perfect model finds all positives or fills the budget, whichever is less."""
    rows, base_rate = 200, 0.1
    budget, rng = times * base_rate, np.random.default_rng(1)
    hits, best = true_hits(base_rate, budget), min(base_rate, budget)
    truth = {
        "perfect model": rows * best,
        "potential lift": rows * (best - hits),
        "position": (hits - budget * base_rate) / (best - budget * base_rate),
    }
    missed = dict.fromkeys(truth, 0)
    for _ in range(SAMPLES):
        positive = rng.random(rows) < base_rate
        found = estimates(Outcomes.of(positive), rng.normal(size=rows) + SEPARATION * positive, budget, rng)
        for name, value in truth.items():
            missed[name] += is_missed(found[name], value)
    for name, count in missed.items():
        rates.record(
            f"the interval of the {name} misses the truth",
            f"200 rows, 20 positive, a budget of {times:g} times the base rate",
            wrong=count,
            of=SAMPLES,
            at_most=0.08,
        )


@pytest.mark.statistical
@pytest.mark.parametrize("rows", [200, 600])
def test_intervals_at_a_known_base_rate(rows: int, rates: Rates) -> None:
    """Half of the rows are positive by design, and 2 % of the population."""
    base_rate, budget, rng = 0.02, 0.1, np.random.default_rng(2)
    truth = rows * true_hits(base_rate, budget)
    missed = 0
    for _ in range(SAMPLES):
        positive = np.arange(rows) % 2 == 0
        outcomes = Outcomes.of(positive).with_base_rate(base_rate)
        found = estimates(outcomes, rng.normal(size=rows) + SEPARATION * positive, budget, rng)
        missed += is_missed(found["status quo"], truth)
        assert found["perfect model"] is not None
        assert found["perfect model"].interval == pytest.approx((rows * base_rate, rows * base_rate))
    rates.record(
        "the interval of hits at a known base rate misses the truth",
        f"{rows:,} rows, half positive, a base rate of 2 %",
        wrong=missed,
        of=SAMPLES,
        at_most=0.07,
    )


@pytest.mark.statistical
def test_intervals_of_the_fewest_positives(rates: Rates) -> None:
    """As few as have an interval at all."""
    rows, budget, rng = 200, 0.1, np.random.default_rng(3)
    missed = {"hits": 0, "area": 0}
    for _ in range(SAMPLES):
        positive = np.arange(rows) < FEWEST
        score, outcomes = rng.normal(size=rows) + SEPARATION * positive, Outcomes.of(positive)
        area = KpiScale.of(describe("metric", metric="roc_auc"), outcomes, score, None)
        sample, drawn = bootstrap(area.bounds, rows, 300, rng, None, outcomes)
        truth = float(norm.cdf(SEPARATION / np.sqrt(2)))
        missed["area"] += is_missed(area.scale(sample, drawn, "").status_quo, truth)
        hits = rows * true_hits(FEWEST / rows, budget)
        missed["hits"] += is_missed(estimates(outcomes, score, budget, rng)["status quo"], hits)
    for name, at_most in (("hits", 0.05), ("area", 0.1)):
        rates.record(
            f"the interval of the {name} misses the truth",
            f"200 rows, {FEWEST} positive: the fewest with an interval",
            wrong=missed[name],
            of=SAMPLES,
            at_most=at_most,
        )
