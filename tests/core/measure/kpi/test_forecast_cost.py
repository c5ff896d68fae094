"""Forecasts by what their errors cost, against plain loops and simulation."""

from __future__ import annotations

from itertools import product
from statistics import fmean, pstdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.measure.kpi.forecast_cost import ForecastCost
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import Measure, weighed

prices = st.floats(0.1, 9)
amounts = st.lists(st.integers(-5, 20).map(float), min_size=1, max_size=5)


def cost(kpi: ForecastCost, happened: float, forecast: float) -> float:
    return kpi.under * max(happened - forecast, 0) + kpi.over * max(forecast - happened, 0)


def on_sample(measure: Measure, rows: int) -> float:
    return measure(weighed(np.ones((1, rows)))).item()


@given(
    st.builds(ForecastCost, prices, prices),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1),
)
def test_it_adds_up_row_by_row(kpi: ForecastCost, rows: list[tuple[int, int]]) -> None:
    happened, forecast = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    expected = fmean(cost(kpi, *row) for row in rows)
    outcomes = Outcomes(happened)
    assert on_sample(kpi.measure(outcomes, forecast), len(rows)) == pytest.approx(expected)
    assert on_sample(kpi.perfect(outcomes), len(rows)) == 0


@given(st.builds(ForecastCost, prices, prices), amounts)
def test_random_is_the_average_over_everything_that_may_be_drawn(
    kpi: ForecastCost, happened: list[float]
) -> None:
    drawn = product(happened, repeat=len(happened))
    totals = [fmean(map(lambda y, p: cost(kpi, y, p), happened, forecasts)) for forecasts in drawn]
    outcomes = Outcomes(np.array(happened))
    assert on_sample(kpi.random(outcomes, outcomes.target), len(happened)) == pytest.approx(fmean(totals))
    assert kpi.random_sd(outcomes, outcomes.target) == pytest.approx(pstdev(totals), abs=1e-6)


@given(st.builds(ForecastCost, prices, prices), amounts, st.data())
def test_counts_are_as_good_as_repeated_rows(
    kpi: ForecastCost, happened: list[float], data: st.DataObject
) -> None:
    counts = data.draw(st.lists(st.integers(1, 3), min_size=len(happened), max_size=len(happened)))
    weighted = Outcomes(np.array(happened), np.array(counts, dtype=float))
    repeated = Outcomes(np.repeat(happened, counts))
    ours = on_sample(kpi.random(weighted, weighted.target), len(happened))
    assert ours == pytest.approx(on_sample(kpi.random(repeated, repeated.target), len(repeated)))
    assert kpi.best_constant(weighted) == pytest.approx(kpi.best_constant(repeated))


@given(st.builds(ForecastCost, prices, prices), amounts)
def test_no_single_forecast_is_cheaper_than_the_newsvendors(kpi: ForecastCost, happened: list[float]) -> None:
    outcomes = Outcomes(np.array(happened))
    _, cheapest = kpi.best_constant(outcomes)
    others = (fmean(cost(kpi, y, forecast) for y in happened) for forecast in happened)
    assert cheapest == pytest.approx(min(others))


def test_the_spread_of_random_between_resamples_is_that_of_a_bootstrap() -> None:
    """Random is taken to first order under weights; drawn rows computed anew must spread alike."""
    rng = np.random.default_rng(3)
    kpi, happened = ForecastCost(3, 1), rng.gamma(2, 5, size=300)
    outcomes = Outcomes(happened)
    lines = rng.multinomial(300, np.full(300, 1 / 300), size=400)
    ours = kpi.random(outcomes, happened)(weighed(lines))
    anew = []
    for line in lines:
        again = Outcomes(np.repeat(happened, line))
        anew.append(on_sample(kpi.random(again, again.target), 300))
    assert np.corrcoef(ours, anew)[0, 1] > 0.995
    assert ours.std() == pytest.approx(np.std(anew), rel=0.03)
