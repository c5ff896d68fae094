"""Placeholders that the host's search indexes instead of the generated HTML.

Search plugins parse every page with Python's HTML parser, which takes time for every tag, and a card has
hundreds. So the search gets only words and headings. The generated HTML replaces the placeholder later.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_INDEXED = re.compile(
    r"<!--unindexed-->.*?<!--/unindexed-->|<(style|svg|form|p(?= hidden))\b.*?</\1>", re.DOTALL
)
"""What is not searched for: templates mark parts that say what another page says, or where a page is."""
_TAG = re.compile(r"<(?!/?h[1-3]\b)[^>]*>")
_PLACEHOLDER = re.compile(r"<!--iterata (\w+)-->.*?<!--/iterata-->", re.DOTALL)

_FIGURES = re.compile(r"<table\b.*?</table>|<pre\b.*?</pre>", re.DOTALL)
"""Figures and code of prose: they are half of the words of a report, and nobody searches for them."""

_SECTION = re.compile(r"(?=<h[1-6]\b)")
_BLOCK_END = re.compile(r"</p>|</li>")

MOST_CHARACTERS = 5_000_000
"""About how many characters of all documents are indexed. The pages of findings come on top."""
LEAST_CHARACTERS = 1_000

_SETTINGS = re.compile(r"<dt\b.*?</dt>|<(dd|li|span|strong)\b[^<>]*>[^<.]{0,50}</\1>", re.DOTALL)
"""Labels and short values of front matter: no sentences, and most pages have the same."""


def characters_per_page(pages: int) -> int:
    """How much of each page is indexed: less if there are many, so that a browser can load the index."""
    return max(LEAST_CHARACTERS, MOST_CHARACTERS // max(pages, 1))


def words_of(content: str, most: int | None = None) -> str:
    """The content of a page without its figures and code, for the search.

    Args:
        content: the HTML of a page.
        most: about how many characters of it are kept: the beginning of each section. By default all.

    >>> words_of("<p>Before</p><table><tr><td>1.5</td></tr></table><p>after</p>")
    '<p>Before</p> <p>after</p>'
    >>> words_of("<p>One.</p><p>Two.</p><h2>Next</h2><p>Three.</p><p>Four.</p>", most=12)
    '<p>One.</p><h2>Next</h2><p>Three.</p>'
    """
    words = _FIGURES.sub(" ", content)
    if most is None or len(words) <= most:
        return words
    sections = _SECTION.split(words)
    return "".join(_beginning(section, most // len(sections)) for section in sections)


def _beginning(section: str, most: int) -> str:
    """The first blocks of a section, until there are enough characters."""
    end = _BLOCK_END.search(section, most)
    return section[: end.end()] if end else section


def placeholder(name: str, html: str) -> str:
    """The words and headings of some HTML, between marks that `restore` finds.

    >>> placeholder("card", '<p class="x">Who <em>reads</em></p>')
    '<!--iterata card--> Who reads <!--/iterata-->'
    """
    sentences = _SETTINGS.sub(" ", words_of(_NOT_INDEXED.sub("", html)))
    words = " ".join(_TAG.sub(" ", sentences).split())
    return f"<!--iterata {name}--> {words} <!--/iterata-->"


def restore(content: str, parts: Mapping[str, str]) -> str:
    """The content with the placeholders replaced. Prose contains none: its comments were removed."""
    return _PLACEHOLDER.sub(lambda match: parts[match[1]], content)
