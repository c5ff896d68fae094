"""Quantities of summed data: sums of columns, which only a linear expression of them can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.errors import DataError
from iterata.expressions.parse import Operation, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.expressions.parse import Expression
    from iterata.rollout.reading.quantities import Quantity

CONSTANT = ""
"""The key of the part of a linear expression that has no column."""

Coefficients = dict[str, float]
"""The factor of each column."""


class _NotLinear(Exception):
    """An expression is no sum of columns with constant factors."""


def coefficients(quantity: Quantity) -> Coefficients:
    """The factor of each column in a quantity of summed data.

    Raises:
        DataError: it is no sum of columns with constant factors, so that no sum of rows gives it.
    """
    try:
        found = _linear(parse(quantity.expression, quantity.location))
    except _NotLinear:
        found = {CONSTANT: 1.0}
    if found.pop(CONSTANT, 0.0) or not found:
        message = f"`{quantity.key}: {quantity.expression}` cannot be computed from sums"
        remedy = "name a summed column, perhaps times a number, and sum up such a column in a `query:`"
        raise DataError(message, remedy=remedy, where=quantity.location)
    return found


def _linear(expression: Expression) -> Coefficients:
    if isinstance(expression, str):
        raise _NotLinear
    if not isinstance(expression, Operation):
        return {CONSTANT: expression}
    if expression.name == "column":
        return {str(expression.operands[0]): 1.0}
    if expression.name not in _RULES:
        raise _NotLinear
    return _RULES[expression.name](*map(_linear, expression.operands))


def _add(one: Coefficients, other: Coefficients) -> Coefficients:
    return {name: one.get(name, 0.0) + other.get(name, 0.0) for name in [*one, *other]}


def _scale(one: Coefficients, factor: float) -> Coefficients:
    return {name: value * factor for name, value in one.items()}


def _multiply(one: Coefficients, other: Coefficients) -> Coefficients:
    for number, rest in ((one, other), (other, one)):
        if set(number) == {CONSTANT}:
            return _scale(rest, number[CONSTANT])
    raise _NotLinear


def _divide(one: Coefficients, other: Coefficients) -> Coefficients:
    if set(other) != {CONSTANT} or not other[CONSTANT]:
        raise _NotLinear
    return {name: value / other[CONSTANT] for name, value in one.items()}


_RULES: dict[str, Callable[..., Coefficients]] = {
    "add": _add,
    "subtract": lambda one, other: _add(one, _scale(other, -1.0)),
    "multiply": _multiply,
    "divide": _divide,
    "negate": lambda one: _scale(one, -1.0),
    "positive": lambda one: one,
}
