"""SVG as images.

A browser runs the scripts of an SVG that it opens as a page or that is part of one, but not of an image. So
the file is never published, and never part of a page: it is in the address of an `<img>`, where it can
neither run a script nor load anything.
"""

from __future__ import annotations

import re
from base64 import b64encode
from html import escape, unescape
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from iterata.errors import IterataError
from iterata.repository.exploration.folder import ExploredFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.repository.tree import Tree

MOST_BYTES = 6_000_000
"""How many bytes of drawings one page contains."""

_IMAGE = re.compile(r'<img(?: [\w-]+="[^"]*")*>')
_SOURCE = re.compile(r' src="([^"]*)"')
_ALT = re.compile(r' alt="([^"]*)"')


class Drawings:
    """The drawings of one page, as addresses of images; a page contains only so many bytes of them."""

    def __init__(self) -> None:
        self._remaining = MOST_BYTES

    def address(self, content: bytes) -> str:
        """The address of an image; empty if the page has too many already."""
        self._remaining -= len(content)
        if self._remaining < 0:
            return ""
        return f"data:image/svg+xml;base64,{b64encode(content).decode()}"

    def address_of(self, file: ExploredFile) -> str:
        """The address of the drawing in a file; empty if it is not shown."""
        try:
            return "" if file.fault else self.address(file.read())
        except IterataError:
            return ""


def with_drawings(html: str, page_url: str, path_of: Callable[[str], tuple[Tree, str] | None]) -> str:
    """The sanitized HTML of a page, with the drawings that its images name.

    Args:
        html: the HTML.
        page_url: the address of the page, relative to the site.
        path_of: the tree and the path of the drawing at an address relative to the site; None for others.
    """
    drawings = Drawings()

    def shown(image: re.Match[str]) -> str:
        source = _SOURCE.search(image[0])
        path = urlsplit(unescape(source[1])).path if source else ""
        found = path_of(normpath(join(dirname(page_url), unquote(path)))) if path else None
        if source is None or found is None:
            return image[0]
        file = ExploredFile(*found, name=found[1])
        if address := drawings.address_of(file):
            return image[0].replace(source[0], f' src="{address}"')
        why = file.fault.message if file.fault else "the page has too many drawings"
        alt = _ALT.search(image[0])
        text = unescape(alt[1]) if alt and alt[1] else path
        return f'<span class="it-missing">{escape(text)} <small>({escape(why)})</small></span>'

    return _IMAGE.sub(shown, html) if ".svg" in html.lower() else html
