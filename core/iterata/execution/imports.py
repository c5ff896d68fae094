"""What Python code imports, told from its text. Nothing is executed."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_IMPORT_BY_NAME = frozenset(
    {"__import__", "import_module", "run_path", "run_module", "spec_from_file_location", "SourceFileLoader"}
)
"""Functions that import a module whose name is only known when they are called."""

_EXECUTE_TEXT = frozenset({"exec", "eval"})

_START_PROGRAMS = frozenset({"subprocess", "runpy", "multiprocessing"})
"""Modules that run other files."""

ALL = "*"
"""The last part of a name that stands for everything in a package."""


class Import(NamedTuple):
    """A name that a module imports: a module, or something in one."""

    level: int
    """The number of leading dots; 0 for an absolute import."""
    name: str
    """Its dotted name, such as `features.text`; empty for the package of the module itself."""


class Imports(NamedTuple):
    """The names that a module imports."""

    names: tuple[Import, ...]
    complete: bool
    """False if the module may run code that its text does not name."""


def imports_of(source: bytes) -> Imports:
    """The names that the source of a module imports, also within functions."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Imports((), complete=False)
    names = tuple(dict.fromkeys(name for node in ast.walk(tree) for name in _imported(node)))
    by_name = any(_runs_unnamed_code(node) for node in ast.walk(tree))
    programs = any(name.name.partition(".")[0] in _START_PROGRAMS for name in names if not name.level)
    return Imports(names, complete=not (by_name or programs))


def _imported(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(0, alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        yield Import(node.level, module)
        yield from (Import(node.level, f"{module}.{alias.name}".lstrip(".")) for alias in node.names)


def _runs_unnamed_code(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name):
            return name in _IMPORT_BY_NAME | _EXECUTE_TEXT
        case ast.Attribute(value=ast.Name(id="os"), attr="system" | "popen"):
            return True
        case ast.Attribute(attr=name) | ast.alias(name=name):
            return name in _IMPORT_BY_NAME
    return False
