"""The data of a deployment's monitors: each source is read once, and each column of days is parsed once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
from pandas.api import types

from iterata.data.queries.query import open_query
from iterata.data.sources.open import open_file
from iterata.errors import DataError, at_field
from iterata.expressions.parse import column_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from iterata.arrays import Bools
    from iterata.data.sources.table import Table
    from iterata.documents.models.monitors import Monitor

    Column = pd.Series[Any]

_DAY = r"\d{4}-\d{2}-\d{2}(?!\d)"

_DAY_REMEDY = "write days as YYYY-MM-DD, times as YYYY-MM-DDTHH:MM:SS"


class ParsedTimes(NamedTuple):
    """The time of each row of a table, in UTC."""

    times: Column
    """NaT if the value is missing or is not a day."""
    missing: Bools
    """Rows without a value; shape `(n,)`."""


class MonitorTables:
    """The tables of a deployment's monitors, each read once."""

    def __init__(self, project: Path, root: Path, monitors: Sequence[Monitor]) -> None:
        self._project, self._root, self._monitors = project, root, monitors
        self._tables: dict[str, Table | DataError] = {}
        self._frames: dict[str, pd.DataFrame | DataError] = {}
        self._times: dict[tuple[str, str], ParsedTimes] = {}

    def load(self, monitor: Monitor) -> tuple[Table, pd.DataFrame]:
        """A monitor's table, and the columns of it that any monitor uses.

        Raises:
            DataError: it cannot be read, or has no such column; located at the key.
        """
        table = self._table(monitor)
        with at_key("columns"):
            table = table.declared(monitor.columns)
        for key, names in _columns(monitor).items():
            with at_key(key):
                expression = "" if key in ("date", "unit_id") else str(getattr(monitor, key))
                table.require(names, key, expression)
        key = _same_rows(monitor)
        if key not in self._frames:
            try:
                self._frames[key] = table.read(self._used_columns(table, key))
            except DataError as error:
                self._frames[key] = error
        frame = self._frames[key]
        if isinstance(frame, DataError):
            with at_key(_source_key(monitor)):
                raise frame.replace()
        return table, frame

    def times(self, monitor: Monitor, name: str) -> ParsedTimes:
        """The time of each row of a monitor's table, by the column of this name."""
        key = _same_rows(monitor), name
        if key not in self._times:
            _, frame = self.load(monitor)
            self._times[key] = _parse(frame[name])
        return self._times[key]

    def _table(self, monitor: Monitor) -> Table:
        key = monitor.model_dump_json(include={"source", "query", "database"})
        if key not in self._tables:
            try:
                self._tables[key] = self._open(monitor)
            except DataError as error:
                self._tables[key] = error
        table = self._tables[key]
        if isinstance(table, DataError):
            with at_key(_source_key(monitor)):
                raise table.replace()
        return table

    def _open(self, monitor: Monitor) -> Table:
        if monitor.query is not None:
            query, database = monitor.query, monitor.database
            return open_query(self._project, query, database, root=self._root, where=monitor.source)
        return open_file(self._project, monitor.source, root=self._root)

    def _used_columns(self, table: Table, key: str) -> list[str]:
        names = [
            name
            for monitor in self._monitors
            if monitor.measure is not None and _same_rows(monitor) == key
            for names in _columns(monitor).values()
            for name in names
            if table.columns.count(name) == 1
        ]
        return names or [table.columns[0]]  # any column shows the number of rows


def _source_key(monitor: Monitor) -> str:
    return "source" if monitor.query is None else "query"


def _same_rows(monitor: Monitor) -> str:
    """The same for monitors that read a source in the same way."""
    return monitor.model_dump_json(include={"source", "query", "database", "columns"})


def _columns(monitor: Monitor) -> dict[str, list[str]]:
    """The columns that each key of a monitor names."""
    expressions = {"where": monitor.where, "of": monitor.of, "per": monitor.per}
    used = {
        key: column_names(expression, at_field(key)) for key, expression in expressions.items() if expression
    }
    named = {"date": monitor.date, "unit_id": monitor.unit_id}
    return {key: [name] if name else [] for key, name in named.items()} | used


def _parse(column: Column) -> ParsedTimes:
    """Parse days or times, or text in ISO 8601; pandas alone would also accept `today`."""
    missing = column.isna().to_numpy(bool)
    if types.is_numeric_dtype(column):
        return ParsedTimes(pd.Series(pd.NaT, index=column.index).dt.tz_localize("UTC"), missing)
    if not types.is_datetime64_any_dtype(column):
        column = column.where(column.astype(str).str.match(_DAY))
    times = pd.to_datetime(column, format="ISO8601", utc=True, errors="coerce")
    return ParsedTimes(times, missing)


def check_times(column: Column, parsed: ParsedTimes, where: str) -> None:
    """Make sure that each of some rows has a day.

    Args:
        column: the column as it was read.
        parsed: the same rows.
        where: the table's name, for messages.

    Raises:
        DataError: a value is not a day, or is missing; located at `date`.
    """
    with at_key("date"):
        values = column[~parsed.missing]
        invalid = values[parsed.times[~parsed.missing].isna()]
        if not invalid.empty:
            numbers = types.is_numeric_dtype(column)
            example = invalid.iloc[0]
            message = f"contains numbers, such as {example}, not days"
            message = message if numbers else f"contains {example}, which is not a day"
            raise DataError(f"{column.name} {message}", remedy=_DAY_REMEDY, where=where)
        missing = int(parsed.missing.sum())
        if missing:
            message = f"{column.name} is missing in {missing:,} of {len(column):,} rows"
            remedy = f"fill them in, or exclude those rows: `where: not missing({column.name})`"
            raise DataError(message, remedy=remedy, where=where)


@contextmanager
def at_key(key: str) -> Iterator[None]:
    """Locate a DataError at a key of the monitor."""
    try:
        yield
    except DataError as error:
        raise error.at(field=(key,)) from None
