"""A page for each project and each iteration, and the brief of each report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.site.pages import GeneratedPage
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.knowledge import Knowledge


def projects(knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """A page for each project."""
    for project in knowledge.projects:
        path, context = f"{project.path}/index.md", {**shared, "project": project}
        yield GeneratedPage(path, project.title, "project.html.j2", context, is_indexed=False)


def iterations(knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """A page for each iteration, and a brief of its report on one sheet of paper."""
    for project in knowledge.projects:
        for iteration in project.iterations:
            context = {**shared, "project": project, "iteration": iteration}
            title = iteration.title
            path = f"{iteration.path}/index.md"
            yield GeneratedPage(path, title, "iteration.html.j2", context, is_indexed=False)
            if iteration.document(Stage.REPORT):
                path = f"{iteration.path}/brief.md"
                yield GeneratedPage(path, f"Brief: {title}", "brief.html.j2", context, is_indexed=False)
