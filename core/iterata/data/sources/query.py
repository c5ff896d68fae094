"""Rows that a query gives: of a database by its SQLAlchemy URL, or of the project's files through DuckDB.

Nobody's password is written anywhere: a document names the environment variable that holds the URL, and a
message shows the URL without its password. What is read changes nothing: a query is one SELECT, in a
transaction that is rolled back, and that is declared read-only where the database knows of that.

Rows are asked for once. A database may give others, or give them in another order, whenever it is asked
again; what is told of them, from their number to their digest, has to be of the same rows.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from pandas.api.types import is_object_dtype

from iterata.data.sources import fingerprint
from iterata.data.sources.database import Database
from iterata.data.sources.duckdb_files import InFiles
from iterata.data.sources.open import open_table
from iterata.data.sources.spool import Spool
from iterata.data.sources.table import MANY, LoadedTable, Table
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pandas as pd

    from iterata.data.sources.sql import SqlBackend
    from iterata.documents.models.rows import Place

_SELECT = re.compile(
    r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(select|with|from|values|table)\b", re.IGNORECASE | re.DOTALL
)

_NESTED = (list, tuple, dict, set, np.ndarray)
"""What no cell of a table holds."""


@dataclass(frozen=True, slots=True)
class Query(Table):
    """What a query gives, and how to ask for it."""

    sql: str
    asked: SqlBackend

    def take(self, names: Iterable[str]) -> QueryResult:
        """Ask for the rows, with the named columns only.

        Raises:
            DataError: a column is missing or holds lists or records, the query fails, or it gives no rows.
        """
        wanted = self.unique_columns(names)
        seen = fingerprint.Fingerprint(wanted)
        with closing(self.asked.pieces(self.sql, wanted)) as pieces:
            spool = Spool(seen.over(self._flat(piece) for piece in pieces), held=MANY)
        if not spool.rows:
            raise DataError("gives no rows", remedy="ask for rows that exist", where=self.where)
        return QueryResult(self.where, wanted, spool, seen.digest())

    def _flat(self, piece: pd.DataFrame) -> pd.DataFrame:
        """Refuse what is no table."""
        for name, cells in piece.items():
            if is_object_dtype(cells) and any(isinstance(cell, _NESTED) for cell in cells):
                remedy = "choose one number, text or date of it in the query"
                raise DataError(f"the column {name} holds lists or records", remedy=remedy, where=self.where)
        return piece


@dataclass(frozen=True, slots=True)
class QueryResult(LoadedTable):
    """What a query gave when it was asked."""

    spool: Spool
    said: str

    def take(self, names: Iterable[str]) -> QueryResult:
        """Some of the columns; the rows' digest stays that of all columns that were asked for.

        Raises:
            DataError: a column is missing.
        """
        return replace(self, columns=self.unique_columns(names))

    @property
    def many_rows(self) -> int | None:
        """How many rows there are, where they are more than should be held at once."""
        return self.spool.rows if self.spool.rows > MANY else None

    def digest(self) -> str:
        """What tells these rows from any others, in whatever order they came."""
        return self.said

    def frame(self) -> pd.DataFrame:
        """The rows, in an order that is always the same for the same rows."""
        rows = self.spool.frame()
        order = np.argsort(fingerprint.of_rows(rows), kind="stable")
        return rows[list(self.columns)].take(order).reset_index(drop=True)

    def batches(self) -> Iterator[pd.DataFrame]:
        """The rows in pieces, in the order in which they came."""
        for piece in self.spool.pieces():
            yield piece[list(self.columns)]


def open_query(project: Path, sql: str, variable: str | None, *, root: Path, where: str) -> Query:
    """Ask which columns a query has.

    Args:
        project: the folder that DuckDB reads files of.
        sql: one SELECT.
        variable: the name of an environment variable that holds an SQLAlchemy URL; none for DuckDB.
        root: the repository, outside which DuckDB reads nothing.
        where: what to call it in messages.

    Raises:
        DataError: the database cannot be reached, or the query is refused.
    """
    bare = sql.strip().rstrip(";").rstrip()
    if not _SELECT.match(bare) or ";" in _without_text(bare):
        remedy = "write one statement that begins with SELECT or WITH, and no semicolon"
        raise DataError("is not a single SELECT", remedy=remedy, where=where)
    asked: SqlBackend = InFiles(project, root, where) if variable is None else Database(variable, where)
    return Query(where, asked.columns(bare), bare, asked)


def open_rows(project: Path, place: Place, *, root: Path) -> Table:
    """The table a document describes: a file, or a query.

    Raises:
        DataError: it cannot be had.
    """
    if place.query is None:
        return open_table(project, str(place.source), root=root, made_by=place.made_by)
    of = place.database or "the project's files"
    return open_query(project, place.query, place.database, root=root, where=f"query of {of}")


def _without_text(sql: str) -> str:
    """SQL without what stands in quotes and comments."""
    return re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL)
