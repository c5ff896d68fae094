"""The interval of a monitor's value: what the value could be if other rows had come.

A mean and a ratio by the delta method and Student's t; a share of rows by Clopper and Pearson (1934); a
quantile by order statistics; a count or a sum from the days' totals, or as a Poisson process if there are
fewer than a week of them. Rows of one unit are added up first.

The interval for a single look is the textbook's. The one for a year of looks reaches into far tails, where
Student's t errs by a multiple if amounts are skewed; it follows Hall's transformation (1992) there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import special, stats

from iterata.documents.models.enums import MonitorMeasure
from iterata.monitoring.day_effect import NO_EFFECT, DayEffect
from iterata.monitoring.verdicts import Interval

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.monitoring.rows import MonitorRows

    Numbers = float | Floats

FEWEST_DAYS = 7
"""The fewest days whose totals tell how much days differ; the spread of fewer is too little known."""


FEWEST_SKEWED = 100
"""So many amounts show how skewed they are."""

LONG_TAIL = 1.5
"""A larger skewness is a long tail; that of an exponential distribution is 2."""

_STRAIGHT = 1e-6
"""A skewness so small that the transformation would divide by it."""

UNLIMITED = Interval(-np.inf, np.inf)


class Units(NamedTuple):
    """Independent units: rows, or the sums of the rows of a unit."""

    of: Floats
    per: Floats

    @classmethod
    def of_rows(cls, rows: MonitorRows) -> Units:
        """The units of some rows."""
        return cls(*rows.of_units())


def interval_of(
    measure: MonitorMeasure,
    rows: MonitorRows,
    error: float,
    quantile: float | None = None,
    *,
    skewed: bool = False,
    effect: DayEffect = NO_EFFECT,
) -> Interval | None:
    """The two-sided interval of a measure of these rows; None if it has none (`last`).

    Args:
        measure: the measure.
        rows: at least one row.
        error: how often the interval may miss the true value; half of it on each side.
        quantile: the quantile, for that measure.
        skewed: whether to allow for skewed amounts, as a small `error` needs.
        effect: how much larger the variance is because days are alike; a quantile does not regard it.
    """
    if measure is MonitorMeasure.LAST:
        return None
    if measure is MonitorMeasure.QUANTILE:
        return _quantile_interval(rows, 0.0 if quantile is None else quantile, error)
    if measure is MonitorMeasure.SHARE and rows.units is None:
        factor = float(effect.factor)
        return share_interval(np.count_nonzero(rows.of) / factor, len(rows.of) / factor, error)
    if measure in (MonitorMeasure.COUNT, MonitorMeasure.SUM):
        return _total_interval(rows, error, skewed=skewed, effect=effect)
    units = Units.of_rows(rows)
    return ratio_interval(units.of, units.per, error, skewed=skewed, effect=effect)


def ratio_interval(
    of: Floats, per: Floats, error: float, *, skewed: bool, effect: DayEffect = NO_EFFECT
) -> Interval:
    """The interval of `sum(of) / sum(per)` by the delta method; of a mean, if `per` is 1 for each unit.

    It has no limits if there is one unit, or if the sum of `per` could as well be 0.
    """
    count = len(of)
    if count < 2:  # one unit tells no spread
        return UNLIMITED
    scale, unit = float(np.abs(of).max()) or 1.0, float(np.abs(per).max()) or 1.0
    of, per = of / scale, per / unit
    total = float(per.sum())
    critical = float(special.stdtrit(effect.freedom(count), 1 - error / 2))
    spread = float(per.std(ddof=1)) * np.sqrt(count)
    if abs(total) <= critical * spread:
        return UNLIMITED
    ratio = float(of.sum()) / total
    residuals = (of - ratio * per) * np.sign(total)
    variance = count / (count - 1) * np.square(residuals).sum() * effect.factor
    standard_error = float(np.sqrt(variance)) / abs(total)
    down = up = critical
    if skewed:
        moments = (float((residuals**power).sum()) for power in (2, 3))
        down, up = (float(reach) for reach in reaches(critical, count, *moments))
    return _scaled(ratio - down * standard_error, ratio + up * standard_error, scale / unit)


def reaches(critical: Numbers, count: Numbers, squares: Numbers, cubes: Numbers) -> tuple[Floats, Floats]:
    """How many standard errors an interval reaches down and up if amounts are skewed, at least `critical`.

    Hall (1992), On the removal of skewness by transformation.

    Args:
        critical: the critical value without skewness.
        count: the number of units.
        squares: the sum of the squares of their deviations.
        cubes: the sum of the cubes.
    """
    with np.errstate(all="ignore"):
        count = np.asarray(count, np.float64)
        skewness = np.asarray(cubes / count / (squares / count) ** 1.5)
        skewness = np.nan_to_num(skewness * np.sqrt(count * (count - 1)) / (count - 2), posinf=0, neginf=0)
        bend = skewness / np.sqrt(count)

        def inverse(value: Numbers) -> Floats:
            return np.where(
                np.abs(bend) < _STRAIGHT, value, 3 / bend * (np.cbrt(1 + bend * (value - bend / 6)) - 1)
            )

        return np.maximum(critical, inverse(critical)), np.maximum(critical, -inverse(-critical))


def is_long_tailed(measure: MonitorMeasure, rows: MonitorRows) -> bool:
    """Whether there are so few amounts, and so skewed, that the interval may be too narrow all the same."""
    if measure is MonitorMeasure.SUM:
        of = Units.of_rows(rows).of if rows.days is None else daily_totals(rows)
        per = np.ones(len(of))
    elif measure in (MonitorMeasure.MEAN, MonitorMeasure.RATIO):
        of, per = Units.of_rows(rows)
    else:
        return False
    if not 2 < len(of) < FEWEST_SKEWED or not per.sum():
        return False
    residuals = of / (float(np.abs(of).max()) or 1.0)
    residuals = residuals - residuals.sum() / per.sum() * per
    variance = float(np.square(residuals).mean())
    return variance > 0 and abs(float((residuals**3).mean())) > LONG_TAIL * variance**1.5


def _scaled(low: float, high: float, scale: float) -> Interval:
    with np.errstate(over="ignore"):
        return Interval(float(np.float64(low) * scale), float(np.float64(high) * scale))


def share_interval(count: float, of: float, error: float) -> Interval:
    """The interval of a share (Clopper and Pearson 1934): it never misses more often than `error`."""
    low = 0.0 if count == 0 else float(special.betaincinv(count, of - count + 1, error / 2))
    high = 1.0 if count == of else float(special.betaincinv(count + 1, of - count, 1 - error / 2))
    return Interval(low, high)


def _total_interval(rows: MonitorRows, error: float, *, skewed: bool, effect: DayEffect) -> Interval:
    """The interval of a sum over days from the spread of days; of rows that come as they will, without."""
    totals = None if rows.days is None else daily_totals(rows)
    if totals is not None and len(totals) >= FEWEST_DAYS:
        mean = ratio_interval(totals, np.ones(len(totals)), error, skewed=skewed, effect=effect)
        return _scaled(mean.low, mean.high, len(totals))
    of = Units.of_rows(rows).of
    if rows.units is None and np.isin(rows.of, (0, 1)).all():
        return count_interval(float(of.sum()), error)
    scale = float(np.abs(of).max()) or 1.0
    half = float(special.ndtri(1 - error / 2)) * float(np.sqrt(np.square(of / scale).sum()))
    total = float((of / scale).sum())
    return _scaled(total - half, total + half, scale)


def count_interval(count: float, error: float) -> Interval:
    """The interval of the mean of a Poisson variable of which `count` were seen (Garwood 1936)."""
    low = 0.0 if count == 0 else float(special.gammaincinv(count, error / 2))
    return Interval(low, float(special.gammaincinv(count + 1, 1 - error / 2)))


def daily_totals(rows: MonitorRows) -> Floats:
    """The sum of `of` of each calendar day from the first to the newest, 0 without rows; shape `(days,)`."""
    days = np.zeros(len(rows.of), np.int64) if rows.days is None else rows.days
    return np.bincount(days - days.min(), rows.of).astype(np.float64)


def _quantile_interval(rows: MonitorRows, quantile: float, error: float) -> Interval:
    """The order statistics between which the quantile lies; rows of one unit count as fewer rows."""
    ordered = np.sort(rows.of)
    count = len(ordered)
    effective = _effective_rows(rows, float(np.quantile(ordered, quantile)))
    low, high = quantile_ranks(effective, quantile, error)
    ranks = np.floor(low * count / effective), np.ceil(high * count / effective)
    return Interval(
        float(ordered[int(ranks[0]) - 1]) if ranks[0] >= 1 else -np.inf,
        float(ordered[int(ranks[1]) - 1]) if ranks[1] <= count else np.inf,
    )


def quantile_ranks(count: int, quantile: float, error: float) -> tuple[float, float]:
    """The ranks of the order statistics around a quantile, from 1; 0 and `count + 1` are beyond the rows."""
    low = stats.binom.ppf(error / 2, count, quantile)
    return max(float(low), 0.0), float(stats.binom.isf(error / 2, count, quantile)) + 1


def _effective_rows(rows: MonitorRows, value: float) -> int:
    """The number of independent rows that tell as much about the share below a value as these rows do."""
    count = len(rows.of)
    if rows.units is None:
        return count
    below = rows._replace(of=(rows.of <= value).astype(np.float64), per=None)
    units = Units.of_rows(below)
    share = float(below.of.mean())
    spread = float(np.square(units.of - share * units.per).sum())
    if spread <= 0 or not 0 < share < 1:
        return len(units.of)
    return int(np.clip(count * share * (1 - share) * count / spread, 1, count))
