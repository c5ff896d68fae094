"""Rows that a query gives: of a database by its SQLAlchemy URL, or of the project's files through DuckDB.

Nobody's password is written anywhere: a document names the environment variable that holds the URL, and a
message shows the URL without its password. What is read changes nothing: a query is one SELECT, in a
transaction that is rolled back, and that is declared read-only where the database knows of that.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from iterata.errors import DataError
from iterata.tables import BATCH, MANY, Table, open_table

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from pathlib import Path

    from iterata.documents.rows_spec import Rows

    Statement = Callable[[Callable[[str], str]], str]
    """Makes a statement, given how the database quotes names."""

    Asked = Callable[[Statement], Generator[pd.DataFrame]]
    """Runs a statement and yields its rows; at least one piece, which may be empty."""

READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}
"""What makes a connection refuse to write, by SQLAlchemy's name of the database."""

_SELECT = re.compile(
    r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(select|with|from|values|table)\b", re.IGNORECASE | re.DOTALL
)
_PASSWORD = re.compile(r"(?<=://)([^:/@\s]*):[^@\s]*@")

_FILE = re.compile(
    r"(?P<before>\b(?:from|join|read_csv|read_csv_auto|read_parquet|parquet_scan)[\s(]+)'(?P<file>(?:[^']|'')+)'",
    re.IGNORECASE,
)
"""A file where a table stands, or in a function that reads files."""

_CONFINED = (
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "enable_external_access = false",
    "lock_configuration = true",
)
"""What DuckDB is told before it is asked: no network, no extensions, no file but the allowed ones."""


@dataclass(frozen=True, slots=True)
class Query(Table):
    """What a query gives, and how to ask it again."""

    sql: str
    pieces: Asked
    rows: int

    def read(self, names: Iterable[str]) -> pd.DataFrame:
        """The named columns, in the order the query gives its rows.

        Raises:
            DataError: a column is missing, the query fails, or it gives no rows.
        """
        frames = list(self.batches(names))
        return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)

    def batches(self, names: Iterable[str]) -> Iterator[pd.DataFrame]:
        """The named columns in pieces of at most `BATCH` rows.

        Raises:
            DataError: a column is missing, the query fails, or it gives no rows.
        """
        wanted = list(dict.fromkeys(names))
        self.require(wanted)
        any_rows = False
        for piece in self.pieces(lambda quote: f"SELECT {', '.join(map(quote, wanted))} {_from(self.sql)}"):
            if piece.empty:
                continue
            any_rows = True
            yield piece
        if not any_rows:
            raise DataError("gives no rows", remedy="ask for rows that exist", where=self.where)

    @property
    def many_rows(self) -> int | None:
        """How many rows it gives, where they are more than should be held at once."""
        return self.rows if self.rows > MANY else None

    def digest(self) -> str:
        """What tells these rows from any others, in whatever order they come: a sum of their hashes."""
        total, count = 0, 0
        for piece in self.pieces(lambda quote: self.sql):
            hashed = pd.util.hash_pandas_object(piece.astype(str), index=False).to_numpy()
            total, count = (total + int(hashed.sum(dtype="uint64"))) % 2**64, count + len(piece)
        said = f"{'|'.join(self.columns)}:{count}:{total}"
        return f"sha256:{hashlib.sha256(said.encode()).hexdigest()}"


def open_query(project: Path, sql: str, database: str | None, *, root: Path, where: str) -> Query:
    """Run a query for its columns and the number of its rows.

    Args:
        project: the folder that DuckDB reads files of.
        sql: one SELECT.
        database: the name of an environment variable that holds an SQLAlchemy URL; none for DuckDB.
        root: the repository, outside which DuckDB reads nothing.
        where: the field of the document, for messages.

    Raises:
        DataError: the database cannot be reached, or the query is refused.
    """
    bare = sql.strip().rstrip(";").rstrip()
    if not _SELECT.match(bare) or ";" in _without_text(bare):
        remedy = "write one statement that begins with SELECT or WITH, and no semicolon"
        raise DataError("is not a single SELECT", remedy=remedy, where=where)
    pieces = _duckdb(project, root, where) if database is None else _sqlalchemy(database, where)
    columns = tuple(str(name) for name in _first(pieces, f"SELECT * {_from(bare)} LIMIT 0").columns)
    rows = int(_first(pieces, f"SELECT count(*) AS n {_from(bare)}")["n"].iloc[0])
    if not rows:
        raise DataError("gives no rows", remedy="ask for rows that exist", where=where)
    return Query(project, where, columns, bare, pieces, rows)


def open_rows(project: Path, data: Rows, *, root: Path) -> Table:
    """The rows a document describes: of a file, or of a query.

    Raises:
        DataError: they cannot be had.
    """
    if data.query is None:
        return open_table(project, str(data.source), root=root, made_by=data.made_by)
    of = data.database or "the project's files"
    return open_query(project, data.query, data.database, root=root, where=f"query of {of}")


def _without_text(sql: str) -> str:
    """SQL without what stands in quotes and comments."""
    return re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL)


def _from(sql: str) -> str:
    """A query in the place of a table. It is what the user wrote: whoever may run it may ask anything."""
    return f"FROM ({sql}\n) AS asked"  # a comment may end it


def _first(pieces: Asked, statement: str) -> pd.DataFrame:
    with closing(pieces(lambda quote: statement)) as found:
        return next(found)


def _quoted(name: str) -> str:
    """A column's name as standard SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _duckdb(project: Path, root: Path, where: str) -> Asked:
    """DuckDB over the files of the project: nothing else of the disk, no network, no extension."""

    def pieces(ask: Statement) -> Generator[pd.DataFrame]:
        try:
            import duckdb  # noqa: PLC0415  # an extra
        except ImportError:
            remedy = "install it: `pip install 'iterata[duckdb]'`"
            raise DataError("needs DuckDB, which is not installed", remedy=remedy, where=where) from None
        with _told(where, duckdb.Error), duckdb.connect(":memory:") as connection:
            for setting in (f"allowed_directories = [{_literal(f'{root.resolve()}/')}]", *_CONFINED):
                connection.execute(f"SET {setting}")
            found = connection.execute(_FILE.sub(lambda match: _absolute(match, project), ask(_quoted)))
            while True:
                piece = found.fetch_df_chunk(max(1, BATCH // 2048))
                yield piece
                if piece.empty:
                    return

    return pieces


def _absolute(match: re.Match[str], project: Path) -> str:
    """A file that a query names, by its place on this disk: DuckDB is allowed nothing else."""
    return (
        f"{match['before']}{_literal(str((project / match['file'].replace(chr(39) * 2, chr(39))).resolve()))}"
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sqlalchemy(variable: str, where: str) -> Asked:
    """A database by the URL in an environment variable."""

    def pieces(ask: Statement) -> Generator[pd.DataFrame]:
        try:
            import sqlalchemy  # noqa: PLC0415  # an extra
        except ImportError:
            remedy = "install it: `pip install 'iterata[sql]'`"
            raise DataError("needs SQLAlchemy, which is not installed", remedy=remedy, where=where) from None
        url = os.environ.get(variable)
        if not url:
            remedy = f"set it to the URL of the database: `export {variable}=postgresql+psycopg://...`"
            raise DataError(f"the environment variable {variable} is not set", remedy=remedy, where=where)
        with _told(where, sqlalchemy.exc.SQLAlchemyError, ImportError):
            engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
            try:
                with engine.connect() as connection:
                    if statement_first := READ_ONLY.get(engine.dialect.name):
                        connection.exec_driver_sql(statement_first)
                    streamed = connection.execution_options(stream_results=True, yield_per=BATCH)
                    statement = ask(engine.dialect.identifier_preparer.quote)
                    found = streamed.execute(sqlalchemy.text(statement.replace(":", r"\:")))
                    names = list(found.keys())
                    any_rows = False
                    for rows in found.partitions(BATCH):
                        any_rows = True
                        records = [tuple(row) for row in rows]
                        yield pd.DataFrame.from_records(records, columns=names, coerce_float=True)
                    if not any_rows:
                        yield pd.DataFrame(columns=names)
            finally:
                engine.dispose()

    return pieces


@contextmanager
def _told(where: str, *errors: type[Exception]) -> Iterator[None]:
    """What a database says against a query, in one line and without anybody's password."""
    try:
        yield
    except errors as error:
        cause = getattr(error, "orig", None) or error
        said = " ".join(_PASSWORD.sub(r"\1:***@", str(cause)).split())[:300]
        remedy = "correct the query or the URL; the database's own words are above"
        raise DataError(f"the database refused: {said}", remedy=remedy, where=where) from None
