"""What to expect of a good model: the rule of thumb, the break-even day, and the size of the A/B test."""

from __future__ import annotations

from datetime import date
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy.stats import ttest_ind
from statsmodels.stats.power import NormalIndPower

from iterata.documents.models.assumed_status_quo import PayoffMatrix, payoff_matrix
from iterata.documents.models.lift import LiftSpec
from iterata.kpi import describe
from iterata.lift import expected_lift, lift_from_assumptions, planning
from iterata.lift.bounds import figures
from iterata.lift.split_test import split_test, variance_of_hits
from iterata.results import GoodModel, NoGoodModel

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

    HITS = PayoffMatrix(1, 0, 0, 0)

    @pytest.mark.parametrize(
        ("payoffs", "base", "budget", "sign", "limit"),
        [
            (MAILING, 0.37, 0.4, 1, NoGoodModel.FREQUENT_POSITIVES),
            (HITS, 0.15, 0.01, 1, NoGoodModel.SMALL_BUDGET),
            (HITS, 0.1, 0.005, 1, NoGoodModel.SMALL_BUDGET),
            (HITS, 0.2, 0.02, 1, NoGoodModel.SMALL_BUDGET),
            (HITS, 0.1, 0.05, 1, None),
            (HITS, 0.2, None, 1, None),
            (HITS, 0.1, 0.2, -1, NoGoodModel.NEGATIVES_SOUGHT),
            (PayoffMatrix(-1, -1, 0, 0), 0.1, 0.2, 1, NoGoodModel.NEGATIVES_SOUGHT),
            (PayoffMatrix(-5, -5, -200, 0), 0.01, None, 1, None),
        ],
    )
    def test_limits_of_the_rule(
        self,
        payoffs: PayoffMatrix,
        base: float,
        budget: float | None,
        sign: float,
        limit: NoGoodModel | None,
    ) -> None:
        assert planning.rule_of_thumb_limit(payoffs, base, budget, sign) is limit

    @settings(max_examples=150, deadline=None)
    @given(
        base=st.floats(0.0005, 0.9),
        budget=st.floats(0.0005, 1),
        value=st.floats(-10, 50),
        cost=st.floats(0, 5),
        spend=st.sampled_from(["forced", "optional"]),
        direction=st.sampled_from(["maximise", "minimise"]),
    )
    def test_good_model_is_never_better_than_perfect(
        self, base: float, budget: float, value: float, cost: float, spend: Any, direction: Any
    ) -> None:
        values: Any = {"value_per_hit": value, "cost_per_contact": cost}
        kpi: Any = describe("targeting", budget=budget, spend=spend, direction=direction, **values)
        inputs = {"volume": 1.0, "base_rate": base, "status_quo.lift_over_random": 1.0}
        inputs |= {f"values.{name}": number for name, number in values.items()}
        payoffs, sign = payoff_matrix(kpi, inputs), kpi.direction.sign
        if planning.rule_of_thumb_limit(payoffs, base, budget, sign) is None:
            good_kpi = planning.rule_of_thumb_kpi(payoffs, base, budget)
            assert sign * (good_kpi - figures(kpi, inputs).perfect) <= 1e-9


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
        test = split_test(spec(), good(100), (0.7, 0.7), 1000)
        assert test is not None
        expected = NormalIndPower().solve_power(0.1 / sqrt(0.7), alpha=0.05, power=0.8)
        assert test.rows_per_arm == pytest.approx(expected, abs=1)
        assert test.periods == pytest.approx(2 * test.rows_per_arm / 1000)
        assert test.days is None

    @pytest.mark.statistical
    def test_power_is_reached_in_simulated_tests(self, spec: Callable[..., LiftSpec], rates: Rates) -> None:
        test = split_test(spec({"days": 7}), good(150), (1.0, 1.0), 1000)
        assert test is not None
        rng, runs = np.random.default_rng(1), 2000
        arms = rng.exponential(size=(runs, 2, test.rows_per_arm)) - 1
        detected = ttest_ind(arms[:, 0], arms[:, 1] + 0.15, axis=1).pvalue < 0.05
        what, where = "gain of a good model is shown by an A/B test of the planned size", "skewed amounts"
        rates.power(what, where, detected=detected.sum(), of=runs, nominal=0.8)
        assert test.days == pytest.approx(7 * test.periods)

    def test_model_without_gain_has_no_split_test(self, spec: Callable[..., LiftSpec]) -> None:
        assert split_test(spec(), good(-1), (1.0, 1.0), 1000) is None
        assert split_test(spec(), None, (1.0, 1.0), 1000) is None

    @pytest.mark.parametrize("slope", [0.3, 1.0])
    def test_variance_of_hits_is_that_of_repeated_samples(self, slope: float) -> None:
        """The best-scored 30 % of 400 rows; the score at which the budget ends depends on the sample."""
        rng = np.random.default_rng(3)
        score = rng.normal(size=(4000, 400))
        positive = rng.random(score.shape) < 1 / (1 + np.exp(2.5 - slope * score))
        best = np.argpartition(-score, 120, axis=1)[:, :120]
        hits = np.take_along_axis(positive, best, axis=1).sum(axis=1)
        variance = variance_of_hits(positive.mean(), 0.3, hits.mean() / (400 * positive.mean()))
        assert variance * 400 == pytest.approx(hits.var(), rel=0.06)

    @pytest.mark.parametrize("kind", ["targeting", "outcome_value"])
    def test_data_and_assumptions_of_one_case_need_the_same_rows(self, kind: str) -> None:
        rng = np.random.default_rng(0)
        bought = np.repeat([1, 0], [400, 4600])
        score = rng.normal(size=5000) + 0.3 * bought
        kpi: Any = describe("targeting", budget=0.3, value_per_hit=4, cost_per_contact=1)
        status_quo = {"capture": bought[np.argsort(-score)[:1500]].sum() / 400}
        if kind == "outcome_value":
            kpi, score = describe("outcome_value", values={"tp": 9, "fp": -1, "fn": 0, "tn": 0}), score > 1.0
            status_quo = {"precision": bought[score].mean(), "recall": score[bought == 1].mean()}
        data = expected_lift(bought, score, kpi, resamples=1500).split_test
        assumed = lift_from_assumptions(kpi, base_rate=0.08, status_quo=status_quo, period=5000).split_test
        assert data is not None
        assert assumed is not None
        assert data.rows_per_arm == pytest.approx(assumed.rows_per_arm, rel=0.1)

    def test_oversampled_rows_need_as_many_as_the_population(self) -> None:
        """Half of the sample is positive, but 2 % of the population that an A/B test draws from."""
        rng = np.random.default_rng(1)
        population = np.repeat([1, 0], [2000, 98_000])
        score = rng.normal(size=100_000) + 0.3 * population
        kpi = describe("targeting", budget=0.2)
        half = np.r_[np.arange(2000), rng.choice(np.arange(2000, 100_000), 2000, replace=False)]
        everybody = expected_lift(population, score, kpi, period=10_000).split_test
        oversampled = expected_lift(
            population[half], score[half], kpi, base_rate=0.02, period=10_000
        ).split_test
        assert everybody is not None
        assert oversampled is not None
        assert oversampled.rows_per_arm == pytest.approx(everybody.rows_per_arm, rel=0.2)
