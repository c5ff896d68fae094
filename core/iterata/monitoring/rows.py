"""The rows of a monitor: their day, what is measured in them, and the unit that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from iterata.data.columns import column_values
from iterata.documents.models.enums import MonitorMeasure
from iterata.errors import DataError, Location, at_field
from iterata.expressions.evaluate import evaluate
from iterata.expressions.parse import column_names
from iterata.monitoring.tables import ParsedTimes, at_key, check_times

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.tables import MonitorTables

MAX_DAYS_AHEAD = 1
"""How many days a row may be in the future: its clock may be in another time zone."""

COUNTED = (MonitorMeasure.COUNT, MonitorMeasure.SHARE)
"""Measures of rows for which a condition is true."""

_MISSING_REMEDY = "exclude those rows (`where: not missing(income)`) or fill them (`if_missing(income, 0)`)"


class MonitorRows(NamedTuple):
    """The rows of a monitor for which `where` is true."""

    source: str
    """The table's name in messages."""
    of: Floats
    """What is measured in each row, NaN if it is not a finite number; shape `(n,)`."""
    per: Floats | None
    """What `of` is divided by; shape `(n,)`; None if the measure is not a ratio."""
    days: NDArray[np.int64] | None
    """The day of each row, as days since 1970 in UTC; shape `(n,)`; None without `date`."""
    times: NDArray[np.int64] | None
    """The time of each row, to order the rows of a day; shape `(n,)`; None without `date`."""
    units: NDArray[np.int64] | None
    """The number of each row's unit; shape `(n,)`; None without `unit_id`."""

    def take(self, selected: Bools) -> MonitorRows:
        """Some of the rows."""
        days, times, units = (
            None if part is None else part[selected] for part in (self.days, self.times, self.units)
        )
        per = None if self.per is None else self.per[selected]
        return MonitorRows(self.source, self.of[selected], per, days, times, units)

    @property
    def divisor(self) -> Floats:
        """What `of` is divided by: `per`, or 1 for each row; shape `(n,)`."""
        return np.ones(len(self.of)) if self.per is None else self.per

    def of_units(self) -> tuple[Floats, Floats]:
        """What is measured, and what it is divided by, of each independent unit: its rows are added up."""
        if self.units is None:
            return self.of, self.divisor
        _, codes = np.unique(self.units, return_inverse=True)
        of, per = (np.bincount(codes, part).astype(np.float64) for part in (self.of, self.divisor))
        return of, per


def read_rows(monitor: Monitor, tables: MonitorTables, today: date) -> MonitorRows:
    """The rows of a monitor for which `where` is true.

    Raises:
        DataError: they cannot be read; located at the key of the monitor to correct.
    """
    table, frame = tables.load(monitor)
    selected = np.ones(len(frame), bool)
    if monitor.where:
        truth = _numbers(monitor.where, frame, "where")
        _require(monitor, "where", truth, table.where, is_true=True)
        selected = truth == 1
        if not selected.any():
            remedy = "correct the expression, or find out why there are no such rows"
            raise _error("where", "`where` is true for no row", remedy, table.where)
    rows = frame[selected]
    days, times = _days(monitor, tables, rows, selected, today, table.where)
    of = _numbers(monitor.of, rows, "of") if monitor.of else np.ones(len(rows))
    per = _numbers(monitor.per, rows, "per") if monitor.per else None
    return MonitorRows(table.where, of, per, days, times, _units(monitor, rows, table.where))


def require_numbers(monitor: Monitor, rows: MonitorRows) -> None:
    """Make sure that what is measured is a finite number in all rows, or true or false where it is counted.

    Raises:
        DataError: it is not; located at `of` or `per`.
    """
    _require(monitor, "of", rows.of, rows.source, is_true=monitor.measure in COUNTED)
    if rows.per is not None:
        _require(monitor, "per", rows.per, rows.source, is_true=False)


def _require(monitor: Monitor, key: str, values: Floats, where: str, *, is_true: bool) -> None:
    gaps = int((~np.isfinite(values)).sum())
    if gaps:
        message = f"`{key}` is not a finite number in {gaps:,} of {len(values):,} rows"
        raise _error(key, message, _MISSING_REMEDY, where)
    invalid = values[(values != 0) & (values != 1)] if is_true and getattr(monitor, key) else values[:0]
    if invalid.size:
        remedy = "write a comparison, such as `age > 60`"
        raise _error(key, f"`{key}` is not true or false, but {invalid[0]:g} in some rows", remedy, where)


def _numbers(expression: str, rows: pd.DataFrame, key: str) -> Floats:
    """The values of an expression, NaN where it is not a finite number; shape `(n,)`."""
    with at_key(key):
        used = {name: column_values(rows[name]) for name in column_names(expression, at_field(key))}
        values = evaluate(expression, used, len(rows), at_field(key))
    return np.where(np.isfinite(values), values, np.nan)


def _days(
    monitor: Monitor, tables: MonitorTables, rows: pd.DataFrame, selected: Bools, today: date, where: str
) -> tuple[NDArray[np.int64] | None, NDArray[np.int64] | None]:
    """The day and the time of each row, in UTC."""
    if not monitor.date:
        return None, None
    parsed = tables.times(monitor, monitor.date)
    own = ParsedTimes(parsed.times[selected], parsed.missing[selected])
    check_times(rows[monitor.date], own, where)
    times = own.times.dt.as_unit("us").astype("int64").to_numpy()
    days = (times // (24 * 60 * 60 * 1_000_000)).astype(np.int64)
    newest = np.datetime64(int(days.max()), "D")
    if (newest - np.datetime64(today)).astype(int) > MAX_DAYS_AHEAD:
        message = f"{monitor.date} contains days in the future, such as {newest}"
        remedy = "correct them in the file, or exclude forecasts with `where:`"
        raise _error("date", message, remedy, where)
    return days, times.astype(np.int64)


def _units(monitor: Monitor, rows: pd.DataFrame, where: str) -> NDArray[np.int64] | None:
    if not monitor.unit_id:
        return None
    codes, _ = pd.factorize(rows[monitor.unit_id])
    missing = int((codes < 0).sum())
    if missing:
        message = f"{monitor.unit_id} is missing in {missing:,} of {len(rows):,} rows"
        remedy = f"fill them in, or exclude those rows: `where: not missing({monitor.unit_id})`"
        raise _error("unit_id", message, remedy, where)
    return codes.astype(np.int64)


def _error(key: str, message: str, remedy: str, source: str) -> DataError:
    return DataError(message, remedy=remedy, where=Location(source, field=(key,)))
