"""What the SQL backends have in common: statements, data types and error messages."""

from __future__ import annotations

import pandas as pd
import pytest

from iterata.data.queries.sql import (
    LONGEST_REASON,
    as_read_from_file,
    database_errors,
    select_columns,
    single_select,
)
from iterata.data.queries.sql_refusals import NotOneSelect
from iterata.errors import DataError, Location


def test_error_of_a_driver_becomes_one_line_without_password() -> None:
    with pytest.raises(DataError) as caught, database_errors("query of X", ValueError):
        raise ValueError("cannot reach\npostgresql://me:hunter2@host/x" + " again" * 100)
    assert caught.value.location == Location("query of X")
    assert "hunter2" not in str(caught.value)
    assert "me:***@host" in caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < LONGEST_REASON + 50


def test_errors_of_other_types_are_not_caught() -> None:
    with pytest.raises(KeyError), database_errors("query", ValueError):
        raise KeyError


def test_selected_columns_are_quoted_and_a_comment_cannot_hide_the_end() -> None:
    assert select_columns("SELECT 1 AS a -- one", ["a"], "<{}>".format) == (
        "SELECT <a> FROM (SELECT 1 AS a -- one\n) source"
    )


def test_types_of_drivers_become_those_of_files() -> None:
    batch = pd.DataFrame(
        {
            "gap": pd.array([1, None], dtype="Int64"),
            "whole": pd.array([1, 2], dtype="Int8"),
            "category": pd.Categorical(["x", "y"]),
            "plain": [0.5, 1.5],
        }
    )
    dtypes = as_read_from_file(batch).dtypes.astype(str).to_dict()
    assert dtypes == {"gap": "float64", "whole": "int64", "category": "object", "plain": "float64"}


@pytest.mark.parametrize(
    "sql",
    [
        r"SELECT date'\') source; COMMIT; DROP TABLE calls; SELECT * FROM (SELECT '' AS n",
        r"SELECT a$e'\'; DROP TABLE calls; --'",
        "SELECT a$b$; DROP TABLE calls; --$b$",
        "SELECT 1 /* /* */; DROP TABLE calls; -- */ */",
    ],
)
def test_no_statement_hides_in_what_only_looks_quoted(sql: str) -> None:
    with pytest.raises(NotOneSelect):
        single_select(sql, "query")


@pytest.mark.parametrize(
    "sql", [r"SELECT E'it\'s; one' AS n", r"SELECT 'C:\' AS n, e'\\' AS m, date'2026-11-01'"]
)
def test_backslashes_in_texts_are_read_as_postgresql_reads_them(sql: str) -> None:
    assert single_select(f"{sql};", "query") == sql
