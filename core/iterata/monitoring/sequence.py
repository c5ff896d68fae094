"""The value over all days since a release, with an interval that stays valid however often it is looked at.

The interval of the last days forgets what came before them, so a small lasting change never shows in it. The
confidence sequence of all days finds it. Its observations are days, so that rows of one day may resemble each
other, and it is the one for normal errors of unknown variance, because there are few days at first.
"""

from __future__ import annotations

from functools import cache
from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.enums import MonitorMeasure
from iterata.measure.release.confidence_sequence import StudentMixture
from iterata.monitoring.day_effect import NO_EFFECT

if TYPE_CHECKING:
    from datetime import date

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.day_effect import DayEffect
    from iterata.monitoring.rows import MonitorRows

    Numbers = float | Floats

FEWEST_DAYS = 14
"""With fewer days, their spread is too little known for an interval that holds at all of them."""

TUNED_FOR = 56
"""The number of days at which the interval is narrowest."""

MEASURES = (MonitorMeasure.SHARE, MonitorMeasure.MEAN, MonitorMeasure.RATIO)
TOTALS = (MonitorMeasure.COUNT, MonitorMeasure.SUM)
"""Their bounds are those of `last_days`, so the sequence is that of the mean day times `last_days`."""


class Sequence(NamedTuple):
    """The value over all days, with the interval valid at every look."""

    since: date
    days: int
    value: float
    low: float
    high: float


class DailySums(NamedTuple):
    """What a measure sums up to on each day with rows, in order of the days."""

    days: Floats
    """As days since 1970; shape `(d,)`."""
    of: Floats
    per: Floats


def daily_sums(measure: MonitorMeasure, rows: MonitorRows) -> DailySums:
    """The sums of each day; of a count or a sum also the days without rows, with 0.

    Days with a row that is not a number are left out.
    """
    days = np.zeros(len(rows.of), np.int64) if rows.days is None else rows.days
    first = int(days.min())
    per = np.nan_to_num(rows.divisor)
    known: Bools = np.isfinite(rows.of) & np.isfinite(rows.divisor)
    length = int(days.max()) - first + 1
    of = np.bincount(days - first, np.where(known, rows.of, 0), length).astype(np.float64)
    divisor = np.bincount(days - first, per, length).astype(np.float64)
    used: Bools = np.bincount(days - first, ~known, length) == 0
    if measure in TOTALS:
        divisor = np.ones(length)
    else:
        used &= np.bincount(days - first, minlength=length) > 0
    numbers = np.arange(first, first + length, dtype=np.float64)
    return DailySums(numbers[used], of[used], divisor[used])


def has_sequence(monitor: Monitor, since: date | None) -> bool:
    """Whether there is a sequence: it needs days, the first of them, and a measure that is a mean of days."""
    if monitor.date is None or since is None or monitor.looks_per_year == 1:
        return False
    return monitor.measure in MEASURES or (monitor.measure in TOTALS and monitor.last_days is not None)


def sequence_of(
    monitor: Monitor, rows: MonitorRows, since: date, error: float, effect: DayEffect = NO_EFFECT
) -> Sequence | None:
    """The confidence sequence of a monitor's rows since a day.

    Args:
        monitor: the monitor.
        rows: its rows.
        since: the first day.
        error: how often the sequence may miss at any time.
        effect: how much larger the variance is because days are alike.

    None if there are fewer than 14 days, if all are equal, or if they are too large to be added up.
    """
    if rows.days is None or monitor.measure is None:
        return None
    recent = rows.days >= np.datetime64(since).astype("datetime64[D]").astype(np.int64)
    if not recent.any():
        return None
    sums = daily_sums(monitor.measure, rows.take(recent))
    largest = float(np.abs(sums.of).max(initial=0)) or 1.0
    count = len(sums.of)
    total = float(sums.per.sum())
    if count < FEWEST_DAYS or total == 0:
        return None
    of = sums.of / largest
    ratio = float(of.sum()) / total
    residuals = of - ratio * sums.per
    squares = float(np.square(residuals).sum())
    if monitor.measure is MonitorMeasure.SHARE:
        squares = max(squares, float(least_squares(sums.of.sum(), total)) / largest**2)
    squares *= float(effect.alike(count))
    standard_error = float(np.sqrt(squares / (count - 1) * count)) / abs(total)
    half = standard_error * float(critical_values(count, error)[count])
    scale = largest * (monitor.last_days or 1) if monitor.measure in TOTALS else largest
    ends = tuple(float(end * scale) for end in (ratio, ratio - half, ratio + half))
    return Sequence(since, count, *ends) if half and np.isfinite(ends).all() else None


def least_squares(count: Numbers, rows: Numbers) -> Numbers:
    """The least sum of squares of a share: what chance alone makes of it, also if nothing was ever true.

    The share is moved towards 1/2 as Agresti and Coull (1998) do, for an interval of 4 standard errors.
    """
    share = (count + 8) / (rows + 16)
    return share * (1 - share) * rows


@cache
def critical_values(most: int, error: float) -> Floats:
    """How many standard errors the sequence reaches after 0, 1, ... `most` days; infinite before 14 days."""
    mixture = StudentMixture.narrowest(TUNED_FOR, 1, error)
    values = [inf] * FEWEST_DAYS
    values += [mixture._replace(n_obs=days).critical(error) for days in range(FEWEST_DAYS, most + 1)]
    return np.array(values[: most + 1])
