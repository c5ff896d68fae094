"""A hook of MkDocs: give every page the HTML that was written down for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.toc import AnchorLink, TableOfContents

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

pages: dict[str, Any] = {}


def on_config(config: MkDocsConfig) -> None:
    """Read what was written down."""
    pages.update(json.loads((Path(config.docs_dir).parent / "pages.json").read_text("utf-8")))


def on_page_content(html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Hand the page over."""
    recorded = pages[page.file.src_uri]
    page.meta["title"] = recorded["title"]
    page.toc = TableOfContents(_links(recorded["toc"]))
    page.present_anchor_ids = set(recorded["ids"])
    return str(recorded["html"])


def _links(plain: list[Any]) -> list[AnchorLink]:
    links = []
    for title, identifier, level, children in plain:
        link = AnchorLink(title, identifier, level)
        link.children = _links(children)
        links.append(link)
    return links
