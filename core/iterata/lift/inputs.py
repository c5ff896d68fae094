"""The rows of a call in Python: arrays, columns of a data frame, or a table that is read later."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import numpy as np
import pandas as pd

from iterata.data.queries.query import Query, open_query
from iterata.data.refusals import MissingColumn
from iterata.data.sources.in_memory import InMemoryTable
from iterata.data.sources.open import open_file
from iterata.data.sources.table import Table
from iterata.documents.models.base import NAME_PATTERN
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

_NAME = re.compile(NAME_PATTERN)

SOURCE = "rows in memory"
"""The name of rows in memory on the page of a result."""


@runtime_checkable
class ConvertibleFrame(Protocol):
    """A data frame of another library, such as Polars."""

    def to_pandas(self) -> pd.DataFrame:
        """The same data as a frame of pandas."""


Column: TypeAlias = "ArrayLike | pd.Series"
"""One value for each row, `(n,)`; or the name of a column of the frame."""

Frame: TypeAlias = "pd.DataFrame | ConvertibleFrame | Mapping[str, object]"
"""Named columns in memory."""


@dataclass(slots=True)
class ArrayInputs:
    """Collects columns in memory, under names that messages and the page of the result can show."""

    frame: pd.DataFrame | None
    columns: dict[str, pd.Series | NDArray[np.generic]] = field(default_factory=dict)
    _index: pd.Index | None = None
    _index_of: str = ""
    """The argument from which the index is."""

    @classmethod
    def of(cls, frame: Frame | None) -> ArrayInputs:
        """No columns yet, except those of the frame."""
        if frame is None:
            return cls(None)
        converted = _as_pandas(frame)
        return cls(converted, _index=converted.index, _index_of="frame")

    def has(self, name: str) -> bool:
        """Whether the frame has such a column."""
        return self.frame is not None and name in self.frame

    def column_name(self, argument: str, column: Column) -> str:
        """The name of a column of the frame, or of a column that is added with these values.

        Raises:
            DataError: the frame has no such column, or the values do not fit the other columns.
        """
        if isinstance(column, str):
            return self._name_in_frame(argument, column)
        values = _one_dimensional(argument, column)
        if isinstance(values, pd.Series):
            self._check_rows(argument, values.index, labelled=True)
            values = values.reset_index(drop=True)
        else:
            self._check_rows(argument, pd.RangeIndex(len(values)), labelled=False)
        own_name = getattr(column, "name", None)
        name = own_name if isinstance(own_name, str) and _NAME.match(own_name) else argument
        while name in self.columns or self.has(name):
            name += " given"
        self.columns[name] = values
        return name

    def table(self, source: str) -> InMemoryTable:
        """The table of all columns; `source` is its name in messages and on the page."""
        added = pd.DataFrame(self.columns)
        if self.frame is None:
            return InMemoryTable.of(added, source)
        return InMemoryTable.of(pd.concat([self.frame.reset_index(drop=True), added], axis=1), source)

    def _name_in_frame(self, argument: str, name: str) -> str:
        if self.frame is None:
            remedy = "pass the values themselves, or the data frame as `frame=`"
            raise DataError(f"{name} names a column, but there is no frame", remedy=remedy, where=argument)
        columns = [str(column) for column in self.frame.columns]
        if name not in columns:
            raise MissingColumn(name, columns, argument)
        return name

    def _check_rows(self, argument: str, index: pd.Index, *, labelled: bool) -> None:
        """Refuse another number of rows, and another index: values would get into other rows silently."""
        if self._index is None:
            self._index, self._index_of = index, argument
        if len(index) != len(self._index):
            message = f"has {len(index):,} rows, but {self._index_of} has {len(self._index):,}"
            raise DataError(message, remedy="pass columns of the same rows", where=argument)
        if labelled and not index.equals(self._index) and not _is_default(self._index):
            remedy = "give both the same index, or pass values without an index: `.to_numpy()`"
            raise DataError(f"has another index than {self._index_of}", remedy=remedy, where=argument)
        if labelled and _is_default(self._index) and not _is_default(index):
            self._index, self._index_of = index, argument


@dataclass(frozen=True, slots=True)
class TableInputs:
    """Columns of a table, by their names; the rows are read after all columns are known."""

    source: Table

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self.source.columns

    def column_name(self, argument: str, column: Column) -> str:
        """The name of a column.

        Raises:
            DataError: there is no such column, or it is not named.
        """
        if not isinstance(column, str):
            remedy = "name a column of it; values need rows in memory"
            message = f"has values, but the rows are those of {self.source.where}"
            raise DataError(message, remedy=remedy, where=argument)
        self.source.require([column], argument)
        return column

    def table(self, source: str) -> Table:
        """The table, which has its own name."""
        del source
        return self.source


def inputs_of(frame: Frame | Table | str | PathLike[str] | None) -> ArrayInputs | TableInputs:
    """The columns of a data frame, of a table, or of the file at a path; None without a frame.

    Raises:
        DataError: the file cannot be opened, or the frame is no table.
    """
    if isinstance(frame, str | PathLike):
        return TableInputs(_table_of_file(frame))
    return TableInputs(frame) if isinstance(frame, Table) else ArrayInputs.of(frame)


def query(sql: str, database: str | None = None, *, folder: str | PathLike[str] = ".") -> Query:
    """The rows of a query, as the `frame` of `expected_lift`.

    Args:
        sql: one SELECT, of the database, or of files of the folder such as `SELECT * FROM 'calls.parquet'`.
        database: the environment variable that holds the database's URL, in SQLAlchemy's format; None for
            files, which DuckDB reads.
        folder: the folder of the files; no files outside of it are read.

    Returns:
        The query; it is executed when its rows are needed.

    Raises:
        DataError: the query is refused, or the database cannot be reached.
    """
    path = Path(folder).resolve()
    return open_query(path, sql, database, root=path, where=f"query of {database or path.name}")


def _table_of_file(path: str | PathLike[str]) -> Table:
    absolute = Path(path).absolute()
    return open_file(absolute.parent, absolute.name, root=absolute.resolve().parent)


def _is_default(index: pd.Index) -> bool:
    """Whether an index only counts the rows."""
    return index.equals(pd.RangeIndex(len(index)))


def _as_pandas(frame: Frame) -> pd.DataFrame:
    if isinstance(frame, pd.DataFrame):
        return frame
    if isinstance(frame, ConvertibleFrame):
        return frame.to_pandas()
    try:
        return pd.DataFrame(frame)
    except (TypeError, ValueError) as error:
        remedy = "pass a data frame, or a dictionary of columns of the same length"
        raise DataError(f"is no table: {error}", remedy=remedy, where="frame") from None


def _one_dimensional(argument: str, column: Column) -> pd.Series | NDArray[np.generic]:
    """The values of a column, `(n,)`."""
    values = column if isinstance(column, pd.Series) else np.asarray(column)
    if values.ndim != 1:
        shape = " by ".join(map(str, values.shape)) or "a single value"
        remedy = "pass one value for each row, such as `probabilities[:, 1]` of two columns"
        raise DataError(f"is not a column, but {shape}", remedy=remedy, where=argument)
    return values
