"""The pages of each project and each iteration, and the brief of each report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from iterata.site.pages import GeneratedPage
from iterata.site.paging import MOST_ENTRIES
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.knowledge import IterationView, Knowledge, ProjectView


class Listed(NamedTuple):
    """The iterations of one page of a project."""

    iterations: tuple[IterationView, ...]
    """In order."""
    pages: tuple[str, ...]
    """The paths of all pages with iterations, that with the newest first."""
    here: int
    """The number of this page, from 1."""


def projects(knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """A page for each project, and further pages for its earlier iterations if there are many."""
    for project in knowledge.projects:
        for listed in _listed(project):
            path, title, template = listed.pages[listed.here - 1], project.title, "project.html.j2"
            if listed.here > 1:
                title, template = f"{title}, iterations, page {listed.here}", "iterations.html.j2"
            context = {**shared, "project": project, "portion": listed}
            yield GeneratedPage(path, title, template, context, is_indexed=False)


def _listed(project: ProjectView) -> Iterator[Listed]:
    """The iterations by page: the newest on the project's own."""
    ends = range(len(project.iterations), 0, -MOST_ENTRIES) or (0,)
    further = (f"{project.path}/iterations-{number}.md" for number in range(2, len(ends) + 1))
    paths = (f"{project.path}/index.md", *further)
    for number, end in enumerate(ends, 1):
        yield Listed(project.iterations[max(end - MOST_ENTRIES, 0) : end], paths, number)


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
