"""Percentile intervals of figures and of shares that can be undefined."""

from __future__ import annotations

import numpy as np
import pytest

from iterata.measure.intervals import estimate, share_estimate, upper_bound, without_rounding


def test_interval_is_the_central_part_of_the_replicates() -> None:
    interval = estimate(5.0, np.arange(1001.0))
    assert (interval.value, interval.low, interval.high) == (5, 25, 975)


def test_upper_bound_is_one_sided() -> None:
    assert upper_bound(np.arange(1001.0)) == 950


def test_replicates_that_are_nan_are_left_out() -> None:
    replicates = np.concatenate([np.arange(1001.0), np.full(40, np.nan)])
    assert (estimate(5.0, replicates).low, estimate(5.0, replicates).high) == (25, 975)
    assert upper_bound(replicates) == 950


def test_value_outside_the_interval_extends_it_only_if_asked() -> None:
    replicates = np.arange(1001.0)
    assert (estimate(5.0, replicates, extend=True).low, estimate(990.0, replicates, extend=True).high) == (
        5,
        990,
    )
    assert (estimate(5.0, replicates).low, estimate(990.0, replicates).high) == (25, 975)


def test_share_has_an_interval() -> None:
    share = share_estimate((5.0, 10.0), (np.linspace(0, 10, 1001), np.full(1001, 10.0)))
    assert share is not None
    assert (share.value, share.low, share.high) == pytest.approx((0.5, 0.025, 0.975))


@pytest.mark.parametrize("whole", [0.0, -1.0, 1e-12])
def test_share_of_nothing_is_undefined(whole: float) -> None:
    ones = np.ones(100)
    assert share_estimate((5.0, whole), (ones, ones), rounding=1e-9) is None


@pytest.mark.parametrize(("undefined", "is_defined"), [(2, True), (3, False)])
def test_share_is_undefined_if_too_many_replicates_are(undefined: int, *, is_defined: bool) -> None:
    whole = np.ones(100)
    whole[:undefined] = 0
    assert (share_estimate((0.5, 1.0), (np.full(100, 0.5), whole)) is not None) is is_defined


def test_differences_within_rounding_are_zero() -> None:
    assert without_rounding(np.array([1e-12, -1e-12, 2.0, -3.0]), 1e-9).tolist() == [0, 0, 2, -3]
