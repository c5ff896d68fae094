"""The interval of each measure is the textbook's, and it has no limits where the rows set none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from iterata.documents.models.enums import MonitorMeasure
from iterata.monitoring.intervals import UNLIMITED, interval_of
from iterata.monitoring.rows import MonitorRows

if TYPE_CHECKING:
    from iterata.arrays import Floats

RNG = np.random.default_rng(17)
AMOUNTS = RNG.gamma(2, 10, 40)
CALLED = RNG.integers(5, 60, 40).astype(float)
KEPT = RNG.binomial(CALLED.astype(int), 0.25).astype(float)
DAYS = np.repeat(np.arange(20_000, 20_010), 4)


def rows(
    of: Floats, per: Floats | None = None, days: Floats | None = None, units: Floats | None = None
) -> MonitorRows:
    return MonitorRows(
        "data.csv",
        np.asarray(of, float),
        per,
        None if days is None else np.asarray(days, np.int64),
        None,
        None if units is None else np.asarray(units, np.int64),
    )


def test_mean_has_students_interval() -> None:
    expected = stats.t.interval(0.95, 39, AMOUNTS.mean(), stats.sem(AMOUNTS))
    assert interval_of(MonitorMeasure.MEAN, rows(AMOUNTS), 0.05) == pytest.approx(expected)


@pytest.mark.parametrize(("count", "of"), [(0, 9), (2, 10), (30, 400), (7, 7), (1, 1)])
def test_share_has_the_exact_binomial_interval(count: int, of: int) -> None:
    found = interval_of(MonitorMeasure.SHARE, rows(np.arange(of) < count), 0.01)
    expected = stats.binomtest(count, of).proportion_ci(0.99, "exact")
    assert found == pytest.approx((expected.low, expected.high))


def test_ratio_has_the_interval_of_the_delta_method() -> None:
    low, high = interval_of(MonitorMeasure.RATIO, rows(KEPT, CALLED), 0.05) or UNLIMITED
    without_one = (KEPT.sum() - KEPT) / (CALLED.sum() - CALLED)
    jackknife = np.sqrt(39 / 40 * np.square(without_one - without_one.mean()).sum())
    assert (low + high) / 2 == pytest.approx(KEPT.sum() / CALLED.sum())
    assert (high - low) / 2 / stats.t.ppf(0.975, 39) == pytest.approx(jackknife, rel=0.05)


def test_quantile_lies_between_order_statistics() -> None:
    for share in (0.1, 0.5, 0.9):
        found = interval_of(MonitorMeasure.QUANTILE, rows(AMOUNTS), 0.05, share)
        expected = stats.quantile_test(AMOUNTS, p=share).confidence_interval(0.95)
        assert found == pytest.approx(tuple(expected)), share


def test_quantile_of_few_rows_is_open() -> None:
    low, high = interval_of(MonitorMeasure.QUANTILE, rows(np.arange(5)), 0.05, 0.5) or UNLIMITED
    assert (low, high) == UNLIMITED
    assert interval_of(MonitorMeasure.QUANTILE, rows(np.arange(5)), 0.05, 1) == (4, np.inf)
    assert interval_of(MonitorMeasure.QUANTILE, rows(np.arange(5)), 0.05, 0) == (-np.inf, 0)


def test_sum_of_a_week_is_as_certain_as_its_days_are_alike() -> None:
    totals = np.bincount(DAYS - DAYS[0], AMOUNTS)
    mean, error = totals.mean(), stats.sem(totals)
    expected = 10 * np.array(stats.t.interval(0.95, 9, mean, error))
    assert interval_of(MonitorMeasure.SUM, rows(AMOUNTS, days=DAYS), 0.05) == pytest.approx(expected)


def test_days_without_rows_count_as_0() -> None:
    days = np.where(DAYS[20] == DAYS, DAYS[0], DAYS)
    totals = np.bincount(days - DAYS[0], AMOUNTS)
    assert (totals == 0).sum() == 1
    low, high = interval_of(MonitorMeasure.SUM, rows(AMOUNTS, days=days), 0.05) or UNLIMITED
    assert (high - low) / 2 == pytest.approx(10 * stats.sem(totals) * stats.t.ppf(0.975, 9))


def test_count_of_a_few_days_is_poisson() -> None:
    for count in (0, 3, 25):
        of = np.arange(40) < count
        low, high = interval_of(MonitorMeasure.COUNT, rows(of, days=DAYS // 4), 0.05) or UNLIMITED
        assert low == pytest.approx(stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0)
        assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * count + 2) / 2)


def test_rows_of_one_unit_are_one_observation() -> None:
    units = RNG.integers(0, 12, 40)
    fit = sm.OLS(AMOUNTS, np.ones(40)).fit(cov_type="cluster", cov_kwds={"groups": units})
    half = stats.t.ppf(0.975, len(set(units)) - 1) * fit.bse[0]
    low, high = interval_of(MonitorMeasure.MEAN, rows(AMOUNTS, units=units), 0.05) or UNLIMITED
    assert (low, high) == pytest.approx((AMOUNTS.mean() - half, AMOUNTS.mean() + half))


@pytest.mark.parametrize("measure", sorted(set(MonitorMeasure) - {MonitorMeasure.LAST, MonitorMeasure.COUNT}))
def test_repeated_rows_of_a_unit_tell_nothing_new(measure: MonitorMeasure) -> None:
    of = AMOUNTS > 15 if measure is MonitorMeasure.SHARE else AMOUNTS
    per = CALLED if measure is MonitorMeasure.RATIO else None
    alone = rows(of, per, units=np.arange(40))
    three = rows(np.tile(of, 3), None if per is None else np.tile(per, 3), units=np.tile(np.arange(40), 3))
    times = 3 if measure is MonitorMeasure.SUM else 1
    once, repeated = (interval_of(measure, each, 0.05, 0.5) or UNLIMITED for each in (alone, three))
    assert (repeated.high - repeated.low) / times == pytest.approx(once.high - once.low, rel=0.25)


def test_one_row_limits_no_mean() -> None:
    assert interval_of(MonitorMeasure.MEAN, rows([5.0]), 0.05) == UNLIMITED
    assert interval_of(MonitorMeasure.MEAN, rows(AMOUNTS, units=np.zeros(40)), 0.05) == UNLIMITED
    assert interval_of(MonitorMeasure.LAST, rows([5.0]), 0.05) is None


def test_a_divisor_that_could_be_0_limits_no_ratio() -> None:
    around_0 = np.tile([-10.0, 10.5], 20)
    assert interval_of(MonitorMeasure.RATIO, rows(KEPT, around_0), 0.05) == UNLIMITED


def test_sign_and_size_of_numbers_do_not_matter() -> None:
    plain = interval_of(MonitorMeasure.RATIO, rows(KEPT, CALLED), 0.05) or UNLIMITED
    negative = interval_of(MonitorMeasure.RATIO, rows(KEPT, -CALLED), 0.05) or UNLIMITED
    assert (-negative.high, -negative.low) == pytest.approx(plain)
    huge = interval_of(MonitorMeasure.RATIO, rows(KEPT * 1e300, CALLED * 1e300), 0.05)
    assert huge == pytest.approx(plain)
    large = interval_of(MonitorMeasure.MEAN, rows(AMOUNTS * 1e200), 0.05) or UNLIMITED
    mean = interval_of(MonitorMeasure.MEAN, rows(AMOUNTS), 0.05) or UNLIMITED
    assert np.array(large) / 1e200 == pytest.approx(mean)
    assert interval_of(MonitorMeasure.MEAN, rows(np.full(40, 3.0)), 0.05) == pytest.approx((3, 3))


def test_a_far_interval_of_skewed_amounts_reaches_further_up() -> None:
    plain = interval_of(MonitorMeasure.MEAN, rows(AMOUNTS), 1e-4) or UNLIMITED
    found = interval_of(MonitorMeasure.MEAN, rows(AMOUNTS), 1e-4, skewed=True) or UNLIMITED
    mirrored = interval_of(MonitorMeasure.MEAN, rows(-AMOUNTS), 1e-4, skewed=True) or UNLIMITED
    skewness, root = stats.skew(AMOUNTS, bias=False), np.sqrt(40)
    assert skewness > 0.5
    assert found.low == pytest.approx(plain.low)
    assert (-mirrored.high, -mirrored.low) == pytest.approx(found)
    reached = (found.high - AMOUNTS.mean()) / stats.sem(AMOUNTS)
    t = -reached  # Hall's transformation of it is the critical value
    transformed = t + skewness / root * (t**2 / 3 + 1 / 6) + skewness**2 / 40 * t**3 / 27
    assert transformed == pytest.approx(stats.t.ppf(5e-5, 39))


def test_even_amounts_have_the_same_interval_far_out() -> None:
    even = np.concatenate([AMOUNTS, -AMOUNTS])
    plain = interval_of(MonitorMeasure.MEAN, rows(even), 1e-4)
    assert interval_of(MonitorMeasure.MEAN, rows(even), 1e-4, skewed=True) == pytest.approx(plain)
