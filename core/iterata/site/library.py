"""The library of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.site.finding_facets import classes, facets
from iterata.site.pages import FINDINGS, GeneratedPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.knowledge import Knowledge


def pages(knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """The page of all findings."""
    context = {**shared, "facets": facets(knowledge.findings), "classes": classes}
    yield GeneratedPage(FINDINGS, "Findings", "findings.html.j2", context, in_nav=True)
