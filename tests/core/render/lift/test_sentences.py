"""The expected lift in sentences."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from iterata.documents.models.enums import Direction
from iterata.render.lift.sentences import CAVEAT, SMALL_HEADROOM, sentences
from iterata.results import (
    Assumption,
    AssumptionAnalysis,
    BreakEven,
    Contacts,
    Estimate,
    GoodModel,
    NoGoodModel,
    Sample,
    Sensitivity,
    SplitTest,
)

from ....helpers import samples

if TYPE_CHECKING:
    from ....helpers.golden import Golden


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, low=low, high=high)


def paragraph(*, kpi: dict[str, Any] | None = None, **figures: Any) -> str:
    """The sentences of a lift in round figures, with some of its figures replaced."""
    lift = samples.lift()
    figures = {"position": estimate(0.3, 0.2, 0.4), "kpi": lift.kpi.model_copy(update=kpi or {}), **figures}
    return "\n".join(sentences(lift.model_copy(update=figures)))


def break_even(share: float | None, **more: Any) -> BreakEven:
    return BreakEven(project_cost=75, currency="EUR", potential_value=50, captured_share=share, **more)


def assumed(*sensitivity: Sensitivity) -> AssumptionAnalysis:
    return AssumptionAnalysis(
        inputs=[Assumption(name="base_rate", low=0.1, likely=0.2, high=0.4, distribution="PERT")],
        sensitivity=list(sensitivity),
        dropped=0.0,
        do_nothing=estimate(0, 0, 0),
        treat_all=None,
        captured_share=estimate(0.5, 0.4, 0.7),
    )


MONTH = {"period": "month", "period_rows": 8000}
SPLIT_TEST = SplitTest(rows_per_arm=1200, alpha=0.05, power=0.8, periods=2.5, days=75)
SCENARIOS: dict[str, dict[str, Any]] = {
    "without_period": {},
    "with_period": {"kpi": MONTH, "break_even": break_even(0.25, payback_periods=12)},
    "split_test": {"kpi": MONTH, "split_test": SPLIT_TEST},
    "with_period_of_two_words": {"kpi": {**MONTH, "period": "school year"}, "split_test": SPLIT_TEST},
    "too_few_positives": {"position": None, "potential_lift": estimate(1, 0, 3), "risk": estimate(1, -1, 4)},
    "too_few_rows": {
        "position": Estimate(value=0.5),
        "sample": Sample(source="data/days.csv", rows=8, units=8, positives=None),
    },
    "perfect_in_every_resample": {"position": Estimate(value=1), "potential_lift": Estimate(value=0)},
    "small_budget": {"no_good_model": NoGoodModel.SMALL_BUDGET},
    "only_perfect_stops": {
        "scale": samples.lift().scale.model_copy(
            update={"contacts": Contacts(budget=0.2, status_quo=0.2, perfect=0.1)}
        )
    },
    "negative_risk": {"risk": estimate(-2, -3, -1)},
    "uncertain_risk": {"risk": estimate(-2, -3, 1)},
    "small_headroom": {"position": estimate(0.9, 0.8, 0.95)},
    "no_headroom": {"potential_lift": estimate(0, 0, 0), "position": estimate(1, 1, 1)},
    "no_effect": {"position": None, "potential_lift": estimate(0, 0, 0), "risk": estimate(0, 0, 0)},
    "good_model": {
        "kpi": MONTH,
        "good_model": GoodModel(kpi=107, gain=27, captured_share=0.15),
        "break_even": break_even(0.25, periods_with_good_model=1.5, on=date(2027, 1, 31)),
    },
    "good_model_below_status_quo": {"good_model": GoodModel(kpi=70, gain=-10, captured_share=-0.1)},
    "good_model_of_a_cost": {
        "kpi": {"direction": Direction.MINIMISE},
        "good_model": GoodModel(kpi=70, gain=10, captured_share=0.1),
    },
    "good_model_costs_more_than_status_quo": {
        "kpi": {"direction": Direction.MINIMISE},
        "good_model": GoodModel(kpi=90, gain=-10, captured_share=-0.1),
    },
    "too_expensive": {"break_even": break_even(1.5)},
    "nothing_to_repay_with": {"break_even": break_even(None)},
    "certain_assumptions": {"assumed": assumed()},
    "uncertain_assumptions": {
        "assumed": assumed(Sensitivity(name="base_rate", at_low=50, at_high=None, variance=0.7)),
        "break_even": break_even(0.5),
    },
    "equally_important_assumptions": {
        "assumed": assumed(
            Sensitivity(name="base_rate", at_low=50, at_high=60, variance=0.4, standard_error=0.02),
            Sensitivity(name="volume", at_low=50, at_high=60, variance=0.38, standard_error=0.02),
        )
    },
    "irrelevant_assumptions": {
        "assumed": assumed(Sensitivity(name="base_rate", at_low=50, at_high=50, variance=0))
    },
}  # fmt: skip


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_sentences_read_as_in_the_golden_file(scenario: str, golden: Golden) -> None:
    golden.check(f"sentences_{scenario}", paragraph(**SCENARIOS[scenario]))


@pytest.mark.parametrize(
    ("headroom", "small"), [(SMALL_HEADROOM - 0.01, True), (SMALL_HEADROOM + 0.01, False)]
)
def test_small_headroom_is_hard_to_justify(headroom: float, small: bool) -> None:
    position = estimate(1 - headroom, 0.7, 0.9)
    assert ("hard to justify" in paragraph(position=position)) is small


def test_sentences_end_with_the_caveat() -> None:
    assert sentences(samples.lift())[-1] == CAVEAT
