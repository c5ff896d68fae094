"""Compute a monitor's value from its data file, with the number of rows and the day of the newest."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from pandas.api import types

from iterata.data.columns import column_values
from iterata.data.sources.open import open_file
from iterata.documents.models.enums import MonitorMeasure
from iterata.errors import DataError, Location, at_field
from iterata.expressions.evaluate import evaluate
from iterata.expressions.parse import column_names
from iterata.monitoring.verdicts import MonitorValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from iterata.arrays import Bools, Floats
    from iterata.data.sources.table import Table
    from iterata.documents.models.monitors import Monitor

    Column = pd.Series[Any]

MAX_DAYS_AHEAD = 1
"""How many days a row may be in the future: its clock may be in another time zone."""

_DAY = r"\d{4}-\d{2}-\d{2}(?!\d)"

_MISSING_REMEDY = "exclude those rows (`where: not missing(income)`) or fill them (`if_missing(income, 0)`)"
_DAY_REMEDY = "write days as YYYY-MM-DD, times as YYYY-MM-DDTHH:MM:SS"


class MeasuredRows(NamedTuple):
    """The numbers that a measure is computed from, each of shape `(n,)`."""

    of: Floats
    per: Floats | None
    quantile: float | None


class MonitorTables:
    """The data files of a deployment's monitors, each read once."""

    def __init__(self, project: Path, root: Path, monitors: Sequence[Monitor]) -> None:
        self._project, self._root, self._monitors = project, root, monitors
        self._frames: dict[str, tuple[Table, pd.DataFrame]] = {}

    def load(self, monitor: Monitor) -> tuple[Table, pd.DataFrame]:
        """A monitor's file, and the columns of it that any monitor uses.

        Raises:
            DataError: the file cannot be read, or has no such column; located at the key.
        """
        with _at_key("source"):
            table = open_file(self._project, monitor.source, root=self._root)
        with _at_key("columns"):
            table = table.declared(monitor.columns)
        for key, names in _columns(monitor).items():
            with _at_key(key):
                table.require(names, key, "" if key == "date" else str(getattr(monitor, key)))
        key = _same_rows(monitor)
        if key not in self._frames:
            with _at_key("source"):
                self._frames[key] = table, table.read(self._used_columns(table, key))
        return self._frames[key]

    def _used_columns(self, table: Table, key: str) -> list[str]:
        names = [
            name
            for monitor in self._monitors
            if _same_rows(monitor) == key
            for names in _columns(monitor).values()
            for name in names
            if table.columns.count(name) == 1
        ]
        return names or [table.columns[0]]  # any column shows the number of rows


def _same_rows(monitor: Monitor) -> str:
    """The same for monitors that read a file in the same way."""
    return monitor.model_dump_json(include={"source", "columns"})


def compute_value(monitor: Monitor, tables: MonitorTables, today: date) -> MonitorValue:
    """The value of a monitor today.

    `where` selects rows; of these, `last_days` keeps the most recent days. It counts from the newest row and
    not from today, so a delay of the data does not reduce the number of rows.

    Raises:
        DataError: the value cannot be computed; located at the key of the monitor to correct.
    """
    table, rows = tables.load(monitor)
    if monitor.where:
        rows = rows[_is_true(monitor.where, rows, "where", table.where)]
        if rows.empty:
            remedy = "correct the expression, or find out why there are no such rows"
            raise _error("where", "`where` is true for no row", remedy, table.where)
    newest = None
    if monitor.date:
        times = _times(rows[monitor.date], today, table.where)
        newest = times.max()
        if monitor.last_days:
            recent = (newest.normalize() - times.dt.normalize()).dt.days < monitor.last_days
            rows, times = rows[recent], times[recent]
        if monitor.measure is MonitorMeasure.LAST:
            rows = rows[times == newest]
    if monitor.measure is MonitorMeasure.LAST:
        rows = rows.iloc[-1:]
    return MonitorValue(_measure(monitor, rows, table.where), len(rows), newest.date() if newest else None)


def _columns(monitor: Monitor) -> dict[str, list[str]]:
    """The columns that each key of a monitor names."""
    expressions = {"where": monitor.where, "of": monitor.of, "per": monitor.per}
    used = {
        key: column_names(expression, at_field(key)) for key, expression in expressions.items() if expression
    }
    return {"date": [monitor.date] if monitor.date else [], **used}


def _times(column: Column, today: date, where: str) -> Column:
    """The time of each row, in UTC."""
    with _at_key("date"):
        times = _parse_times(column, where)
        missing = int(times.isna().sum())
        if missing:
            message = f"{column.name} is missing in {missing:,} of {len(column):,} rows"
            remedy = f"fill them in, or exclude those rows: `where: not missing({column.name})`"
            raise DataError(message, remedy=remedy, where=where)
        newest = times.max().date()
        if (newest - today).days > MAX_DAYS_AHEAD:
            message = f"{column.name} contains days in the future, such as {newest}"
            remedy = "correct them in the file, or exclude forecasts with `where:`"
            raise DataError(message, remedy=remedy, where=where)
    return times


def _parse_times(column: Column, where: str) -> Column:
    """Parse days or times, or text in ISO 8601; pandas alone would also accept `today`."""
    values = column.dropna()
    if types.is_numeric_dtype(column) and not values.empty:
        message = f"{column.name} contains numbers, such as {values.iloc[0]}, not days"
        raise DataError(message, remedy=_DAY_REMEDY, where=where)
    invalid = values[~values.astype(str).str.match(_DAY)]
    if invalid.empty:
        times = pd.to_datetime(column, format="ISO8601", utc=True, errors="coerce")
        invalid = values[times[values.index].isna()]
    if not invalid.empty:
        message = f"{column.name} contains {invalid.iloc[0]}, which is not a day"
        raise DataError(message, remedy=_DAY_REMEDY, where=where)
    return times


def _measure(monitor: Monitor, rows: pd.DataFrame, where: str) -> float:
    if monitor.measure in (MonitorMeasure.COUNT, MonitorMeasure.SHARE):
        of = _is_true(monitor.of, rows, "of", where).astype(np.float64) if monitor.of else np.ones(len(rows))
    else:
        of = _numbers(str(monitor.of), rows, "of", where)
    per = _numbers(monitor.per, rows, "per", where) if monitor.per else None
    measure = _MEASURES[MonitorMeasure(str(monitor.measure))]
    try:
        with np.errstate(all="ignore"):
            value = float(measure(MeasuredRows(of, per, monitor.quantile)))
    except OverflowError:
        value = math.inf
    except ZeroDivisionError:
        remedy = "divide by an expression that is not 0 in all of these rows, or use more days or rows"
        raise _error("per", "the sum of `per` is 0, and cannot be divided by", remedy, where) from None
    if not math.isfinite(value):
        raise _error("of", "the value is not a finite number", "correct the numbers in the file", where)
    return value


def _is_true(expression: str, rows: pd.DataFrame, key: str, where: str) -> Bools:
    """The rows for which a condition is true; shape `(n,)`."""
    values = _numbers(expression, rows, key, where)
    invalid = values[(values != 0) & (values != 1)]
    if invalid.size:
        remedy = "write a comparison, such as `age > 60`"
        raise _error(key, f"`{key}` is not true or false, but {invalid[0]:g} in some rows", remedy, where)
    true: Bools = values == 1
    return true


def _numbers(expression: str, rows: pd.DataFrame, key: str, where: str) -> Floats:
    """The values of an expression, all finite; shape `(n,)`."""
    with _at_key(key):
        used = {name: column_values(rows[name]) for name in column_names(expression, at_field(key))}
        values = evaluate(expression, used, len(rows), at_field(key))
        gaps = int((~np.isfinite(values)).sum())
        if gaps:
            message = f"`{key}` is not a finite number in {gaps:,} of {len(values):,} rows"
            raise DataError(message, remedy=_MISSING_REMEDY, where=where)
    return values


def _error(key: str, message: str, remedy: str, source: str) -> DataError:
    return DataError(message, remedy=remedy, where=Location(source, field=(key,)))


@contextmanager
def _at_key(key: str) -> Iterator[None]:
    """Locate a DataError at a key of the monitor."""
    try:
        yield
    except DataError as error:
        raise error.at(field=(key,)) from None


def _sum(values: Floats) -> float:
    """The sum, rounded once: the mean of ten times 0.1 is then 0.1, not less."""
    return math.fsum(values)


_MEASURES: dict[MonitorMeasure, Callable[[MeasuredRows], float]] = {
    MonitorMeasure.COUNT: lambda rows: float(np.count_nonzero(rows.of)),
    MonitorMeasure.SHARE: lambda rows: np.count_nonzero(rows.of) / len(rows.of),
    MonitorMeasure.SUM: lambda rows: _sum(rows.of),
    MonitorMeasure.MEAN: lambda rows: _sum(rows.of) / len(rows.of),
    MonitorMeasure.RATIO: lambda rows: _sum(rows.of) / _sum(rows.per if rows.per is not None else rows.of),
    MonitorMeasure.QUANTILE: lambda rows: float(np.quantile(rows.of, rows.quantile or 0)),
    MonitorMeasure.LAST: lambda rows: rows.of[-1],
}
"""How each measure is computed."""
