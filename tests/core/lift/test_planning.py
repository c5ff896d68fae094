"""What to expect of a good model: the rule of thumb, the break-even day, and the size of the A/B test."""

from __future__ import annotations

from datetime import date
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy.stats import ttest_ind
from statsmodels.stats.power import NormalIndPower

from iterata.documents.models.assumed_status_quo import PayoffMatrix
from iterata.documents.models.lift import LiftSpec
from iterata.lift import planning
from iterata.results import GoodModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...helpers.rates import Rates

MAILING = PayoffMatrix(tp=44, fp=-1, fn=0, tn=0)


@pytest.fixture
def spec() -> Callable[..., LiftSpec]:
    def make(period: dict[str, Any] | None = None, **more: Any) -> LiftSpec:
        described = {
            "kpi": {"kind": "targeting", "name": "n", "unit": "EUR", "budget": 0.2},
            "data": {"source": "rows.csv", "target": "t", "status_quo": {"column": "s"}},
            "period": {"name": "mailing", "rows": 1000, **(period or {})},
            **more,
        }
        return TypeAdapter(LiftSpec).validate_python(described)

    return make


def good(gain: float) -> GoodModel:
    return GoodModel(kpi=100 + gain, gain=gain, captured_share=gain / 500)


class TestRuleOfThumb:
    @pytest.mark.parametrize("base", [0.01, 0.06, 0.2])
    def test_lift_of_a_good_model_at_the_base_rate_is_the_root_of_its_inverse(self, base: float) -> None:
        """At the depth of the base rate `T` there are `sqrt(1 / T)` times as many hits as by chance."""
        hits = planning.rule_of_thumb_kpi(PayoffMatrix(1, 0, 0, 0), base, None)
        assert hits is not None
        assert hits / base**2 == pytest.approx(sqrt(1 / base))

    def test_hits_of_the_caravan_mailing_are_between_chance_and_the_winner(self) -> None:
        """CoIL Challenge 2000: 800 of 4,000 rows, 238 positives. The winner split_test 121, chance 47.6."""
        share = planning.rule_of_thumb_kpi(PayoffMatrix(1, 0, 0, 0), 238 / 4000, 0.2)
        assert share is not None
        hits = 4000 * share
        assert hits == pytest.approx(238 * sqrt(0.2))
        assert 47.6 < hits < 121

    def test_cost_of_contacts_is_subtracted(self) -> None:
        assert planning.rule_of_thumb_kpi(MAILING, 0.01, 1.0) == pytest.approx(0.01 * 44 - 0.99)
        kpi = planning.rule_of_thumb_kpi(PayoffMatrix(tp=99, fp=-1, fn=0, tn=0), 0.16, None)
        assert kpi == pytest.approx(0.064 * 99 - 0.096)

    def test_rule_does_not_apply_to_frequent_positives(self) -> None:
        assert planning.rule_of_thumb_kpi(MAILING, 0.37, 0.4) is None


class TestBreakEven:
    def test_captured_share_and_number_of_periods(self, spec: Callable[..., LiftSpec]) -> None:
        even = planning.break_even(spec(project_cost=200, payback_periods=4), 500, good(100))
        assert even is not None
        assert even.captured_share == pytest.approx(0.1)
        assert even.periods_with_good_model == 2
        assert even.on is None

    def test_day_is_the_end_of_the_last_period(self, spec: Callable[..., LiftSpec]) -> None:
        period = {"days": 30.5, "starts": "2027-01-01"}
        even = planning.break_even(spec(period, project_cost=250), 500, good(100))
        assert even is not None
        assert even.on == date(2027, 3, 19)  # 2.5 x 30.5 = 76.25 days, rounded up

    def test_day_beyond_the_calendar_is_none(self, spec: Callable[..., LiftSpec]) -> None:
        period = {"days": 365, "starts": "2027-01-01"}
        even = planning.break_even(spec(period, project_cost=1e9), 500, good(1))
        assert even is not None
        assert even.on is None

    @pytest.mark.parametrize("gain", [0.0, -3.0])
    def test_model_without_gain_repays_nothing(self, spec: Callable[..., LiftSpec], gain: float) -> None:
        even = planning.break_even(spec(project_cost=200), 500, good(gain))
        assert even is not None
        assert even.periods_with_good_model is None


class TestSplitTest:
    def test_rows_per_arm_are_those_of_statsmodels(self, spec: Callable[..., LiftSpec]) -> None:
        split_test = planning.split_test(spec(), good(100), 0.7, 1000)
        assert split_test is not None
        expected = NormalIndPower().solve_power(0.1 / sqrt(0.7), alpha=0.05, power=0.8)
        assert split_test.rows_per_arm == pytest.approx(expected, abs=1)
        assert split_test.periods == pytest.approx(2 * split_test.rows_per_arm / 1000)
        assert split_test.days is None

    @pytest.mark.statistical
    def test_power_is_reached_in_simulated_tests(self, spec: Callable[..., LiftSpec], rates: Rates) -> None:
        split_test = planning.split_test(spec({"days": 7}), good(150), 1.0, 1000)
        assert split_test is not None
        rng, runs = np.random.default_rng(1), 2000
        arms = rng.exponential(size=(runs, 2, split_test.rows_per_arm)) - 1
        detected = ttest_ind(arms[:, 0], arms[:, 1] + 0.15, axis=1).pvalue < 0.05
        what, where = "gain of a good model is shown by an A/B test of the planned size", "skewed amounts"
        rates.power(what, where, detected=detected.sum(), of=runs, nominal=0.8)
        assert split_test.days == pytest.approx(7 * split_test.periods)

    def test_model_without_gain_has_no_split_test(self, spec: Callable[..., LiftSpec]) -> None:
        assert planning.split_test(spec(), good(-1), 1.0, 1000) is None
        assert planning.split_test(spec(), None, 1.0, 1000) is None
