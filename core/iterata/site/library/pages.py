"""The pages of the library: its lists, and a page for each finding."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from iterata.site.library.addresses import FINDINGS
from iterata.site.library.cards import list_pages
from iterata.site.pages import GeneratedPage
from iterata.text import truncate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.knowledge import Knowledge
    from iterata.site.library.cards import Library, ListPage

LONGEST_TITLE = 120
"""The characters of a statement in the title of its page."""
LONGEST_HEADING = 240
"""The characters of a statement in the heading of its page."""
LONGEST_DESCRIPTION = 200


def pages(_knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """The list of all findings, of the findings with each tag, and a page for each finding."""
    library: Library = shared["library"]
    for page in list_pages(FINDINGS, library.listed(library.cards)):
        yield _list_page(page, "Findings", "findings.html.j2", shared)
    for tag, cards in library.by_tag.items():
        context = {"findings_page": FINDINGS, "tag": tag, "total": len(cards)}
        for page in list_pages(library.tag_paths[tag], library.listed(cards)):
            yield replace(
                _list_page(page, f"Findings: {tag}", "tag.html.j2", context), has_plain_context=True
            )
    for card in library.cards:
        statement = card.finding.statement
        yield GeneratedPage(
            card.path,
            truncate(" ".join(statement.split()), LONGEST_TITLE),
            "finding.html.j2",
            {**shared, "card": card},
            tags=card.finding.tags,
            description=truncate(f"{card.finding.kind}: {' '.join(statement.split())}", LONGEST_DESCRIPTION),
        )


def _list_page(page: ListPage, title: str, template: str, context: dict[str, Any]) -> GeneratedPage:
    name = title if page.number == 1 else f"{title}, page {page.number}"
    return GeneratedPage(
        page.path,
        truncate(name, LONGEST_TITLE),
        template,
        {**context, "page": page},
        in_nav=page.path == FINDINGS,
        is_indexed=False,
    )
