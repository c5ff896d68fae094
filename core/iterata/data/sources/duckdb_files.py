"""Asking files of the project with SQL: DuckDB, which sees nothing else."""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iterata.data.sources.sql import choosing, plain, told
from iterata.data.sources.table import BATCH
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    from duckdb import DuckDBPyConnection

VECTOR = 2048
"""Rows of what DuckDB calls a vector."""

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
class InFiles:
    """The files of a project."""

    project: Path
    root: Path
    """Nothing outside it is read."""
    where: str
    """What to call them in messages."""

    def columns(self, sql: str) -> tuple[str, ...]:
        """The columns a query has.

        Raises:
            DataError: DuckDB refuses.
        """
        with self._connected() as connection:
            return tuple(connection.sql(self._here(sql)).columns)

    def pieces(self, sql: str, names: Sequence[str]) -> Generator[pd.DataFrame]:
        """The rows of some columns.

        Raises:
            DataError: DuckDB refuses.
        """
        with self._connected() as connection:
            found = connection.execute(choosing(self._here(sql), names, _quoted))
            while True:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", DeprecationWarning)  # DuckDB's own, of how it uses pandas
                    piece = found.fetch_df_chunk(BATCH // VECTOR)
                if piece.empty:
                    return
                yield plain(piece)

    @contextmanager
    def _connected(self) -> Iterator[DuckDBPyConnection]:
        try:
            import duckdb  # noqa: PLC0415  # an extra
        except ImportError:
            message, remedy = (
                "needs DuckDB, which is not installed",
                "install it: `pip install 'iterata[duckdb]'`",
            )
            raise DataError(message, remedy=remedy, where=self.where) from None
        with told(self.where, duckdb.Error), duckdb.connect(":memory:") as connection:
            for setting in (f"allowed_directories = [{_literal(f'{self.root.resolve()}/')}]", *_CONFINED):
                connection.execute(f"SET {setting}")
            yield connection

    def _here(self, sql: str) -> str:
        """The query with the files it names by their places on this disk: DuckDB is allowed nothing else."""
        return _FILE.sub(lambda match: _absolute(match, self.project), sql)


def named(sql: str, project: Path) -> list[str]:
    """The files that a query names, relative to the project; of a pattern, those that are there."""
    written = [match["file"].replace("''", "'") for match in _FILE.finditer(sql)]
    return [
        source
        for pattern in written
        for source in (
            sorted(path.relative_to(project).as_posix() for path in project.glob(pattern))
            if re.search(r"[*?\[]", pattern)
            else [pattern]
        )
    ]


def _quoted(name: str) -> str:
    """A column's name as standard SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _absolute(match: re.Match[str], project: Path) -> str:
    named = match["file"].replace("''", "'")
    return f"{match['before']}{_literal(str((project / named).resolve()))}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
