"""Computes expressions on whole columns. What they say is read in `expression`."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from iterata.errors import DataError
from iterata.expressions.parse import RefusedError, Term, columns, read, refusal
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.errors import Location

    Column = NDArray[Any]
    """Numbers (`float64`, not a number where missing) or text (`object`, `None` where missing)."""


def evaluate(expression: str, table: Mapping[str, Column], rows: int, where: str | Location = "") -> Floats:
    """An expression's value in each of `rows` rows: `(rows,)`; yes is 1 and no is 0.

    A comparison with a missing value is no, as in SQL; a calculation with one is not a number.

    Raises:
        DataError: it is not an expression that may be written, reads a column that `table` lacks, or mixes
            text and numbers; `where` says whose it is.
    """
    for name in columns(expression, where):
        if name not in table:
            guess = closest(name, list(table))
            remedy = f"did you mean {guess}?" if guess else f"use one of {', '.join(table)}"
            raise DataError(f"there is no column {name}", remedy=remedy, where=where)
    try:
        with np.errstate(all="ignore"):
            value = _numbers(_value(read(expression, where), table))
    except RefusedError as refused:
        raise refusal(expression, refused, where) from None
    return np.broadcast_to(value, (rows,)).copy()


def _value(term: Term | float | str, table: Mapping[str, Column]) -> Column:
    if not isinstance(term, Term):
        return np.asarray(term, dtype=object if isinstance(term, str) else np.float64)
    if term.operation == "column":
        return table[str(term.parts[0])]
    return _OPERATIONS[term.operation](*(_value(part, table) for part in term.parts))


def _is_text(column: Column) -> bool:
    return column.dtype == object


def _numbers(column: Column) -> Floats:
    if _is_text(column):
        raise RefusedError("calculates with text")
    return column


def _missing(column: Column) -> Floats:
    return np.asarray(column == None if _is_text(column) else np.isnan(column), dtype=np.float64)  # noqa: E711  # row by row


def _arithmetic(function: Callable[..., Any]) -> Callable[..., Floats]:
    def apply(*values: Column) -> Floats:
        numbers = [_numbers(value) for value in values]
        return np.asarray(function(*numbers) if len(numbers) == 1 else reduce(function, numbers))

    return apply


def _logic(function: Callable[[Any, Any], Any]) -> Callable[..., Floats]:
    def apply(*values: Column) -> Floats:
        return np.asarray(reduce(function, [_truth(value) for value in values]), dtype=np.float64)

    return apply


def _comparison(function: Callable[[Any, Any], Any], *, of_text: bool = False) -> Callable[..., Floats]:
    def apply(left: Column, right: Column) -> Floats:
        if _is_text(left) != _is_text(right):
            raise RefusedError("compares text with numbers")
        if _is_text(left) and not of_text:
            raise RefusedError("orders text, which can only be compared by ==, != and in")
        known = (1 - _missing(left)) * (1 - _missing(right))
        return np.asarray(function(left, right), dtype=np.float64) * known

    return apply


def _truth(column: Column) -> Floats:
    """1 for a number other than 0; a missing one is no."""
    return np.asarray(_numbers(column) != 0, dtype=np.float64) * (1 - _missing(column))


_OPERATIONS: dict[str, Callable[..., Floats]] = {
    "add": _arithmetic(np.add),
    "subtract": _arithmetic(np.subtract),
    "multiply": _arithmetic(np.multiply),
    "divide": _arithmetic(np.divide),
    "divide_whole": _arithmetic(np.floor_divide),
    "remainder": _arithmetic(np.remainder),
    "power": _arithmetic(np.power),
    "keep": _arithmetic(np.positive),
    "negate": _arithmetic(np.negative),
    "abs": _arithmetic(np.abs),
    "log": _arithmetic(np.log),
    "sqrt": _arithmetic(np.sqrt),
    "min": _arithmetic(np.minimum),
    "max": _arithmetic(np.maximum),
    "missing": _missing,
    "if_missing": lambda value, other: np.where(np.isnan(_numbers(value)), _numbers(other), value),
    "and": _logic(np.minimum),
    "or": _logic(np.maximum),
    "not": lambda value: 1 - _truth(value),
    "less": _comparison(np.less),
    "at_most": _comparison(np.less_equal),
    "more": _comparison(np.greater),
    "at_least": _comparison(np.greater_equal),
    "equal": _comparison(np.equal, of_text=True),
    "differ": _comparison(np.not_equal, of_text=True),
}
