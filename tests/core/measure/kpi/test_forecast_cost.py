"""The cost of forecast errors, against loops and a simulation."""

from __future__ import annotations

from itertools import product
from statistics import fmean, pstdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.measure.kpi.forecast_cost import ForecastCost
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import RowByRow

prices = st.floats(0.1, 9)
amounts = st.lists(st.integers(-5, 20).map(float), min_size=1, max_size=5)


def cost(kpi: ForecastCost, target: float, forecast: float) -> float:
    return kpi.under * max(target - forecast, 0) + kpi.over * max(forecast - target, 0)


@given(
    st.builds(ForecastCost, prices, prices),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1),
)
def test_cost_is_the_mean_over_rows(kpi: ForecastCost, rows: list[tuple[int, int]]) -> None:
    target, forecast = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    expected = fmean(cost(kpi, *row) for row in rows)
    outcomes = Outcomes(target)
    assert kpi.measure(outcomes, forecast).on_sample(len(rows)) == pytest.approx(expected)
    assert kpi.perfect(outcomes).on_sample(len(rows)) == 0


@given(st.builds(ForecastCost, prices, prices), amounts)
def test_random_is_the_mean_over_all_possible_draws(kpi: ForecastCost, target: list[float]) -> None:
    drawn = product(target, repeat=len(target))
    totals = [fmean(map(lambda y, p: cost(kpi, y, p), target, forecasts)) for forecasts in drawn]
    outcomes = Outcomes(np.array(target))
    assert kpi.random(outcomes, outcomes.target).on_sample(len(target)) == pytest.approx(fmean(totals))
    assert kpi.random_sd(outcomes, outcomes.target) == pytest.approx(pstdev(totals), abs=1e-6)


@given(st.builds(ForecastCost, prices, prices), amounts, st.data())
def test_sample_weights_equal_repeated_rows(
    kpi: ForecastCost, target: list[float], data: st.DataObject
) -> None:
    counts = data.draw(st.lists(st.integers(1, 3), min_size=len(target), max_size=len(target)))
    weighted = Outcomes(np.array(target), np.array(counts, dtype=float))
    repeated = Outcomes(np.repeat(target, counts))
    ours = kpi.random(weighted, weighted.target).on_sample(len(target))
    assert ours == pytest.approx(kpi.random(repeated, repeated.target).on_sample(len(repeated)))


@pytest.mark.statistical
def test_first_order_random_varies_between_resamples_like_the_exact_one() -> None:
    """Under weights, random is a first-order approximation; here each resample is computed exactly."""
    rng = np.random.default_rng(3)
    kpi, target = ForecastCost(3, 1), rng.gamma(2, 5, size=300)
    outcomes = Outcomes(target)
    weights = rng.multinomial(300, np.full(300, 1 / 300), size=400)
    approximate = kpi.random(outcomes, target)(RowByRow.of(weights))
    exact = []
    for line in weights:
        resample = Outcomes(np.repeat(target, line))
        exact.append(kpi.random(resample, resample.target).on_sample(300))
    assert np.corrcoef(approximate, exact)[0, 1] > 0.995
    assert approximate.std() == pytest.approx(np.std(exact), rel=0.03)
