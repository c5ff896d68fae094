"""Numbers from the literature, computed the way a project would."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytest

from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import weighed

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.arrays import Floats
    from iterata.measure.kpi_scale import KpiScale

    Rulers = Callable[..., KpiScale]


def figures(kpi_scale: KpiScale) -> dict[str, float]:
    sample = weighed(np.ones((1, len(kpi_scale.outcomes))))
    return {name: bound(sample).item() for name, bound in kpi_scale.bounds.items()}


class TestProvostAndFawcett:
    """Data Science for Business, chapter 7: a confusion table of 56 / 7 / 5 / 42, worth 99 / -1 / 0 / 0."""

    POSITIVE = np.repeat([True, False, True, False], [56, 7, 5, 42])
    MODEL = np.repeat([1.0, 1.0, 0.0, 0.0], [56, 7, 5, 42])
    KPI: ClassVar = {"kind": "outcome_value", "values": {"tp": 99, "fp": -1, "fn": 0, "tn": 0}}

    def at(self, rulers: Rulers, acted: int) -> dict[str, float]:
        """The figures per row where the status quo acts upon so many rows."""
        return figures(rulers(self.POSITIVE, np.arange(110) < acted, 1, **self.KPI))

    def test_the_model_is_worth_50_dollars_and_34_cents_a_row(self, kpi_scale: Rulers) -> None:
        found = figures(kpi_scale(self.POSITIVE, self.MODEL, 1, **self.KPI))
        assert found["status_quo"] == pytest.approx(5537 / 110)
        assert found["status_quo"] == pytest.approx(50.33636, abs=1e-5)

    def test_a_perfect_model_is_worth_a_little_more(self, kpi_scale: Rulers) -> None:
        assert figures(kpi_scale(self.POSITIVE, self.MODEL, 1, **self.KPI))["perfect"] == pytest.approx(54.9)

    @pytest.mark.parametrize(
        ("acted", "expected"),
        [
            pytest.param(63, 31.1876, id="as many as the model acts upon"),
            pytest.param(61, 30.1975, id="as many as there are positives"),
            pytest.param(55, 27.2273, id="every second row"),
            pytest.param(110, 54.4545, id="everybody"),
        ],
    )
    def test_random_is_worth_what_its_number_of_rows_brings(
        self, kpi_scale: Rulers, acted: int, expected: float
    ) -> None:
        assert self.at(kpi_scale, acted)["random"] == pytest.approx(expected, abs=1e-4)

    def test_treating_all_beats_the_model_at_these_prices(self, kpi_scale: Rulers) -> None:
        kpi, outcomes = kpi_scale(self.POSITIVE, self.MODEL, **self.KPI).kpi, Outcomes.of(self.POSITIVE)
        assert kpi.treat_all(outcomes) == pytest.approx(54.4545, abs=1e-4)
        assert kpi.do_nothing(outcomes) == 0


class TestBerryAndLinoff:
    """Data Mining Techniques, chapter 4: a million prospects, 1 % respond, 44 net a hit, 1 a contact."""

    ROWS, PROSPECTS = 10_000, 1_000_000
    POSITIVE = np.arange(10_000) < 100

    def mailing(self, rulers: Rulers, depth: float, lift: float, spend: str = "forced") -> KpiScale:
        """A ruler whose status quo finds `lift` times as many as chance among the first `depth`."""
        contacted = int(depth * self.ROWS)
        hits = round(contacted * 0.01 * lift)
        score: Floats = np.zeros(self.ROWS)
        score[:hits] = 1  # responders within the depth
        score[100 : 100 + contacted - hits] = 1  # and those who fill it up
        costs = {"value_per_hit": 45, "cost_per_contact": 1, "spend": spend, "budget": depth}
        return rulers(self.POSITIVE, score, self.PROSPECTS, kind="targeting", **costs)

    @pytest.mark.parametrize(("depth", "lift", "expected"), [(0.3, 2, -30_000), (0.1, 3, 35_000)])
    def test_a_deeper_mailing_can_lose_what_a_shallow_one_wins(
        self, kpi_scale: Rulers, depth: float, lift: float, expected: float
    ) -> None:
        assert figures(self.mailing(kpi_scale, depth, lift))["status_quo"] == pytest.approx(expected)

    def test_a_blind_mailing_loses_most(self, kpi_scale: Rulers) -> None:
        assert figures(self.mailing(kpi_scale, 0.3, 2))["random"] == pytest.approx(-165_000)

    def test_perfect_stops_at_the_last_responder_if_it_may(self, kpi_scale: Rulers) -> None:
        assert figures(self.mailing(kpi_scale, 0.3, 2, "optional"))["perfect"] == pytest.approx(440_000)

    def test_perfect_mails_on_where_the_budget_is_forced(self, kpi_scale: Rulers) -> None:
        assert figures(self.mailing(kpi_scale, 0.3, 2, "forced"))["perfect"] == pytest.approx(150_000)

    def test_treating_all_is_told_where_it_is_allowed(self, kpi_scale: Rulers) -> None:
        forced, optional = (self.mailing(kpi_scale, 0.3, 2, spend).kpi for spend in ("forced", "optional"))
        outcomes = Outcomes.of(self.POSITIVE)
        assert forced.treat_all(outcomes) is None
        assert optional.treat_all(outcomes) == pytest.approx(0.01 * 45 - 1)


class TestCoil:
    """CoIL Challenge 2000: choose 800 of 4,000 customers, 238 of whom hold a caravan policy."""

    POSITIVE = np.arange(4000) < 238
    WINNER = np.where(np.arange(4000) < 121, 2.0, np.where(np.arange(4000) >= 4000 - 679, 1.0, 0.0))

    @pytest.fixture
    def challenge(self, kpi_scale: Rulers) -> KpiScale:
        return kpi_scale(self.POSITIVE, np.zeros(4000), 4000, kind="targeting", budget=800)

    def test_a_perfect_choice_finds_them_all(self, challenge: KpiScale) -> None:
        assert figures(challenge)["perfect"] == pytest.approx(238)

    def test_a_blind_choice_finds_47_point_6(self, challenge: KpiScale) -> None:
        found = figures(challenge)
        assert found["random"] == pytest.approx(47.6)
        assert found["status_quo"] == pytest.approx(47.6), "a score that says nothing is a blind choice"

    def test_one_blind_draw_strays_by_six(self, challenge: KpiScale) -> None:
        sd = challenge.kpi.random_sd(Outcomes.of(self.POSITIVE), np.zeros(4000))
        assert sd is not None
        assert 4000 * sd == pytest.approx(5.99, abs=0.005)

    def test_the_winner_captured_39_percent_of_the_way_from_random(self, challenge: KpiScale) -> None:
        sample = weighed(np.ones((1, 4000)))
        winner = challenge.column(self.WINNER)(sample)
        assert winner.item() == pytest.approx(121)
        bounds = {name: bound(sample) for name, bound in challenge.bounds.items()}
        gain = challenge.gain(winner, bounds["random"])
        potential = challenge.gain(bounds["perfect"], bounds["random"])
        captured = challenge.share_estimate((gain.item(), potential.item()), (gain, potential))
        assert captured is not None
        assert captured.value == pytest.approx(0.3855, abs=5e-5)

    def test_a_sample_of_another_size_gives_the_figures_of_the_period(self, kpi_scale: Rulers) -> None:
        half = kpi_scale(self.POSITIVE[::2], np.zeros(2000), 4000, kind="targeting", budget=800)
        assert figures(half)["perfect"] == pytest.approx(238)
        scale = half.scale(*_as_estimates(half), "blind")
        assert scale.random.sd_of_one_draw == pytest.approx(5.99, abs=0.005), (
            "it is one draw of 800, not of 400"
        )


def _as_estimates(kpi_scale: KpiScale) -> tuple[dict[str, float], dict[str, Floats]]:
    found = figures(kpi_scale)
    return found, {name: np.full(10, figure) for name, figure in found.items()}
