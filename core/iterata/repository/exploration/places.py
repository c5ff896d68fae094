"""Where a knowledge base has explorations: beside the documents of a project and of its iterations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.repository.exploration import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.repository.exploration.folder import Exploration
    from iterata.repository.projects import IterationFolder, Project
    from iterata.repository.tree import Tree


def of_iteration(folder: IterationFolder) -> Exploration | None:
    """The exploration beside an iteration's documents; None if there is none."""
    return _read(folder.project.repository.tree, folder.path) if FOLDER in folder.files else None


def of_project(project: Project) -> Exploration | None:
    """The exploration beside a project's requirements; None if there is none."""
    entries = project.repository.entries(project.path)
    has_one = any(entry.name == FOLDER and entry.is_dir for entry in entries)
    return _read(project.repository.tree, project.path) if has_one else None


def explorations(project: Project) -> Iterator[Exploration]:
    """All explorations of a project."""
    found = (of_project(project), *map(of_iteration, project.iterations))
    return (exploration for exploration in found if exploration is not None)


def _read(tree: Tree, parent: str) -> Exploration:
    from iterata.repository.exploration.folder import Exploration  # noqa: PLC0415  # only if there is one

    return Exploration(tree, parent)
