"""The board, and a page for each project and each iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.site.pages import GeneratedPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.knowledge import Knowledge


def board(_knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """The board."""
    yield GeneratedPage(shared["board"], "Board", "board.html.j2", shared, in_nav=True, is_indexed=False)


def projects(knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """A page for each project."""
    for project in knowledge.projects:
        context = {**shared, "project": project}
        path = f"{project.path}/index.md"
        yield GeneratedPage(path, project.title, "project.html.j2", context, is_indexed=False)


def iterations(knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """A page for each iteration."""
    for project in knowledge.projects:
        for iteration in project.iterations:
            context = {**shared, "project": project, "iteration": iteration}
            title = f"{iteration.name}: {iteration.title}"
            path = f"{iteration.path}/index.md"
            yield GeneratedPage(path, title, "iteration.html.j2", context, is_indexed=False)
