"""Expressions over columns, such as `income * 2 + (age > 40)`: what may be written, and what it says.

Documents are not trusted, so nothing here is handed to `eval`. (`pandas.eval` runs code, as its documentation
warns, and the safe evaluators to be had work on single values.) Python's own parser makes the syntax tree,
and what the tables below do not name cannot be written. `calculation` computes what is read here.
"""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from iterata.errors import DataError
from iterata.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iterata.errors import Location

LONGEST = 1000
"""Characters in an expression. More than that is a model, and belongs into a variant."""

DEEPEST = 200
"""Operators within each other; a sum of many is a long chain of them."""

REMEDY = (
    "write columns, numbers and text joined by + - * / // % **, comparisons, `in [...]`, and, or, not, and "
    "the functions abs, log, sqrt, min, max, missing(x), if_missing(x, 0); a column whose name is not a "
    'word is column("its name")'
)


class Term(NamedTuple):
    """An operation and what it is done to: a term, a number, a text; for `column` the column's name."""

    operation: str
    parts: tuple[Term | float | str, ...]


_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.FloorDiv: "divide_whole",
    ast.Mod: "remainder",
    ast.Pow: "power",
    ast.USub: "negate",
    ast.UAdd: "keep",
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
"""The functions, and how few and how many arguments they take."""


class RefusedError(Exception):
    """Why an expression is not taken, as the end of a sentence that begins with it."""


def read(expression: str, where: str | Location = "") -> Term | float | str:
    """What an expression says.

    Raises:
        DataError: it is not an expression that may be written; `where` says whose it is.
    """
    try:
        if len(expression) > LONGEST:
            raise RefusedError(f"is longer than {LONGEST} characters")
        return _read(_tree(expression), DEEPEST)
    except RefusedError as refused:
        raise refusal(expression, refused, where) from None
    except RecursionError:
        raise refusal(expression, RefusedError("is nested too deep"), where) from None


def columns(expression: str, where: str | Location = "") -> list[str]:
    """The columns an expression reads, in the order of their appearance.

    Raises:
        DataError: it is not an expression that may be written; `where` says whose it is.
    """
    return list(dict.fromkeys(_columns(read(expression, where))))


def refusal(expression: str, reason: RefusedError, where: str | Location) -> DataError:
    """The error that tells an author why an expression is not taken."""
    return DataError(f"`{one_line(expression, 80)}` {reason}", remedy=REMEDY, where=where)


def _columns(term: Term | float | str) -> Iterator[str]:
    if not isinstance(term, Term):
        return
    if term.operation == "column":
        yield str(term.parts[0])
        return
    for part in term.parts:
        yield from _columns(part)


def _tree(expression: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd literals make Python talk to the terminal
            return ast.parse(expression.replace("\n", " ").strip(), mode="eval").body
    except SyntaxError as error:
        raise RefusedError(f"cannot be read: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError):
        raise RefusedError("cannot be read") from None


def _read(node: ast.expr, levels: int) -> Term | float | str:
    if levels == 0:
        raise RefusedError(f"holds more than {DEEPEST} operators within each other")
    reader = _READERS.get(type(node), _refuse)
    return reader(node, levels - 1)


def _refuse(node: ast.AST, _: int = 0) -> NoReturn:
    raise RefusedError(f"may not hold `{one_line(ast.unparse(node), 40)}`")


def _constant(node: ast.Constant, _: int) -> float | str:
    value = node.value
    if isinstance(value, str):
        return value
    if not isinstance(value, int | float):  # complex numbers, bytes, None, ...
        _refuse(node)
    try:
        return float(value)  # never a whole number of Python's: those have no bounds
    except OverflowError:
        raise RefusedError("holds a number that is too large") from None


def _name(node: ast.Name, _: int) -> Term:
    return Term("column", (node.id,))


def _binary(node: ast.BinOp, levels: int) -> Term:
    return Term(_operator(node.op, node), (_read(node.left, levels), _read(node.right, levels)))


def _unary(node: ast.UnaryOp, levels: int) -> Term:
    return Term(_operator(node.op, node), (_read(node.operand, levels),))


def _logic(node: ast.BoolOp, levels: int) -> Term:
    return Term(_operator(node.op, node), tuple(_read(value, levels) for value in node.values))


def _comparison(node: ast.Compare, levels: int) -> Term:
    """`a < b < c` says `a < b and b < c`."""
    sides = [node.left, *node.comparators]
    links = [
        _membership(node, left, right, levels)
        if isinstance(sign, ast.In | ast.NotIn)
        else Term(_operator(sign, node), (_read(left, levels), _read(right, levels)))
        for sign, left, right in zip(node.ops, sides, node.comparators, strict=False)
    ]
    return links[0] if len(links) == 1 else Term("and", tuple(links))


def _membership(node: ast.Compare, left: ast.expr, right: ast.expr, levels: int) -> Term:
    """`a in [1, 2]` says `a == 1 or a == 2`; `not in` says that it differs from both."""
    if not isinstance(right, ast.List | ast.Tuple) or not right.elts or len(node.ops) > 1:
        raise RefusedError("may use `in` only with a list, such as `type in [1, 2]`")
    value = _read(left, levels)
    sign, join = ("equal", "or") if isinstance(node.ops[0], ast.In) else ("differ", "and")
    return Term(join, tuple(Term(sign, (value, _read(choice, levels))) for choice in right.elts))


def _call(node: ast.Call, levels: int) -> Term:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    match node:
        case ast.Call(args=[ast.Constant(value=str(column))], keywords=[]) if name == "column":
            return Term("column", (column,))
    least, most = _FUNCTIONS.get(name, (1, 0))
    if node.keywords or not least <= len(node.args) <= most:
        _refuse(node)
    return Term(name, tuple(_read(argument, levels) for argument in node.args))


def _operator(sign: ast.AST, node: ast.AST) -> str:
    return _OPERATORS.get(type(sign)) or _refuse(node)


_READERS: dict[type[ast.expr], Callable[[Any, int], Term | float | str]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _logic,
    ast.Compare: _comparison,
    ast.Call: _call,
}
