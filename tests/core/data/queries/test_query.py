"""Queries of files through DuckDB, of SQLite, and of a real PostgreSQL server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy

from iterata.data.queries.database import READ_ONLY
from iterata.data.queries.duckdb_files import files_of_query
from iterata.data.queries.query import open_query
from iterata.data.queries.sql_refusals import InexactNumbers, MixedColumn, NotOneSelect, UnreadableCells
from iterata.data.refusals import DuplicateColumn, MissingColumn, NestedColumn, NoRows
from iterata.data.sources.row_digest import RowDigest
from iterata.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.data.queries.query import Query, QueryResult

ROWS = 400
RNG = np.random.default_rng(4)
TABLE = pd.DataFrame(
    {
        "customer": [f"c{row // 2}" for row in range(ROWS)],
        "score": RNG.normal(size=ROWS).round(3),
        "bought": (RNG.random(ROWS) < 0.2).astype(int),
        "note: odd": "50% off",
    }
)


@pytest.fixture(params=["duckdb", "sqlite", "postgres"])
def open_calls(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Opens a query of the table `calls` in each kind of database."""
    if request.param == "duckdb":
        TABLE.to_parquet(tmp_path / "calls.parquet")

        def of_files(sql: str) -> Query:
            sql_of_files = sql.replace("calls", "'calls.parquet'")
            return open_query(tmp_path, sql_of_files, None, root=tmp_path, where="query of files")

        return of_files
    url = f"sqlite:///{tmp_path}/w.db" if request.param == "sqlite" else request.getfixturevalue("postgres")
    engine = sqlalchemy.create_engine(url)
    TABLE.to_sql("calls", engine, index=False, if_exists="replace")
    engine.dispose()
    monkeypatch.setenv("WAREHOUSE", url)
    return lambda sql: open_query(tmp_path, sql, "WAREHOUSE", root=tmp_path, where="query of WAREHOUSE")


def execute(query: Query) -> QueryResult:
    """All columns of a query's result."""
    return query.take(query.columns)


class TestEveryDatabase:
    def test_only_the_requested_columns_are_read(self, open_calls: Any) -> None:
        query = open_calls("SELECT * FROM calls ORDER BY customer, score;")
        assert query.columns == tuple(TABLE.columns)
        frame = query.read(["score", "note: odd"])
        assert list(frame) == ["score", "note: odd"]
        expected = TABLE.sort_values(["customer", "score"])["score"]
        assert sorted(frame["score"]) == pytest.approx(sorted(expected))
        assert set(frame["note: odd"]) == {"50% off"}

    def test_digest_depends_on_rows_and_not_on_their_order(self, open_calls: Any) -> None:
        orders = ("SELECT * FROM calls ORDER BY score ASC", "SELECT * FROM calls ORDER BY score DESC")
        up, down = (execute(open_calls(sql)) for sql in orders)
        assert up.digest() == down.digest()
        assert up.digest() != execute(open_calls("SELECT * FROM calls WHERE bought = 1")).digest()

    def test_frame_has_the_same_order_for_every_order_of_the_database(self, open_calls: Any) -> None:
        orders = ("SELECT * FROM calls ORDER BY score ASC", "SELECT * FROM calls ORDER BY score DESC")
        up, down = (execute(open_calls(sql)).frame() for sql in orders)
        pd.testing.assert_frame_equal(up, down)
        assert sorted(up["score"]) == sorted(TABLE["score"])

    def test_many_rows_are_read_in_batches_with_the_same_digest(
        self, open_calls: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at_once = execute(open_calls("SELECT * FROM calls"))
        assert at_once.many_rows is None
        monkeypatch.setattr("iterata.data.queries.database.BATCH", 150)
        monkeypatch.setattr("iterata.data.queries.query.MANY", 200)
        in_batches = execute(open_calls("SELECT * FROM calls"))
        assert in_batches.many_rows == ROWS
        for _ in range(2):  # stored rows can be read again
            assert sum(len(batch) for batch in in_batches.take(["bought"]).batches()) == ROWS
        assert in_batches.digest() == at_once.digest()
        pd.testing.assert_frame_equal(in_batches.frame(), at_once.frame())

    def test_digest_and_values_of_random_rows_are_those_of_one_execution(self, open_calls: Any) -> None:
        sampled = open_calls("SELECT customer, score FROM calls ORDER BY random() LIMIT 40").take(["score"])
        digest = RowDigest(["score"])
        digest.add(sampled.frame())
        assert digest.digest() == sampled.digest()
        assert sampled.take(["score"]).frame().equals(sampled.frame())

    def test_duplicate_columns_are_refused(self, open_calls: Any) -> None:
        query = open_calls("SELECT score, bought, bought + 1 AS score FROM calls")
        assert query.columns == ("score", "bought", "score")
        assert len(query.read(["bought"])) == ROWS
        with pytest.raises(DuplicateColumn):
            query.read(["score"])

    @pytest.mark.parametrize(
        "sql",
        [
            "DELETE FROM calls",
            "SELECT 1; DELETE FROM calls",
            "-- SELECT\nDROP TABLE calls",
            "PRAGMA writable_schema = 1",
            "COPY calls TO '/tmp/x.csv'",
            "ATTACH 'other.db'",
            "SELECT 1) AS x; DELETE FROM calls; SELECT * FROM (SELECT 1",
            "SELECT 1 AS a$$; DELETE FROM calls; SELECT 1 AS b$$",
        ],
    )
    def test_statement_other_than_a_single_select_is_refused(self, open_calls: Any, sql: str) -> None:
        with pytest.raises(NotOneSelect):
            open_calls(sql)

    def test_semicolons_and_colons_in_quotes_are_allowed(self, open_calls: Any) -> None:
        sql = "/* ; */ SELECT ':a; b' AS note, count(*) AS n FROM calls; -- it's; fine\n"
        frame = open_calls(sql).read(["note", "n"])
        assert frame["note"].tolist() == [":a; b"]

    def test_query_without_rows_is_refused(self, open_calls: Any) -> None:
        with pytest.raises(NoRows):
            open_calls("SELECT bought FROM calls WHERE bought > 7").read(["bought"])

    @pytest.mark.parametrize("sql", ["SELECT nowhere FROM calls", "SELECT FROM WHERE"])
    def test_error_of_the_database_is_one_line_without_password(self, open_calls: Any, sql: str) -> None:
        with pytest.raises(DataError) as caught:
            open_calls(sql).read(["bought"])
        assert "\n" not in caught.value.message
        assert "secret" not in str(caught.value)

    def test_missing_column_is_refused_with_the_closest_column(self, open_calls: Any) -> None:
        with pytest.raises(MissingColumn) as caught:
            open_calls("SELECT * FROM calls").read(["scor"])
        assert "did you mean score" in caught.value.remedy


class TestPostgres:
    def test_function_that_writes_is_refused(
        self, postgres: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        engine = sqlalchemy.create_engine(postgres)
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("CREATE TABLE IF NOT EXISTS diary (line text)"))
            connection.execute(
                sqlalchemy.text(
                    "CREATE OR REPLACE FUNCTION note() RETURNS int LANGUAGE sql AS "
                    "$$ INSERT INTO diary VALUES ('x'); SELECT 1 $$"
                )
            )
        engine.dispose()
        monkeypatch.setenv("WAREHOUSE", postgres)
        with pytest.raises(DataError, match="read-only transaction"):
            open_query(tmp_path, "SELECT note() AS n", "WAREHOUSE", root=tmp_path, where="query").read(["n"])

    def test_types_become_numbers_texts_and_moments(
        self, postgres: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("WAREHOUSE", postgres)
        columns = {
            "1.50::numeric": "f", "7::int": "i", "7::numeric(20, 0)": "f", "true": "b", "NULL::numeric": "f",
            "DATE '2026-01-02'": "M", "TIMESTAMPTZ '2026-01-02 10:00:00+02'": "M", "TIME '10:00'": "O",
            "'6f4d2a1e-0000-4000-8000-000000000000'::uuid": "O",
        }  # fmt: skip
        sql = f"SELECT {', '.join(f'{sql} AS c{n}' for n, sql in enumerate(columns))}"
        query = open_query(tmp_path, sql, "WAREHOUSE", root=tmp_path, where="query")
        frame = query.read(query.columns)
        assert [dtype.kind for dtype in frame.dtypes] == list(columns.values())
        assert str(frame.loc[0, "c6"]) == "2026-01-02 08:00:00"
        assert frame.loc[0, "c7"] == "10:00:00"

    @pytest.mark.parametrize(
        ("values", "error"),
        [
            ("(VALUES (9007199254740993), (NULL)) AS t(n)", InexactNumbers),
            ("(VALUES (12345678901234567890::numeric)) AS t(n)", InexactNumbers),
            ("(VALUES (array[1])) AS t(n)", NestedColumn),
            ("(VALUES ('a'::bytea)) AS t(n)", UnreadableCells),
            ("(VALUES (interval '1 day')) AS t(n)", UnreadableCells),
        ],
    )
    def test_values_that_would_change_are_refused(
        self,
        postgres: str,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        values: str,
        error: type[DataError],
    ) -> None:
        monkeypatch.setenv("WAREHOUSE", postgres)
        with pytest.raises(error):
            open_query(tmp_path, f"SELECT n FROM {values}", "WAREHOUSE", root=tmp_path, where="q").read(["n"])  # noqa: S608

    def test_a_user_without_connections_left_is_told_the_limit(
        self, postgres: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        engine = sqlalchemy.create_engine(postgres)
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("DROP ROLE IF EXISTS crowd"))
            connection.execute(sqlalchemy.text("CREATE ROLE crowd LOGIN CONNECTION LIMIT 0"))
        engine.dispose()
        monkeypatch.setenv("WAREHOUSE", postgres.replace("tests:", "crowd:"))
        with pytest.raises(DataError, match="too many connections for role") as refused:
            open_query(tmp_path, "SELECT 1 AS n", "WAREHOUSE", root=tmp_path, where="query").read(["n"])
        assert "connections" in refused.value.remedy
        assert "secret" not in str(refused.value)


class TestSqlite:
    @pytest.fixture
    def read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
        """Reads the column `n` of a query of an empty database."""
        (tmp_path / "w.db").touch()
        monkeypatch.setenv("WAREHOUSE", f"sqlite:///{tmp_path}/w.db")
        return lambda sql: open_query(tmp_path, sql, "WAREHOUSE", root=tmp_path, where="query").read(["n"])[
            "n"
        ]

    def test_numbers_of_several_types_are_numbers(self, read: Any) -> None:
        assert sorted(read("SELECT 1 AS n UNION ALL SELECT 2.5 UNION ALL SELECT NULL").dropna()) == [1, 2.5]

    def test_numbers_and_texts_in_one_column_are_refused(
        self, read: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mixed = "SELECT 1 AS n UNION ALL SELECT 'a'"
        with pytest.raises(MixedColumn):
            read(mixed)
        monkeypatch.setattr("iterata.data.queries.database.BATCH", 1)
        with pytest.raises(MixedColumn):
            read(mixed)
        assert set(read(f"SELECT CAST(n AS TEXT) AS n FROM ({mixed})")) == {"1", "a"}  # noqa: S608

    def test_large_ids_and_a_gap_in_another_batch_are_refused(
        self, read: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("iterata.data.queries.database.BATCH", 2)
        large = "SELECT 9007199254740993 AS n UNION ALL SELECT 9007199254740994"
        assert set(read(large)) == {9007199254740993, 9007199254740994}
        with pytest.raises(InexactNumbers):
            read(f"{large} UNION ALL SELECT NULL UNION ALL SELECT 1")

    def test_query_cannot_write_attach_or_load(self, read: Any, tmp_path: Path) -> None:
        (tmp_path / "other.db").touch()
        for sql in (
            f"SELECT load_extension('{tmp_path}/x.so') AS n",
            f"SELECT 1 AS n; ATTACH '{tmp_path}/other.db' AS other",
            f"SELECT 1 AS n) source; ATTACH '{tmp_path}/other.db' AS other; SELECT * FROM (SELECT 1 AS n",  # noqa: S608
            "SELECT timeout AS n FROM pragma_query_only(0)",
            "SELECT readfile('/etc/hostname') AS n",
            "WITH a AS (SELECT 1) DELETE FROM calls",
        ):
            with pytest.raises(DataError):
                read(sql)

    def test_file_is_opened_for_reading_only(
        self, read: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "100% odd #.db").write_bytes((tmp_path / "w.db").read_bytes())
        monkeypatch.setenv("WAREHOUSE", f"sqlite:///{tmp_path}/100% odd #.db")
        monkeypatch.setitem(READ_ONLY, "sqlite", "CREATE TABLE t (n)")
        with pytest.raises(DataError, match="readonly"):
            read("SELECT 1 AS n")


class TestDuckDb:
    def test_file_outside_the_repository_is_refused(self, tmp_path: Path) -> None:
        outside = tmp_path / "outside.csv"
        outside.write_text("a\n1\n")
        project = tmp_path / "repository" / "projects" / "p"
        project.mkdir(parents=True)
        shared = tmp_path / "repository" / "data" / "shared.csv"
        shared.parent.mkdir()
        shared.write_text("a\n2\n")

        def query_of(sql: str) -> Query:
            return open_query(project, sql, None, root=tmp_path / "repository", where="query")

        assert query_of("SELECT * FROM '../../data/shared.csv'").read(["a"])["a"].tolist() == [2]
        for sql in (
            f"SELECT * FROM '{outside}'",  # noqa: S608
            "SELECT * FROM '../../../outside.csv'",
            f"SELECT content FROM read_text('{outside}')",  # noqa: S608
            "SELECT * FROM glob('/*')",
            "SELECT * FROM 'https://example.org/a.csv'",
        ):
            with pytest.raises(DataError):
                execute(query_of(sql))

    @pytest.mark.parametrize("column", ["[1, 2]", "{'a': 1}", "map {'a': 1}"])
    def test_lists_and_records_are_refused(self, tmp_path: Path, column: str) -> None:
        sql = f"SELECT 1 AS score, {column} AS odd"
        query = open_query(tmp_path, sql, None, root=tmp_path, where="query")
        assert query.read(["score"])["score"].tolist() == [1]
        with pytest.raises(NestedColumn):
            query.read(["odd"])

    def test_missing_number_makes_the_column_float_in_every_batch(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("iterata.data.queries.duckdb_process.BATCH", 2048)
        monkeypatch.setattr("iterata.data.queries.query.MANY", 100)
        sql = "SELECT CASE WHEN range > 9000 THEN NULL ELSE range END AS n FROM range(10000)"
        result = execute(open_query(tmp_path, sql, None, root=tmp_path, where="query"))
        assert {str(batch["n"].dtype) for batch in result.batches()} == {"float64"}
        assert result.frame()["n"].isna().sum() == 999

    def test_files_of_a_query_are_found_with_patterns(self, tmp_path: Path) -> None:
        for name in ("calls.csv", "b.parquet", "a.parquet"):
            (tmp_path / name).touch()
        sql = (
            "SELECT extract(year FROM day) FROM 'calls.csv' JOIN read_parquet(['*.parquet']) USING (id) "
            "JOIN other ON true -- FROM 'no.csv'\nWHERE note IS DISTINCT FROM 'no.csv'"
        )
        assert files_of_query(sql, tmp_path) == ["calls.csv", "a.parquet", "b.parquet"]


class TestDatabase:
    def test_name_of_a_query_says_that_a_database_is_not_tested(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("WAREHOUSE", "oracle+nosuchdriver://me:hunter2@host/x")
        with pytest.raises(DataError) as caught:
            open_query(tmp_path, "SELECT 1", "WAREHOUSE", root=tmp_path, where="query")
        assert "oracle" in str(caught.value.location)
        assert "hunter2" not in str(caught.value)

    def test_missing_database_file_is_refused_and_not_created(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("WAREHOUSE", f"sqlite:///{tmp_path}/none.db")
        with pytest.raises(DataError) as caught:
            open_query(tmp_path, "SELECT 1", "WAREHOUSE", root=tmp_path, where="query")
        assert "WAREHOUSE" in caught.value.remedy
        assert not (tmp_path / "none.db").exists()

    def test_unset_variable_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("WAREHOUSE", raising=False)
        with pytest.raises(DataError) as caught:
            open_query(tmp_path, "SELECT 1", "WAREHOUSE", root=tmp_path, where="query")
        assert "export WAREHOUSE=" in caught.value.remedy

    @pytest.mark.parametrize(
        "url",
        [
            "postgresql+psycopg://me:hunter2@127.0.0.1:1/x",
            "nosuchthing://me:hunter2@host/x",
            "no url at all hunter2",
        ],
    )
    def test_error_of_an_unreachable_database_hides_the_password(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
    ) -> None:
        monkeypatch.setenv("WAREHOUSE", url)
        with pytest.raises(DataError) as caught:
            open_query(tmp_path, "SELECT 1", "WAREHOUSE", root=tmp_path, where="query")
        assert "hunter2" not in str(caught.value)
