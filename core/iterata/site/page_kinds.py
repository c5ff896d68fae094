"""The pages that are generated from the knowledge base: a table of their kinds, each in its own module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.site import overviews
from iterata.site.front_pages import home, project_pages
from iterata.site.library import pages as library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from iterata.knowledge import Knowledge
    from iterata.site.pages import GeneratedPage

KINDS: tuple[Callable[[Knowledge, dict[str, Any]], Iterable[GeneratedPage]], ...] = (
    home.pages,
    library.pages,
    project_pages.projects,
    project_pages.iterations,
    overviews.surprises,
    overviews.reading_list,
    overviews.trace,
    overviews.tried,
    overviews.decisions,
    overviews.pace,
)
"""What generates each kind of page, from the knowledge base and the variables of every template."""


def generated_pages(knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """Every generated page, with the variables of every template."""
    for pages in KINDS:
        yield from pages(knowledge, shared)
