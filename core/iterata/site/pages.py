"""The pages that are generated from the knowledge base, and their paths."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from iterata.site.finding_facets import classes, facets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.knowledge import Knowledge

FINDINGS = "findings.md"


@dataclass(frozen=True, slots=True)
class GeneratedPage:
    """A page of the site without a file."""

    path: str
    """Its virtual path, relative to the docs folder."""
    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    in_nav: bool = False
    """Whether it may be in the navigation. Only pages whose number does not grow may be."""


def board_path(projects_dir: str) -> str:
    """The path of the board."""
    return f"{projects_dir}/index.md"


def shared_context(knowledge: Knowledge, projects_dir: str) -> dict[str, Any]:
    """The variables of every template."""
    return {"knowledge": knowledge, "board": board_path(projects_dir), "findings_page": FINDINGS}


def generated_pages(knowledge: Knowledge, projects_dir: str) -> Iterator[GeneratedPage]:
    """Every generated page: the board, the findings, and one for each project and each iteration."""
    shared = shared_context(knowledge, projects_dir)
    yield GeneratedPage(board_path(projects_dir), "Board", "board.html.j2", shared, in_nav=True)
    library = {**shared, "facets": facets(knowledge.findings), "classes": classes}
    yield GeneratedPage(FINDINGS, "Findings", "findings.html.j2", library, in_nav=True)
    for project in knowledge.projects:
        context = {**shared, "project": project}
        yield GeneratedPage(f"{project.path}/index.md", project.title, "project.html.j2", context)
        for iteration in project.iterations:
            within = {**context, "iteration": iteration}
            title = f"{iteration.name}: {iteration.title}"
            yield GeneratedPage(f"{iteration.path}/index.md", title, "iteration.html.j2", within)
