"""A hook of MkDocs: write down the Markdown and the finished HTML of every page into the folder `RECORD`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.plugins import event_priority

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page
    from mkdocs.structure.toc import AnchorLink
    from mkdocs.utils.templates import TemplateContext

FOLDER = Path(os.environ["RECORD"])
LAST = -1000

pages: dict[str, Any] = {}


@event_priority(LAST)
def on_files(files: Files, *, config: MkDocsConfig) -> None:
    """Keep every file of the site as one of a docs folder."""
    for file in files:
        place = FOLDER / "docs" / file.src_uri
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.content_bytes)


@event_priority(LAST)
def on_page_context(context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation) -> None:
    """Keep what the page has become."""
    pages[page.file.src_uri] = {
        "html": page.content,
        "title": page.title,
        "toc": _plain(page.toc),
        "ids": sorted(page.present_anchor_ids or ()),
    }


def on_post_build(*, config: MkDocsConfig) -> None:
    """Write it all down."""
    (FOLDER / "pages.json").write_text(json.dumps(pages), "utf-8")


def _plain(links: Iterable[AnchorLink]) -> list[Any]:
    return [(link.title, link.id, link.level, _plain(link.children)) for link in links]
