"""The engine that can sum up a source: DuckDB for Parquet files and queries of files, or PostgreSQL."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from iterata.data.queries.database import Database
from iterata.data.queries.duckdb_files import DuckDbFiles, files_of_query
from iterata.data.queries.duckdb_process import DuckDbProcess
from iterata.data.queries.query import Query
from iterata.data.sources import data_file
from iterata.data.sources.parquet_file import ParquetFile
from iterata.data.sources.parquet_folder import ParquetFolder
from iterata.errors import DataError
from iterata.expressions.sql import NotTranslated, quoted_name, quoted_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd

    from iterata.data.queries.sql import SqlBackend
    from iterata.data.sources.table import Table

DUCKDB, POSTGRESQL = "duckdb", "postgresql"

MEMORY = "700MB"
"""What DuckDB keeps in memory while it sums up; beyond it writes to a temporary folder."""


@dataclass(frozen=True, slots=True)
class DuckDbParquet(DuckDbProcess):
    """DuckDB, which may read some Parquet files and nothing else."""

    files: tuple[str, ...]

    def readable(self, sql: str) -> dict[str, object]:  # the same for every query
        """The files alone."""
        return {"folders": [], "files": list(self.files)}

    def remedy(self, reason: str, sql: str) -> str:  # the statement is not the author's
        """How to fix what DuckDB refused."""
        return "make the file again; DuckDB's own message is above"


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine, and the table in it."""

    name: str
    where: str
    relation: str
    """The table in SQL, as it stands after FROM."""
    backend: SqlBackend
    types: Callable[[Sequence[str]], dict[str, str]]
    """The engine's types of some columns; none if the table is empty."""
    digests: Callable[[], dict[str, str]] | None
    """The digest of each file that the table consists of; None if the rows must be digested."""

    def run(self, sql: str, names: Sequence[str]) -> pd.DataFrame:
        """The rows of a statement's result.

        Raises:
            DataError: DuckDB refuses it.
            NotTranslated: the database refuses it; it may only speak PostgreSQL's protocol, or stop at an
                overflow, which is refused with its rows if they are read in this process.
        """
        import pandas as pd  # noqa: PLC0415

        try:
            batches = list(self.backend.batches(sql, names))
        except DataError:
            if self.name != POSTGRESQL:
                raise
            raise NotTranslated from None
        return pd.concat(batches, ignore_index=True) if batches else pd.DataFrame(columns=list(names))


def engine_of(table: Table, project: Path, root: Path) -> Engine | None:
    """The engine that sums up a table; None if it is read in this process."""
    if len({name.lower() for name in table.columns}) < len(table.columns):
        return None  # DuckDB does not tell `V` from `v`
    if isinstance(table, ParquetFile | ParquetFolder):
        return _of_parquet(table, root) if find_spec("duckdb") else None
    if isinstance(table, Query):
        return _of_query(table, project)
    return None


def _of_parquet(table: ParquetFile | ParquetFolder, root: Path) -> Engine | None:
    parts = table.files if isinstance(table, ParquetFolder) else [table]
    paths = [part.path for part in parts]
    files = tuple(str(path.resolve()) for path in paths)
    if any("'" in name or "\\" in name or re.search(r"[*?\[\]{}]", name) for name in files):
        return None  # DuckDB would take it for a pattern
    listed = ", ".join(map(quoted_text, files))
    relation = f"read_parquet([{listed}], hive_partitioning = false)"
    backend = DuckDbParquet(root, table.where, files, memory=MEMORY)

    def types(names: Sequence[str]) -> dict[str, str]:
        return {name: parts[0].types[name] for name in names}

    if any(name not in parts[0].types for name in table.columns):
        return None  # columns that only the names of folders have
    return Engine(DUCKDB, table.where, relation, backend, types, lambda: {table.where: table.digest()})


def _of_query(table: Query, project: Path) -> Engine | None:
    backend = table.backend
    relation = f"({table.sql}\n)"
    if isinstance(backend, DuckDbProcess):
        backend, digests = replace(backend, memory=MEMORY), None
        if isinstance(backend, DuckDbFiles):
            digests = _digests_of_files(table.sql, project, backend)
        return Engine(
            DUCKDB,
            table.where,
            relation,
            backend,
            lambda names: _described(backend, table.sql, names),
            digests,
        )
    if isinstance(backend, Database) and _is_postgresql(os.environ.get(backend.variable, "")):
        return Engine(
            POSTGRESQL,
            table.where,
            relation,
            backend,
            lambda names: _pg_types(backend, relation, names),
            None,
        )
    return None


def _digests_of_files(sql: str, project: Path, backend: DuckDbFiles) -> Callable[[], dict[str, str]]:
    def digests() -> dict[str, str]:
        root = backend.root
        paths = (project / name for name in files_of_query(sql, project))
        return {path.relative_to(root).as_posix(): data_file.digest(path) for path in paths if path.is_file()}

    return digests


def _described(backend: SqlBackend, sql: str, names: Sequence[str]) -> dict[str, str]:
    described = f"SELECT column_name, column_type FROM (DESCRIBE {sql}\n) AS described"  # noqa: S608
    found: dict[str, str] = {}
    for batch in backend.batches(described, ["column_name", "column_type"]):
        found |= dict(zip(batch["column_name"], batch["column_type"], strict=True))
    return {name: str(found[name]) for name in names if name in found}


def _pg_types(backend: SqlBackend, relation: str, names: Sequence[str]) -> dict[str, str]:
    aliases = [f"c{index}" for index in range(len(names))]
    columns = ", ".join(
        f"CAST(pg_typeof({quoted_name(name)}) AS text) AS {alias}"
        for name, alias in zip(names, aliases, strict=True)
    )
    try:
        for batch in backend.batches(f"SELECT {columns} FROM {relation} AS source LIMIT 1", aliases):  # noqa: S608
            return dict(zip(names, map(str, batch.iloc[0]), strict=True))
    except DataError:
        raise NotTranslated from None
    return {}


def _is_postgresql(url: str) -> bool:
    return re.match(r"postgres(ql)?(\+\w+)?:", url) is not None
