"""The links of a document's prose, from paths in the repository to addresses of the site."""

from __future__ import annotations

import re
from html import escape, unescape
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

_TAG = re.compile(r'<(?:a|img)(?: [\w-]+="[^"]*")*>')
_TARGET = re.compile(r' (href|src)="([^"]*)"')


def resolved(html: str, page: str, address_of: Callable[[str], str], report: Callable[[str], None]) -> str:
    """The sanitized HTML of a page with its relative links as addresses.

    Args:
        html: the HTML.
        page: the path of the page.
        address_of: the address of the page or the file at a path, relative to the page; empty if it has none.
        report: is told each path that has none.
    """

    def replace(match: re.Match[str]) -> str:
        target = unescape(match[2])
        try:
            parts = urlsplit(target)
        except ValueError:
            return match[0]
        if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
            return match[0]
        path = normpath(join(dirname(page), unquote(parts.path)))
        address = address_of(path) or address_of(f"{path}/index.md")
        if not address:
            report(path)
            return match[0]
        query = f"?{parts.query}" if parts.query else ""
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        return f' {match[1]}="{escape(address + query + fragment)}"'

    return _TAG.sub(lambda tag: _TARGET.sub(replace, tag[0]), html)
