"""Compute a monitor's value from its rows, with its interval and the day of the newest row."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from iterata.documents.models.enums import MonitorMeasure
from iterata.documents.models.monitors import MIN_DAILY_ROWS, MIN_ROWS
from iterata.errors import DataError, Location
from iterata.monitoring.day_effect import day_effect
from iterata.monitoring.intervals import interval_of, is_long_tailed
from iterata.monitoring.levels import ONE_LOOK, levels
from iterata.monitoring.rows import read_rows, require_numbers
from iterata.monitoring.sequence import TOTALS, sequence_of
from iterata.monitoring.verdicts import Interval, MonitorValue

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.rows import MonitorRows
    from iterata.monitoring.tables import MonitorTables

_ONE_IS_ENOUGH = (MonitorMeasure.COUNT, MonitorMeasure.SUM, MonitorMeasure.LAST)
"""Measures whose number of rows is part of what they measure."""


def compute_value(
    monitor: Monitor, tables: MonitorTables, today: date, since: date | None = None
) -> MonitorValue:
    """The value of a monitor today.

    `where` selects rows; of these, `last_days` keeps the most recent days. It counts from the newest row and
    not from today, so a delay of the data does not reduce the number of rows.

    Args:
        monitor: a monitor with `measure`.
        tables: its data.
        today: the day of the look.
        since: the first day of the release, if the monitor has no `since` of its own.

    Raises:
        DataError: the value cannot be computed; located at the key of the monitor to correct.
    """
    rows = read_rows(monitor, tables, today)
    since = monitor.since or since
    window = last_rows(monitor, rows)
    require_numbers(monitor, window)
    value = _value(monitor, window)
    measure, allowed = MonitorMeasure(str(monitor.measure)), levels(monitor, since)
    effect, is_far = day_effect(monitor, rows), allowed.look < ONE_LOOK
    interval = interval_of(measure, window, allowed.look, monitor.quantile, skewed=is_far, effect=effect)
    once = interval_of(measure, window, ONE_LOOK, monitor.quantile, effect=effect)
    sequence = None
    if since is not None and allowed.sequence:
        sequence = sequence_of(monitor, rows, since, allowed.sequence, effect)
    return MonitorValue(
        value,
        len(window.of),
        None if rows.days is None else _day(rows.days.max()),
        _with_value(interval, value),
        _with_value(once, value),
        sequence,
        None if window.units is None else len(np.unique(window.units)),
        least_rows(monitor, window),
        _days_missing(monitor, rows),
        is_long_tailed(measure, window),
        float(effect.correlation),
        float(effect.factor) ** 0.5,
    )


def last_rows(monitor: Monitor, rows: MonitorRows) -> MonitorRows:
    """The rows of the last days; with `measure: last`, the newest row alone."""
    if rows.days is not None and monitor.last_days:
        rows = rows.take(rows.days > rows.days.max() - monitor.last_days)
    if monitor.measure is not MonitorMeasure.LAST:
        return rows
    newest = np.ones(len(rows.of), bool) if rows.times is None else rows.times == rows.times.max()
    last = np.zeros(len(rows.of), bool)
    last[np.flatnonzero(newest)[-1]] = True
    return rows.take(last)


def _days_missing(monitor: Monitor, rows: MonitorRows) -> int:
    """How many of the last days lie before the first row, for measures that add up days."""
    if rows.days is None or monitor.last_days is None or monitor.measure not in TOTALS:
        return 0
    return max(monitor.last_days - int(rows.days.max() - rows.days.min()) - 1, 0)


def least_rows(monitor: Monitor, window: MonitorRows) -> int:
    """The least number of rows, or of units, of which something is said."""
    if monitor.min_rows is not None:
        return monitor.min_rows
    if monitor.measure in _ONE_IS_ENOUGH:
        return 1
    is_daily = window.days is not None and len(np.unique(window.days)) == len(window.days)
    return MIN_DAILY_ROWS if is_daily else MIN_ROWS


def _day(number: np.int64) -> date:
    day: date = np.datetime64(int(number), "D").astype(object)
    return day


def _with_value(interval: Interval | None, value: float) -> Interval | None:
    """The interval with the value in it: both are rounded, and a value in text can be interpolated."""
    return None if interval is None else Interval(min(interval.low, value), max(interval.high, value))


def _value(monitor: Monitor, rows: MonitorRows) -> float:
    measure = _MEASURES[MonitorMeasure(str(monitor.measure))]
    try:
        with np.errstate(all="ignore"):
            value = float(measure(rows, monitor.quantile))
    except OverflowError:
        value = math.inf
    except ZeroDivisionError:
        remedy = "divide by an expression that is not 0 in all of these rows, or use more days or rows"
        place = Location(rows.source, field=("per",))
        raise DataError(
            "the sum of `per` is 0, and cannot be divided by", remedy=remedy, where=place
        ) from None
    if not math.isfinite(value):
        place = Location(rows.source, field=("of",))
        raise DataError(
            "the value is not a finite number", remedy="correct the numbers in the file", where=place
        )
    return value


_MEASURES: dict[MonitorMeasure, Callable[[MonitorRows, float | None], float]] = {
    MonitorMeasure.COUNT: lambda rows, _: float(np.count_nonzero(rows.of)),
    MonitorMeasure.SHARE: lambda rows, _: np.count_nonzero(rows.of) / len(rows.of),
    MonitorMeasure.SUM: lambda rows, _: math.fsum(rows.of),
    MonitorMeasure.MEAN: lambda rows, _: math.fsum(rows.of) / len(rows.of),
    MonitorMeasure.RATIO: lambda rows, _: math.fsum(rows.of) / math.fsum(rows.divisor),
    MonitorMeasure.QUANTILE: lambda rows, quantile: float(np.quantile(rows.of, quantile or 0)),
    MonitorMeasure.LAST: lambda rows, _: rows.of[-1],
}
"""How each measure is computed; `math.fsum` rounds once: the mean of ten times 0.1 is 0.1, not less."""
