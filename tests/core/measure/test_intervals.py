"""Percentile intervals of figures and of shares that can be undefined."""

from __future__ import annotations

import numpy as np
import pytest

from iterata.measure.intervals import (
    FEWEST,
    estimate,
    needed,
    share_estimate,
    upper_bound,
    without_rounding,
)
from iterata.measure.outcomes import Outcomes


def test_interval_is_the_central_part_of_the_replicates() -> None:
    interval = estimate(5.0, np.arange(1001.0))
    assert (interval.value, interval.low, interval.high) == (5, 25, 975)


def test_upper_bound_is_one_sided() -> None:
    assert upper_bound(np.arange(1001.0)) == 950


def test_replicates_that_are_nan_are_left_out() -> None:
    replicates = np.concatenate([np.arange(1001.0), np.full(25, np.nan)])
    assert (estimate(5.0, replicates).low, estimate(5.0, replicates).high) == (25, 975)
    assert upper_bound(replicates) == 950


def test_figure_that_is_undefined_too_often_has_no_interval() -> None:
    replicates = np.concatenate([np.arange(1001.0), np.full(27, np.nan)])
    assert estimate(5.0, replicates).interval is None
    assert upper_bound(replicates) is None


def test_interval_without_width_is_given_only_where_a_reason_is_known() -> None:
    same = np.full(1000, 0.3)
    assert estimate(0.3, same).interval is None
    assert upper_bound(same) is None
    assert estimate(0.3, same, known=True).interval == (0.3, 0.3)
    assert estimate(0.3, same, extend=True).interval == (0.3, 0.3), "draws of a single number"


def test_rare_resamples_that_differ_do_not_make_an_interval() -> None:
    """5 of 5 predicted positives are positive, and few resamples have none of them."""
    replicates = np.where(np.arange(1000) < 7, 0.0, 1.0)
    assert estimate(1.0, replicates).interval is None


def outcomes(positives: int, negatives: int) -> Outcomes:
    return Outcomes.of(np.arange(positives + negatives) < positives)


@pytest.mark.parametrize(
    ("positives", "negatives", "more"),
    [(FEWEST, FEWEST, 0), (3, 500, FEWEST - 3), (500, FEWEST - 1, 1), (0, 5, FEWEST)],
)
def test_interval_needs_a_number_of_both_outcomes(positives: int, negatives: int, more: int) -> None:
    assert needed(outcomes(positives, negatives)) == more


def test_units_with_a_positive_are_counted_not_their_rows() -> None:
    assert needed(outcomes(40, 400), np.arange(440) // 10) == FEWEST - 4
    assert needed(outcomes(40, 400), np.arange(440) // 2) == 0


def test_amounts_need_units_and_rankings_groups_with_a_relevant_row() -> None:
    assert needed(Outcomes(np.linspace(1, 2, 50))) == 0
    assert needed(Outcomes(np.linspace(1, 2, 50)), np.arange(50) // 10) == FEWEST - 5
    ranked = Outcomes(np.tile([2.0, 0], 30), group=np.arange(60) // 2)
    assert needed(ranked) == 0
    assert needed(Outcomes(np.r_[ranked.target[:8], np.zeros(52)], group=ranked.group)) == FEWEST - 4


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


def test_difference_that_is_undefined_stays_so() -> None:
    assert np.isnan(without_rounding(np.array([np.nan]), 1e-9)).all()


def test_differences_within_rounding_are_zero() -> None:
    assert without_rounding(np.array([1e-12, -1e-12, 2.0, -3.0]), 1e-9).tolist() == [0, 0, 2, -3]
