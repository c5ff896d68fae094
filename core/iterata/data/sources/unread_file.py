"""Refuses data files that are not read: what a file is, and how its rows become readable."""

from __future__ import annotations

import shlex
import sqlite3
import zipfile
from contextlib import closing
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from iterata.data.sources.unread_formats import (
    BY_END,
    BY_START,
    DUCKDB,
    SQLITE,
    ZIP,
    Format,
    conversion,
    end_of,
    queried,
    quoted,
    with_duckdb,
    yaml_scalar,
)
from iterata.documents.models.addresses import how_to_download, remote
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

READ = (".csv", ".csv.gz", ".csv.zst", ".parquet")
"""How the names of files end that are read."""

ALL_OF = "SELECT * FROM"

_START = 16
"""The bytes of a file's start that tell its format."""


class UnreadFormat(DataError):
    """A file of a format that is not read; the remedy says how its rows become readable."""

    fields = ("source",)


class Unread(NamedTuple):
    """A file that is neither CSV nor Parquet."""

    path: Path
    source: PurePosixPath
    """Its path relative to the project, as documents name it."""
    where: str
    """Its path relative to the repository, where commands are run."""
    may_query: bool = True
    """Whether a `query:` may stand in place of the source."""


def refuse(file: Unread) -> UnreadFormat:
    """The refusal of a file that is not read."""
    file_format = format_of(file.path)
    if file_format is None:
        message = "ends neither in .csv nor in .parquet"
        return UnreadFormat(message, remedy="save it as .csv or .parquet", where=file.where)
    message = f"is {file_format.name}; only CSV and Parquet files are read"
    return UnreadFormat(message, remedy=_remedy(file_format, file), where=file.where)


def how_to_read(name: str, project: Path, root: Path) -> str:
    """How a query reads a file or an address that DuckDB does not read; empty if nothing shows that."""
    if remote(name):
        return f"{how_to_download(name)}; the query reads that file"
    path = project / name
    if name.lower().endswith(READ) or not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
        return ""
    file_format = format_of(path)
    if file_format is None or file_format is DUCKDB or file_format.query:
        return ""
    return _remedy(file_format, Unread(path, PurePosixPath(name), path.relative_to(root).as_posix()))


def format_of(path: Path) -> Format | None:
    """What a file is: by its content if that tells, else by its name."""
    by_name = BY_END.get(end_of(path.name))
    by_content = content_of(path)
    is_container = by_content is ZIP and by_name is not None  # a workbook is an archive as well
    compressed = by_name is not None and bool(by_name.query)  # DuckDB reads compressed text
    return by_name if by_content is None or is_container or compressed else by_content


def content_of(path: Path) -> Format | None:
    """What the first bytes of a file tell; None for text."""
    with path.open("rb") as stream:
        start = stream.read(_START)
    matches = (kind for place, mark, kind in BY_START if start[place : place + len(mark)] == mark)
    return next(matches, None)


def _remedy(file_format: Format, file: Unread) -> str:
    return _REMEDIES.get(file_format, partial(_converted, file_format))(file)


def _converted(file_format: Format, file: Unread) -> str:
    if file_format.query:
        name = str(file.source if file.may_query else file.where).replace("'", "''")
        return _queried(file_format.query.format(source=name), file)
    new = _new_name(file.path.name, file_format)
    made = file.source.with_name(new)
    if not new.lower().endswith(READ):
        return (
            f"run `{conversion(file_format, file.where, '')}`, and name the file that is in it as `source:`"
        )
    if (file.path.parent / new).exists():
        return f"write `source: {made}`, which is beside it, if it holds the same rows"
    run = conversion(file_format, file.where, file.where[: -len(file.path.name)] + new)
    trust = "if you trust its author, " if "pickle" in file_format.name else ""
    return f"{trust}run `{run}`, and write `source: {made}`"


def _queried(table: str, file: Unread) -> str:
    source = str(file.source) if file.may_query else ""
    return with_duckdb(queried(table, source, f"{file.where.removesuffix(end_of(file.where))}.parquet"))


def _new_name(name: str, file_format: Format) -> str:
    end = end_of(name)
    stem = name[: -len(end)] if end else name
    return stem if stem.lower().endswith(READ) else f"{stem}{file_format.to}"


def _from_archive(file: Unread) -> str:
    try:
        with zipfile.ZipFile(file.path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(READ)]
    except (OSError, zipfile.BadZipFile):
        return "make the archive again: it is damaged"
    run = f"run `{conversion(ZIP, file.where, '')}`"
    if len(names) == 1:
        return f"{run}, and write `source: {file.source.parent / names[0]}`"
    return f"{run}, and name one of its files as `source:`"


def _query_of_duckdb(file: Unread) -> str:
    from iterata.data.queries.duckdb_database import tables_of  # noqa: PLC0415  # only for this message

    schema, table = (tables_of(file.path) or [("main", "TABLE")])[0]
    in_schema = "" if schema == "main" else f", schema_name = {_literal(schema)}"
    name = str(file.source) if file.may_query else file.where
    return _queried(f"read_duckdb({_literal(name)}, table_name = {_literal(table)}{in_schema})", file)


def _literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def _query_of_sqlite(file: Unread) -> str:
    tables = _sqlite_tables(file.path)
    table = '"' + tables[0].replace('"', '""') + '"' if tables else "TABLE"  # it may be a word of SQL
    if not file.may_query:
        new = f"{file.where.removesuffix(end_of(file.where))}.csv"
        code = (
            f"import pandas, sqlite3; pandas.read_sql({quoted(f'{ALL_OF} {table}')}, "
            f"sqlite3.connect({quoted(file.where)})).to_csv({quoted(new)}, index=False)"
        )
        return f"run `python -c {shlex.quote(code)}`, and name the new file as `source:`"
    keys = f"`query: {yaml_scalar(f'{ALL_OF} {table}')}` and `database: DATABASE`"
    address = shlex.quote(f"sqlite:///{file.where}")
    return f"write {keys} instead of `source:`, and run `export DATABASE={address}`"


def _sqlite_tables(path: Path) -> list[str]:
    sql = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY type, name"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return [str(name) for (name,) in connection.execute(sql)]
    except sqlite3.Error:
        return []


_REMEDIES: Mapping[Format, Callable[[Unread], str]] = {
    DUCKDB: _query_of_duckdb,
    SQLITE: _query_of_sqlite,
    ZIP: _from_archive,
}
"""How the rows of a format are read that no command of its own converts."""
