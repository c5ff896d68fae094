"""Queries of a database by its SQLAlchemy URL."""

from __future__ import annotations

import os
import re
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from iterata.data.queries import drivers
from iterata.data.queries.cells import as_frame
from iterata.data.queries.sql import database_errors, select_columns
from iterata.data.refusals import MissingPackage
from iterata.data.sources.table import BATCH
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    import pandas as pd
    from sqlalchemy import URL, Connection, CursorResult, Engine

READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}
"""The statement that makes a connection read-only, by SQLAlchemy's name of the database."""

_SECONDS = 20

_CONNECT_TIMEOUT = {
    "psycopg": {"connect_timeout": _SECONDS},
    "psycopg2": {"connect_timeout": _SECONDS},
    "mysqldb": {"connect_timeout": _SECONDS},
    "pymysql": {"connect_timeout": _SECONDS},
    "mysqlconnector": {"connection_timeout": _SECONDS},
    "pymssql": {"login_timeout": _SECONDS},
    "oracledb": {"tcp_connect_timeout": _SECONDS},
}
"""The arguments, by driver, that limit the wait for a server that does not answer; some wait for ever."""

TESTED = {"sqlite", "postgresql", "postgres"}
"""Databases whose types our tests hold, besides the files that DuckDB reads."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database whose URL is in an environment variable."""

    variable: str
    where: str
    """Its name in messages."""

    @classmethod
    def named(cls, variable: str, where: str) -> Database:
        """The database of a query; its name says so if iterata is not tested with this kind of database."""
        kind = re.match(r"(\w+)(?:\+\w+)?://", os.environ.get(variable, ""))
        if kind and kind[1].lower() not in TESTED:
            where = f"{where} ({kind[1]}, with which iterata is not tested)"
        return cls(variable, where)

    def columns(self, sql: str) -> tuple[str, ...]:
        """The columns of a query's result.

        Raises:
            DataError: the database cannot be reached, or refuses the query.
        """
        with self._connected() as connection:
            result = _execute(connection, f"{select_columns(sql, (), str)} WHERE 1 = 0")
            names = list(result.keys())
            return tuple(_without_suffixes(names) if connection.dialect.name == "sqlite" else names)

    def batches(self, sql: str, names: Sequence[str]) -> Generator[pd.DataFrame]:
        """The rows of some columns of a query's result.

        Raises:
            DataError: the database cannot be reached, or refuses the query.
        """
        with self._connected() as connection:
            quote = connection.dialect.identifier_preparer.quote
            streaming = connection.execution_options(stream_results=True, yield_per=BATCH)
            with closing(_execute(streaming, select_columns(sql, names, quote))) as result:
                for rows in result.partitions(BATCH):
                    yield as_frame(rows, names, self.where)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            import sqlalchemy  # noqa: PLC0415  # an extra
        except ImportError:
            raise MissingPackage("SQLAlchemy", "sql", self.where) from None
        text = os.environ.get(self.variable)
        if not text:
            remedy = f"set it to the URL of the database: `export {self.variable}=postgresql+psycopg://...`"
            message = f"the environment variable {self.variable} is not set"
            raise DataError(message, remedy=remedy, where=self.where)
        with database_errors(self.where, sqlalchemy.exc.SQLAlchemyError, ImportError):
            url = self._url(text)
            drivers.check_installed(url, self.variable, self.where)
            self._check_exists(url)
            url = _read_only_file(url)
            timeout = _CONNECT_TIMEOUT.get(url.get_driver_name(), {})
            arguments = {name: value for name, value in timeout.items() if name not in url.query}
            engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool, connect_args=arguments)
            try:
                with _read_only(engine) as connection:
                    yield connection
            finally:
                engine.dispose()

    def _url(self, text: str) -> URL:
        import sqlalchemy  # noqa: PLC0415

        try:
            return sqlalchemy.make_url(text)
        except sqlalchemy.exc.ArgumentError:
            # Older versions of SQLAlchemy quote the text, which may hold a password.
            remedy = f"write {self.variable} as `postgresql+psycopg://user@host/database`"
            message = "the database refused: the environment variable holds no URL"
            raise DataError(message, remedy=remedy, where=self.where) from None

    def _check_exists(self, url: URL) -> None:
        """Refuse an SQLite file that does not exist, because connecting would create it."""
        name = url.database
        if url.get_backend_name() != "sqlite" or not name:
            return
        if not name.startswith((":memory:", "file:")) and not Path(name).is_file():
            remedy = f"correct the path in {self.variable}, or put the database there"
            raise DataError(f"there is no database file {name}", remedy=remedy, where=self.where)


def _read_only_file(url: URL) -> URL:
    """The URL of an SQLite file, to open for reading; other URLs are returned as they are."""
    name = url.database
    if url.get_driver_name() != "pysqlite" or not name or name.startswith((":memory:", "file:")):
        return url
    return url.set(database=Path(name).absolute().as_uri()).update_query_dict({"mode": "ro", "uri": "true"})


@contextmanager
def _read_only(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        if statement := READ_ONLY.get(engine.dialect.name):
            connection.exec_driver_sql(statement)
        yield connection


def _execute(connection: Connection, statement: str) -> CursorResult[tuple[object, ...]]:
    from sqlalchemy import text  # noqa: PLC0415

    return connection.execute(text(statement.replace(":", r"\:")))


def _without_suffixes(names: list[str]) -> list[str]:
    """The names of columns that SQLite calls `a:1`, `a:2` because there is an `a` already."""
    return [original if (original := re.sub(r":\d+$", "", name)) in names else name for name in names]
