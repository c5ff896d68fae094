"""Asking a database by its SQLAlchemy URL."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from iterata.data.sources.sql import choosing, plain, told
from iterata.data.sources.table import BATCH
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from sqlalchemy import URL, Connection, CursorResult

READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}
"""What makes a connection refuse to write, by SQLAlchemy's name of the database."""

FILES = {"sqlite", "duckdb"}
"""Databases that are a file, and are made where there is none."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database by the URL in an environment variable."""

    variable: str
    where: str
    """What to call it in messages."""

    def columns(self, sql: str) -> tuple[str, ...]:
        """The columns a query has.

        Raises:
            DataError: the database cannot be reached, or refuses.
        """
        with self._connected() as connection:
            found = _run(connection, f"{choosing(sql, (), str)} LIMIT 0")
            names = list(found.keys())
            return tuple(_as_written(names) if connection.dialect.name == "sqlite" else names)

    def pieces(self, sql: str, names: Sequence[str]) -> Generator[pd.DataFrame]:
        """The rows of some columns.

        Raises:
            DataError: the database cannot be reached, or refuses.
        """
        with self._connected() as connection:
            quote = connection.dialect.identifier_preparer.quote
            streamed = connection.execution_options(stream_results=True, yield_per=BATCH)
            for rows in _run(streamed, choosing(sql, names, quote)).partitions(BATCH):
                records = [tuple(row) for row in rows]
                yield plain(pd.DataFrame.from_records(records, columns=list(names), coerce_float=True))

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            import sqlalchemy  # noqa: PLC0415  # an extra
        except ImportError:
            message, remedy = (
                "needs SQLAlchemy, which is not installed",
                "install it: `pip install 'iterata[sql]'`",
            )
            raise DataError(message, remedy=remedy, where=self.where) from None
        written = os.environ.get(self.variable)
        if not written:
            remedy = f"set it to the URL of the database: `export {self.variable}=postgresql+psycopg://...`"
            message = f"the environment variable {self.variable} is not set"
            raise DataError(message, remedy=remedy, where=self.where)
        with told(self.where, sqlalchemy.exc.SQLAlchemyError, ImportError):
            try:
                url = sqlalchemy.make_url(written)
            except sqlalchemy.exc.ArgumentError:
                # Older versions repeat what they could not read, a password perhaps with it.
                remedy = f"write {self.variable} as `postgresql+psycopg://user@host/database`"
                message = "the database refused: that is no URL"
                raise DataError(message, remedy=remedy, where=self.where) from None
            self._check_there(url)
            engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
            try:
                with engine.connect() as connection:
                    if first := READ_ONLY.get(engine.dialect.name):
                        connection.exec_driver_sql(first)
                    yield connection
            finally:
                engine.dispose()

    def _check_there(self, url: URL) -> None:
        """Refuse a file that does not exist, before asking for it would make it."""
        name = url.database
        if url.get_backend_name() not in FILES or not name or name.startswith((":memory:", "file:")):
            return
        if not Path(name).is_file():
            remedy = f"correct the path in {self.variable}, or put the database there"
            raise DataError(f"there is no database file {name}", remedy=remedy, where=self.where)


def _run(connection: Connection, statement: str) -> CursorResult[Any]:
    from sqlalchemy import text  # noqa: PLC0415

    return connection.execute(text(statement.replace(":", r"\:")))


def _as_written(names: list[str]) -> list[str]:
    """Columns that SQLite calls `a:1`, `a:2` because there is an `a` already."""
    return [first if (first := re.sub(r":\d+$", "", name)) in names else name for name in names]
