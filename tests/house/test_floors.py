"""The floors of core/iterata: a room imports from the floors below it, and from no other."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FLOORS = (
    {"review", "actions", "site"},
    {"rules", "lift", "experiment", "monitoring", "rollout", "knowledge"},
    {"data", "lifecycle", "render", "kpi"},
    {"repository", "measure"},
    {"results"},
    {"documents"},
    {"execution", "expressions"},
    {"errors"},
    {"problems", "stages", "text", "arrays"},
)
"""From the roof to the ground. Rooms on one floor do not import each other."""

MOST_ROOMS = 24
"""The most rooms of core; a reader must be able to remember them."""


class Import(NamedTuple):
    """One import statement of a module, at its top, in a function or for types only."""

    module: str
    imported: str
    place: str

    @property
    def rooms(self) -> tuple[str, str]:
        """The room that imports, and the one it imports from."""
        return self.module.split(".")[1], self.imported.split(".")[1]


@pytest.fixture(scope="module")
def modules(root: Path) -> dict[str, Path]:
    """Every module of core by its dotted name."""
    core = root / "core"
    names = {
        path.relative_to(core).with_suffix("").as_posix().replace("/", "."): path
        for path in (core / "iterata").rglob("*.py")
    }
    return {name.removesuffix(".__init__"): path for name, path in names.items()}


@pytest.fixture(scope="module")
def inner_imports(modules: dict[str, Path]) -> list[Import]:
    """Every import of a module of core by another."""
    return [statement for module, path in modules.items() for statement in _imports(module, path, modules)]


def _imports(module: str, path: Path, modules: dict[str, Path]) -> Iterator[Import]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        for name in node.names:
            full = f"{node.module}.{name.name}"
            imported = full if full in modules else node.module
            if imported in modules and imported not in {"iterata", module}:
                yield Import(module, imported, f"{path.name}:{node.lineno}")


def test_every_room_has_a_floor(modules: dict[str, Path]) -> None:
    rooms = {name.split(".")[1] for name in modules if name != "iterata"}
    assert rooms == set().union(*FLOORS)
    assert len(rooms) <= MOST_ROOMS


def test_no_room_imports_upward(inner_imports: list[Import]) -> None:
    floor_of = {room: floor for floor, rooms in enumerate(reversed(FLOORS)) for room in rooms}
    assert inner_imports
    between_rooms = [statement for statement in inner_imports if len(set(statement.rooms)) > 1]
    upward = [
        statement
        for statement in between_rooms
        if floor_of[statement.rooms[0]] <= floor_of[statement.rooms[1]]
    ]
    assert not upward


def test_no_modules_import_each_other_in_a_circle(inner_imports: list[Import]) -> None:
    graph: dict[str, set[str]] = {}
    for statement in inner_imports:
        graph.setdefault(statement.module, set()).add(statement.imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"an import circle: {' -> '.join(error.args[1])}")
