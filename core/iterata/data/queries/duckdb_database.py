"""Queries of the DuckDB file that a URL such as `duckdb:////data/team.duckdb` names, and of nothing else."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from iterata.data.queries.duckdb_process import DuckDbProcess
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

_URL = re.compile(
    r"duckdb(?:\+\w+)?:(?://(?P<host>[^/?#]*)(?:/(?P<path>[^?#]*))?)?(?:\?(?P<settings>[^#]*))?"
)
"""As SQLAlchemy writes it: `duckdb:///relative.duckdb`, `duckdb:////absolute.duckdb`."""

_READ_ONLY = {("access_mode", "read_only"), ("read_only", "true"), ("read_only", "1")}
"""Settings that change nothing, because the file is always opened for reading only."""

_MAGIC = b"DUCK"
_MAGIC_AT = 8

_REMEDIES: Mapping[str, str] = {
    "Could not set lock": "end the program that writes to the database, or query a copy of the file",
    "Conflicting lock": "end the program that writes to the database, or query a copy of the file",
    "version number": "run `pip install --upgrade duckdb`: a newer DuckDB wrote the file",
    "WAL": "open the file once with the program that wrote it, which completes it",
    "encrypt": "query a copy of the database that is not encrypted",
    "Cannot access": "select from tables of the database: a query, and a view in it, reads no other file",
    "file system operations are disabled": "select from tables of the database: it reads no other file",
    "requires the extension": "select from tables of the database: no extension is loaded",
    "exists in the": "select from tables of the database: no extension is loaded",
    "Permission denied": "make the file readable for the user who runs the command",
}
"""The remedy by a part of what DuckDB says."""


@dataclass(frozen=True, slots=True)
class DuckDbDatabase(DuckDbProcess):
    """A DuckDB file, opened for reading only; its queries read nothing else."""

    path: Path

    @classmethod
    def of_url(cls, url: str, variable: str, where: str) -> DuckDbDatabase:
        """The database that a URL names.

        Raises:
            DataError: it names no file that DuckDB wrote.
        """
        correct = f"write {variable} as `duckdb:////folder/of/database.duckdb`"
        match = _URL.fullmatch(url)
        name = unquote(match["path"] or "") if match else ""
        if match is None or match["host"] or not name or name.startswith(":memory:"):
            message = "the environment variable names no file of DuckDB"
            raise DataError(message, remedy=correct, where=where)
        if name.startswith(("md:", "motherduck:")):
            message = (
                "the environment variable names a database of MotherDuck, which is read over the network"
            )
            remedy = "copy its tables into a DuckDB file, and name that file"
            raise DataError(message, remedy=remedy, where=where)
        others = {key for key, value in parse_qsl(match["settings"] or "", keep_blank_values=True)
                  if (key, value.lower()) not in _READ_ONLY}  # fmt: skip
        if others:
            message = f"the URL sets {', '.join(sorted(others))}, and a query is executed without settings"
            raise DataError(message, remedy=f"remove them from {variable}", where=where)
        return cls.of_file(Path(name).absolute(), variable, where)

    @classmethod
    def of_file(cls, path: Path, variable: str, where: str) -> DuckDbDatabase:
        """The database in a file.

        Raises:
            DataError: the file is missing, or DuckDB did not write it.
        """
        correct = f"correct the path in {variable}, or put the database there"
        if not path.is_file():
            raise DataError(f"there is no database file {path}", remedy=correct, where=where)
        if not os.access(path, os.R_OK):
            remedy = _REMEDIES["Permission denied"]
            raise DataError(f"the database file {path} is not readable", remedy=remedy, where=where)
        if not is_duckdb(path):
            raise DataError(f"{path} is not a file of DuckDB", remedy=correct, where=where)
        return cls(path.parent, where, path)

    def readable(self, sql: str) -> dict[str, object]:  # the same for every query
        """The database alone."""
        return {"database": str(self.path), "folders": [], "files": []}

    def remedy(self, reason: str, sql: str) -> str:  # the reason alone tells
        """How to fix what DuckDB refused."""
        found = (remedy for words, remedy in _REMEDIES.items() if words in reason)
        return next(found, "correct the query; DuckDB's own message is above")


def is_duckdb(path: Path) -> bool:
    """Whether DuckDB wrote a file."""
    with path.open("rb") as stream:
        start = stream.read(_MAGIC_AT + len(_MAGIC))
    return start[_MAGIC_AT:] == _MAGIC


def tables_of(path: Path) -> list[tuple[str, str]]:
    """The schema and the name of each table in a file, sorted; none if DuckDB cannot read it."""
    sql = "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL"
    names = ("schema_name", "table_name")
    try:
        batches = DuckDbDatabase.of_file(path.absolute(), "", path.name).batches(sql, names)
        return [(str(row[0]), str(row[1])) for batch in batches for row in batch[list(names)].to_numpy()]
    except DataError:
        return []
