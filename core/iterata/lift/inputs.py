"""Rows that are given as arrays, as columns of a data frame, or both."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from iterata.data.sources.in_memory import InMemoryTable
from iterata.data.sources.open import open_file
from iterata.data.sources.query import Query, open_query
from iterata.documents.models.base import SPELLINGS
from iterata.errors import DataError
from iterata.text import closest

if TYPE_CHECKING:
    from os import PathLike

    from iterata.data.sources.table import Table

_NAME = re.compile(next(pattern for pattern, said in SPELLINGS.items() if said.startswith("a short label")))

SOURCE = "rows at hand"
"""What such rows are called on the page."""


@dataclass(slots=True)
class ArrayInputs:
    """Collects columns under names that messages and the page can use."""

    frame: pd.DataFrame | None
    columns: dict[str, Any] = field(default_factory=dict)
    _index: pd.Index[Any] | None = None
    _first: str = ""

    def __post_init__(self) -> None:
        """Begin with the frame, if there is one."""
        if self.frame is not None and not isinstance(self.frame, pd.DataFrame):
            self.frame = _as_frame(self.frame)
        if self.frame is not None:
            self._index, self._first = self.frame.index, "frame"

    def has(self, name: str) -> bool:
        """Whether the frame has such a column."""
        return self.frame is not None and name in self.frame

    def name(self, what: str, given: Any) -> str:
        """The name of a column that is given as such, or by its values; `what` is the argument's name.

        Raises:
            DataError: the frame has no such column, or the values are no column of as many rows.
        """
        if isinstance(given, str):
            return self._of_frame(what, given)
        values = _values(what, given)
        index = given.index if isinstance(given, pd.Series) else pd.RangeIndex(len(values))
        self._fits(what, index, labelled=isinstance(given, pd.Series))
        called = getattr(given, "name", None)
        name = called if isinstance(called, str) and _NAME.match(called) else what
        while name in self.columns or (self.frame is not None and name in self.frame):
            name += " given"
        self.columns[name] = values
        return name

    def rows(self, source: str) -> InMemoryTable:
        """The table of all that was given."""
        added = pd.DataFrame(self.columns)
        if self.frame is None:
            return InMemoryTable.of(added, source)
        return InMemoryTable.of(pd.concat([self.frame.reset_index(drop=True), added], axis=1), source)

    def _of_frame(self, what: str, name: str) -> str:
        if self.frame is None:
            remedy = "give the values themselves, or the data frame as `frame=`"
            raise DataError(f"{name} names a column, but there is no frame", remedy=remedy, where=what)
        columns = [str(each) for each in self.frame.columns]
        if name not in columns:
            guess = closest(name, columns)
            remedy = f"did you mean {guess}?" if guess else f"use one of {', '.join(columns[:12])}"
            raise DataError(f"there is no column {name}", remedy=remedy, where=what)
        return name

    def _fits(self, what: str, index: pd.Index[Any], *, labelled: bool) -> None:
        """Refuse columns of different rows; labels that differ would be silently mixed up."""
        if self._index is None:
            self._index, self._first = index, what
        if len(index) != len(self._index):
            message = f"has {len(index):,} rows, but {self._first} has {len(self._index):,}"
            raise DataError(message, remedy="give columns of the same rows", where=what)
        if labelled and not index.equals(self._index) and not _is_plain(self._index):
            remedy = "bring both into the same order, or give values without an index: `.to_numpy()`"
            raise DataError(f"has another index than {self._first}", remedy=remedy, where=what)
        if labelled and _is_plain(self._index) and not _is_plain(index):
            self._index, self._first = index, what


def _is_plain(index: pd.Index[Any]) -> bool:
    """Whether an index only counts the rows."""
    return index.equals(pd.RangeIndex(len(index)))


def _as_frame(given: Any) -> pd.DataFrame:
    """A data frame of another library, or a mapping of columns, as one of pandas."""
    if hasattr(given, "to_pandas"):
        frame: pd.DataFrame = given.to_pandas()
        return frame
    try:
        return pd.DataFrame(given)
    except (TypeError, ValueError) as error:
        remedy = "give a data frame, or a dictionary of columns of the same length"
        raise DataError(f"is no table: {error}", remedy=remedy, where="frame") from None


def _values(what: str, given: Any) -> Any:
    """The values of a column, one for each row."""
    values = given.to_numpy() if isinstance(given, pd.Series) else np.asarray(given)
    if values.ndim != 1:
        shape = " by ".join(map(str, values.shape)) or "a single value"
        remedy = "give one value for each row, such as `probabilities[:, 1]` of two columns"
        raise DataError(f"is no column, but {shape}", remedy=remedy, where=what)
    return given.reset_index(drop=True) if isinstance(given, pd.Series) else values


@dataclass(frozen=True, slots=True)
class TableInputs:
    """Columns of a table, by their names; nothing is read before all of them are known."""

    table: Table

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self.table.columns

    def name(self, what: str, given: Any) -> str:
        """The name of a column; `what` is the argument's name.

        Raises:
            DataError: there is no such column, or values are given.
        """
        if not isinstance(given, str):
            remedy = "name a column of it; values can be given beside a data frame only"
            message = f"are values, but the rows are those of {self.table.where}"
            raise DataError(message, remedy=remedy, where=what)
        self.table.require([given], what)
        return given

    def rows(self, source: str) -> Table:
        """The table; it has its own name."""
        del source
        return self.table


def query(sql: str, database: str | None = None, *, folder: str | PathLike[str] = ".") -> Query:
    """Rows that a query gives, as the `frame` of `expected_lift`.

    Args:
        sql: one SELECT, of the database, or of files of the folder such as `SELECT * FROM 'calls.parquet'`.
        database: the environment variable that holds the database's URL, as SQLAlchemy writes it; none to
            ask files, with DuckDB.
        folder: where the files are; nothing outside of it is read.

    Raises:
        DataError: the query is refused, or the database cannot be reached.
    """
    place = Path(folder).resolve()
    of = f"query of {database or place.name}"
    return open_query(place, sql, database, root=place, where=of)


def file(path: str | PathLike[str]) -> Table:
    """A CSV or Parquet file, as the `frame` of `expected_lift`.

    Raises:
        DataError: it is missing, or of another kind.
    """
    place = Path(path).absolute()
    return open_file(place.parent, place.name, root=place.resolve().parent)
