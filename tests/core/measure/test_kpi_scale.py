"""The ruler: one unit, one period, one direction for everything that is compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from iterata.documents.models.kpi import KpiSpec
from iterata.documents.models.period import Period
from iterata.measure import bootstrap
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import weighed

POSITIVE = np.array([True, False, False, True, False, False, False, True, False, False])
TODAY = np.array([5.0, 4, 3, 2, 1, 0, 0, 0, 0, 0])


def kpi_scale(period_rows: int | None = 100, **more: Any) -> KpiScale:
    said = {"kind": "targeting", "name": "sales", "unit": "policies", "budget": 0.2, **more}
    period = Period(name="month", rows=period_rows) if period_rows else None
    return KpiScale.of(TypeAdapter(KpiSpec).validate_python(said), Outcomes.of(POSITIVE), TODAY, period)


def figures(of: KpiScale, weight: float = 1.0) -> tuple[float, float, float]:
    """Random, status quo and perfect, where every row has this weight."""
    draws = weighed(np.full((1, len(of.outcomes)), weight))
    random, status_quo, perfect = (
        of.bounds[name](draws).item() for name in ("random", "status_quo", "perfect")
    )
    return random, status_quo, perfect


def test_figures_are_per_period() -> None:
    assert figures(kpi_scale()) == pytest.approx((6, 10, 20))
    assert figures(kpi_scale(None)) == pytest.approx((0.6, 1, 2))


@given(st.integers(2, 5))
def test_a_resample_with_more_rows_is_still_one_period(times: int) -> None:
    """Units of many rows may be drawn often; the period has its fixed number of rows all the same."""
    assert figures(kpi_scale(), times) == pytest.approx(figures(kpi_scale()))


def test_gains_count_upwards_whichever_way_is_better() -> None:
    assert kpi_scale().gain(3.0, 1.0) == 2
    assert kpi_scale(direction="minimise").gain(3.0, 1.0) == -2
    assert kpi_scale().gain(np.array([10 + 1e-12]), np.array([10.0])) == 0, "rounding is no gain"


def test_within_a_segment_its_rows_are_all_there_is() -> None:
    part = np.arange(10) < 5
    segment = kpi_scale().within(part)
    assert figures(segment) == pytest.approx((8, 20, 20))
    assert segment.column(TODAY[part][::-1])(weighed(np.ones((1, 5)))).tolist() == [0]


def test_a_columns_figures_are_the_same_in_one_go_or_line_by_line() -> None:
    weights = np.concatenate(list(bootstrap.weights(10, 50, np.random.default_rng(1))))
    whole = kpi_scale().column(TODAY)(weighed(weights))
    assert whole.tolist() == [kpi_scale().column(TODAY)(weighed(line[None])).item() for line in weights]


class TestShares:
    def test_a_share_has_an_interval(self) -> None:
        part, whole = np.linspace(0, 10, 1001), np.full(1001, 10.0)
        found = kpi_scale().share_estimate((5.0, 10.0), (part, whole))
        assert found is not None
        assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.025, 0.975))

    def test_of_nothing_there_is_no_share(self) -> None:
        assert kpi_scale().share_estimate((5.0, 0.0), (np.ones(100), np.ones(100))) is None
        assert kpi_scale().share_estimate((5.0, 1e-12), (np.ones(100), np.ones(100))) is None

    @pytest.mark.parametrize(("without", "told"), [(2, True), (3, False)])
    def test_nor_where_too_many_resamples_leave_nothing(self, without: int, *, told: bool) -> None:
        whole = np.ones(100)
        whole[:without] = 0
        assert (kpi_scale().share_estimate((0.5, 1.0), (np.full(100, 0.5), whole)) is not None) is told
