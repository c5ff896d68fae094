"""The data of the search in the library: a script that sets a global, so that it also works from a file."""

from __future__ import annotations

import json
import re
from collections import Counter
from importlib.resources import files as resources
from typing import TYPE_CHECKING, NamedTuple

from iterata.site.facts import label
from iterata.site.stylesheet import STYLESHEET
from iterata.site.tones import tone_of
from iterata.text import truncate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from iterata.site.library.cards import Card, Library
    from iterata.site.place import Url

DATA = "assets/findings-data.js"
SCRIPT = "assets/library.js"
_SCRIPTS = ("find.js", "library.js")
"""The parts of the script, in this order."""
LOADED = (STYLESHEET, SCRIPT, DATA)
"""The files that pages load."""

LONGEST_STATEMENT = 300
"""The characters of a statement in a list; its page has all of them."""
LONGEST_OPTION = 60
"""The characters of an option of a filter."""

_UNSAFE = re.compile("[<>&\\u2028\\u2029\\ud800-\\udfff]")
"""What could end a script or a line of it, and halves of characters, which no file can have."""


class Facet(NamedTuple):
    """A property that findings are filtered by."""

    name: str
    """As in the address of a filtered view."""
    title: str
    values: Callable[[Card], Iterable[str]]
    has_many: bool = False
    """Whether a finding may have several values; then it must have all that are chosen."""
    shown: Callable[[str], str] = str
    """A value as a reader sees it."""


def _words(value: str) -> str:
    return label(value, capital=False)


def _one(value: object) -> tuple[str, ...]:
    return (str(value),) if value else ()


FACETS = (
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


def library_script() -> str:
    """The script that searches, as a block: a host may run it again in the same document."""
    folder = resources("iterata.site").joinpath("assets")
    parts = "\n".join(folder.joinpath(name).read_text("utf-8") for name in _SCRIPTS)
    return f"{{\n{parts}\n}}\n"


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
    data = {
        "facets": [_facet(facet, cards, library, address) for facet in FACETS],
        "places": [_place(card, address) for card in {card.place: card for card in cards}.values()],
        "rows": [_row(card, places[card.place], address) for card in cards],
        "moved": {anchor: numbers[id(card)] for anchor, card in moved.items()},
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"window.iterataFindings={_UNSAFE.sub(_escaped, text)};\n"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _place(card: Card, address: Url) -> list[str]:
    iteration = card.iteration.name if card.iteration else ""
    return [truncate(card.project.title, LONGEST_OPTION), iteration, address(card.place)]


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


def _facet(facet: Facet, cards: Sequence[Card], library: Library, address: Url) -> dict[str, object]:
    values = [tuple(facet.values(card)) for card in cards]
    counts = Counter(value for entry in values for value in entry)
    newest_first = facet.name == "year"
    options = (
        sorted(counts, reverse=True) if newest_first else sorted(counts, key=lambda it: (-counts[it], it))
    )
    numbers = {value: number for number, value in enumerate(options)}
    pages = library.tag_paths if facet.name == "tag" else {}
    names = _labels(facet, options, cards)
    return {
        "name": facet.name,
        "title": facet.title,
        "many": facet.has_many,
        "options": [
            [value, names[value], tone_of(value), *([address(pages[value])] if value in pages else [])]
            for value in options
        ],
        "of": [[numbers[value] for value in entry] for entry in values],
    }


def _labels(facet: Facet, options: Sequence[str], cards: Sequence[Card]) -> Mapping[str, str]:
    """What a reader sees of each option; two that would look the same have their value beside it."""
    titles = {card.finding.project: card.project.title for card in cards} if facet.name == "project" else {}
    shown = {value: truncate(titles.get(value) or facet.shown(value), LONGEST_OPTION) for value in options}
    used = Counter(shown.values())
    return {value: text if used[text] == 1 else f"{text} · {value}" for value, text in shown.items()}
