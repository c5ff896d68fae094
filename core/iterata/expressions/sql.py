"""Translates expressions to SQL that gives the same numbers as `evaluate`, in DuckDB and in PostgreSQL.

A missing number is NULL, and never NaN. Text is quoted, and columns are named by their quoted names: no part
of an expression becomes SQL as its author wrote it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.expressions.parse import Operation, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from iterata.errors import Location
    from iterata.expressions.parse import Expression

NUMBER = "DOUBLE PRECISION"
NAN = f"CAST('NaN' AS {NUMBER})"
INFINITY = f"CAST('Infinity' AS {NUMBER})"

MAX_LENGTH = 20_000
"""The most characters of a translation: an operand is repeated where SQL has no function for an operation."""


class NotTranslated(Exception):
    """An expression has an operation, or reads a column, that is not translated."""


class SqlColumn(NamedTuple):
    """A column of a table in SQL."""

    name: str
    kind: str
    """`number`, `boolean` or `text`."""
    is_duckdb: bool = False
    """Whether DuckDB reads it, which compares numbers of files with NaN by statistics that leave it out."""

    @property
    def quoted(self) -> str:
        """Its name in SQL."""
        return quoted_name(self.name)

    def number(self) -> str:
        """Its value as a number; NULL if it is missing.

        Raises:
            NotTranslated: it is text.
        """
        if self.kind == "boolean":
            return f"CAST(CAST({self.quoted} AS INTEGER) AS {NUMBER})"
        if self.kind != "number":
            raise NotTranslated
        number = f"CAST({self.quoted} AS {NUMBER})"
        if self.is_duckdb:
            return f"CASE WHEN isnan({number}) THEN NULL ELSE {number} END"
        return f"NULLIF({number}, {NAN})"

    def text(self) -> str:
        """Its value as text; NULL if it is missing or empty."""
        return f"NULLIF(CAST({self.quoted} AS VARCHAR), '')"


class _Sql(NamedTuple):
    """A part of an expression in SQL."""

    text: str
    is_text: bool = False


def quoted_name(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """A text in SQL.

    Raises:
        NotTranslated: it has a NUL or a backslash, which not all databases read in the same way.
    """
    if "\0" in text or "\\" in text:
        raise NotTranslated
    return "'" + text.replace("'", "''") + "'"


def number_literal(number: float) -> str:
    """A number in SQL.

    Raises:
        NotTranslated: it is not finite.
    """
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124  # NaN
        raise NotTranslated
    return f"CAST('{number!r}' AS {NUMBER})"


def to_sql(expression: str, columns: Mapping[str, SqlColumn], where: str | Location = "") -> str:
    """An expression as a number in SQL; NULL if it is missing.

    Args:
        expression: the text.
        columns: every column that it reads.
        where: the field of the expression.

    Raises:
        InvalidExpression: it is not allowed.
        NotTranslated: it has no translation that surely gives the same numbers, or it mixes text and numbers.
    """
    return _number(_translated(parse(expression, where), columns))


def _translated(expression: Expression, columns: Mapping[str, SqlColumn]) -> _Sql:
    if isinstance(expression, str):
        return _Sql(quoted_text(expression), is_text=True)
    if not isinstance(expression, Operation):
        return _Sql(number_literal(expression))
    if expression.name == "column":
        column = columns[str(expression.operands[0])]
        is_text = column.kind == "text"
        return _Sql(column.text() if is_text else column.number(), is_text)
    operands = expression.operands
    if expression.name == "contains":
        return _contains(_translated(operands[0], columns), operands[1:])
    if expression.name not in _FUNCTIONS:
        raise NotTranslated
    part = _FUNCTIONS[expression.name](*(_translated(operand, columns) for operand in operands))
    if len(part.text) > MAX_LENGTH:
        raise NotTranslated
    return part


def _number(part: _Sql) -> str:
    if part.is_text:
        raise NotTranslated
    return part.text


def _contains(column: _Sql, words: Sequence[object]) -> _Sql:
    if not column.is_text or not all(
        str(word).isascii() for word in words
    ):  # lower case depends on the database
        raise NotTranslated
    conditions = " OR ".join(f"strpos(lower({column.text}), {quoted_text(str(word))}) > 0" for word in words)
    return _condition(conditions)


def _condition(sql: str) -> _Sql:
    """1 if a condition is true; 0 if it is false or missing."""
    return _Sql(f"CASE WHEN {sql} THEN {number_literal(1.0)} ELSE {number_literal(0.0)} END")


def _arithmetic(sign: str) -> Callable[[_Sql, _Sql], _Sql]:
    def apply(left: _Sql, right: _Sql) -> _Sql:
        return _Sql(f"NULLIF({_number(left)} {sign} {_number(right)}, {NAN})".join("()"))

    return apply


def _divide(left: _Sql, right: _Sql) -> _Sql:
    a, b = _number(left), _number(right)
    infinite = f"CASE WHEN {a} > 0 THEN {INFINITY} WHEN {a} < 0 THEN -{INFINITY} END"
    return _Sql(f"CASE WHEN {b} = 0 THEN {infinite} ELSE NULLIF({a} / {b}, {NAN}) END")


def _log(part: _Sql) -> _Sql:
    a = _number(part)
    return _Sql(f"CASE WHEN {a} > 0 THEN ln({a}) WHEN {a} = 0 THEN -{INFINITY} END")


def _sqrt(part: _Sql) -> _Sql:
    return _Sql(f"CASE WHEN {_number(part)} >= 0 THEN sqrt({_number(part)}) END")


def _power(left: _Sql, right: _Sql) -> _Sql:
    """As `numpy.power`: 1 to the power of a missing number is 1, and so is a missing number to that of 0."""
    a, b = _number(left), _number(right)
    return _Sql(
        f"CASE WHEN {b} = 0 OR {a} = 1 THEN {number_literal(1.0)} WHEN {a} = 0 AND {b} < 0 THEN {INFINITY} "
        f"WHEN {a} < 0 AND {b} <> floor({b}) THEN NULL ELSE power({a}, {b}) END"
    )


def _extreme(function: str) -> Callable[..., _Sql]:
    """The least or the greatest; missing if any is."""

    def apply(*parts: _Sql) -> _Sql:
        numbers = [_number(part) for part in parts]
        missing = " OR ".join(f"{number} IS NULL" for number in numbers)
        return _Sql(f"CASE WHEN {missing} THEN NULL ELSE {function}({', '.join(numbers)}) END")

    return apply


def _missing(part: _Sql) -> _Sql:
    return _condition(f"{part.text} IS NULL")


def _if_missing(part: _Sql, other: _Sql) -> _Sql:
    return _Sql(f"COALESCE({part.text}, {other.text})", _same_kind(part, other))


def _if(condition: _Sql, value: _Sql, other: _Sql) -> _Sql:
    is_text = _same_kind(value, other)
    return _Sql(f"CASE WHEN {_number(condition)} <> 0 THEN {value.text} ELSE {other.text} END", is_text)


def _same_kind(one: _Sql, other: _Sql) -> bool:
    if one.is_text != other.is_text:
        raise NotTranslated
    return one.is_text


def _logic(word: str) -> Callable[..., _Sql]:
    def apply(*parts: _Sql) -> _Sql:
        return _condition(f" {word} ".join(f"{_number(part)} <> 0" for part in parts))

    return apply


def _not(part: _Sql) -> _Sql:
    return _Sql(f"CASE WHEN {_number(part)} <> 0 THEN {number_literal(0.0)} ELSE {number_literal(1.0)} END")


def _comparison(sign: str, *, orders: bool = True) -> Callable[[_Sql, _Sql], _Sql]:
    def apply(left: _Sql, right: _Sql) -> _Sql:
        if _same_kind(left, right) and orders:
            raise NotTranslated
        return _condition(f"{left.text} {sign} {right.text}")

    return apply


_FUNCTIONS: dict[str, Callable[..., _Sql]] = {
    "add": _arithmetic("+"),
    "subtract": _arithmetic("-"),
    "multiply": _arithmetic("*"),
    "divide": _divide,
    "power": _power,
    "positive": lambda part: _Sql(_number(part)),
    "negate": lambda part: _Sql(f"(-{_number(part)})"),
    "abs": lambda part: _Sql(f"abs({_number(part)})"),
    "log": _log,
    "sqrt": _sqrt,
    "min": _extreme("least"),
    "max": _extreme("greatest"),
    "missing": _missing,
    "if_missing": _if_missing,
    "if": _if,
    "and": _logic("AND"),
    "or": _logic("OR"),
    "not": _not,
    "less": _comparison("<"),
    "at_most": _comparison("<="),
    "more": _comparison(">"),
    "at_least": _comparison(">="),
    "equal": _comparison("=", orders=False),
    "differ": _comparison("<>", orders=False),
}
"""The SQL of each operation of `parse`; whole division and remainders are left to `evaluate`, because
databases round them in other ways."""
