"""The data of the search in the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.site.facts import label
from iterata.site.library.cards import LONGEST_STATEMENT
from iterata.site.search_data import LONGEST_OPTION, Facet, script_of
from iterata.text import truncate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.site.library.cards import Card, Library
    from iterata.site.place import Url

DATA = "assets/findings-data.js"


def _words(value: str) -> str:
    return label(value, capital=False)


def _one(value: object) -> tuple[str, ...]:
    return (str(value),) if value else ()


FACETS: tuple[Facet[Card], ...] = (
    Facet("project", "Project", lambda card: (card.finding.project,)),
    Facet("base", "Knowledge base", lambda card: (card.project.knowledge_base or "this one",)),
    Facet("tag", "Tag", lambda card: dict.fromkeys(card.finding.tags), has_many=True),
    Facet("kind", "Kind", lambda card: (str(card.finding.kind),), shown=_words),
    Facet("verdict", "Verdict", lambda card: _one(card.finding.verdict), shown=_words),
    Facet("status", "Status", lambda card: (str(card.state.status),), shown=_words),
    Facet("year", "Year", lambda card: _one((card.record.day or "")[:4])),
    Facet("kpi", "KPI", lambda card: _one(card.finding.kpi_kind), shown=_words),
    Facet("algorithm", "Algorithm", lambda card: card.record.algorithms, has_many=True),
    Facet("data", "Data set", lambda card: card.record.data_sets, has_many=True),
)


def library_data(library: Library, moved: Mapping[str, Card], address: Url) -> str:
    """The script with all findings. `address` tells where the site has a page, from its top.

    Args:
        library: the findings.
        moved: findings by an anchor that they had before their folder was renamed.
        address: the address of the page at a path, relative to the top of the site.
    """
    cards = library.cards
    numbers = {id(card): number for number, card in enumerate(cards)}
    places = {card.place: number for number, card in enumerate({card.place: card for card in cards}.values())}
    titles = {card.finding.project: card.project.title for card in cards}
    tags = {tag: address(path) for tag, path in library.tag_paths.items()}
    data = {
        "facets": [
            facet.data(
                cards,
                titles=titles if facet.name == "project" else None,
                addresses=tags if facet.name == "tag" else None,
            )
            for facet in FACETS
        ],
        "places": [_place(card, address) for card in {card.place: card for card in cards}.values()],
        "rows": [_row(card, places[card.place], address) for card in cards],
        "moved": {anchor: numbers[id(card)] for anchor, card in moved.items()},
    }
    return script_of("iterataFindings", data)


def _place(card: Card, address: Url) -> list[str]:
    iteration = card.iteration.name if card.iteration else ""
    return [truncate(card.project.title, LONGEST_OPTION), iteration, address(card.place), card.unit]


def _row(card: Card, place: int, address: Url) -> list[object]:
    """A finding, in the order that the script reads."""
    record, surprise = card.record, card.surprise
    return [
        record.key,
        truncate(record.statement, LONGEST_STATEMENT),
        address(card.path),
        place,
        record.day or "",
        card.effect,
        int(record.provisional),
        card.state.use.total,
        round(abs(surprise.z), 2) if surprise else -1,
    ]
