"""The scale from random to perfect: one unit, period and direction for everything that is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from iterata.documents.models.enums import RandomModel
from iterata.documents.models.kpi import KpiSpec
from iterata.documents.models.period import Period
from iterata.kpi import describe
from iterata.measure import bootstrap, random_model
from iterata.measure.kpi_scale import BRANCHES, KpiScale
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import RowByRow

if TYPE_CHECKING:
    from iterata.arrays import Floats

POSITIVE = np.array([True, False, False, True, False, False, False, True, False, False])
STATUS_QUO = np.array([5.0, 4, 3, 2, 1, 0, 0, 0, 0, 0])


def make_scale(period_rows: int | None = 100, **keys: Any) -> KpiScale:
    described = {"kind": "targeting", "name": "sales", "unit": "policies", "budget": 0.2, **keys}
    period = Period(name="month", rows=period_rows) if period_rows else None
    spec = TypeAdapter(KpiSpec).validate_python(described)
    return KpiScale.of(spec, Outcomes.of(POSITIVE), STATUS_QUO, period)


def bounds_of(scale: KpiScale, weight: float = 1.0) -> tuple[float, float, float]:
    """Random, status quo and perfect if every row has this weight."""
    weights = RowByRow.of(np.full((1, len(scale.outcomes)), weight))
    random, status_quo, perfect = (
        scale.bounds[name](weights).item() for name in ("random", "status_quo", "perfect")
    )
    return random, status_quo, perfect


def test_figures_are_per_period() -> None:
    assert bounds_of(make_scale()) == pytest.approx((6, 10, 20))
    assert bounds_of(make_scale(None)) == pytest.approx((0.6, 1, 2))


@given(st.integers(2, 5))
def test_resample_with_more_rows_is_still_one_period(times: int) -> None:
    """Units of many rows can be drawn often, but a period has a fixed number of rows."""
    assert bounds_of(make_scale(), times) == pytest.approx(bounds_of(make_scale()))


def test_gains_are_positive_for_the_better_figure_in_either_direction() -> None:
    assert make_scale().gain(3.0, 1.0) == 2
    assert make_scale(direction="minimise").gain(3.0, 1.0) == -2


def test_rounding_is_not_a_gain() -> None:
    assert make_scale().gain(np.array([10 + 1e-12]), np.array([10.0])) == 0


def test_share_of_a_rounding_difference_is_undefined() -> None:
    ones = np.ones(100)
    assert make_scale().share_estimate((5.0, 1e-12), (ones, ones)) is None
    assert make_scale().share_estimate((5.0, 10.0), (ones, ones)) is not None


def test_scale_of_some_rows_treats_them_as_all_rows() -> None:
    part = np.arange(10) < 5
    segment = make_scale().among(part)
    assert bounds_of(segment) == pytest.approx((8, 20, 20))
    assert segment.column(STATUS_QUO[part][::-1]).on_sample(5) == 0


def test_status_quo_of_known_value_keeps_it_under_every_weighting() -> None:
    scale = KpiScale.of(describe("targeting", budget=0.2), Outcomes.of(POSITIVE), 7.0, None)
    weights = np.concatenate(list(bootstrap.weights(10, 5, np.random.default_rng(1))))
    assert scale.bounds["status_quo"](RowByRow.of(weights)).tolist() == [7.0] * 5


def test_random_model_acts_on_the_base_rate_if_the_status_quos_actions_are_unknown() -> None:
    keys = {
        "kind": "outcome_value",
        "values": {"tp": 10, "fp": -2, "fn": 0, "tn": 0},
        "name": "n",
        "unit": "u",
    }
    spec = TypeAdapter(KpiSpec).validate_python(keys)
    scale = KpiScale.of(spec, Outcomes.of(POSITIVE), 7.0, None)
    assert scale.bounds["random"].on_sample(10) == pytest.approx(3 * (0.3 * 10 - 0.7 * 2))
    assert scale.kpi.random_meaning == random_model.MEANINGS[RandomModel.BASE_RATE]


def near_the_kink(**keys: Any) -> tuple[KpiScale, dict[str, float], dict[str, Floats]]:
    """A scale whose budget is the base rate, with its bounds on the sample and on resamples."""
    rng = np.random.default_rng(4)
    positive = np.arange(200) < 20
    spec = TypeAdapter(KpiSpec).validate_python(
        {"kind": "targeting", "name": "sales", "unit": "policies", "budget": 0.1, **keys}
    )
    scale = KpiScale.of(spec, Outcomes.of(positive), rng.normal(size=200) + positive, None)
    return scale, *bootstrap.bootstrap(scale.bounds, 200, 500, rng)


@pytest.mark.parametrize(
    "keys",
    [{}, {"direction": "minimise", "value_per_hit": -2}, {"cost_per_contact": 0.3, "spend": "optional"}],
)
def test_perfect_model_is_the_worse_of_its_branches(keys: dict[str, Any]) -> None:
    scale, sample, drawn = near_the_kink(**keys)
    branches = [scale.sign * drawn[name] for name in BRANCHES]
    assert scale.sign * drawn["perfect"] == pytest.approx(np.minimum(*branches))
    assert scale.sign * sample["perfect"] == pytest.approx(
        min(scale.sign * sample[name] for name in BRANCHES)
    )


def test_interval_of_the_potential_lift_at_the_kink_has_the_lesser_ends_of_its_branches() -> None:
    scale, sample, drawn = near_the_kink()
    found = scale.potential_lift(sample, drawn)
    ends = [np.quantile(drawn[name] - drawn["status_quo"], [0.025, 0.975]) for name in BRANCHES]
    assert found.interval == pytest.approx(np.minimum(*ends), rel=1e-6)
    percentile = np.quantile(drawn["perfect"] - drawn["status_quo"], 0.975)
    assert found.high is not None
    assert found.high >= percentile + 1


def test_figures_are_the_same_in_one_chunk_or_line_by_line() -> None:
    weights = np.concatenate(list(bootstrap.weights(10, 50, np.random.default_rng(1))))
    measure = make_scale().column(STATUS_QUO)
    assert measure(RowByRow.of(weights)).tolist() == [
        measure(RowByRow.of(line[None])).item() for line in weights
    ]
