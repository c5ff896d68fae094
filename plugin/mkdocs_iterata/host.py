"""Addresses and contents of pages, between the renderer and the host."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.toc import AnchorLink, TableOfContents
from mkdocs.utils import get_relative_url

from iterata.site.place import Heading, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File, Files

    from iterata.site.place import Url
    from mkdocs_iterata.code_links import CodeLinks


def place_of(file: File) -> Place:
    """Where the host has a page."""
    return Place(file.src_uri, file.url, file.abs_dest_path)


def links_from(page: File, files: Files, code_links: CodeLinks) -> Url:
    """A function from a path to its URL relative to `page`.

    Code that is not published has an address on the code host. Empty if the path has no address.
    """

    @cache  # it is slow, and a card has many links; a page that is not rendered again needs it not at all
    def top() -> str:
        return get_relative_url(".", page.url)

    def url(path: str) -> str:
        file = files.src_uris.get(path)
        if file is None:
            return ""
        return code_links.address(file) if file.inclusion.is_excluded() else f"{top()}/{file.url}"

    return url


def headings(links: Iterable[AnchorLink]) -> tuple[Heading, ...]:
    """The headings of the host's table of contents."""
    return tuple(Heading(link.title, link.id, link.level, headings(link.children)) for link in links)


def table_of_contents(entries: Iterable[Heading]) -> TableOfContents:
    """The host's table of contents of some headings."""
    return TableOfContents(list(map(_link, entries)))


def _link(heading: Heading) -> AnchorLink:
    link = AnchorLink(heading.title, heading.id, heading.level)
    link.children = list(map(_link, heading.children))
    return link


def theme_without_requests(config: MkDocsConfig) -> bool:
    """Turn off the highlighting of a built-in theme, unless mkdocs.yml asks for it; whether it was on.

    Its script and style come from another host, so each page would tell that host who reads it.
    """
    theme, file = config.theme, Path(config.config_file_path or "mkdocs.yml")
    if theme.name not in ("mkdocs", "readthedocs") or not theme.get("highlightjs"):
        return False
    if file.is_file() and "highlightjs" in file.read_text("utf-8", errors="replace"):
        return False
    theme["highlightjs"] = False
    return True
