"""Only the room `execution` runs other people's code: it alone imports by name and starts programs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STARTS_PROGRAMS = {"subprocess.run", "subprocess.Popen", "subprocess.check_output", "os.system", "os.popen"}
OWN_MODULES_ONLY = {"core/iterata/measure/metrics.py"}
"""Modules that import modules of iterata by a name in a variable, to import them late."""

IMPORTS = {"import_module", "importlib.import_module", "__import__", "exec", "eval", "runpy.run_path"}


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a module, by the dotted name of what is called."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def core_modules(root: Path) -> list[Path]:
    """The modules of core outside the room `execution`."""
    core = root / "core/iterata"
    return [path for path in core.rglob("*.py") if not path.is_relative_to(core / "execution")]


def test_only_git_is_started_outside_of_execution(root: Path) -> None:
    starting = {
        path.relative_to(root).as_posix()
        for path in core_modules(root)
        for name, _ in calls(path)
        if name in STARTS_PROGRAMS
    }
    assert starting == {"core/iterata/repository/git_process.py"}


def test_only_modules_of_iterata_are_imported_by_name_outside_of_execution(root: Path) -> None:
    foreign = [
        f"{path.relative_to(root).as_posix()}:{call.lineno}"
        for path in core_modules(root)
        for name, call in calls(path)
        if path.relative_to(root).as_posix() not in OWN_MODULES_ONLY
        and name in IMPORTS
        and not ast.unparse(call.args[0]).lstrip("f").strip("'\"").startswith("iterata.")
    ]
    assert not foreign
