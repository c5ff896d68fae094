"""The prose of projects is untrusted: its HTML is reduced to text, structure and safe links.

Python-Markdown passes raw HTML through, `attr_list` sets any attribute, and extensions add elements. So only
the finished HTML can be checked reliably. Ammonia (through nh3) parses it as browsers do and keeps an
allowlist.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape, unescape
from typing import TYPE_CHECKING

import nh3

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iterata.site.place import Heading

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

_CLASSES = re.compile(
    r"admonition(-title)?|note|abstract|summary|tldr|info|todo|tip|hint|important|success|check|done|question"
    r"|help|faq|warning|caution|attention|failure|fail|missing|danger|error|bug|example|quote|cite|inline|end"
    r"|highlight(table)?|codehilite|filename|linenos|linenodiv|code|hll|err|language-[\w+#-]+|[a-z]{1,2}\d?"
    r"|tabbed-\w+|task-list\w*|task-list-\w+|footnote\w*|footnote-\w+|headerlink|toc|toclink|abbr|arithmatex"
    r"|md-button(--primary)?|keys|key-[\w-]+|critic|annotate|grid|cards|del|ins|align-\w+|text-\w+"
)
"""Classes of prose: those of Markdown's extensions. A theme can act upon others: Material loads a script of
another host for `mermaid`, and shows `md-overlay` above the page."""

_IMAGE = re.compile(r'<img(?: [\w-]+="[^"]*")*>')
_ATTRIBUTE = re.compile(r' ([\w-]+)="([^"]*)"')
_IGNORED = re.compile(r"[\x00-\x20]")
"""Characters that browsers leave out of a URL, or cut off its ends."""
_OTHER_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?[/\\]{2,}(?:[^/\\?#]*@)?([^/\\?#:]*)|[a-z][a-z0-9+.-]*:", re.I
)


def _filter(_tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return " ".join(name for name in value.split() if _CLASSES.fullmatch(name)) or None
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


def clean(html: str, image_hosts: frozenset[str] = frozenset()) -> str:
    """The allowed part of the HTML, without comments.

    Args:
        html: the HTML of a page's prose.
        image_hosts: hosts whose images are shown; images of other hosts become links.
    """
    return _IMAGE.sub(lambda image: _shown(image[0], image_hosts), _CLEANER.clean(html))


def _shown(image: str, hosts: frozenset[str]) -> str:
    """An image; a link if it is on another host than those."""
    attributes = dict(_ATTRIBUTE.findall(image))
    source = attributes.get("src", "")
    elsewhere = _OTHER_HOST.match(_IGNORED.sub("", unescape(source)))
    if elsewhere is None or (elsewhere[1] or "").lower() in hosts:
        return image
    text = attributes.get("alt") or source
    return f'<a href="{source}">{escape(unescape(text), quote=False)}</a>'


def clean_contents(headings: Iterable[Heading]) -> tuple[Heading, ...]:
    """The entries of a table of contents as text, without entries whose id was removed from the page."""
    return tuple(
        replace(heading, title=_TEXT.clean(heading.title), children=clean_contents(heading.children))
        for heading in headings
        if _filter("h2", "id", heading.id)
    )
