"""The expected lift from assumptions: published figures, agreement with data, and contradictory draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from iterata.documents.models.assumed_status_quo import CONTRADICTIONS
from iterata.documents.models.lift import LiftSpec
from iterata.errors import DataError
from iterata.measure.kpi import from_spec

from .assumed import MAILING, PROFIT, figures, lift, mailing

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.results import LiftResult

BERRY_AND_LINOFF: dict[str, Any] = {
    **MAILING, "unit": "USD", "value_per_hit": 45, "cost_per_contact": 1
}  # fmt: skip
"""A response is worth 45 USD, and its letter costs 1 USD."""


class TestPublishedFigures:
    """Figures that books compute from counted rows, here from the shares alone."""

    def test_expected_profit_of_provost_and_fawcett(self) -> None:
        """A confusion matrix of 56 / 7 / 5 / 42: 63 of 110 rows get an offer, and 56 of 61 positives do."""
        kpi = {**PROFIT, "values": {"tp": 99, "fp": -1, "fn": 0, "tn": 0}}
        status_quo = {"precision": 56 / 63, "recall": 56 / 61}
        result = lift(kpi, volume=110, base_rate=61 / 110, status_quo=status_quo)
        per_row = {name: figure / 110 for name, figure in figures(result).items()}
        assert per_row["status_quo"] == pytest.approx(5537 / 110)
        assert per_row["perfect"] == pytest.approx(54.9)
        assert per_row["random"] == pytest.approx(31.1876, abs=5e-5)
        assert result.scale.treat_all == pytest.approx(110 * 54.4545, abs=0.01)
        assert result.scale.do_nothing == 0

    @pytest.mark.parametrize(("random", "per_row"), [("base_rate", 30.1975), ("half", 27.2273)])
    def test_random_models_for_the_rows_of_provost_and_fawcett(self, random: str, per_row: float) -> None:
        kpi = {**PROFIT, "values": {"tp": 99, "fp": -1, "fn": 0, "tn": 0}, "random": random}
        result = lift(
            kpi, volume=110, base_rate=61 / 110, status_quo={"recall": 56 / 61, "action_rate": 63 / 110}
        )
        assert result.scale.random.expectation.value / 110 == pytest.approx(per_row, abs=5e-5)
        spec = LiftSpec.model_validate(
            {"kpi": kpi, "assumptions": {"volume": 2, "base_rate": 0.5, "status_quo": {"action_rate": 1}}}
        )
        assert result.scale.random.meaning == from_spec(spec.kpi, 110).random_meaning

    @pytest.mark.parametrize(
        ("depth", "better", "spend", "expected"),
        [
            (0.3, 2, "forced", {"status_quo": -30_000, "random": -165_000, "perfect": 150_000}),
            (0.3, 2, "optional", {"status_quo": -30_000, "random": -165_000, "perfect": 440_000}),
            (0.1, 3, "optional", {"status_quo": 35_000, "random": -55_000, "perfect": 440_000}),
        ],
    )
    def test_campaign_profit_of_berry_and_linoff(
        self, depth: float, better: float, spend: str, expected: dict[str, float]
    ) -> None:
        kpi = {**BERRY_AND_LINOFF, "budget": depth, "spend": spend}
        result = figures(lift(kpi, volume=1e6, base_rate=0.01, status_quo={"lift_over_random": better}))
        assert {name: result[name] for name in expected} == pytest.approx(expected)

    def test_policies_of_the_caravan_challenge(self) -> None:
        """238 of 4,000 customers hold a policy and 800 get a letter; the winner result 121 of them."""
        result = lift({**MAILING, "budget": 800}, volume=4000, base_rate=238 / 4000, status_quo={"kpi": 121})
        assert figures(result) == pytest.approx(
            {"random": 47.6, "status_quo": 121, "perfect": 238, "potential": 117, "risk": 73.4}
        )
        assert result.scale.random.sd_of_one_draw == pytest.approx(5.99, abs=0.01)
        hits = stats.hypergeom(4000, 238, 800)
        assert result.scale.random.sd_of_one_draw == pytest.approx(hits.std(), rel=1e-6)
        assert result.position is not None
        assert result.position.value == pytest.approx(0.3855, abs=5e-5)


class TestStatusQuo:
    @pytest.mark.parametrize(
        "status_quo", [{"capture": 0.3}, {"precision": 0.09}, {"lift_over_random": 1.5}, {"kpi": 72}], ids=str
    )
    def test_equivalent_figures_of_a_mailing_give_the_same_kpi(self, status_quo: dict[str, float]) -> None:
        result = lift(MAILING, volume=4000, base_rate=0.06, status_quo=status_quo)
        assert result.scale.status_quo.value == pytest.approx(72)

    @pytest.mark.parametrize(
        "status_quo",
        [
            {"precision": 0.5, "recall": 0.4},
            {"precision": 0.5, "action_rate": 0.08},
            {"recall": 0.4, "action_rate": 0.08},
            {"action_rate": 0.08, "kpi": -520},
        ],
        ids=str,
    )
    def test_equivalent_figures_of_decisions_give_the_same_kpi(self, status_quo: dict[str, float]) -> None:
        """100 of 1,000 rows are positive, 80 are acted upon and 40 are both: 40 * 4 - 40 * 2 - 60 * 10."""
        kpi = {**PROFIT, "values": {"tp": 4, "fp": -2, "fn": -10, "tn": 0}}
        result = lift(kpi, volume=1000, base_rate=0.1, status_quo=status_quo)
        assert result.scale.status_quo.value == pytest.approx(-520)

    @pytest.mark.parametrize(("action_rate", "name"), [(0, "do_nothing"), (1, "treat_all")])
    def test_action_rate_of_0_and_1_is_do_nothing_and_treat_all(self, action_rate: int, name: str) -> None:
        kpi = {**PROFIT, "values": {"tp": 4, "fp": -2, "fn": -10, "tn": 0}}
        result = lift(kpi, volume=1000, base_rate=0.1, status_quo={"action_rate": action_rate})
        assert result.scale.status_quo.value == pytest.approx(getattr(result.scale, name))
        assert result.risk.value == 0


class TestAgreementWithData:
    """Rows with exactly the assumed shares give the same figures."""

    @pytest.mark.parametrize("spend", ["forced", "optional"])
    @pytest.mark.parametrize("direction", ["maximise", "minimise"])
    @pytest.mark.parametrize("budget", [0.2, 200, 1.0])
    def test_mailing_has_the_figures_of_its_rows(
        self, from_rows: Callable[..., LiftResult], budget: float, direction: str, spend: str
    ) -> None:
        kpi = {**MAILING, "budget": budget, "direction": direction, "spend": spend}
        kpi |= {"value_per_hit": 3, "cost_per_contact": 0.5}
        rows = from_rows(
            kpi,
            positives=100,
            actions=round(1000 * (budget if budget <= 1 else 0.2)),
            hits=100 if budget == 1 else 40,
        )
        capture = 1.0 if budget == 1 else 0.4
        assert_agreement(rows, lift(kpi, volume=1000, base_rate=0.1, status_quo={"capture": capture}))

    @pytest.mark.parametrize("direction", ["maximise", "minimise"])
    @pytest.mark.parametrize(
        "values",
        [
            {"tp": 99, "fp": -1, "fn": 0, "tn": 0},
            {"tp": -5, "fp": -1, "fn": -50, "tn": 0},
            {"tp": 3, "fp": 2, "fn": 10, "tn": 0},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("random", ["status_quo_rate", "base_rate", "half"])
    def test_decisions_have_the_figures_of_their_rows(
        self, from_rows: Callable[..., LiftResult], values: dict[str, float], direction: str, random: str
    ) -> None:
        kpi = {**PROFIT, "values": values, "direction": direction, "random": random}
        rows = from_rows(kpi, positives=100, actions=150, hits=60)
        assert_agreement(
            rows, lift(kpi, volume=1000, base_rate=0.1, status_quo={"recall": 0.6, "precision": 0.4})
        )


def assert_agreement(measured: LiftResult, assumed: LiftResult) -> None:
    assert figures(assumed) == pytest.approx(figures(measured))
    assert (assumed.position is None) == (measured.position is None)
    if assumed.position and measured.position:
        assert assumed.position.value == pytest.approx(measured.position.value)
    one, other = assumed.scale, measured.scale
    assert (one.random.meaning, one.treat_all is None) == (other.random.meaning, other.treat_all is None)
    assert one.do_nothing == pytest.approx(other.do_nothing)
    assert one.treat_all == pytest.approx(other.treat_all)
    assert one.random.sd_of_one_draw == pytest.approx(other.random.sd_of_one_draw)


class TestContradictions:
    def test_contradictory_draws_are_dropped_and_counted(self) -> None:
        """With a budget of 20 % of the rows, at most half of 40 % positives can be reached."""
        result = mailing(base_rate=0.4, capture=[0.3, 0.55], draws=50_000)
        assert result.assumed is not None
        assert result.assumed.dropped == pytest.approx(0.2, abs=0.01)
        assert result.assumed.dropped_because in dict(CONTRADICTIONS)
        assert result.interval.resamples == round(50_000 * (1 - result.assumed.dropped))
        assert result.scale.status_quo.high <= 4000 * 0.2 + 1e-6

    def test_mostly_contradictory_draws_are_refused_at_the_line_of_the_document(self) -> None:
        with pytest.raises(DataError) as caught:
            mailing(base_rate=[0.05, 0.2, 0.9], capture=[0.9, 0.95, 1])
        assert caught.value.where == "assessment.md:20"

    @given(
        base=st.floats(0.02, 0.95),
        width=st.sampled_from([0, 0.1, 0.5]),
        budget=st.floats(0.02, 1),
        skill=st.floats(0, 1),
        forced=st.booleans(),
        maximise=st.booleans(),
        value=st.floats(-5, 20),
        cost=st.floats(0, 3),
    )
    @settings(max_examples=60, deadline=None)
    def test_perfect_model_is_the_best_in_every_draw(  # noqa: PLR0917
        self, base: float, width: float, budget: float, skill: float, forced: bool, maximise: bool,
        value: float, cost: float,
    ) -> None:  # fmt: skip
        """For any assumptions, figures are finite and perfect is at least as good as the other models."""
        most, least = min(1, budget / base), max(0, (budget + base - 1) / base)
        capture = least + skill * (most - least)
        kpi = {"budget": budget, "spend": "forced" if forced else "optional", "value_per_hit": value}
        kpi |= {"cost_per_contact": cost, "direction": "maximise" if maximise else "minimise"}
        capture = min(capture, 1.0)  # rounding may exceed 1
        interval = [capture * (1 - width), capture, min(1, capture * (1 + width))]
        try:
            result = mailing(
                kpi=kpi, base_rate=[base * (1 - width), base, base], capture=interval, draws=1000
            )
        except DataError:
            assume(False)
        scale, sign = result.scale, 1 if maximise else -1
        assert result.potential_lift.low >= 0
        assert result.potential_lift.value >= 0
        assert sign * (scale.perfect.value - scale.random.expectation.value) >= -1e-6 * abs(
            scale.perfect.value
        )
        if scale.treat_all is not None and not forced and budget == 1:
            assert sign * (scale.perfect.value - scale.treat_all) >= -1e-6 * abs(scale.perfect.value)
        assert result.position is None or result.position.high <= 1

    @given(better=st.floats(1, 3), base=st.floats(0.01, 0.3))
    @settings(max_examples=30, deadline=None)
    def test_status_quo_assumed_better_than_random_has_no_negative_risk(
        self, better: float, base: float
    ) -> None:
        status_quo = {"lift_over_random": [1, (1 + better) / 2, better]}
        result = lift(MAILING, volume=1000, base_rate=[base / 2, base], status_quo=status_quo, draws=1000)
        assert result.risk.low >= 0


class TestBreakEven:
    def test_captured_share_has_the_interval_of_the_potential_lift(self) -> None:
        result = mailing(
            base_rate=[0.05, 0.06, 0.07], worth={"per_unit": 120, "currency": "EUR"}, project_cost=5000
        )
        assert result.break_even is not None
        assert result.break_even.captured_share == pytest.approx(5000 / (168 * 120))
        assert result.assumed is not None
        share = result.assumed.captured_share
        assert share is not None
        assert share.low == pytest.approx(5000 / (result.potential_lift.high * 120))
        assert share.high == pytest.approx(5000 / (result.potential_lift.low * 120))

    def test_captured_share_is_none_without_potential(self) -> None:
        result = mailing(base_rate=0.06, capture=[0.9, 1.0], project_cost=1)
        assert result.assumed is not None
        assert result.assumed.captured_share is not None
        without = mailing(base_rate=0.06, capture=1, project_cost=1)
        assert without.break_even is not None
        assert (without.break_even.captured_share, without.assumed and without.assumed.captured_share) == (
            None,
            None,
        )


def test_period_is_the_volume() -> None:
    result = mailing(volume=None, period={"name": "mailing", "rows": 4000})
    assert (result.kpi.period, result.kpi.period_rows, result.kpi.budget) == ("mailing", 4000, 0.2)
    assert figures(result)["perfect"] == pytest.approx(240)


def test_budget_in_rows_is_a_share_of_each_drawn_volume() -> None:
    result = mailing(kpi={"budget": 800}, volume=[2000, 4000, 8000], base_rate=0.5, capture=0.05)
    assert result.kpi.budget == 0.2
    assert result.scale.perfect.high <= 800 + 1e-6
