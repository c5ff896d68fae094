"""Refuses data files that are not read: what a file is, and how its rows become readable."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from iterata.data.sources.unread_formats import (
    BY_END,
    BY_START,
    DUCKDB,
    SQLITE,
    ZIP,
    Format,
    conversion,
    end_of,
    with_duckdb,
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


def refuse(path: Path, source: PurePosixPath, where: str) -> UnreadFormat:
    """The refusal of a file that is neither CSV nor Parquet.

    Args:
        path: the file.
        source: its path relative to the project, as documents name it.
        where: its path relative to the repository, where commands are run.
    """
    file_format = format_of(path)
    if file_format is None:
        message = "ends neither in .csv nor in .parquet"
        return UnreadFormat(message, remedy="save it as .csv or .parquet", where=where)
    message = f"is {file_format.name}; only CSV and Parquet files are read"
    return UnreadFormat(message, remedy=_remedy(file_format, path, source, where), where=where)


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
    return _remedy(file_format, path, PurePosixPath(name), path.relative_to(root).as_posix())


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


def _remedy(file_format: Format, path: Path, source: PurePosixPath, where: str) -> str:
    return _REMEDIES.get(file_format, partial(_converted, file_format))(path, source, where)


def _converted(file_format: Format, path: Path, source: PurePosixPath, where: str) -> str:
    if file_format.query:
        query = file_format.query.format(source=str(source).replace("'", "''"))
        return with_duckdb(f"write `query: {query}` instead of `source:`")
    new = _new_name(path.name, file_format)
    made = source.with_name(new)
    if not new.lower().endswith(READ):
        return f"run `{conversion(file_format, where, '')}`, and name the file that is in it as `source:`"
    if (path.parent / new).exists():
        return f"write `source: {made}`, which is beside it, if it holds the same rows"
    run = conversion(file_format, where, where[: -len(path.name)] + new)
    trust = "if you trust its author, " if "pickle" in file_format.name else ""
    return f"{trust}run `{run}`, and write `source: {made}`"


def _new_name(name: str, file_format: Format) -> str:
    end = end_of(name)
    stem = name[: -len(end)] if end else name
    return stem if stem.lower().endswith(READ) else f"{stem}{file_format.to}"


def _from_archive(path: Path, source: PurePosixPath, where: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(READ)]
    except (OSError, zipfile.BadZipFile):
        return "make the archive again: it is damaged"
    run = f"run `{conversion(ZIP, where, '')}`"
    if len(names) == 1:
        return f"{run}, and write `source: {source.parent / names[0]}`"
    return f"{run}, and name one of its files as `source:`"


def _query_of_duckdb(path: Path, source: PurePosixPath, _: str) -> str:
    from iterata.data.queries.duckdb_database import tables_of  # noqa: PLC0415  # only for this message

    schema, table = (tables_of(path) or [("main", "TABLE")])[0]
    in_schema = "" if schema == "main" else f", schema_name = '{schema}'"
    table_of = f"read_duckdb('{source}', table_name = '{table}'{in_schema})"
    return with_duckdb(f"write `query: {ALL_OF} {table_of}` instead of `source:`")


def _query_of_sqlite(path: Path, _: PurePosixPath, where: str) -> str:
    table = (_sqlite_tables(path) or ["TABLE"])[0]
    keys = f"`query: {ALL_OF} {table}` and `database: DATABASE`"
    return f"write {keys} instead of `source:`, and run `export DATABASE=sqlite:///{where}`"


def _sqlite_tables(path: Path) -> list[str]:
    sql = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY type, name"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return [str(name) for (name,) in connection.execute(sql)]
    except sqlite3.Error:
        return []


_REMEDIES: Mapping[Format, Callable[[Path, PurePosixPath, str], str]] = {
    DUCKDB: _query_of_duckdb,
    SQLITE: _query_of_sqlite,
    ZIP: _from_archive,
}
"""How the rows of a format are read that no command of its own converts."""
