"""The prose of projects is untrusted: its HTML is reduced to text, structure and safe links.

Python-Markdown passes raw HTML through, `attr_list` sets any attribute, and extensions add elements. So only
the finished HTML can be checked reliably. Ammonia (through nh3) parses it as browsers do and keeps an
allowlist.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import nh3

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs.structure.toc import AnchorLink

_TAGS = nh3.ALLOWED_TAGS - {"header", "footer", "nav", "article"} | {"input", "label", "section", "tfoot"}
"""Headings, text, lists, tables, figures; inputs and labels are for task lists and content tabs."""

_ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "*": {"class", "dir", "id", "lang", "role", "style", "title", "aria-hidden", "aria-label"},
    "a": {"href", "hreflang"},
    "details": {"open"},
    "img": {"alt", "height", "loading", "src", "width"},
    "input": {"checked", "disabled", "name"},
    "label": {"for"},
}

_THEME_IDS = re.compile(r"__(?!tabbed_\d|code|span)")
"""Ids with two leading underscores belong to the theme, whose scripts trust their content."""
_ID = re.compile(r"[\w.:-]+")
_NAMES = frozenset({"id", "for", "name"})


def _filter(_tag: str, attribute: str, value: str) -> str | None:
    if attribute in _NAMES and (_THEME_IDS.match(value) or not _ID.fullmatch(value)):
        return None
    return value


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    attribute_filter=_filter,
    filter_style_properties={"text-align"},  # Python-Markdown aligns table columns with it
    link_rel=None,
    tag_attribute_values={"input": {"type": {"checkbox", "radio"}}},
    url_schemes={"http", "https", "mailto"},
)
_TEXT = nh3.Cleaner(tags=set())


def clean(html: str) -> str:
    """The allowed part of the HTML, without comments."""
    return _CLEANER.clean(html)


def clean_contents(links: Iterable[AnchorLink]) -> list[AnchorLink]:
    """The entries of a table of contents as text, without entries whose id was removed from the page."""
    remaining = [link for link in links if _filter("h2", "id", link.id)]
    for link in remaining:
        link.title = _TEXT.clean(link.title)
        link.children = clean_contents(link.children)
    return remaining
