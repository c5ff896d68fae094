"""What is assumed of the status quo at today's budget, at another budget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.lift.other_budget import Assumed, assumed_at_other_budget, capture_bounds

SHARES = st.floats(0.01, 0.99)


def block(budget: float, figure: dict[str, Any], base_rate: Any = 0.06, **kpi: float) -> dict[str, Any]:
    return {
        "kpi": {"kind": "targeting", "name": "policies", "unit": "policies", "budget": budget, **kpi},
        "assumptions": {"base_rate": base_rate, "status_quo": figure},
        "period": {"name": "mailing", "rows": 4000},
    }


def converted(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, list[float]] | None:
    today, other = Assumed.of(before), Assumed.of(after)
    assert today is not None
    assert other is not None
    return assumed_at_other_budget(today, other)


@given(st.lists(st.floats(0, 1), min_size=5, max_size=40), st.data())
def test_every_concave_curve_stays_within_the_bounds(rates: list[float], data: st.DataObject) -> None:
    """Brute force: rows sorted by their rate of positives make a concave curve."""
    curve = np.cumsum(sorted((rate + 1e-3 for rate in rates), reverse=True))
    curve = np.concatenate([[0.0], curve / curve[-1]])
    depths = np.linspace(0, 1, len(curve))
    here, there = (data.draw(st.integers(1, len(curve) - 2)) for _ in range(2))
    low, high = capture_bounds(depths[here], curve[here], depths[there])
    assert low - 1e-12 <= curve[there] <= high + 1e-12


@given(SHARES, SHARES, SHARES)
def test_bounds_are_reached_by_the_two_extreme_curves(depth: float, capture: float, other: float) -> None:
    """The curves of two straight lines are allowed, so that no narrower bounds are right."""
    low, high = capture_bounds(depth, capture, other)
    lines = capture * other / depth, 1 - (1 - capture) * (1 - other) / (1 - depth)
    assert low == pytest.approx(max(min(lines), 0))
    assert high == pytest.approx(min(max(lines), 1))


@given(SHARES, SHARES)
def test_capture_at_the_same_depth_is_the_same(depth: float, capture: float) -> None:
    assert capture_bounds(depth, capture, depth) == pytest.approx((capture, capture))


def test_example_by_hand() -> None:
    found = converted(block(800, {"capture": [0.25, 0.35]}), block(1200, {"capture": [0.25, 0.35]}))
    low, high = 1 - 0.75 * 0.7 / 0.8, 0.35 * 1.5
    likely = (0.3 * 1.5 + 1 - 0.7 * 0.7 / 0.8) / 2
    assert found == ("capture", pytest.approx([low, likely, high], rel=1e-3))


@pytest.mark.parametrize(
    ("figure", "ends"),
    [  # 800 letters reach 30 % of 240 buyers: 72, that is 9 % of them, 1.5 times random, and a KPI of 72
        ({"precision": 0.09}, [93 / 1200, 108 / 1200]),
        ({"lift_over_random": 1.5}, [0.3875 / 0.3, 0.45 / 0.3]),
        ({"kpi": 72}, [93, 108]),
        ({"capture": 0.3}, [0.3875, 0.45]),
    ],
    ids=lambda value: next(iter(value), None) if isinstance(value, dict) else "",
)
def test_every_figure_is_converted_through_the_capture_it_means(
    figure: dict[str, float], ends: list[float]
) -> None:
    name, numbers = converted(block(800, figure), block(1200, figure)) or ("", [])
    assert name == next(iter(figure))
    assert numbers[::2] == pytest.approx(ends, rel=1e-3)


def test_kpi_keeps_its_cost_of_contacts() -> None:
    costs: dict[str, float] = {"value_per_hit": 10.0, "cost_per_contact": 0.5}
    figure = {"kpi": 72 * 10 - 800 * 0.5}
    _, numbers = converted(block(800, figure, **costs), block(1200, figure, **costs)) or ("", [])
    assert numbers[::2] == pytest.approx([93 * 10 - 600, 108 * 10 - 600], rel=1e-3)


def test_capture_cannot_exceed_what_the_smaller_budget_holds() -> None:
    """120 letters cannot reach more than 120 of 240 buyers, and 2,400 reached all of them."""
    figure = {"capture": 1.0}
    _, numbers = converted(block(2400, figure), block(120, figure)) or ("", [])
    assert numbers == pytest.approx([0.05, 0.275, 0.5], rel=1e-3)


@pytest.mark.parametrize(
    "after",
    [
        block(800, {"capture": 0.3}, base_rate=0.05),  # another base rate
        block(0.2, {"capture": 0.3}),  # the same budget, as a share
        block(1200, {"capture": 0.4}),  # the figure is changed too
        block(8000, {"capture": 0.3}),  # impossible, and refused elsewhere
    ],
    ids=["base_rate", "same_share", "figure_given", "more_than_all"],
)
def test_nothing_is_converted_at_the_same_budget_or_with_a_figure_of_its_own(after: dict[str, Any]) -> None:
    assert converted(block(800, {"capture": 0.3}), after) is None


def test_other_kinds_of_kpi_have_no_budget() -> None:
    values = {"tp": 1, "fp": -1, "fn": 0, "tn": 0}
    other = block(800, {"precision": 0.2, "recall": 0.2})
    other["kpi"] = {"kind": "outcome_value", "name": "n", "unit": "u", "values": values}
    assert Assumed.of(other) is None
