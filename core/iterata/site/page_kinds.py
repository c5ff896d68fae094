"""The pages that are generated from the knowledge base: a table of their kinds, each in its own module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.knowledge.days import unknown_day
from iterata.site import library, project_pages
from iterata.site.pages import shared_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from iterata.knowledge import Knowledge
    from iterata.knowledge.days import GitDay
    from iterata.site.pages import GeneratedPage

KINDS: tuple[Callable[[Knowledge, dict[str, Any]], Iterable[GeneratedPage]], ...] = (
    project_pages.board,
    library.pages,
    project_pages.projects,
    project_pages.iterations,
)
"""What generates each kind of page, from the knowledge base and the variables of every template."""


def generated_pages(
    knowledge: Knowledge, projects_dir: str, git_day: GitDay = unknown_day
) -> Iterator[GeneratedPage]:
    """Every generated page. `git_day` tells the day on which a document last changed."""
    shared = shared_context(knowledge, projects_dir, git_day)
    for pages in KINDS:
        yield from pages(knowledge, shared)
