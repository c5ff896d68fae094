"""Parses expressions over columns, such as `income * 2 + (age > 40)`.

Documents are not trusted, so nothing is passed to `eval`. (`pandas.eval` executes code, as its documentation
warns, and the available safe evaluators work on single values.) Python's own parser makes the syntax tree.
Only what the tables below name is allowed; `evaluate` computes it.
"""

from __future__ import annotations

import ast
import re
import warnings
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from iterata.errors import DataError
from iterata.expressions.corrections import corrected
from iterata.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iterata.errors import Location

MAX_LENGTH = 1000
"""The largest number of characters. A longer expression is a model, and belongs in a variant."""

MAX_DEPTH = 200
"""How deep operators may be nested; a sum of many terms is nested that deep."""

MAX_WORDS = 100
"""The largest number of words that one `contains` looks for."""

_REMEDY = (
    "use columns, numbers and text joined by + - * / // % **, comparisons, `in [...]`, and, or, not, "
    '`"a" if x > 1 else "b"`, and the functions abs, log, sqrt, min, max, missing(x), if_missing(x, 0), '
    'contains(comment, "refund"); write a column whose name is not a word as column("its name")'
)

_DAYS = (
    "expressions do not compare days: make a column of true and false where the data is written, or with "
    "`SELECT *, day >= DATE '2026-01-01' AS is_recent` in a `query:`, and name that column"
)


class Operation(NamedTuple):
    """An operation on operands; that of `column` is the column's name."""

    name: str
    operands: tuple[Operation | float | str, ...]


Expression = Operation | float | str

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.FloorDiv: "divide_whole",
    ast.Mod: "remainder",
    ast.Pow: "power",
    ast.USub: "negate",
    ast.UAdd: "positive",
    ast.Not: "not",
    ast.And: "and",
    ast.Or: "or",
    ast.Lt: "less",
    ast.LtE: "at_most",
    ast.Gt: "more",
    ast.GtE: "at_least",
    ast.Eq: "equal",
    ast.NotEq: "differ",
}

_FUNCTIONS = {
    "abs": (1, 1),
    "log": (1, 1),
    "sqrt": (1, 1),
    "min": (2, 20),
    "max": (2, 20),
    "missing": (1, 1),
    "if_missing": (2, 2),
}
"""The smallest and the largest number of arguments of each function."""


class InvalidExpression(DataError):
    """An expression that is not allowed; `reason` continues a sentence that begins with it."""

    def __init__(self, expression: str, reason: str, where: str | Location) -> None:
        meant = corrected(expression, _is_allowed)
        remedy = f"write `{meant}`" if meant else _REMEDY
        if re.search(r"\d{4}-\d{2}-\d{2}", expression) and not meant:
            remedy = _DAYS
        super().__init__(f"`{one_line(expression, 80)}` {reason}", remedy=remedy, where=where)


class NotAllowed(Exception):
    """A part of an expression that is not allowed; the message is the reason of `InvalidExpression`."""


def parse(expression: str, where: str | Location = "") -> Expression:
    """The operations of an expression.

    Args:
        expression: the text.
        where: the field of the expression.

    Raises:
        InvalidExpression: it is not allowed.
    """
    try:
        if len(expression) > MAX_LENGTH:
            raise NotAllowed(f"is longer than {MAX_LENGTH} characters")
        return _parse(_syntax_tree(expression), MAX_DEPTH)
    except NotAllowed as error:
        raise InvalidExpression(expression, str(error), where) from None
    except RecursionError:
        raise InvalidExpression(expression, "is nested too deep", where) from None


def _is_allowed(expression: str) -> bool:
    try:
        _parse(_syntax_tree(expression), MAX_DEPTH)
    except (NotAllowed, RecursionError):
        return False
    return True


def column_names(expression: str, where: str | Location = "") -> list[str]:
    """The columns that an expression reads, in the order of their appearance.

    Args:
        expression: the text.
        where: the field of the expression.

    Raises:
        InvalidExpression: it is not allowed.
    """
    return list(dict.fromkeys(_column_names(parse(expression, where))))


def operand(column: str) -> str:
    """A column as expressions name it."""
    return column if column.isidentifier() and not iskeyword(column) else f'column("{column}")'


def _column_names(expression: Expression) -> Iterator[str]:
    if not isinstance(expression, Operation):
        return
    if expression.name == "column":
        yield str(expression.operands[0])
        return
    for operand in expression.operands:
        yield from _column_names(operand)


def _syntax_tree(expression: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns about some literals
            return ast.parse(expression.replace("\n", " ").strip(), mode="eval").body
    except SyntaxError as error:
        raise NotAllowed(f"cannot be read: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError):
        raise NotAllowed("cannot be read") from None


def _parse(node: ast.expr, levels: int) -> Expression:
    if levels == 0:
        raise NotAllowed(f"nests operators more than {MAX_DEPTH} deep")
    parser = _PARSERS.get(type(node), _refuse)
    return parser(node, levels - 1)


def _refuse(node: ast.AST, _: int = 0) -> NoReturn:
    raise NotAllowed(f"uses `{one_line(ast.unparse(node), 40)}`, which is not allowed")


def _constant(node: ast.Constant, _: int) -> float | str:
    value = node.value
    if isinstance(value, str):
        return value
    if not isinstance(value, int | float):  # complex numbers, bytes, None, ...
        _refuse(node)
    try:
        return float(value)  # an int of Python has no bounds
    except OverflowError:
        raise NotAllowed("contains a number that is too large") from None


def _name(node: ast.Name, _: int) -> Operation:
    return Operation("column", (node.id,))


def _binary(node: ast.BinOp, levels: int) -> Operation:
    return Operation(_operator(node.op, node), (_parse(node.left, levels), _parse(node.right, levels)))


def _unary(node: ast.UnaryOp, levels: int) -> Operation:
    return Operation(_operator(node.op, node), (_parse(node.operand, levels),))


def _logic(node: ast.BoolOp, levels: int) -> Operation:
    return Operation(_operator(node.op, node), tuple(_parse(value, levels) for value in node.values))


def _comparison(node: ast.Compare, levels: int) -> Operation:
    """`a < b < c` means `a < b and b < c`."""
    left_sides = [node.left, *node.comparators[:-1]]
    comparisons = [
        _membership(node, left, right, levels)
        if isinstance(operator, ast.In | ast.NotIn)
        else Operation(_operator(operator, node), (_parse(left, levels), _parse(right, levels)))
        for operator, left, right in zip(node.ops, left_sides, node.comparators, strict=True)
    ]
    return comparisons[0] if len(comparisons) == 1 else Operation("and", tuple(comparisons))


def _membership(node: ast.Compare, left: ast.expr, right: ast.expr, levels: int) -> Operation:
    """`a in [1, 2]` means `a == 1 or a == 2`; `a not in [1, 2]` means `a != 1 and a != 2`."""
    if not isinstance(right, ast.List | ast.Tuple) or not right.elts or len(node.ops) > 1:
        raise NotAllowed("may use `in` only with a list, such as `type in [1, 2]`")
    value = _parse(left, levels)
    compare, join = ("equal", "or") if isinstance(node.ops[0], ast.In) else ("differ", "and")
    return Operation(
        join, tuple(Operation(compare, (value, _parse(choice, levels))) for choice in right.elts)
    )


def _call(node: ast.Call, levels: int) -> Operation:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    match node:
        case ast.Call(args=[ast.Constant(value=str(column))], keywords=[]) if name == "column":
            return Operation("column", (column,))
    if name == "contains":
        return _contains(node, levels)
    least, most = _FUNCTIONS.get(name, (1, 0))
    if node.keywords or not least <= len(node.args) <= most:
        _refuse(node)
    return Operation(name, tuple(_parse(argument, levels) for argument in node.args))


def _contains(node: ast.Call, levels: int) -> Operation:
    """`contains(comment, "refund", "money")`; words are compared in lower case, and are no patterns."""
    words = [_word(argument) for argument in node.args[1:]]
    if node.keywords or not all(words) or not 0 < len(words) <= MAX_WORDS:
        raise NotAllowed(
            f"must give `contains` a column and 1 to {MAX_WORDS} words in quotes, such as "
            '`contains(comment, "refund", "money")`'
        )
    return Operation("contains", (_parse(node.args[0], levels), *words))


def _word(node: ast.expr) -> str:
    """A text in lower case; empty if the node is something else."""
    return node.value.lower() if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _conditional(node: ast.IfExp, levels: int) -> Operation:
    """`"billing" if amount > 0 else "technical"`."""
    parts = (node.test, node.body, node.orelse)
    return Operation("if", tuple(_parse(part, levels) for part in parts))


def _operator(operator: ast.AST, node: ast.AST) -> str:
    return _OPERATORS.get(type(operator)) or _refuse(node)


_PARSERS: dict[type[ast.expr], Callable[[Any, int], Expression]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _logic,
    ast.Compare: _comparison,
    ast.Call: _call,
    ast.IfExp: _conditional,
}
"""The parser of each kind of node; all other kinds are refused."""
