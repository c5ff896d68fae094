"""The uncertainty of a lift from assumptions, and which assumption causes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

from iterata import results
from iterata.documents.models.kpi import TargetingSpec
from iterata.documents.models.ranges import Range
from iterata.errors import Location
from iterata.lift.monte_carlo import MostDrawsContradict, consistent, draw
from iterata.lift.sensitivity import variance_error, variance_explained

from .assumed import estimates, mailing

if TYPE_CHECKING:
    from iterata.arrays import Floats

    from ...helpers.golden import Golden


class TestDraws:
    @pytest.mark.parametrize("ends", [[2, 3, 10], [0.05, 0.05, 0.1], [-4, 1, 1], [0, 5, 10]], ids=str)
    def test_range_with_a_likely_value_is_drawn_from_the_pert_distribution(self, ends: list[float]) -> None:
        low, likely, high = ends
        drawn = draw({"x": Range.of(ends)}, 20_000, np.random.default_rng(1))["x"]
        width = high - low
        pert = stats.beta(
            1 + 4 * (likely - low) / width, 1 + 4 * (high - likely) / width, loc=low, scale=width
        )
        assert stats.kstest(drawn, pert.cdf).pvalue > 0.001
        assert pert.mean() == pytest.approx((low + 4 * likely + high) / 6)
        assert drawn.mean() == pytest.approx(pert.mean(), abs=4 * pert.std() / 20_000**0.5)
        assert (drawn.min() >= low, drawn.max() <= high) == (True, True)

    def test_range_of_two_ends_is_drawn_uniformly(self) -> None:
        drawn = draw({"x": Range.of([2, 6])}, 20_000, np.random.default_rng(1))["x"]
        assert stats.kstest(drawn, stats.uniform(2, 4).cdf).pvalue > 0.001

    def test_numbers_are_independent(self) -> None:
        ranges = {"x": Range.of([0, 1]), "y": Range.of([0, 0.5, 1])}
        drawn = draw(ranges, 20_000, np.random.default_rng(1))
        assert abs(np.corrcoef(drawn["x"], drawn["y"])[0, 1]) < 4 / 20_000**0.5

    def test_interval_is_the_central_95_percent_of_the_draws(self) -> None:
        """If only the base rate is uncertain, perfect is a multiple of it."""
        lift = mailing(base_rate=[0.04, 0.06, 0.09], draws=100_000)
        pert = stats.beta(1 + 4 * 0.4, 1 + 4 * 0.6, loc=0.04, scale=0.05)
        assert lift.scale.perfect.low == pytest.approx(4000 * pert.ppf(0.025), rel=0.005)
        assert lift.scale.perfect.high == pytest.approx(4000 * pert.ppf(0.975), rel=0.005)
        assert lift.interval.resamples == 100_000

    def test_figures_of_single_numbers_have_an_interval_of_width_zero(self) -> None:
        lift = mailing()
        assert lift.interval.resamples == 0
        assert all(figure.low == figure.value == figure.high for figure in estimates(lift))

    def test_interval_includes_the_figure_if_the_likely_value_is_at_an_end(self) -> None:
        lift = mailing(
            base_rate=[0.05, 0.05, 0.1], capture=[0.1, 0.4, 0.4], values={"value_per_hit": [1, 9, 9]}
        )
        assert all(figure.low <= figure.value <= figure.high for figure in estimates(lift))

    def test_same_seed_gives_the_same_result_and_another_seed_does_not(self) -> None:
        first, again, other = (mailing(base_rate=[0.04, 0.08], seed=seed) for seed in (1, 1, 2))
        assert results.to_json(first) == results.to_json(again)
        assert first.potential_lift.value == other.potential_lift.value
        assert first.potential_lift != other.potential_lift

    def test_result_is_equal_after_writing_and_reading(self) -> None:
        lift = mailing(base_rate=[0.04, 0.08], worth={"per_unit": 5, "currency": "EUR"}, project_cost=100)
        assert results.parse("lift", results.to_json(lift), "lift.json") == lift


class TestConsistentDraws:
    """If half of the rows are positive, a budget of a tenth of the rows captures at most a fifth of them."""

    KPI = TargetingSpec(kind="targeting", name="n", unit="u", budget=0.1)

    def draws(self, capture: Floats) -> dict[str, Floats]:
        return {
            "volume": np.full(len(capture), 1000.0),
            "base_rate": np.full(len(capture), 0.5),
            "status_quo.capture": capture,
            "values.value_per_hit": np.ones(len(capture)),
            "values.cost_per_contact": np.zeros(len(capture)),
        }

    def test_contradicting_draws_are_left_out(self) -> None:
        draws = consistent(self.KPI, self.draws(np.array([0.1, 0.15, 0.2, 0.21])))
        assert draws.dropped == 0.25
        assert draws.values["status_quo.capture"].tolist() == [0.1, 0.15, 0.2]
        assert draws.reason

    def test_draws_without_contradictions_are_all_kept(self) -> None:
        capture = np.array([0.1, 0.2])
        draws = consistent(self.KPI, self.draws(capture))
        assert (draws.dropped, draws.reason) == (0, "")
        assert draws.values["status_quo.capture"].tolist() == capture.tolist()

    def test_assumptions_are_refused_if_most_draws_contradict(self, golden: Golden) -> None:
        with pytest.raises(MostDrawsContradict) as refused:
            consistent(self.KPI, self.draws(np.linspace(0.19, 0.9, 10)), "assessment.md")
        assert refused.value.location == Location("assessment.md")
        golden.check("most_draws_contradict", str(refused.value))


class TestSensitivity:
    def test_additive_causes_share_the_variance(self) -> None:
        """Of 3x + 1y + 0z with equal variances, x explains 90 %, y 10 % and z nothing."""
        rng = np.random.default_rng(3)
        x, y, z = rng.normal(size=(3, 50_000))
        effect = 3 * x + y
        assert variance_explained(x, effect) == pytest.approx(0.9, abs=0.02)
        assert variance_explained(y, effect) == pytest.approx(0.1, abs=0.02)
        assert variance_explained(z, effect) == pytest.approx(0, abs=0.005)

    def test_relation_need_not_be_linear_or_monotonic(self) -> None:
        """Ishigami's function has the first-order indices .3139, .4424 and 0 (Homma and Saltelli 1996)."""
        x = np.random.default_rng(4).uniform(-np.pi, np.pi, size=(3, 200_000))
        effect = np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
        shares = [variance_explained(cause, effect) for cause in x]
        assert shares == pytest.approx([0.3139, 0.4424, 0], abs=0.01)

    def test_what_groups_explain_by_chance_is_subtracted(self) -> None:
        """Forty groups of ten unrelated draws explain 10 % of the variance by chance."""
        rng = np.random.default_rng(5)
        shares = [variance_explained(*rng.normal(size=(2, 400))) for _ in range(200)]
        assert np.mean(shares) < 0.03

    def test_standard_error_is_the_spread_over_repeated_draws(self) -> None:
        """Of Ishigami's function again, from 10,000 draws."""
        shares, errors = [], []
        for seed in range(40):
            x = np.random.default_rng(seed).uniform(-np.pi, np.pi, size=(2, 10_000))
            effect = np.sin(x[0]) + 7 * np.sin(x[1]) ** 2
            shares.append([variance_explained(cause, effect) for cause in x])
            errors.append([variance_error(cause, effect) for cause in x])
        assert np.mean(errors, axis=0) == pytest.approx(np.std(shares, axis=0), rel=0.35)

    @pytest.mark.parametrize("effect", [np.zeros(1000), np.full(1000, 1e9)], ids=["nothing", "constant"])
    def test_constant_effect_is_not_explained(self, effect: Any) -> None:
        assert variance_explained(np.arange(1000.0), effect) == 0

    def test_most_important_assumption_comes_first(self) -> None:
        analysis = mailing(base_rate=[0.059, 0.06, 0.061], capture=[0.1, 0.3, 0.5]).assumed
        assert analysis is not None
        assert [effect.name for effect in analysis.sensitivity] == ["status_quo.capture", "base_rate"]
        first = analysis.sensitivity[0]
        assert (first.at_low, first.at_high) == (pytest.approx(240 * 0.9), pytest.approx(240 * 0.5))
        assert first.variance > 0.9

    def test_factors_with_equal_relative_ranges_have_equal_importance(self) -> None:
        """The potential lift is rows x base rate x value x (1 - capture)."""
        lift = mailing(volume=[3000, 4000, 5000], values={"value_per_hit": [0.75, 1, 1.25]}, draws=100_000)
        assert lift.assumed is not None
        rows, value = lift.assumed.sensitivity
        assert (rows.at_low, rows.at_high) == (pytest.approx(value.at_low), pytest.approx(value.at_high))
        assert rows.variance == pytest.approx(value.variance, abs=0.02)
        middle = lift.potential_lift.value
        assert rows.at_low is not None
        assert rows.at_high is not None
        assert middle - rows.at_low == pytest.approx(rows.at_high - middle)

    def test_single_numbers_are_listed_without_sensitivity(self) -> None:
        analysis = mailing().assumed
        assert analysis is not None
        assert analysis.sensitivity == []
        assert {assumption.distribution for assumption in analysis.inputs} == {"fixed"}

    def test_impossible_end_of_a_range_has_no_figure(self) -> None:
        analysis = mailing(base_rate=0.4, capture=[0.2, 0.3, 0.52]).assumed
        assert analysis is not None
        assert analysis.sensitivity[0].at_high is None
        assert analysis.sensitivity[0].at_low is not None
