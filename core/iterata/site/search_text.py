"""Placeholders that the host's search indexes instead of the generated HTML.

Search plugins parse every page with Python's HTML parser, which takes time for every tag, and a card has
hundreds. So the search gets only words and headings. The generated HTML replaces the placeholder later.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NOT_INDEXED = re.compile(
    r"<!--unindexed-->.*?<!--/unindexed-->"
    r'|<(style|svg|form|nav|figure(?= class="it-f)|details(?= class="it-c)|p(?= hidden))\b.*?</\1>',
    re.DOTALL,
)
"""What nobody searches for: charts, commands, and what says where a page is or what another page says."""
_WITHOUT_WORDS = re.compile(r"<h([23])\b[^>]*>[^<]*</h\1>\s*(?=<h[1-3]\b|$)")
"""A generated heading whose section is not indexed: most pages have the same."""
_TAG = re.compile(r"<(?!/?h[1-6]\b)[^>]*>")
_HEADING = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1>")
_PLACEHOLDER = re.compile(r"<!--iterata (\w+)-->.*?<!--/iterata-->", re.DOTALL)

_FIGURES = re.compile(r"<table\b.*?</table>|<pre\b.*?</pre>", re.DOTALL)
"""Figures and code of prose: they are half of the words of a report, and nobody searches for them."""

_SECTION = re.compile(r"(?=<h[1-6]\b)")
_CUT_WORD = re.compile(r"\S{1,30}$")
"""The end of a text that was cut; not more of it, because some languages write no spaces."""

MOST_CHARACTERS = 4_000_000
"""About how many characters of all documents are indexed. The pages of findings come on top."""
LEAST_CHARACTERS = 500
LEAST_OF_SECTION = 300
"""A section with fewer words has no entry of its own: its address and title take about 130 characters."""

_SETTINGS = re.compile(r"<dt\b.*?</dt>|<(dd|li|span|strong)\b[^<>]*>[^<.]{0,50}</\1>", re.DOTALL)
"""Labels and short values of front matter: no sentences, and most pages have the same."""


def characters_per_page(pages: int) -> int:
    """How much of each page is indexed: less if there are many, so that a browser can load the index."""
    return max(LEAST_CHARACTERS, MOST_CHARACTERS // max(pages, 1))


def words_of(content: str, most: int | None = None) -> str:
    """The content of a page without its figures and code, for the search.

    Args:
        content: the HTML of a page.
        most: about how many characters of it are kept, by default all. Of a longer page these are the lead,
            and the headings and first words of its sections. If that is little for each section, the search
            finds all of it under the title of the page.

    >>> words_of("<p>Before</p><table><tr><td>1.5</td></tr></table><p>after</p>")
    '<p>Before</p> <p>after</p>'
    >>> words_of("<p>What it is about.</p><h2>Why</h2><p>This is the reason, at length.</p>", most=40)
    'What it is about. Why This is the'
    """
    words = _FIGURES.sub(" ", content)
    if most is None or len(words) <= most:
        return words
    lead, *sections = list(filter(None, map(_without_tags, _SECTION.split(words)))) or [""]
    if most // (1 + len(sections)) < LEAST_OF_SECTION:
        sections = [_HEADING.sub(r"\2", section) for section in sections]
    return " ".join(_beginnings([lead, *sections], most))


def _without_tags(html: str) -> str:
    """The words and headings."""
    return " ".join(_TAG.sub(" ", html).split())


def _beginnings(sections: list[str], most: int) -> Iterator[str]:
    """The lead, up to a half, and as much of each other section; what one leaves goes to the next."""
    for number, section in enumerate(sections):
        share = most // (len(sections) - number if number else 2)
        text = _beginning(section, share)
        most -= len(text)
        yield text


def _beginning(section: str, most: int) -> str:
    """The heading of a section, and whole words up to a number of characters."""
    if len(section) <= most:
        return section
    heading = _HEADING.match(section)
    start = heading.end() if heading else 0
    return section[:start] + _CUT_WORD.sub("", section[start : max(start, most)]).rstrip()


def placeholder(name: str, html: str) -> str:
    """The words and headings of some HTML, between marks that `restore` finds.

    A title without id is text for the search of Material, which would take that of the metadata as title. In
    it, apostrophes are escaped, so nobody finds what they type.

    >>> placeholder("card", '<h1>Habits</h1><p class="x">Who <em>reads</em></p>')
    '<!--iterata card--><h1 id="">Habits</h1> Who reads<!--/iterata-->'
    """
    sentences = _SETTINGS.sub(" ", words_of(_NOT_INDEXED.sub("", html)))
    words = _WITHOUT_WORDS.sub("", _without_tags(sentences)).replace("<h1>", '<h1 id="">').strip()
    return f"<!--iterata {name}-->{words}<!--/iterata-->"


def restore(content: str, parts: Mapping[str, str]) -> str:
    """The content with the placeholders replaced. Prose contains none: its comments were removed."""
    return _PLACEHOLDER.sub(lambda match: parts[match[1]], content)
