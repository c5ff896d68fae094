"""Tables of prose: reachable and named where they scroll, in every theme.

Material's script puts tables without a class into a box that scrolls and that no key reaches. The built-in
themes have no box, so a wide table widens the page.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG = re.compile(r'<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)(?P<attributes>(?: [^\s"=<>]+="[^"]*")*) ?/?>')
"""A tag with its attributes. So a tag within the value of an attribute is never taken for one."""
_HEADING = re.compile(r"h[1-6]")
_PERMALINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
_EMPTY_HEAD = re.compile(r'<th((?: [^\s"=<>]+="[^"]*")*)></th>')
_CLASS = re.compile(r' class="([^"]*)"')

CLASS = "it-table"
"""The class of every table; tables that have one are left alone by themes."""


def scrollable(html: str) -> str:
    """Sanitized HTML whose tables stand in boxes that scroll, that keys reach, and that have a name.

    The name is the heading above. A table within a table gets no box of its own.
    """
    return "".join(_parts(html)) if "<table" in html else html


def _parts(html: str) -> Iterator[str]:
    depth = done = number = heading_from = 0
    heading = ""
    for tag in _TAG.finditer(html):
        if _HEADING.fullmatch(tag["name"]):
            heading = _text(html[heading_from : tag.start()]) if tag["end"] else ""
            heading_from = tag.end()
        if tag["name"] != "table":
            continue
        depth += -1 if tag["end"] else 1
        if tag["end"] and depth == 0:
            yield _EMPTY_HEAD.sub(r"<td\1></td>", html[done : tag.end()])
            yield "</div>"
            done = tag.end()
        elif depth == 1 and not tag["end"]:
            number += 1
            yield html[done : tag.start()]
            name = f"Table {number}: {heading}" if heading else f"Table {number}"
            yield f'<div class="it-scroll" tabindex="0" role="region" aria-label="{escape(name)}">'
            yield f"<table{_with_class(tag['attributes'])}>"
            done = tag.end()
    yield html[done:]


def _text(html: str) -> str:
    """The text of a heading."""
    return " ".join(unescape(_TAG.sub("", _PERMALINK.sub("", html))).split())


def _with_class(attributes: str) -> str:
    if (found := _CLASS.search(attributes)) is None:
        return f'{attributes} class="{CLASS}"'
    return attributes.replace(found[0], f' class="{CLASS} {found[1]}"', 1)
