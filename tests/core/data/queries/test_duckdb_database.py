"""Databases of DuckDB that a URL names: read, for reading only, and nothing else."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from iterata.data.queries.duckdb_database import tables_of
from iterata.data.queries.query import open_query
from iterata.data.queries.sql_refusals import NotOneSelect
from iterata.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

duckdb = pytest.importorskip("duckdb")


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A database outside of the repository: a table, a view of it, a view of a file, a table of a schema."""
    path = tmp_path / "shared" / "team 1.duckdb"
    path.parent.mkdir()
    (tmp_path / "shared" / "secret.csv").write_text("n\n7\n")
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE calls AS SELECT range AS n FROM range(3)")
        connection.execute("CREATE VIEW late AS SELECT n FROM calls WHERE n > 0")
        connection.execute(f"CREATE VIEW leak AS FROM '{tmp_path}/shared/secret.csv'")
        connection.execute("CREATE SCHEMA mart; CREATE TABLE mart.sales AS SELECT 5 AS n")
    return path


@pytest.fixture
def read(team: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads the column `n` of a query."""
    monkeypatch.setenv("TEAM", f"duckdb:///{team}".replace(" ", "%20"))
    project = tmp_path / "repository" / "projects" / "p"
    (project / "data").mkdir(parents=True)
    (project / "data" / "own.csv").write_text("n\n9\n")

    def column(sql: str) -> list[object]:
        query = open_query(project, sql, "TEAM", root=tmp_path / "repository", where="query of TEAM")
        return sorted(query.read(["n"])["n"].tolist())

    return column


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("SELECT n FROM calls", [0, 1, 2]),
        ("FROM late", [1, 2]),
        ("SELECT n FROM mart.sales", [5]),
        ("WITH x AS (SELECT n FROM calls) SELECT n FROM x ORDER BY n", [0, 1, 2]),
    ],
)
def test_tables_and_views_are_read(read: Any, sql: str, values: list[int]) -> None:
    assert read(sql) == values


def test_database_is_unchanged_and_read_beside_another_reader(read: Any, team: Path) -> None:
    before = hashlib.sha256(team.read_bytes()).hexdigest()
    with duckdb.connect(str(team), read_only=True):
        assert read("FROM calls") == [0, 1, 2]
    assert hashlib.sha256(team.read_bytes()).hexdigest() == before
    assert {path.name for path in team.parent.iterdir()} == {"team 1.duckdb", "secret.csv"}


@pytest.mark.parametrize(
    "statement",
    [
        "FROM read_text('{outside}')",
        "FROM read_csv('{outside}')",
        "FROM '{outside}'",
        "FROM 'data/own.csv'",
        "FROM leak",
        "FROM glob('/*')",
        "FROM read_duckdb('{other}', table_name = 'calls')",
        "SELECT getenv('HOME') AS n",
        "FROM 'https://example.org/a.csv'",
        "FROM 's3://bucket/a.parquet'",
        "FROM sqlite_scan('{other}', 'calls')",
        "SELECT n FROM frame",
    ],
)
def test_query_reads_nothing_but_the_database(read: Any, team: Path, statement: str) -> None:
    other = team.with_name("other.duckdb")
    with duckdb.connect(str(other)) as connection:
        connection.execute("CREATE TABLE calls AS SELECT 1 AS n")
    frame = {"n": [1]}  # a variable of Python that DuckDB could read
    assert frame
    with pytest.raises(DataError):
        read(statement.format(outside=team.with_name("secret.csv"), other=other))


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH '{other}' AS other",
        "COPY (SELECT 1) TO '{other}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "INSERT INTO calls VALUES (2)",
        "SET enable_external_access = true",
        "SELECT 1; SELECT 2",
        "PRAGMA database_list",
    ],
)
def test_statement_other_than_a_select_is_refused(read: Any, team: Path, statement: str) -> None:
    with pytest.raises(NotOneSelect):
        read(statement.format(other=team.with_name("other.csv")))


@pytest.mark.parametrize(
    "url",
    [
        "duckdb://",
        "duckdb:///",
        "duckdb:///:memory:",
        "duckdb:///md:team",
        "duckdb://host/team.duckdb",
        "duckdb:///nowhere.duckdb",
        "duckdb:///{folder}/secret.csv",
        "duckdb:///{folder}",
        "duckdb:///{folder}/team%201.duckdb?memory_limit=1GB&access_mode=read_write",
    ],
)
def test_url_that_names_no_file_of_duckdb_is_refused_and_nothing_is_created(
    url: str, team: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEAM", url.format(folder=team.parent))
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError):
        open_query(tmp_path, "FROM calls", "TEAM", root=tmp_path, where="query of TEAM")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("settings", ["?access_mode=READ_ONLY", "?read_only=true", ""])
def test_driver_and_settings_that_change_nothing_are_accepted(
    team: Path, tmp_path: Path, settings: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEAM", f"duckdb+duckdb_engine:///shared/team%201.duckdb{settings}")
    monkeypatch.chdir(tmp_path)
    assert open_query(tmp_path, "FROM calls", "TEAM", root=tmp_path, where="q").columns == ("n",)


def test_tables_of_a_file_are_listed(team: Path) -> None:
    assert tables_of(team) == [("main", "calls"), ("mart", "sales")]
    assert tables_of(team.with_name("secret.csv")) == []
