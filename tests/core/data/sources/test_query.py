"""Rows of a query: of files through DuckDB, of SQLite, and of a PostgreSQL server that is really there."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy
from pydantic import TypeAdapter, ValidationError

from iterata.data.sources.fingerprint import Fingerprint
from iterata.data.sources.query import open_query
from iterata.documents.models.lift import LiftSpec
from iterata.errors import DataError
from iterata.lift.from_data import compute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.data.sources.query import Answer, Query

ROWS = 400
RNG = np.random.default_rng(4)
TABLE = pd.DataFrame(
    {
        "customer": [f"c{each // 2}" for each in range(ROWS)],
        "score": RNG.normal(size=ROWS).round(3),
        "bought": (RNG.random(ROWS) < 0.2).astype(int),
        "note: odd": "50% off",
    }
)


def _postgres() -> str | None:
    """The folder of PostgreSQL's server programs."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    return str(places[0]) if places else found and str(Path(found).parent)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server of its own, ended with the tests."""
    programs = _postgres()
    if programs is None:
        assert "CI" not in os.environ, "PostgreSQL must be installed where the tests run unattended"
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="iterata-postgres-"))  # pytest's folders are closed to other users
    as_user: list[str] = []
    if os.getuid() == 0:  # the server refuses to run as root
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*words: str) -> None:
        subprocess.run([*as_user, *words], check=True, cwd="/", capture_output=True, timeout=120)

    data = str(folder / "data")
    run(f"{programs}/initdb", "-D", data, "-A", "trust", "-U", "tests", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    run(f"{programs}/pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://tests:secret@127.0.0.1:{port}/postgres"
    finally:
        run(f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(params=["duckdb", "sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Opens a query of the table `calls`, wherever it is."""
    if request.param == "duckdb":
        TABLE.to_parquet(tmp_path / "calls.parquet")

        def of_files(sql: str) -> Query:
            asked = sql.replace("calls", "'calls.parquet'")
            return open_query(tmp_path, asked, None, root=tmp_path, where="query of files")

        return of_files
    url = f"sqlite:///{tmp_path}/w.db" if request.param == "sqlite" else request.getfixturevalue("postgres")
    engine = sqlalchemy.create_engine(url)
    TABLE.to_sql("calls", engine, index=False, if_exists="replace")
    engine.dispose()
    monkeypatch.setenv("WAREHOUSE", url)
    return lambda sql: open_query(tmp_path, sql, "WAREHOUSE", root=tmp_path, where="query of WAREHOUSE")


def taken(query: Query) -> Answer:
    """All columns of what a query gives."""
    return query.take(query.columns)


class TestEverywhere:
    def test_rows_come_as_they_are_and_only_the_columns_asked_for(self, opened: Any) -> None:
        query = opened("SELECT * FROM calls ORDER BY customer, score;")
        assert query.columns == tuple(TABLE.columns)
        found = query.read(["score", "note: odd"])
        assert list(found) == ["score", "note: odd"]
        expected = TABLE.sort_values(["customer", "score"])["score"]
        assert sorted(found["score"]) == pytest.approx(sorted(expected))
        assert set(found["note: odd"]) == {"50% off"}

    def test_the_digest_tells_rows_apart_and_not_their_order(self, opened: Any) -> None:
        ways = ("SELECT * FROM calls ORDER BY score ASC", "SELECT * FROM calls ORDER BY score DESC")
        up, down = (taken(opened(way)) for way in ways)
        assert up.digest() == down.digest()
        assert up.digest() != taken(opened("SELECT * FROM calls WHERE bought = 1")).digest()

    def test_rows_come_in_one_order_whatever_the_database_does(self, opened: Any) -> None:
        ways = ("SELECT * FROM calls ORDER BY score ASC", "SELECT * FROM calls ORDER BY score DESC")
        up, down = (taken(opened(way)).frame() for way in ways)
        pd.testing.assert_frame_equal(up, down)
        assert sorted(up["score"]) == sorted(TABLE["score"])

    def test_many_rows_come_in_batches_with_the_same_digest(
        self, opened: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at_once = taken(opened("SELECT * FROM calls"))
        assert at_once.many_rows is None
        monkeypatch.setattr("iterata.data.sources.database.BATCH", 150)
        monkeypatch.setattr("iterata.data.sources.query.MANY", 200)
        in_pieces = taken(opened("SELECT * FROM calls"))
        assert in_pieces.many_rows == ROWS
        for _ in range(2):  # rows that were put aside can be read again
            assert sum(len(each) for each in in_pieces.take(["bought"]).batches()) == ROWS
        assert in_pieces.digest() == at_once.digest()
        pd.testing.assert_frame_equal(in_pieces.frame(), at_once.frame())

    def test_everything_is_said_of_the_same_rows(self, opened: Any) -> None:
        drawn = opened("SELECT customer, score FROM calls ORDER BY random() LIMIT 40").take(["score"])
        again = Fingerprint(["score"])
        again.add(drawn.frame())
        assert again.digest() == drawn.digest()
        assert drawn.take(["score"]).frame().equals(drawn.frame())

    def test_two_columns_of_one_name_are_refused(self, opened: Any) -> None:
        query = opened("SELECT score, bought, bought + 1 AS score FROM calls")
        assert query.columns == ("score", "bought", "score")
        assert len(query.read(["bought"])) == ROWS
        with pytest.raises(DataError, match="there are two columns score"):
            query.read(["score"])

    @pytest.mark.parametrize(
        "sql",
        [
            "DELETE FROM calls",
            "SELECT 1; DELETE FROM calls",
            "-- SELECT\nDROP TABLE calls",
            "PRAGMA writable_schema = 1",
            "COPY calls TO '/tmp/x.csv'",
        ],
    )
    def test_only_one_select_is_asked(self, opened: Any, sql: str) -> None:
        with pytest.raises(DataError, match="not a single SELECT"):
            opened(sql)

    def test_semicolons_and_colons_in_text_are_text(self, opened: Any) -> None:
        found = opened("SELECT ':a; b' AS said, count(*) AS n FROM calls -- it's; fine\n").read(["said", "n"])
        assert found["said"].tolist() == [":a; b"]

    @pytest.mark.parametrize(
        ("sql", "said"),
        [
            ("SELECT nowhere FROM calls", "nowhere"),
            ("SELECT bought FROM calls WHERE bought > 7", "gives no rows"),
            ("SELECT FROM WHERE", "the database refused"),
        ],
    )
    def test_what_the_database_says_is_told_in_a_line(self, opened: Any, sql: str, said: str) -> None:
        with pytest.raises(DataError) as refused:
            opened(sql).read(["bought"])
        assert said in refused.value.message
        assert "\n" not in refused.value.message
        assert "secret" not in str(refused.value)

    def test_a_column_that_is_not_there_is_told_with_the_nearest(self, opened: Any) -> None:
        with pytest.raises(DataError, match="there is no column scor") as refused:
            opened("SELECT * FROM calls").read(["scor"])
        assert "did you mean score" in refused.value.remedy


class TestWriting:
    def test_a_function_that_writes_is_refused_by_postgres(
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


class TestFiles:
    def test_nothing_outside_the_repository_is_read(self, tmp_path: Path) -> None:
        outside = tmp_path / "outside.csv"
        outside.write_text("a\n1\n")
        project = tmp_path / "repository" / "projects" / "p"
        project.mkdir(parents=True)
        (tmp_path / "repository" / "shared.csv").write_text("a\n2\n")

        def ask(sql: str) -> Query:
            return open_query(project, sql, None, root=tmp_path / "repository", where="query")

        assert ask("SELECT * FROM '../../shared.csv'").read(["a"])["a"].tolist() == [2]
        for sql in (
            f"SELECT * FROM '{outside}'",  # noqa: S608
            "SELECT * FROM '../../../outside.csv'",
            f"SELECT content FROM read_text('{outside}')",  # noqa: S608
            "SELECT * FROM glob('/*')",
            "SELECT * FROM 'https://example.org/a.csv'",
        ):
            with pytest.raises(DataError, match="the database refused"):
                taken(ask(sql))

    @pytest.mark.parametrize("column", ["[1, 2]", "{'a': 1}", "map {'a': 1}"])
    def test_lists_and_records_are_no_cells(self, tmp_path: Path, column: str) -> None:
        asked = f"SELECT 1 AS score, {column} AS odd"
        query = open_query(tmp_path, asked, None, root=tmp_path, where="query")
        assert query.read(["score"])["score"].tolist() == [1]
        with pytest.raises(DataError, match="the column odd holds lists or records"):
            query.read(["odd"])

    def test_a_missing_number_is_none_in_any_piece(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("iterata.data.sources.duckdb_files.BATCH", 2048)
        monkeypatch.setattr("iterata.data.sources.query.MANY", 100)
        asked = "SELECT CASE WHEN range > 9000 THEN NULL ELSE range END AS n FROM range(10000)"
        answer = taken(open_query(tmp_path, asked, None, root=tmp_path, where="query"))
        assert {str(piece["n"].dtype) for piece in answer.batches()} == {"float64"}
        assert answer.frame()["n"].isna().sum() == 999


class TestDatabase:
    def test_a_file_that_is_not_there_is_not_made(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("WAREHOUSE", f"sqlite:///{tmp_path}/none.db")
        with pytest.raises(DataError, match=r"there is no database file .*none\.db") as refused:
            open_query(tmp_path, "SELECT 1", "WAREHOUSE", root=tmp_path, where="query")
        assert "WAREHOUSE" in refused.value.remedy
        assert not (tmp_path / "none.db").exists()

    def test_a_variable_that_is_not_set_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("WAREHOUSE", raising=False)
        with pytest.raises(DataError, match="WAREHOUSE is not set"):
            open_query(tmp_path, "SELECT 1", "WAREHOUSE", root=tmp_path, where="query")

    @pytest.mark.parametrize(
        "url",
        [
            "postgresql+psycopg://me:hunter2@127.0.0.1:1/x",
            "nosuchthing://me:hunter2@host/x",
            "no url at all hunter2",
        ],
    )
    def test_a_database_that_cannot_be_reached_keeps_its_password(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
    ) -> None:
        monkeypatch.setenv("WAREHOUSE", url)
        with pytest.raises(DataError, match="the database refused") as refused:
            open_query(tmp_path, "SELECT 1", "WAREHOUSE", root=tmp_path, where="query")
        assert "hunter2" not in str(refused.value) + refused.value.message


def _spec(**data: Any) -> LiftSpec:
    described = {
        "kpi": {"kind": "targeting", "name": "sales", "unit": "policies", "budget": 0.2},
        "data": {"target": "bought", "unit_id": "customer", "status_quo": {"column": "score"}, **data},
    }
    return TypeAdapter(LiftSpec).validate_python(described)


def test_the_expected_lift_of_a_query_is_that_of_the_file(tmp_path: Path) -> None:
    TABLE.to_csv(tmp_path / "calls.csv", index=False)
    asked = compute(_spec(query="SELECT * FROM 'calls.csv'"), tmp_path, tmp_path)
    read = compute(_spec(source="calls.csv"), tmp_path, tmp_path)
    assert asked.potential_lift is not None
    assert read.potential_lift is not None
    assert asked.potential_lift.value == read.potential_lift.value
    assert asked.potential_lift.low == pytest.approx(read.potential_lift.low, abs=3)  # rows in another order
    assert asked.sample is not None
    assert asked.sample.source == "query of the project's files"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"source": "calls.csv", "query": "SELECT 1"},
        {"source": "calls.csv", "database": "WAREHOUSE"},
        {"query": "SELECT 1", "database": "postgresql://me:pw@host/x"},
    ],
)
def test_rows_come_from_one_place_and_no_url_stands_in_a_document(data: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        _spec(**data)
