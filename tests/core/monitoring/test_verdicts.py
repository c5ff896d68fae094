"""What the value of a monitor means, and how it is shown beside its bounds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.monitoring.verdicts import (
    MonitorValue,
    find_violation,
    format_bounds,
    format_value,
)
from iterata.results.monitors import MonitorVerdict

from .test_monitors import TODAY, monitor

if TYPE_CHECKING:
    from ...helpers.golden import Golden


def dated(days_old: int | None, value: float = 5) -> MonitorValue:
    return MonitorValue(value, 10, None if days_old is None else TODAY - timedelta(days_old))


@pytest.mark.parametrize(
    ("keys", "value", "verdict"),
    [
        ({"lower": 5}, dated(None), None),
        ({"lower": 5.000001}, dated(None), MonitorVerdict.REGRESSION),
        ({"upper": 5}, dated(None), None),
        ({"upper": 4.999999}, dated(None), MonitorVerdict.REGRESSION),
        ({"date": "day", "max_age": 3}, dated(3), None),
        ({"date": "day", "max_age": 3}, dated(4), MonitorVerdict.STALE),
        ({"date": "day", "max_age": 0}, dated(0), None),
        ({"date": "day", "max_age": 0}, dated(1), MonitorVerdict.STALE),
        ({"date": "day", "max_age": 0}, dated(-1), None),
        ({"date": "day", "last_days": 7}, dated(7), None),
        ({"date": "day", "last_days": 7}, dated(8), MonitorVerdict.STALE),
        ({"date": "day", "last_days": 7, "max_age": 30}, dated(30), None),
        ({"date": "day"}, dated(10_000), None),
        ({"date": "day", "max_age": 3, "lower": 6}, dated(9), MonitorVerdict.STALE),
        ({"date": "day", "max_age": 3, "lower": 6}, dated(1), MonitorVerdict.REGRESSION),
    ],
)  # fmt: skip
def test_bounds_and_ages_are_inclusive(
    keys: dict[str, Any], value: MonitorValue, verdict: MonitorVerdict | None
) -> None:
    violation = find_violation(monitor(**keys), value, TODAY)
    assert (violation.verdict if violation else None) == verdict


def test_stale_message_includes_the_violated_bound(golden: Golden) -> None:
    violation = find_violation(monitor(date="day", max_age=3, lower=6), dated(9), TODAY)
    assert violation is not None
    assert violation.key == "max_age"
    golden.check("stale_and_below_its_bound", violation.message)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.05, "0.05"), (0.0499999, "0.0499999"), (1234567.8, "1,234,568"), (0.123456, "0.1235"), (-3.0, "-3"),
     (0, "0"), (1e300, "1e+300")],
)  # fmt: skip
def test_a_value_is_not_rounded_onto_its_bound(value: float, shown: str) -> None:
    assert format_value(monitor(lower=0.05, upper=2), value) == shown


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
def test_a_rounded_value_stays_on_its_side_of_the_bound(value: float, lower: float) -> None:
    shown = float(format_value(monitor(lower=lower), value).replace(",", ""))
    assert (shown < lower) == (value < lower)
    assert shown == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize(
    ("keys", "text"),
    [({"lower": 80}, "at least 80"), ({"lower": None, "upper": 0.1}, "at most 0.1"),
     ({"lower": -1.5, "upper": 1e6}, "-1.5 to 1,000,000")],
)  # fmt: skip
def test_bounds_are_shown_as_written(keys: dict[str, Any], text: str) -> None:
    assert format_bounds(monitor(**keys)) == text
