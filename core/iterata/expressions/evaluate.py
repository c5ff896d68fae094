"""Evaluates expressions on whole columns; `parse` defines what an expression may contain."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from iterata.errors import DataError
from iterata.expressions.parse import InvalidExpression, NotAllowed, Operation, column_names, parse
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.errors import Location
    from iterata.expressions.parse import Expression

    Column: TypeAlias = NDArray[Any]
    """Numbers (`float64`, NaN if missing) or text (`object`, None if missing)."""


class UnknownColumn(DataError):
    """An expression reads a column that the table does not have."""

    def __init__(self, name: str, names: list[str], where: str | Location) -> None:
        guess = closest(name, names)
        remedy = f"did you mean {guess}?" if guess else f"use one of {', '.join(names)}"
        super().__init__(f"there is no column {name}", remedy=remedy, where=where)


class WordsInNumbers(InvalidExpression):
    """`contains` looks for words in a column of numbers."""

    def __init__(self, column: str, expression: str, reason: str, where: str | Location) -> None:
        super().__init__(expression, reason, where)
        self.column = column


class TextChosen(InvalidExpression):
    """An expression chooses between texts where a number is needed."""

    def __init__(self, expression: str, reason: str, where: str | Location) -> None:
        super().__init__(expression, reason, where)
        self.remedy = "write numbers, such as `1 if amount > 100 else 0`; the highest value comes first"


class NotText(NotAllowed):
    """Text is needed, and this column holds numbers; the column is empty if it is no column."""

    def __init__(self, reason: str, column: str) -> None:
        super().__init__(reason)
        self.column = column


def evaluate(expression: str, table: Mapping[str, Column], n_rows: int, where: str | Location = "") -> Floats:
    """The value of an expression in each row, `(n_rows,)`; 1 for true and 0 for false.

    A comparison with a missing value is false, as in SQL; a calculation with one is NaN.

    Args:
        expression: the text.
        table: columns by name, each `(n_rows,)`.
        n_rows: the number of rows.
        where: the field of the expression.

    Raises:
        InvalidExpression: it is not allowed, or mixes text and numbers.
        UnknownColumn: it reads a column that `table` does not have.
    """
    value = _value(expression, table, where)
    if _is_text(value):
        reason = "gives text, where numbers are needed"
        kind = TextChosen if _is_conditional(parse(expression, where)) else InvalidExpression
        raise kind(expression, reason, where)
    return np.broadcast_to(_numbers(value), (n_rows,)).copy()


def evaluate_text(
    expression: str, table: Mapping[str, Column], n_rows: int, where: str | Location = ""
) -> NDArray[np.object_]:
    """The text that an expression gives in each row, `(n_rows,)`; None if it is missing.

    Numbers become text as they are written: `2` for 2.0.

    Args:
        expression: the text, such as `"billing" if contains(comment, "invoice") else topic`.
        table: columns by name, each `(n_rows,)`.
        n_rows: the number of rows.
        where: the field of the expression.

    Raises:
        InvalidExpression: it is not allowed, or mixes text and numbers.
        UnknownColumn: it reads a column that `table` does not have.
    """
    value = _value(expression, table, where)
    if not _is_text(value):
        numbers = [None if np.isnan(number) else _written(number) for number in _numbers(value).ravel()]
        value = np.array(numbers, dtype=object).reshape(value.shape)
    return np.broadcast_to(value, (n_rows,)).copy()


def _is_conditional(expression: Expression) -> bool:
    return isinstance(expression, Operation) and expression.name == "if"


def _value(expression: str, table: Mapping[str, Column], where: str | Location) -> Column:
    """The numbers or the texts that an expression gives: one for each row, or one for all."""
    for name in column_names(expression, where):
        if name not in table:
            raise UnknownColumn(name, list(table), where)
    try:
        with np.errstate(all="ignore"):
            return _evaluate(parse(expression, where), table)
    except NotText as error:
        raise WordsInNumbers(error.column, expression, str(error), where) from None
    except NotAllowed as error:
        raise InvalidExpression(expression, str(error), where) from None


def _written(number: float) -> str:
    return str(int(number)) if np.isfinite(number) and number == int(number) else repr(float(number))


def _evaluate(expression: Expression, table: Mapping[str, Column]) -> Column:
    if isinstance(expression, str):
        return np.asarray(expression, dtype=object)
    if not isinstance(expression, Operation):
        return np.asarray(expression, dtype=np.float64)
    if expression.name == "column":
        return table[str(expression.operands[0])]
    if expression.name == "contains":
        return _contains(expression, table)
    function = _FUNCTIONS[expression.name]
    return function(*(_evaluate(operand, table) for operand in expression.operands))


def _contains(expression: Operation, table: Mapping[str, Column]) -> Floats:
    """1 for a text that contains any of the words, in lower case; 0 for any other, and for a missing one."""
    operand, *words = expression.operands
    column = _evaluate(operand, table)
    if not _is_text(column):
        names = operand.operands if isinstance(operand, Operation) and operand.name == "column" else ("",)
        raise NotText("looks for words in numbers", str(names[0]))
    looked_for = [str(word) for word in words]
    found = [text is not None and _has_any(text.lower(), looked_for) for text in column.ravel()]
    return np.array(found, dtype=np.float64).reshape(column.shape)


def _has_any(text: str, words: list[str]) -> bool:
    return any(word in text for word in words)


def _is_text(column: Column) -> bool:
    return column.dtype == object


def _numbers(column: Column) -> Floats:
    if _is_text(column):
        raise NotAllowed("calculates with text")
    return np.asarray(column, dtype=np.float64)


def _missing(column: Column) -> Floats:
    if _is_text(column):
        return np.asarray(column == None, dtype=np.float64)  # noqa: E711  # row by row
    return np.asarray(np.isnan(_numbers(column)), dtype=np.float64)


def _if(condition: Column, value: Column, other: Column) -> Column:
    """`value` where the condition is true, `other` where it is false or missing."""
    if _is_text(value) != _is_text(other):
        raise NotAllowed("gives text in some rows and numbers in others")
    return np.asarray(np.where(_is_true(condition) > 0, value, other))


def _if_missing(column: Column, other: Column) -> Column:
    if _is_text(column) and _is_text(other):
        return np.asarray(np.where(_missing(column) > 0, other, column))
    numbers = _numbers(column)
    return np.where(np.isnan(numbers), _numbers(other), numbers)


def _is_true(column: Column) -> Floats:
    """1 for a number other than 0, else 0; also for a missing number."""
    return np.asarray(_numbers(column) != 0, dtype=np.float64) * (1 - _missing(column))


def _not(column: Column) -> Floats:
    return 1 - _is_true(column)


def _arithmetic(function: np.ufunc) -> Callable[..., Floats]:
    def apply(*columns: Column) -> Floats:
        numbers = [_numbers(column) for column in columns]
        return np.asarray(function(*numbers) if len(numbers) == 1 else reduce(function, numbers))

    return apply


def _logic(function: np.ufunc) -> Callable[..., Floats]:
    def apply(*columns: Column) -> Floats:
        return np.asarray(reduce(function, [_is_true(column) for column in columns]), dtype=np.float64)

    return apply


def _comparison(function: np.ufunc, *, orders: bool = True) -> Callable[..., Floats]:
    def apply(left: Column, right: Column) -> Floats:
        if _is_text(left) != _is_text(right):
            raise NotAllowed("compares text with numbers")
        if _is_text(left) and orders:
            raise NotAllowed("orders text, which can only be compared with ==, != and in")
        both_known = (1 - _missing(left)) * (1 - _missing(right))
        return np.asarray(function(left, right), dtype=np.float64) * both_known

    return apply


_FUNCTIONS: dict[str, Callable[..., Column]] = {
    "add": _arithmetic(np.add),
    "subtract": _arithmetic(np.subtract),
    "multiply": _arithmetic(np.multiply),
    "divide": _arithmetic(np.divide),
    "divide_whole": _arithmetic(np.floor_divide),
    "remainder": _arithmetic(np.remainder),
    "power": _arithmetic(np.power),
    "positive": _arithmetic(np.positive),
    "negate": _arithmetic(np.negative),
    "abs": _arithmetic(np.abs),
    "log": _arithmetic(np.log),
    "sqrt": _arithmetic(np.sqrt),
    "min": _arithmetic(np.minimum),
    "max": _arithmetic(np.maximum),
    "missing": _missing,
    "if_missing": _if_missing,
    "if": _if,
    "and": _logic(np.minimum),
    "or": _logic(np.maximum),
    "not": _not,
    "less": _comparison(np.less),
    "at_most": _comparison(np.less_equal),
    "more": _comparison(np.greater),
    "at_least": _comparison(np.greater_equal),
    "equal": _comparison(np.equal, orders=False),
    "differ": _comparison(np.not_equal, orders=False),
}
"""The function that computes each operation of `parse`."""
