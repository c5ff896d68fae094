"""Rows that are not at hand: of a file, or of a query, whose columns are given by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iterata.data.sources.open import open_table
from iterata.data.sources.query import Query, open_query
from iterata.errors import DataError

if TYPE_CHECKING:
    from os import PathLike

    from iterata.data.sources.table import Table


@dataclass(frozen=True, slots=True)
class Elsewhere:
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
    return open_table(place.parent, place.name, root=place.resolve().parent)
