"""Limits: short functions, few ignored type errors, few uses of `Any`."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from .conftest import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_BODY = 40
"""Lines of a function, its signature and docstring left out."""

MOST_IGNORES = 5
"""`type: ignore` in core."""

MOST_ANY = 5
"""Uses of `Any` per 1,000 lines of core."""


class Function(NamedTuple):
    """A function and the lines of its body."""

    place: str
    lines: int


@pytest.fixture(scope="module")
def core(root: Path) -> list[str]:
    """The source of every module of core."""
    return [path.read_text("utf-8") for path in sorted((root / "core/iterata").rglob("*.py"))]


def _functions(root: Path) -> Iterator[Function]:
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    place = f"{path.relative_to(root).as_posix()}:{node.lineno} {node.name}"
                    yield Function(place, _lines(node))


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_function_bodies_are_short(root: Path) -> None:
    functions = list(_functions(root))
    assert functions
    assert not [function for function in functions if function.lines > LONGEST_BODY]


def test_type_ignores_are_few(core: list[str]) -> None:
    assert sum(source.count("# type: ignore") for source in core) <= MOST_IGNORES


def test_any_is_rare(core: list[str]) -> None:
    lines = sum(source.count("\n") for source in core)
    uses = sum(_uses_of_any(source) for source in core)
    assert 1000 * uses / lines < MOST_ANY


def _uses_of_any(source: str) -> int:
    return len(re.findall(r"\bAny\b", "".join(_without_imports(source))))


def _without_imports(source: str) -> Iterator[str]:
    return (line for line in source.splitlines() if not re.match(r"\s*(from|import)\b", line))
