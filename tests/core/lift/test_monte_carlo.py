"""How uncertain a lift from assumptions is, and which assumption makes it so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from iterata import results
from iterata.documents.models.assumptions import Range
from iterata.lift.monte_carlo import draw
from iterata.lift.sensitivity import variance_explained

from .assumed import estimates, mailing


class TestDraws:
    @pytest.mark.parametrize("written", [[2, 3, 10], [0.05, 0.05, 0.1], [-4, 1, 1], [0, 5, 10]], ids=str)
    def test_three_figures_are_a_pert_distribution(self, written: list[float]) -> None:
        low, likely, high = written
        drawn = draw({"x": Range.of(written)}, 20_000, np.random.default_rng(1))["x"]
        width = high - low
        pert = stats.beta(
            1 + 4 * (likely - low) / width, 1 + 4 * (high - likely) / width, loc=low, scale=width
        )
        assert stats.kstest(drawn, pert.cdf).pvalue > 0.001
        assert pert.mean() == pytest.approx((low + 4 * likely + high) / 6)
        assert drawn.mean() == pytest.approx(pert.mean(), abs=4 * pert.std() / 20_000**0.5)
        assert (drawn.min() >= low, drawn.max() <= high) == (True, True)

    def test_two_figures_are_uniform(self) -> None:
        drawn = draw({"x": Range.of([2, 6])}, 20_000, np.random.default_rng(1))["x"]
        assert stats.kstest(drawn, stats.uniform(2, 4).cdf).pvalue > 0.001

    def test_numbers_are_drawn_on_their_own(self) -> None:
        both = {"x": Range.of([0, 1]), "y": Range.of([0, 0.5, 1])}
        drawn = draw(both, 20_000, np.random.default_rng(1))
        assert abs(np.corrcoef(drawn["x"], drawn["y"])[0, 1]) < 4 / 20_000**0.5

    def test_an_interval_holds_the_middle_of_the_draws(self) -> None:
        """Where only the base rate is uncertain, perfect is a multiple of it."""
        found = mailing(base_rate=[0.04, 0.06, 0.09], draws=100_000)
        pert = stats.beta(1 + 4 * 0.4, 1 + 4 * 0.6, loc=0.04, scale=0.05)
        assert found.scale.perfect.low == pytest.approx(4000 * pert.ppf(0.025), rel=0.005)
        assert found.scale.perfect.high == pytest.approx(4000 * pert.ppf(0.975), rel=0.005)
        assert found.interval.resamples == 100_000

    def test_single_numbers_have_no_interval(self) -> None:
        found = mailing()
        assert found.interval.resamples == 0
        assert all(each.low == each.value == each.high for each in estimates(found))

    def test_a_figure_lies_within_its_interval_even_at_the_end_of_a_range(self) -> None:
        found = mailing(
            base_rate=[0.05, 0.05, 0.1], capture=[0.1, 0.4, 0.4], values={"value_per_hit": [1, 9, 9]}
        )
        assert all(each.low <= each.value <= each.high for each in estimates(found))

    def test_equal_runs_say_the_same_and_another_seed_does_not(self) -> None:
        first, again, other = (mailing(base_rate=[0.04, 0.08], seed=seed) for seed in (1, 1, 2))
        assert results.to_json(first) == results.to_json(again)
        assert first.potential_lift.value == other.potential_lift.value
        assert first.potential_lift != other.potential_lift

    def test_the_result_survives_its_file(self) -> None:
        found = mailing(base_rate=[0.04, 0.08], worth={"per_unit": 5, "currency": "EUR"}, project_cost=100)
        assert results.parse("lift", results.to_json(found), "lift.json") == found


class TestWhatMatters:
    def test_the_variance_is_shared_among_causes_that_add_up(self) -> None:
        """Of 3x + 1y + 0z with equal spreads, x explains 90 %, y 10 % and z nothing."""
        rng = np.random.default_rng(3)
        x, y, z = rng.normal(size=(3, 50_000))
        effect = 3 * x + y
        assert variance_explained(x, effect) == pytest.approx(0.9, abs=0.02)
        assert variance_explained(y, effect) == pytest.approx(0.1, abs=0.02)
        assert variance_explained(z, effect) == pytest.approx(0, abs=0.005)

    def test_it_asks_for_no_straight_line(self) -> None:
        """Ishigami's function has the first-order indices .3139, .4424 and 0 (Homma and Saltelli 1996)."""
        x = np.random.default_rng(4).uniform(-np.pi, np.pi, size=(3, 200_000))
        effect = np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
        found = [variance_explained(each, effect) for each in x]
        assert found == pytest.approx([0.3139, 0.4424, 0], abs=0.01)

    @pytest.mark.parametrize("effect", [np.zeros(1000), np.full(1000, 1e9)], ids=["nothing", "constant"])
    def test_what_does_not_vary_is_not_explained(self, effect: Any) -> None:
        assert variance_explained(np.arange(1000.0), effect) == 0

    def test_the_one_that_matters_most_comes_first(self) -> None:
        found = mailing(base_rate=[0.059, 0.06, 0.061], capture=[0.1, 0.3, 0.5]).assumed
        assert found is not None
        assert [each.name for each in found.sensitivity] == ["status_quo.capture", "base_rate"]
        first = found.sensitivity[0]
        assert (first.at_low, first.at_high) == (pytest.approx(240 * 0.9), pytest.approx(240 * 0.5))
        assert first.variance > 0.9

    def test_two_that_enter_alike_matter_alike(self) -> None:
        """Potential is rows x base rate x value x (1 - capture): equal relative ranges, equal swings."""
        found = mailing(volume=[3000, 4000, 5000], values={"value_per_hit": [0.75, 1, 1.25]}, draws=100_000)
        assert found.assumed is not None
        one, other = found.assumed.sensitivity
        assert (one.at_low, one.at_high) == (pytest.approx(other.at_low), pytest.approx(other.at_high))
        assert one.variance == pytest.approx(other.variance, abs=0.02)
        middle = found.potential_lift.value
        assert one.at_low is not None
        assert one.at_high is not None
        assert middle - one.at_low == pytest.approx(one.at_high - middle)

    def test_single_numbers_are_listed_and_have_no_sensitivity(self) -> None:
        found = mailing().assumed
        assert found is not None
        assert found.sensitivity == []
        assert {each.distribution for each in found.inputs} == {"fixed"}

    def test_an_end_that_cannot_be_has_no_figure(self) -> None:
        found = mailing(base_rate=0.4, capture=[0.2, 0.3, 0.52]).assumed
        assert found is not None
        assert found.sensitivity[0].at_high is None
        assert found.sensitivity[0].at_low is not None
