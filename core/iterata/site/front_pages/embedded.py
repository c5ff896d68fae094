"""The board as a part of a page by hand, such as the home page."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from iterata.site.render import contents, render
from iterata.site.search_text import placeholder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.site.pages import GeneratedPage
    from iterata.site.place import Heading, Url

MARK = re.compile(r"<!--\s*iterata:board\s*-->")
"""What stands in the Markdown for the board. A host without iterata shows nothing there."""


class Embedded(NamedTuple):
    """A page by hand with the board."""

    html: str
    """The page, with a placeholder for the board."""
    parts: Mapping[str, str]
    contents: tuple[Heading, ...]


def with_board(board: GeneratedPage, html: str, headings: tuple[Heading, ...], url: Url) -> Embedded | None:
    """The page with the board in place of the first mark; None without a mark."""
    if not MARK.search(html):
        return None
    part = render("board_part.html.j2", board.context, url)
    sections = contents(part)
    if headings and headings[0].level == 1:  # themes list what is below the title
        first = replace(headings[0], children=(*sections, *headings[0].children))
        headings = (first, *headings[1:])
    else:
        headings = (*sections, *headings)
    mark = placeholder("board", "")
    return Embedded(MARK.sub(lambda _: mark, html, count=1), {"board": part}, headings)
