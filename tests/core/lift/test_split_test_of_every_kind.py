"""Every kind of KPI has the size of its split test, in rows and in whole weeks."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from iterata.kpi import describe
from iterata.lift import expected_lift, lift_from_assumptions

if TYPE_CHECKING:
    from iterata.documents.models.kpi import KpiSpec
    from iterata.results import LiftResult

ROWS = 600

QUANTILES = (1.959964 + 0.841621) ** 2


def lift_of(kpi: KpiSpec, target: Any, status_quo: Any, **more: Any) -> LiftResult:
    period = {"name": "month", "rows": 6000, "days": 30}
    return expected_lift(target, status_quo, kpi, period=period, resamples=200, **more)


def of_kind(kind: str) -> LiftResult:
    """The expected lift of a KPI of a kind, for which no rule of thumb expects a gain."""
    rng = np.random.default_rng(0)
    score, number = rng.random(ROWS), rng.gamma(2, 10, ROWS)
    positive = (rng.random(ROWS) < 0.3 + 0.3 * score).astype(int)  # too frequent for the rule of thumb
    classes = np.array(["a", "b", "c"])[rng.integers(0, 3, ROWS)]
    answers = np.where(rng.random(ROWS) < 0.7, classes, "a")
    forecast = number + rng.normal(0, 5, ROWS)
    values = {"tp": 9, "fp": -1, "fn": 0, "tn": 0}
    target, status_quo, described = {
        "targeting": (positive, score, {"budget": 0.2}),
        "outcome_value": (positive, score > 0.5, {"values": values}),
        "ranking": (positive, score, {"measure": "recall", "k": 3, "group": "group"}),
        "forecast_cost": (number, forecast, {"under": 2, "over": 1, "direction": "minimise"}),
        "metric": (number, forecast, {"metric": "neg_mean_absolute_error"}),
        "python": (number, forecast, {"function": _mean_error, "direction": "minimise", "outcome": "number"}),
        "class_value": (classes, answers, {"right": 1, "wrong": -1}),
    }[kind]
    more = {"group": np.arange(ROWS) // 10} if kind == "ranking" else {}
    return lift_of(describe(kind, **described), target, status_quo, **more)


def _mean_error(frame: Any, prediction: Any, weight: Any) -> float:
    return float(np.average(np.abs(prediction - frame["target"]), weights=weight))


@pytest.mark.parametrize(
    "kind",
    ["targeting", "outcome_value", "ranking", "forecast_cost", "metric", "python", "class_value"],
)
def test_it_detects_half_of_the_potential_lift(kind: str) -> None:
    lift = of_kind(kind)
    test = lift.split_test
    assert test is not None
    assert test.potential_share == 0.5
    assert test.detected_gain == pytest.approx(lift.potential_lift.value / 2, rel=1e-5)
    assert test.periods == pytest.approx(2 * test.rows_per_arm / 6000)
    assert test.days == pytest.approx(30 * test.periods)
    assert test.whole_weeks == 7 * ceil(30 * test.periods / 7)


def test_rows_of_a_sum_and_of_a_mean_are_those_of_the_formula() -> None:
    """The standard error of the difference must be the gain divided by both quantiles."""
    for kind, per_period in (("forecast_cost", 6000), ("metric", 1)):
        lift = of_kind(kind)
        rng = np.random.default_rng(0)
        rng.random(ROWS)
        number = rng.gamma(2, 10, ROWS)
        rng.random(ROWS), rng.integers(0, 3, ROWS), rng.random(ROWS)
        error = rng.normal(0, 5, ROWS)
        loss = np.where(error < 0, -2 * error, error) if kind == "forecast_cost" else abs(error)
        assert lift.scale.status_quo.value == pytest.approx(
            loss.mean() * per_period * (1 if kind == "forecast_cost" else -1), rel=1e-6
        )
        assert len(number) == ROWS
        effect = lift.potential_lift.value / 2 / per_period
        assert lift.split_test is not None
        rows = QUANTILES * 2 * loss.var() / effect**2
        assert lift.split_test.rows_per_arm == pytest.approx(rows, rel=0.2), kind


def test_assumptions_have_one_too() -> None:
    kpi = describe("targeting", budget=0.2, unit="customers")
    frequent = lift_from_assumptions(kpi, base_rate=0.4, status_quo={"capture": 0.3}, period=6000, draws=1000)
    assert frequent.good_model is None
    assert frequent.split_test is not None
    assert frequent.split_test.potential_share == 0.5
    value = describe("class_value", right=1, wrong=-1)
    shares = {"a": 0.5, "b": 0.5}
    classes = lift_from_assumptions(
        value, classes=shares, status_quo={"accuracy": 0.8}, period=6000, draws=1000
    )
    assert classes.split_test is not None
    assert classes.split_test.potential_share == 0.5
    assert classes.split_test.detected_gain == pytest.approx(classes.potential_lift.value / 2, rel=1e-5)


def test_a_perfect_status_quo_needs_no_test() -> None:
    rng = np.random.default_rng(1)
    positive = (rng.random(ROWS) < 0.4).astype(int)
    lift = lift_of(describe("targeting", budget=0.2, unit="customers"), positive, positive)
    assert lift.potential_lift.value == 0
    assert lift.split_test is None
