"""Queries of the project's files, executed by DuckDB without access to anything else."""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iterata.data.refusals import MissingPackage
from iterata.data.sources.sql import as_read_from_file, database_errors, select_columns
from iterata.data.sources.table import BATCH

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    from duckdb import DuckDBPyConnection

VECTOR_ROWS = 2048
"""Rows of a vector, DuckDB's unit of fetching."""

_FILE = re.compile(
    r"(?P<before>\b(?:from|join|read_csv|read_csv_auto|read_parquet|parquet_scan)[\s(]+)'(?P<file>(?:[^']|'')+)'",
    re.IGNORECASE,
)
"""A file in the place of a table, or as the argument of a function that reads files."""

_RESTRICTIONS = (
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "enable_external_access = false",
    "lock_configuration = true",
)
"""DuckDB's settings during a query: no network, no extensions, no files except the allowed ones."""


@dataclass(frozen=True, slots=True)
class DuckDbFiles:
    """The files of a project, as the tables of queries."""

    project: Path
    root: Path
    """Files outside of this folder cannot be read."""
    where: str
    """Their name in messages."""

    def columns(self, sql: str) -> tuple[str, ...]:
        """The columns of a query's result.

        Raises:
            DataError: DuckDB refuses the query.
        """
        with self._connected() as connection:
            return tuple(connection.sql(self._with_absolute_paths(sql)).columns)

    def batches(self, sql: str, names: Sequence[str]) -> Generator[pd.DataFrame]:
        """The rows of some columns of a query's result.

        Raises:
            DataError: DuckDB refuses the query.
        """
        with self._connected() as connection:
            statement = select_columns(self._with_absolute_paths(sql), names, _quoted)
            result = connection.execute(statement)
            while True:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", DeprecationWarning)  # in DuckDB's own use of pandas
                    batch = result.fetch_df_chunk(BATCH // VECTOR_ROWS)
                if batch.empty:
                    return
                yield as_read_from_file(batch)

    @contextmanager
    def _connected(self) -> Iterator[DuckDBPyConnection]:
        try:
            import duckdb  # noqa: PLC0415  # an extra
        except ImportError:
            raise MissingPackage("DuckDB", "duckdb", self.where) from None
        allowed = _literal(f"{self.root.resolve()}/")
        with database_errors(self.where, duckdb.Error), duckdb.connect(":memory:") as connection:
            for setting in (f"allowed_directories = [{allowed}]", *_RESTRICTIONS):
                connection.execute(f"SET {setting}")
            yield connection

    def _with_absolute_paths(self, sql: str) -> str:
        """The query with absolute paths, because DuckDB compares them with the allowed folder."""
        return _FILE.sub(lambda match: _absolute(match, self.project), sql)


def files_of_query(sql: str, project: Path) -> list[str]:
    """The files that a query names, relative to the project; for a pattern, the files that match it."""
    patterns = [_path(match) for match in _FILE.finditer(sql)]
    return [
        source
        for pattern in patterns
        for source in (
            sorted(path.relative_to(project).as_posix() for path in project.glob(pattern))
            if re.search(r"[*?\[]", pattern)
            else [pattern]
        )
    ]


def _quoted(name: str) -> str:
    """A column's name, quoted as in standard SQL."""
    return '"' + name.replace('"', '""') + '"'


def _path(match: re.Match[str]) -> str:
    return match["file"].replace("''", "'")


def _absolute(match: re.Match[str], project: Path) -> str:
    return f"{match['before']}{_literal(str((project / _path(match)).resolve()))}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
