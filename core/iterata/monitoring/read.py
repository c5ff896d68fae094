"""What a monitor reads in its file: one figure, of how many rows, and how new they are."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from pandas.api import types

from iterata.data.columns import as_column
from iterata.data.sources.open import open_table
from iterata.documents.models.enums import MonitorMeasure
from iterata.errors import DataError
from iterata.expressions.evaluate import evaluate
from iterata.expressions.parse import columns
from iterata.monitoring.verdicts import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from iterata.arrays import Bools, Floats
    from iterata.data.sources.table import Table
    from iterata.documents.models.monitors import Monitor

    Days = pd.Series[Any]

AHEAD = 1
"""How many days a row may seem to lie ahead: its clock may be that of another time zone."""

_DAY = r"\d{4}-\d{2}-\d{2}(?!\d)"

_GAPS = "leave those rows out, as `where: not missing(income)`, or fill them, as `if_missing(income, 0)`"
_DAYS = "write days as YYYY-MM-DD, times as YYYY-MM-DDTHH:MM:SS"


class MonitorError(DataError):
    """A figure that cannot be computed, and the key of the monitor that stands in its way."""

    def __init__(self, key: str, error: DataError) -> None:
        super().__init__(error.message, remedy=error.remedy, where=error.where)
        self.key = key


def _refused(key: str, message: str, remedy: str, where: str) -> MonitorError:
    """Why no figure can be made of the rows of the file `where`."""
    return MonitorError(key, DataError(message, remedy=remedy, where=where))


class _Numbers(NamedTuple):
    """What a measure is taken of: `(n,)` each."""

    of: Floats
    per: Floats | None
    quantile: float | None


class Files:
    """The data files that the monitors of a deployment read, each read once."""

    def __init__(self, project: Path, root: Path, monitors: Sequence[Monitor]) -> None:
        self._project, self._root, self._monitors = project, root, monitors
        self._frames: dict[str, tuple[Table, pd.DataFrame]] = {}

    def read(self, monitor: Monitor) -> tuple[Table, pd.DataFrame]:
        """A monitor's file, and its columns: those that this monitor or another one of the file reads.

        Raises:
            MonitorError: it cannot be read, or lacks a column.
        """
        with _standing_at("source"):
            table = open_table(self._project, monitor.source, root=self._root)
        for key, names in _columns(monitor).items():
            with _standing_at(key):
                table.require(names, key)
        if monitor.source not in self._frames:
            with _standing_at("source"):
                self._frames[monitor.source] = table, table.read(self._wanted(table, monitor.source))
        return self._frames[monitor.source]

    def _wanted(self, table: Table, source: str) -> list[str]:
        named = [
            name
            for monitor in self._monitors
            if monitor.source == source
            for names in _columns(monitor).values()
            for name in names
            if table.columns.count(name) == 1
        ]
        return named or [table.columns[0]]  # rows are counted in any column


def read(monitor: Monitor, files: Files, today: date) -> Reading:
    """What the rows say today.

    `where` chooses the rows that the monitor is about; of these, `last_days` keeps those of the newest days,
    counted from the newest row and not from today, so that data that come late are not fewer data.

    Raises:
        MonitorError: the figure cannot be computed.
    """
    table, rows = files.read(monitor)
    if monitor.where:
        rows = rows[_holds(monitor.where, rows, "where", table.where)]
        if rows.empty:
            remedy = "correct the expression, or see why there are no such rows"
            raise _refused("where", "`where` holds for no row", remedy, table.where)
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
    return Reading(_figure(monitor, rows, table.where), len(rows), newest.date() if newest else None)


def _columns(monitor: Monitor) -> dict[str, list[str]]:
    """The columns that each key of a monitor names."""
    written = {key: getattr(monitor, key) for key in ("where", "of", "per")}
    named = {key: columns(expression, key) for key, expression in written.items() if expression}
    return {"date": [monitor.date] if monitor.date else [], **named}


def _times(column: pd.Series[Any], today: date, where: str) -> Days:
    """The time of each row, in UTC."""
    with _standing_at("date"):
        times = _parsed(column, where)
        missing = int(times.isna().sum())
        if missing:
            message = f"{column.name} is missing in {missing:,} of {len(column):,} rows"
            remedy = f"give every row its day, or leave those rows out: `where: not missing({column.name})`"
            raise DataError(message, remedy=remedy, where=where)
        newest = times.max().date()
        if (newest - today).days > AHEAD:
            message = f"{column.name} holds days that are yet to come, such as {newest}"
            remedy = "correct them in the file, or leave out with `where:` what is only expected"
            raise DataError(message, remedy=remedy, where=where)
    return times


def _parsed(column: pd.Series[Any], where: str) -> Days:
    """The times in a column of days or times, or of text that looks like them: pandas reads `today`, too."""
    known = column.dropna()
    if types.is_numeric_dtype(column) and not known.empty:
        message = f"{column.name} holds numbers, such as {known.iloc[0]}, not days"
        raise DataError(message, remedy=_DAYS, where=where)
    odd = known[~known.astype(str).str.match(_DAY)]
    if odd.empty:
        times = pd.to_datetime(column, format="ISO8601", utc=True, errors="coerce")
        odd = known[times[known.index].isna()]
    if not odd.empty:
        message = f"{column.name} holds {odd.iloc[0]}, which is no day"
        raise DataError(message, remedy=_DAYS, where=where)
    return times


def _figure(monitor: Monitor, rows: pd.DataFrame, where: str) -> float:
    if monitor.measure in (MonitorMeasure.COUNT, MonitorMeasure.SHARE):
        of = _holds(monitor.of, rows, "of", where).astype(np.float64) if monitor.of else np.ones(len(rows))
    else:
        of = _numbers(str(monitor.of), rows, "of", where)
    per = _numbers(monitor.per, rows, "per", where) if monitor.per else None
    measure = _MEASURES[MonitorMeasure(str(monitor.measure))]
    try:
        with np.errstate(all="ignore"):
            value = float(measure(_Numbers(of, per, monitor.quantile)))
    except OverflowError:
        value = math.inf
    except ZeroDivisionError:
        remedy = "measure something that is not 0 in all of these rows, or take more days or rows"
        raise _refused("per", "`per` sums to 0, which nothing can be divided by", remedy, where) from None
    if not math.isfinite(value):
        raise _refused("of", "`of` comes to no finite number", "correct the numbers in the file", where)
    return value


def _holds(expression: str, rows: pd.DataFrame, key: str, where: str) -> Bools:
    """In which rows an expression holds."""
    values = _numbers(expression, rows, key, where)
    odd = values[(values != 0) & (values != 1)]
    if odd.size:
        remedy = "compare it with something, as `age > 60`"
        raise _refused(key, f"`{key}` is neither yes nor no, but {odd[0]:g} in some rows", remedy, where)
    holds: Bools = values == 1
    return holds


def _numbers(expression: str, rows: pd.DataFrame, key: str, where: str) -> Floats:
    """An expression over the rows' columns: a finite number in each."""
    with _standing_at(key):
        table = {name: as_column(rows[name]) for name in columns(expression, key)}
        values = evaluate(expression, table, len(rows), key)
        gaps = int((~np.isfinite(values)).sum())
        if gaps:
            message = f"`{key}` is no finite number in {gaps:,} of {len(values):,} rows"
            raise DataError(message, remedy=_GAPS, where=where)
    return values


@contextmanager
def _standing_at(key: str) -> Iterator[None]:
    """Say of which key of the monitor the trouble is."""
    try:
        yield
    except DataError as error:
        raise MonitorError(key, error) from None


def _sum(values: Floats) -> float:
    """Rounded once, so that ten times 0.1 is on average not below 0.1."""
    return math.fsum(values)


_MEASURES: dict[MonitorMeasure, Callable[[_Numbers], Any]] = {
    MonitorMeasure.COUNT: lambda rows: np.count_nonzero(rows.of),
    MonitorMeasure.SHARE: lambda rows: np.count_nonzero(rows.of) / len(rows.of),
    MonitorMeasure.SUM: lambda rows: _sum(rows.of),
    MonitorMeasure.MEAN: lambda rows: _sum(rows.of) / len(rows.of),
    MonitorMeasure.RATIO: lambda rows: _sum(rows.of) / _sum(rows.per if rows.per is not None else rows.of),
    MonitorMeasure.QUANTILE: lambda rows: np.quantile(rows.of, rows.quantile or 0),
    MonitorMeasure.LAST: lambda rows: rows.of[-1],
}
"""How each figure is made of the numbers in the rows."""
