"""Rows of a query: of a database by its URL, or of the project's files through DuckDB.

Passwords are neither stored nor shown: a document names the environment variable that holds the URL, and
messages show the URL without its password. A query changes no data: it is one SELECT, in a transaction that
is rolled back, and that is read-only if the database supports that.

A query is executed once. A database may return other rows, or another order, at the next execution; but the
number of rows, their values and their digest must describe the same rows.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from iterata.data.queries.cells import of_one_kind
from iterata.data.queries.database import Database
from iterata.data.queries.duckdb_database import DuckDbDatabase
from iterata.data.queries.duckdb_files import DuckDbFiles
from iterata.data.queries.sql import single_select
from iterata.data.refusals import NoRows
from iterata.data.sources.row_digest import RowDigest, row_hashes
from iterata.data.sources.spool import Spool
from iterata.data.sources.table import MANY, LoadedTable, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pandas as pd

    from iterata.data.queries.sql import SqlBackend


@dataclass(frozen=True, slots=True)
class Query(Table):
    """A query that has not been executed, except to learn its columns."""

    sql: str
    backend: SqlBackend

    def take(self, names: Iterable[str]) -> QueryResult:
        """Execute the query for the named columns.

        Raises:
            DataError: a column is missing or holds lists or records, the query fails, or it gives no rows.
        """
        columns = self.unique_columns(names)
        digest = RowDigest(columns)
        with closing(self.backend.batches(self.sql, columns)) as batches:
            spool = Spool(digest.over(of_one_kind(batches, self.where)), memory_rows=MANY)
        if not spool.rows:
            raise NoRows(self.where, remedy="write a query that returns rows")
        return QueryResult(self.where, columns, spool, digest.digest(), column_types=self.column_types)


@dataclass(frozen=True, slots=True)
class QueryResult(LoadedTable):
    """The rows that a query returned."""

    spool: Spool
    row_digest: str

    def take(self, names: Iterable[str]) -> QueryResult:
        """Some of the columns; the digest remains that of all columns of the result.

        Raises:
            DataError: a column is missing.
        """
        return replace(self, columns=self.unique_columns(names))

    @property
    def many_rows(self) -> int | None:
        """The number of rows, if there are too many for memory; else None."""
        return self.spool.rows if self.spool.rows > MANY else None

    def digest(self) -> str:
        """The digest of the rows, which does not depend on their order."""
        return self.row_digest

    def frame(self) -> pd.DataFrame:
        """All rows, sorted by a hash: the same rows are always in the same order."""
        rows = self.spool.frame()
        order = np.argsort(row_hashes(rows), kind="stable")
        ordered = rows[list(self.columns)].take(order).reset_index(drop=True)
        return self.column_types.frame(ordered, self.where)

    def batches(self) -> Iterator[pd.DataFrame]:
        """All rows in batches, in the order in which the database returned them."""
        reader = self.column_types.reader(self.where)
        for batch in self.spool.batches():
            reader.look_at(batch[list(self.columns)])
        reader.settle()
        for batch in self.spool.batches():
            yield reader.convert(batch[list(self.columns)])


def open_query(project: Path, sql: str, variable: str | None, *, root: Path, where: str) -> Query:
    """A query whose columns are known; its rows are not read.

    Args:
        project: the folder of the files, for DuckDB.
        sql: one SELECT.
        variable: the environment variable that holds an SQLAlchemy URL; None for DuckDB.
        root: the repository; DuckDB reads no files outside of it.
        where: the query's name in messages.

    Raises:
        DataError: the database cannot be reached, or the query is refused.
    """
    statement = single_select(sql, where)
    backend = _backend(project, variable, root, where)
    return Query(backend.where, backend.columns(statement), statement, backend)


def _backend(project: Path, variable: str | None, root: Path, where: str) -> SqlBackend:
    if variable is None:
        return DuckDbFiles(project, where, root=root)
    url = os.environ.get(variable, "")
    if url.startswith(("duckdb:", "duckdb+")):
        return DuckDbDatabase.of_url(url, variable, where)
    return Database.named(variable, where)
