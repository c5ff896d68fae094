"""Whether code that a plan names is there, without importing or executing any of it."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from iterata.errors import RunError
from iterata.execution.project_code import is_file_of
from iterata.execution.refusals import ModuleMissing, ProjectFunctionMissing, ProjectModuleMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = (".py", ".r", ".jl", ".sh", ".pl", ".js", ".ipynb")
"""Endings of arguments that are programs."""


class ProjectFileMissing(RunError):
    """The project has no file of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the project has no file {name}", remedy="write it first, or correct the name")


def require_package(project: Path, module: str) -> None:
    """Refuse a module that is neither the project's nor of an installed package. Finding it imports nothing.

    Raises:
        ModuleMissing: the package is not installed.
    """
    package = module.partition(".")[0]
    of_project = (project / f"{package}.py").is_file() or (project / package).is_dir()
    if not of_project and find_spec(package) is None:
        raise ModuleMissing(package, ["sklearn"])


def require_function(project: Path, reference: str) -> None:
    """Refuse `module:function` if the project's file does not define it, as far as its text shows.

    Raises:
        ProjectModuleMissing: the project has no such file.
        ProjectFunctionMissing: the file has no such name.
    """
    module, _, function = reference.partition(":")
    path = project / f"{module}.py"
    if not path.is_file():
        raise ProjectModuleMissing(module, function, [path.stem for path in sorted(project.glob("*.py"))])
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return  # a run says where the mistake is
    names = list(_names(tree))
    if function not in names and "*" not in names:
        raise ProjectFunctionMissing(module, function, names)


def require_files(project: Path, files: list[str], command: list[str]) -> None:
    """Refuse files that a program reads, and programs among the arguments of a command, that do not exist.

    Raises:
        ProjectFileMissing: one does not.
    """
    programs = [
        argument
        for argument in command
        if argument.lower().endswith(PROGRAMS)
        and not Path(argument).is_absolute()
        and not argument.startswith("-")
    ]
    for name in programs:
        if not is_file_of(project, name):
            raise ProjectFileMissing(name)
    for name in files:
        if not (project / name).exists():
            raise ProjectFileMissing(name)


def _names(tree: ast.Module) -> Iterator[str]:
    """The names that a module may have: of functions, classes, variables and imports."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.alias(name=name, asname=alias):
                yield alias or name
