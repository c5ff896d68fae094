"""The expected lift before there is any data: published figures, draws that can be, and what matters most."""

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
"""44 USD are left of a response's 45 once its letter is paid."""


class TestPublishedFigures:
    """What the books computed from counted rows, from the shares alone."""

    def test_provost_and_fawcett(self) -> None:
        """56 / 7 / 5 / 42 in 110 rows: of 61 positives 56 were found, by 63 offers."""
        kpi = {**PROFIT, "values": {"tp": 99, "fp": -1, "fn": 0, "tn": 0}}
        today = {"precision": 56 / 63, "recall": 56 / 61}
        found = lift(kpi, volume=110, base_rate=61 / 110, status_quo=today)
        per_row = {name: figure / 110 for name, figure in figures(found).items()}
        assert per_row["status_quo"] == pytest.approx(5537 / 110)
        assert per_row["perfect"] == pytest.approx(54.9)
        assert per_row["random"] == pytest.approx(31.1876, abs=5e-5)
        assert found.scale.treat_all == pytest.approx(110 * 54.4545, abs=0.01)
        assert found.scale.do_nothing == 0

    @pytest.mark.parametrize(("random", "per_row"), [("base_rate", 30.1975), ("half", 27.2273)])
    def test_their_other_random_models(self, random: str, per_row: float) -> None:
        kpi = {**PROFIT, "values": {"tp": 99, "fp": -1, "fn": 0, "tn": 0}, "random": random}
        found = lift(
            kpi, volume=110, base_rate=61 / 110, status_quo={"recall": 56 / 61, "action_rate": 63 / 110}
        )
        assert found.scale.random.expectation.value / 110 == pytest.approx(per_row, abs=5e-5)
        spec = LiftSpec.model_validate(
            {"kpi": kpi, "assumptions": {"volume": 2, "base_rate": 0.5, "status_quo": {"action_rate": 1}}}
        )
        assert found.scale.random.meaning == from_spec(spec.kpi, 110).random_meaning

    @pytest.mark.parametrize(
        ("depth", "better", "spend", "expected"),
        [
            (0.3, 2, "forced", {"status_quo": -30_000, "random": -165_000, "perfect": 150_000}),
            (0.3, 2, "optional", {"status_quo": -30_000, "random": -165_000, "perfect": 440_000}),
            (0.1, 3, "optional", {"status_quo": 35_000, "random": -55_000, "perfect": 440_000}),
        ],
    )
    def test_berry_and_linoff(
        self, depth: float, better: float, spend: str, expected: dict[str, float]
    ) -> None:
        kpi = {**BERRY_AND_LINOFF, "budget": depth, "spend": spend}
        found = figures(lift(kpi, volume=1e6, base_rate=0.01, status_quo={"lift_over_random": better}))
        assert {name: found[name] for name in expected} == pytest.approx(expected)

    def test_the_caravan_challenge(self) -> None:
        """238 of 4,000 hold a policy and 800 letters are sent; the winner found 121."""
        found = lift({**MAILING, "budget": 800}, volume=4000, base_rate=238 / 4000, status_quo={"kpi": 121})
        assert figures(found) == pytest.approx(
            {"random": 47.6, "status_quo": 121, "perfect": 238, "potential": 117, "risk": 73.4}
        )
        assert found.scale.random.sd_of_one_draw == pytest.approx(5.99, abs=0.01)
        hits = stats.hypergeom(4000, 238, 800)
        assert found.scale.random.sd_of_one_draw == pytest.approx(hits.std(), rel=1e-6)
        assert found.position is not None
        assert found.position.value == pytest.approx(0.3855, abs=5e-5)


class TestTheSameTodaySaidInAnotherWay:
    @pytest.mark.parametrize(
        "today", [{"capture": 0.3}, {"precision": 0.09}, {"lift_over_random": 1.5}, {"kpi": 72}], ids=str
    )
    def test_of_a_mailing(self, today: dict[str, float]) -> None:
        found = lift(MAILING, volume=4000, base_rate=0.06, status_quo=today)
        assert found.scale.status_quo.value == pytest.approx(72)

    @pytest.mark.parametrize(
        "today",
        [
            {"precision": 0.5, "recall": 0.4},
            {"precision": 0.5, "action_rate": 0.08},
            {"recall": 0.4, "action_rate": 0.08},
            {"action_rate": 0.08, "kpi": -520},
        ],
        ids=str,
    )
    def test_of_decisions(self, today: dict[str, float]) -> None:
        """Of 1,000 rows 100 are positive; 80 are acted upon, 40 of them rightly: 40*4 - 40*2 - 60*10."""
        kpi = {**PROFIT, "values": {"tp": 4, "fp": -2, "fn": -10, "tn": 0}}
        found = lift(kpi, volume=1000, base_rate=0.1, status_quo=today)
        assert found.scale.status_quo.value == pytest.approx(-520)

    @pytest.mark.parametrize(("acted", "name"), [(0, "do_nothing"), (1, "treat_all")])
    def test_nobody_and_everybody(self, acted: int, name: str) -> None:
        kpi = {**PROFIT, "values": {"tp": 4, "fp": -2, "fn": -10, "tn": 0}}
        found = lift(kpi, volume=1000, base_rate=0.1, status_quo={"action_rate": acted})
        assert found.scale.status_quo.value == pytest.approx(getattr(found.scale, name))
        assert found.risk.value == 0


class TestTheDataLiftAgrees:
    """Rows that hold exactly what is assumed give the same figures."""

    @pytest.mark.parametrize("spend", ["forced", "optional"])
    @pytest.mark.parametrize("direction", ["maximise", "minimise"])
    @pytest.mark.parametrize("budget", [0.2, 200, 1.0])
    def test_of_a_mailing(
        self, from_rows: Callable[..., LiftResult], budget: float, direction: str, spend: str
    ) -> None:
        kpi = {**MAILING, "budget": budget, "direction": direction, "spend": spend}
        kpi |= {"value_per_hit": 3, "cost_per_contact": 0.5}
        rows = from_rows(
            kpi,
            positives=100,
            acted=round(1000 * (budget if budget <= 1 else 0.2)),
            hits=100 if budget == 1 else 40,
        )
        capture = 1.0 if budget == 1 else 0.4
        agree(rows, lift(kpi, volume=1000, base_rate=0.1, status_quo={"capture": capture}))

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
    def test_of_decisions(
        self, from_rows: Callable[..., LiftResult], values: dict[str, float], direction: str, random: str
    ) -> None:
        kpi = {**PROFIT, "values": values, "direction": direction, "random": random}
        rows = from_rows(kpi, positives=100, acted=150, hits=60)
        agree(rows, lift(kpi, volume=1000, base_rate=0.1, status_quo={"recall": 0.6, "precision": 0.4}))


def agree(measured: LiftResult, assumed: LiftResult) -> None:
    assert figures(assumed) == pytest.approx(figures(measured))
    assert (assumed.position is None) == (measured.position is None)
    if assumed.position and measured.position:
        assert assumed.position.value == pytest.approx(measured.position.value)
    one, other = assumed.scale, measured.scale
    assert (one.random.meaning, one.treat_all is None) == (other.random.meaning, other.treat_all is None)
    assert one.do_nothing == pytest.approx(other.do_nothing)
    assert one.treat_all == pytest.approx(other.treat_all)
    assert one.random.sd_of_one_draw == pytest.approx(other.random.sd_of_one_draw)


class TestWhatCannotBe:
    def test_draws_that_contradict_themselves_are_left_out_and_counted(self) -> None:
        """A fifth is contacted, so of 40 % positives at most half can be reached."""
        found = mailing(base_rate=0.4, capture=[0.3, 0.55], draws=50_000)
        assert found.assumed is not None
        assert found.assumed.dropped == pytest.approx(0.2, abs=0.01)
        assert found.assumed.dropped_because in dict(CONTRADICTIONS)
        assert found.interval.resamples == round(50_000 * (1 - found.assumed.dropped))
        assert found.scale.status_quo.high <= 4000 * 0.2 + 1e-6

    def test_where_most_contradict_themselves_nothing_is_computed(self) -> None:
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
    def test_no_draw_beats_the_perfect_model(  # noqa: PLR0917
        self, base: float, width: float, budget: float, skill: float, forced: bool, maximise: bool,
        value: float, cost: float,
    ) -> None:  # fmt: skip
        """Whatever is assumed: figures in range, perfect best of all, and no figure that is not a number."""
        most, least = min(1, budget / base), max(0, (budget + base - 1) / base)
        capture = least + skill * (most - least)
        kpi = {"budget": budget, "spend": "forced" if forced else "optional", "value_per_hit": value}
        kpi |= {"cost_per_contact": cost, "direction": "maximise" if maximise else "minimise"}
        capture = min(capture, 1.0)  # rounding may step over it
        ranged = [capture * (1 - width), capture, min(1, capture * (1 + width))]
        try:
            found = mailing(kpi=kpi, base_rate=[base * (1 - width), base, base], capture=ranged, draws=1000)
        except DataError:
            assume(False)
        scale, sign = found.scale, 1 if maximise else -1
        assert found.potential_lift.low >= 0
        assert found.potential_lift.value >= 0
        assert sign * (scale.perfect.value - scale.random.expectation.value) >= -1e-6 * abs(
            scale.perfect.value
        )
        if scale.treat_all is not None and not forced and budget == 1:
            assert sign * (scale.perfect.value - scale.treat_all) >= -1e-6 * abs(scale.perfect.value)
        assert found.position is None or found.position.high <= 1

    @given(better=st.floats(1, 3), base=st.floats(0.01, 0.3))
    @settings(max_examples=30, deadline=None)
    def test_a_status_quo_that_is_assumed_better_than_random_is_so_in_every_draw(
        self, better: float, base: float
    ) -> None:
        today = {"lift_over_random": [1, (1 + better) / 2, better]}
        found = lift(MAILING, volume=1000, base_rate=[base / 2, base], status_quo=today, draws=1000)
        assert found.risk.low >= 0


class TestBreakEven:
    def test_the_share_that_repays_the_project_has_an_interval(self) -> None:
        found = mailing(
            base_rate=[0.05, 0.06, 0.07], worth={"per_unit": 120, "currency": "EUR"}, project_cost=5000
        )
        assert found.break_even is not None
        assert found.break_even.captured_share == pytest.approx(5000 / (168 * 120))
        assert found.assumed is not None
        share = found.assumed.captured_share
        assert share is not None
        assert share.low == pytest.approx(5000 / (found.potential_lift.high * 120))
        assert share.high == pytest.approx(5000 / (found.potential_lift.low * 120))

    def test_where_there_may_be_no_potential_there_is_no_interval(self) -> None:
        found = mailing(base_rate=0.06, capture=[0.9, 1.0], project_cost=1)
        assert found.assumed is not None
        assert found.assumed.captured_share is not None
        none = mailing(base_rate=0.06, capture=1, project_cost=1)
        assert none.break_even is not None
        assert (none.break_even.captured_share, none.assumed and none.assumed.captured_share) == (None, None)


def test_a_period_names_the_rows() -> None:
    found = mailing(volume=None, period={"name": "mailing", "rows": 4000})
    assert (found.kpi.period, found.kpi.period_rows, found.kpi.budget) == ("mailing", 4000, 0.2)
    assert figures(found)["perfect"] == pytest.approx(240)


def test_a_number_of_letters_is_a_share_of_the_rows_there_turn_out_to_be() -> None:
    found = mailing(kpi={"budget": 800}, volume=[2000, 4000, 8000], base_rate=0.5, capture=0.05)
    assert found.kpi.budget == 0.2
    assert found.scale.perfect.high <= 800 + 1e-6
