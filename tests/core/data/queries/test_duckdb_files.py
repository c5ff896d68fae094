"""DuckDB reads the project's files, in every way to name them, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.data.queries.duckdb_files import DuckDbFiles
from iterata.data.queries.query import open_query
from iterata.data.queries.sql_refusals import ChangedByType, InexactNumbers, NotOneSelect, UnreadableCells
from iterata.data.refusals import NestedColumn, NoRows
from iterata.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

pytest.importorskip("duckdb")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with `data/d.csv`; other files of that name are in the repository and outside of it."""
    folder = tmp_path / "repository/projects/p"
    for place, row in ((folder, "1,open"), (tmp_path / "repository", "2,open"), (tmp_path, "3,open")):
        (place / "data").mkdir(parents=True)
        (place / "data/d.csv").write_text(f"n,status\n{row}\n{row[0]},closed\n")
    (folder / "data/outside.csv").symlink_to(tmp_path / "data/d.csv")
    (folder / "data/folder").symlink_to(tmp_path / "data")
    (folder / "data/inside.csv").symlink_to("d.csv")
    for private in (".env", "report.md", "01-setup/results/experiment.json", "../other/data/d.csv"):
        (folder / private).parent.mkdir(parents=True, exist_ok=True)
        (folder / private).write_text("n\n1\n")
    for private in (".git/config", ".env", "mkdocs.yml"):
        (tmp_path / "repository" / private).parent.mkdir(exist_ok=True)
        (tmp_path / "repository" / private).write_text("n\n1\n")
    monkeypatch.chdir(tmp_path / "repository")
    return folder


def rows_of(project: Path, sql: str) -> pd.DataFrame:
    query = open_query(project, sql, None, root=project.parents[1], where="query")
    return query.read(query.columns)


WAYS = [
    "'data/d.csv'",
    '"data/d.csv"',
    "read_csv(['data/d.csv'])",
    "read_csv_auto( -- all\n 'data/d.csv')",
    "read_csv('data/' || 'd.csv', header = true)",
    "'data/[d].csv'",
    "'./data/d.csv'",
    "query_table('data/d.csv')",
    "query('FROM ''data/d.csv''')",
    '(WITH "a b" AS (TABLE \'data/d.csv\') FROM "a b")',
    "'data/inside.csv'",
    "'../../projects/p/data/d.csv'",
]


def test_every_way_to_name_a_file_is_relative_to_the_project(project: Path) -> None:
    """In one query, because each starts DuckDB anew."""
    selects = (f"SELECT {way} AS way, n FROM {source} AS source" for way, source in enumerate(WAYS))  # noqa: S608
    found = rows_of(project, "\nUNION ALL ".join(selects))
    read = {way: set(rows) for way, rows in found.groupby("way")["n"]}
    assert read == {way: {1} for way in range(len(WAYS))}


def test_texts_that_look_like_files_stay_texts(project: Path) -> None:
    condition = "status IS DISTINCT FROM 'closed' AND extract(year FROM '2026-01-01'::DATE) = 2026"
    assert rows_of(project, f"SELECT * FROM 'data/d.csv' WHERE {condition}")["status"].tolist() == ["open"]  # noqa: S608


@pytest.mark.parametrize(
    "source",
    [
        "'../../../data/d.csv'",
        "'data/outside.csv'",
        "'data/folder/d.csv'",
        "'data/outsid*.csv'",
        "read_text('/etc/passwd')",
        "read_blob('data/outside.csv')",
        "sniff_csv('/etc/passwd')",
        "glob('/etc/*')",
        "glob('data/folder/*')",
        "'https://example.org/a.csv'",
        "'s3://bucket/a.parquet'",
        "read_csv('/dev/stdin')",
        "(SELECT getenv('HOME') AS home)",
        "duckdb_secrets()",
        "enable_logging('FileSystem', storage = 'file', storage_path = 'log')",
        "project",
        "read_text('../../.git/config')",
        "read_text('../../.e' || 'nv')",
        "read_text('../../mkdocs.yml')",
        "read_text('.env')",
        "read_text('report.md')",
        "read_text('01-setup/results/experiment.json')",
        "'../other/data/d.csv'",
        "glob('../../*')",
    ],
)
def test_nothing_else_is_read(project: Path, source: str) -> None:
    with pytest.raises(DataError):
        rows_of(project, f"SELECT * FROM {source} AS source")  # noqa: S608
    assert sorted(path.name for path in project.iterdir()) == [".env", "01-setup", "data", "report.md"]


def test_absolute_path_is_read_only_within_the_repository(project: Path) -> None:
    assert rows_of(project, f"FROM '{project / 'data/d.csv'}'")["n"].tolist() == [1, 1]
    with pytest.raises(DataError):
        rows_of(project, f"FROM '{project}/../../../data/d.csv'")


@pytest.fixture
def hidden(project: Path) -> Path:
    """The project, with hidden files and folders among its data."""
    for private in (".env", ".hidden.csv", "part/.git/config"):
        (project / "data" / private).parent.mkdir(parents=True, exist_ok=True)
        (project / "data" / private).write_text("n\n1\n")
    (project / "data/part/a.csv").write_text("n\n5\n")
    (project / "data/part/deep").mkdir()
    (project / "data/part/deep/b.csv").write_text("n\n6\n")
    return project


@pytest.mark.parametrize(
    "source",
    [
        "read_text('data/.env')",
        "read_text('data/.' || 'env')",
        "read_text('data/?env')",
        "read_text('data/*')",
        "query('FROM read_text(''data/.env'')')",
        "read_text('data/part/.git/config')",
        "'data/.hidden.csv'",
    ],
)
def test_hidden_files_among_the_data_are_not_read(hidden: Path, source: str) -> None:
    with pytest.raises(DataError):
        rows_of(hidden, f"SELECT * FROM {source} AS source")  # noqa: S608


def test_all_else_beside_hidden_files_is_read(hidden: Path) -> None:
    files = ("data/d.csv", "data/inside.csv", "data/d*.csv", "data/part/*.csv", "data/part/**/*.csv")
    sql = " UNION ALL ".join(f"SELECT n FROM '{file}'" for file in (*files, "../../data/[d].csv"))  # noqa: S608
    assert sorted(rows_of(hidden, sql)["n"]) == [1, 1, 1, 1, 1, 1, 2, 2, 5, 5, 6]


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO 'data/out.csv'",
        "ATTACH 'data/out.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA version",
        "SET threads = 1",
        "CALL pragma_version()",
        "CREATE TABLE t AS SELECT 1",
        "SELECT 1; COPY (SELECT 1) TO 'data/out.csv'",
        "WITH x AS (SELECT 1) SELECT 1; SELECT 2",
    ],
)
def test_only_one_select_is_executed(project: Path, sql: str) -> None:
    before = sorted((project / "data").iterdir())
    with pytest.raises(NotOneSelect):
        rows_of(project, sql)
    assert sorted((project / "data").iterdir()) == before


@pytest.mark.parametrize(
    "sql", ["SELECT $$;$$ AS n", "SELECT 1 AS n; -- done;\n", "( /* ; */ SELECT 1 AS n)"]
)
def test_semicolons_in_texts_and_comments_end_nothing(project: Path, sql: str) -> None:
    assert len(rows_of(project, sql)) == 1


def test_types_become_numbers_texts_and_moments(project: Path) -> None:
    columns = {
        "1.5::DECIMAL(10, 2)": "f", "7::DECIMAL(10, 0)": "i", "7::HUGEINT": "i", "2::UTINYINT": "i",
        "DATE '2026-01-02'": "M", "TIMESTAMPTZ '2026-01-02 10:00:00+02'": "M", "true": "b", "NULL": "f",
        "uuid()": "O", "TIME '10:00'": "O", "'a'::ENUM('a', 'b')": "O", "0.25::FLOAT": "f",
    }  # fmt: skip
    frame = rows_of(project, f"SELECT {', '.join(f'{sql} AS c{n}' for n, sql in enumerate(columns))}")
    assert [dtype.kind for dtype in frame.dtypes] == list(columns.values())
    assert frame.loc[0, ["c0", "c1", "c2", "c9", "c10"]].tolist() == [1.5, 7, 7, "10:00:00", "a"]
    assert str(frame.loc[0, "c5"]) == "2026-01-02 08:00:00"


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ("unnest([9007199254740993, NULL])", InexactNumbers),
        ("12345678901234567890::HUGEINT", InexactNumbers),
        ("12345678901234567890::DECIMAL(38, 0)", InexactNumbers),
        ("'a'::BLOB", UnreadableCells),
        ("INTERVAL 1 DAY", UnreadableCells),
        ("[1]", NestedColumn),
    ],
)
def test_values_that_would_change_are_refused(project: Path, values: str, error: type[DataError]) -> None:
    with pytest.raises(error):
        rows_of(project, f"SELECT {values} AS n")


def test_exact_whole_numbers_stay_exact(project: Path) -> None:
    assert rows_of(project, "SELECT unnest([9007199254740993]) AS n")["n"].tolist() == [9007199254740993]


class TestCsv:
    @pytest.fixture
    def calls(self, project: Path) -> Path:
        lines = ["id,day,code,note,amount", "12E4,01/02/2026,007,NA,1.5", "3E2,13/02/2026,7,,2"]
        (project / "data/calls.csv").write_text("\n".join(lines))
        return project

    @pytest.mark.parametrize("column", ["id", "day"])
    def test_guess_that_changes_a_text_is_refused_and_the_fix_works(self, calls: Path, column: str) -> None:
        with pytest.raises(ChangedByType) as caught:
            rows_of(calls, f"SELECT {column} FROM 'data/calls.csv'")  # noqa: S608
        fix = caught.value.remedy.split("`")[1]
        assert len(rows_of(calls, f"SELECT {column} FROM {fix}")) == 2  # noqa: S608

    def test_texts_stay_as_they_are(self, calls: Path) -> None:
        frame = rows_of(calls, "SELECT note, amount FROM 'data/calls.csv' WHERE amount < 9 AND 'id' <> 'day'")
        assert frame["note"].dropna().tolist() == ["NA"]
        assert frame["amount"].tolist() == [2, 1.5] or frame["amount"].tolist() == [1.5, 2]
        codes = rows_of(calls, "SELECT code FROM read_csv('data/calls.csv', types = {'code': 'VARCHAR'})")
        assert set(codes["code"]) == {"007", "7"}


def test_query_without_rows_is_refused(project: Path) -> None:
    with pytest.raises(NoRows):
        rows_of(project, "FROM 'data/d.csv' LIMIT 0")


@pytest.mark.parametrize(
    "sql", ["COPY (SELECT 1) TO 'data/out.csv'", "SELECT 1; SELECT 2", "CREATE TABLE t (n INT)"]
)
def test_duckdb_itself_says_what_a_statement_is(project: Path, sql: str) -> None:
    with pytest.raises(NotOneSelect):
        DuckDbFiles(project, "query", root=project.parents[1]).columns(sql)
