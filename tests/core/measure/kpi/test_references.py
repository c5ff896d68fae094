"""Published numbers, computed from the description of a KPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytest

from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.arrays import Floats
    from iterata.measure.kpi_scale import KpiScale

    MakeScale = Callable[..., KpiScale]


def bounds_of(kpi_scale: KpiScale) -> dict[str, float]:
    return {name: bound.on_sample(len(kpi_scale.outcomes)) for name, bound in kpi_scale.bounds.items()}


class TestProvostAndFawcett:
    """Data Science for Business, chapter 7: a confusion matrix of 56 / 7 / 5 / 42, worth 99 / -1 / 0 / 0."""

    POSITIVE = np.repeat([True, False, True, False], [56, 7, 5, 42])
    MODEL = np.repeat([1.0, 1.0, 0.0, 0.0], [56, 7, 5, 42])
    KPI: ClassVar = {"kind": "outcome_value", "values": {"tp": 99, "fp": -1, "fn": 0, "tn": 0}}

    def at(self, make_scale: MakeScale, acted: int) -> dict[str, float]:
        """The bounds per row if the status quo acts on this many rows."""
        return bounds_of(make_scale(self.POSITIVE, np.arange(110) < acted, 1, **self.KPI))

    def test_model_is_worth_50_dollars_and_34_cents_per_row(self, make_scale: MakeScale) -> None:
        bounds = bounds_of(make_scale(self.POSITIVE, self.MODEL, 1, **self.KPI))
        assert bounds["status_quo"] == pytest.approx(5537 / 110)
        assert bounds["status_quo"] == pytest.approx(50.33636, abs=1e-5)

    def test_perfect_model_is_worth_54_dollars_and_90_cents_per_row(self, make_scale: MakeScale) -> None:
        assert bounds_of(make_scale(self.POSITIVE, self.MODEL, 1, **self.KPI))["perfect"] == pytest.approx(
            54.9
        )

    @pytest.mark.parametrize(
        ("acted", "expected"),
        [
            pytest.param(63, 31.1876, id="as many as the model acts upon"),
            pytest.param(61, 30.1975, id="as many as there are positives"),
            pytest.param(55, 27.2273, id="every second row"),
            pytest.param(110, 54.4545, id="everybody"),
        ],
    )
    def test_random_model_acts_on_as_many_rows_as_the_status_quo(
        self, make_scale: MakeScale, acted: int, expected: float
    ) -> None:
        assert self.at(make_scale, acted)["random"] == pytest.approx(expected, abs=1e-4)

    def test_treating_all_is_worth_more_than_the_model(self, make_scale: MakeScale) -> None:
        kpi, outcomes = make_scale(self.POSITIVE, self.MODEL, **self.KPI).kpi, Outcomes.of(self.POSITIVE)
        assert kpi.treat_all(outcomes) == pytest.approx(54.4545, abs=1e-4)
        assert kpi.do_nothing(outcomes) == 0


class TestBerryAndLinoff:
    """Data Mining Techniques, chapter 4: a million prospects, 1 % respond, 44 net a hit, 1 a contact."""

    ROWS, PROSPECTS = 10_000, 1_000_000
    POSITIVE = np.arange(10_000) < 100

    def mailing(self, make_scale: MakeScale, depth: float, lift: float, spend: str = "forced") -> KpiScale:
        """A scale whose status quo finds `lift` times as many responders as chance in the top `depth`."""
        contacted = int(depth * self.ROWS)
        hits = round(contacted * 0.01 * lift)
        score: Floats = np.zeros(self.ROWS)
        score[:hits] = 1  # responders within the depth
        score[100 : 100 + contacted - hits] = 1  # and others up to the depth
        costs = {"value_per_hit": 45, "cost_per_contact": 1, "spend": spend, "budget": depth}
        return make_scale(self.POSITIVE, score, self.PROSPECTS, kind="targeting", **costs)

    @pytest.mark.parametrize(("depth", "lift", "expected"), [(0.3, 2, -30_000), (0.1, 3, 35_000)])
    def test_value_of_a_mailing_depends_on_depth_and_lift(
        self, make_scale: MakeScale, depth: float, lift: float, expected: float
    ) -> None:
        assert bounds_of(self.mailing(make_scale, depth, lift))["status_quo"] == pytest.approx(expected)

    def test_random_mailing_loses_165_000(self, make_scale: MakeScale) -> None:
        assert bounds_of(self.mailing(make_scale, 0.3, 2))["random"] == pytest.approx(-165_000)

    def test_perfect_mailing_with_optional_spend_stops_at_the_last_responder(
        self, make_scale: MakeScale
    ) -> None:
        assert bounds_of(self.mailing(make_scale, 0.3, 2, "optional"))["perfect"] == pytest.approx(440_000)

    def test_perfect_mailing_with_forced_spend_uses_the_whole_budget(self, make_scale: MakeScale) -> None:
        assert bounds_of(self.mailing(make_scale, 0.3, 2, "forced"))["perfect"] == pytest.approx(150_000)

    def test_treating_all_has_no_value_if_the_budget_is_forced(self, make_scale: MakeScale) -> None:
        forced, optional = (self.mailing(make_scale, 0.3, 2, spend).kpi for spend in ("forced", "optional"))
        outcomes = Outcomes.of(self.POSITIVE)
        assert forced.treat_all(outcomes) is None
        assert optional.treat_all(outcomes) == pytest.approx(0.01 * 45 - 1)


class TestCoil:
    """CoIL Challenge 2000: select 800 of 4,000 customers, 238 of whom have a caravan policy."""

    POSITIVE = np.arange(4000) < 238
    WINNER = np.where(np.arange(4000) < 121, 2.0, np.where(np.arange(4000) >= 4000 - 679, 1.0, 0.0))

    @pytest.fixture
    def challenge(self, make_scale: MakeScale) -> KpiScale:
        return make_scale(self.POSITIVE, np.zeros(4000), 4000, kind="targeting", budget=800)

    def test_perfect_selection_finds_all_238(self, challenge: KpiScale) -> None:
        assert bounds_of(challenge)["perfect"] == pytest.approx(238)

    def test_random_selection_finds_47_point_6(self, challenge: KpiScale) -> None:
        bounds = bounds_of(challenge)
        assert bounds["random"] == pytest.approx(47.6)
        assert bounds["status_quo"] == pytest.approx(47.6), "a constant score is a random selection"

    def test_number_of_hits_of_a_random_selection_has_an_sd_of_six(self, challenge: KpiScale) -> None:
        sd = challenge.kpi.random_sd(Outcomes.of(self.POSITIVE), np.zeros(4000))
        assert sd is not None
        assert 4000 * sd == pytest.approx(5.99, abs=0.005)

    def test_winner_captured_39_percent_of_the_span_from_random(self, challenge: KpiScale) -> None:
        winner, bounds = challenge.column(self.WINNER).on_sample(4000), bounds_of(challenge)
        assert winner == pytest.approx(121)
        gain = challenge.gain(winner, bounds["random"])
        potential = challenge.gain(bounds["perfect"], bounds["random"])
        assert gain / potential == pytest.approx(0.3855, abs=5e-5)

    def test_smaller_sample_gives_the_figures_of_the_period(self, make_scale: MakeScale) -> None:
        half = make_scale(self.POSITIVE[::2], np.zeros(2000), 4000, kind="targeting", budget=800)
        assert bounds_of(half)["perfect"] == pytest.approx(238)
        scale = half.scale(*_as_estimates(half), "blind")
        assert scale.random.sd_of_one_draw == pytest.approx(5.99, abs=0.005), "a draw of 800, not of 400"


def _as_estimates(kpi_scale: KpiScale) -> tuple[dict[str, float], dict[str, Floats]]:
    bounds = bounds_of(kpi_scale)
    return bounds, {name: np.full(10, figure) for name, figure in bounds.items()}
