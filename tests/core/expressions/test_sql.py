"""Expressions in SQL give the numbers that `evaluate` gives, in DuckDB and in PostgreSQL."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlalchemy

from iterata.expressions.evaluate import evaluate
from iterata.expressions.sql import NotTranslated, SqlColumn, quoted_name, to_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.arrays import Floats

NAN, INF = float("nan"), float("inf")
TABLE = pd.DataFrame(
    {
        "a": [0.0, 1.0, -2.5, NAN, 3.0, 1e9, -INF, 0.5, NAN],
        "b": [2.0, NAN, 0.0, NAN, -1.0, 7.0, 2.0, -0.5, 0.0],
        "n": [1, 2, 3, 4, 0, -6, 7, 8, 9],
        "yes": [True, False, None, True, True, False, None, False, True],
        "t": ["Refund, please", "", None, "it's", "money", "REFUND", "100% of it", "a_b", "Größe"],
        'order "by"': ["x", "y", "x", None, "y", "x", "", "z", "x"],
    }
)
KINDS = {"a": "number", "b": "number", "n": "number", "yes": "boolean", "t": "text", 'order "by"': "text"}
COLUMNS = {name: SqlColumn(name, kind) for name, kind in KINDS.items()}

EXPRESSIONS = [
    "a + b * 2 - n",
    "a / b",
    "n / (n - 3)",
    "1 / (a - a)",
    "a - a",
    "(a / b) > 1",
    "not (a / b)",
    "a ** b",
    "b ** 0 + 1 ** b",
    "abs(-a) + sqrt(b) + log(n)",
    "log(a - a)",
    "min(a, b, n) + max(a, n)",
    "missing(a) + missing(t)",
    "if_missing(a, b)",
    "if_missing(yes, 0) * 2",
    "a if b > 0 else n",
    "a if yes else -1",
    "a > b or a <= n and not b",
    "a and b",
    "1 < n < 8",
    "n in [1, 2, 9]",
    "n not in [1, 2, 9]",
    't == "it\'s"',
    't != "money"',
    'column("order \\"by\\"") == "x"',
    'contains(t, "refund", "100%", "a_b", "\'")',
    '(t if n > 2 else "money") == "money"',
    'if_missing(t, "none") in ["none", "money"]',
    "a == b",
    "yes == 1",
    "+a",
    "12.5e-3 * n",
]


@pytest.fixture(scope="module")
def databases(postgres: str) -> Iterator[dict[str, object]]:
    """The table in both databases."""
    stored = TABLE.assign(row=range(len(TABLE)))
    local = duckdb.connect()
    local.register("seen", stored)
    local.execute("CREATE TABLE rows_of_sql AS SELECT * REPLACE (CAST(yes AS BOOLEAN) AS yes) FROM seen")
    engine = sqlalchemy.create_engine(postgres)
    stored.astype({"yes": "boolean"}).to_sql("rows_of_sql", engine, index=False, if_exists="replace")
    with engine.connect() as connection:
        yield {"duckdb": local, "postgresql": connection}
    engine.dispose()


def in_sql(database: object, sql: str) -> Floats:
    """The value in each row."""
    statement = f"SELECT {sql} FROM rows_of_sql ORDER BY row"  # noqa: S608  # this is what is tried
    if isinstance(database, sqlalchemy.Connection):
        found = [tuple(row) for row in database.exec_driver_sql(statement.replace("%", "%%"))]
    else:
        assert isinstance(database, duckdb.DuckDBPyConnection)
        found = database.execute(statement).fetchall()
    return np.array([NAN if value is None else value for (value,) in found], dtype=float)


def in_python(expression: str) -> Floats:
    """The same by `evaluate`."""
    numbers = {name: TABLE[name].astype(float).to_numpy() for name, kind in KINDS.items() if kind != "text"}
    texts = {
        name: np.array([None if pd.isna(value) else value or None for value in TABLE[name]], dtype=object)
        for name, kind in KINDS.items()
        if kind == "text"
    }
    return evaluate(expression, numbers | texts, len(TABLE))


def test_each_operation_gives_the_same_numbers(databases: dict[str, object]) -> None:
    for expression in EXPRESSIONS:
        sql, expected = to_sql(expression, COLUMNS), in_python(expression)
        for name, database in databases.items():
            np.testing.assert_allclose(
                in_sql(database, sql), expected, rtol=1e-14, err_msg=f"{name}: {expression}"
            )


def test_random_expressions_give_the_same_numbers(databases: dict[str, object]) -> None:
    rng = random.Random(3)  # noqa: S311  # no secret
    expressions = [nested(rng, 3) for _ in range(150)]
    translated = [(text, to_sql(text, COLUMNS)) for text in expressions]
    for text, sql in translated:
        for name, database in databases.items():
            found, expected = in_sql(database, sql), in_python(text)
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12, err_msg=f"{name}: {text}")


def nested(rng: random.Random, depth: int) -> str:
    """An expression of numbers; powers are left out, because they overflow."""
    if depth == 0:
        return rng.choice(["a", "b", "n", "yes", "2", "0.5", "0"])
    left, right = nested(rng, depth - 1), nested(rng, depth - 1)
    patterns = [
        "({} + {})", "({} - {})", "({} * {})", "({} / {})", "min({}, {})", "max({}, {})", "({} < {})",
        "({} == {})", "({} != {})", "({} and {})", "({} or {})", "if_missing({}, {})", "({} if {} else 1)",
        "(abs({}) + missing({}))", "(not {} + {})",
    ]  # fmt: skip
    return rng.choice(patterns).format(left, right)


@pytest.mark.parametrize(
    "expression",
    [
        "a // 2",
        "a % 2",
        "t == 1",
        'a == "x"',
        "t",
        "t + 1",
        'contains(t, "größe")',
        "t < t",
        "contains(a, 'x')",
    ],
)
def test_what_sql_may_compute_otherwise_is_not_translated(expression: str) -> None:
    with pytest.raises(NotTranslated):
        to_sql(expression, COLUMNS)


def test_no_part_of_an_expression_becomes_sql(databases: dict[str, object]) -> None:
    name = 'x"; DROP TABLE rows_of_sql; --'
    assert quoted_name(name) == '"x""; DROP TABLE rows_of_sql; --"'
    texts = ["' OR 1 = 1 --", "'; DROP TABLE rows_of_sql; --", "''", '"']
    for text in texts:
        expression = f"t == {text!r}"
        for database in databases.values():
            assert not in_sql(database, to_sql(expression, COLUMNS)).any()
    with pytest.raises(NotTranslated):
        to_sql(r't == "\\"', COLUMNS)
