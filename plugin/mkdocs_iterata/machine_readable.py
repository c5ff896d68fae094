"""What programs read of a site, as files of the host: records, feeds, and pages as plain Markdown."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url

from iterata.site.feeds.entries import About
from iterata.site.feeds.llms import llms_txt
from iterata.site.feeds.machine_files import machine_files
from iterata.site.feeds.markdown_page import markdown
from iterata.site.feeds.syndication import FEEDS
from iterata.site.page_cache import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

    from iterata.site.knowledge_site import Site
    from iterata.site.page_cache import PageCache

MARKDOWN = 2
"""The version of what `markdown` writes, for the cache."""


def add_machine_files(site: Site, files: Files, config: MkDocsConfig) -> tuple[str, ...]:
    """Add the files, unless the team has one of the same name; what a reader of the build should know."""

    def page(path: str) -> File | None:
        file = files.get_file_from_path(path)
        return None if file is None or file.inclusion.is_excluded() else file

    def address(path: str) -> str | None:
        file = page(path)
        return file.url if file else None

    def twin(path: str) -> str | None:
        file = page(path)
        return quote(_twin(Path(file.dest_uri)).as_posix()) if file else None

    about = About(config.site_name, config.site_description or "", config.site_url or "", address)
    made = machine_files(site, about)
    for path, content in {**made.content, "llms.txt": llms_txt(site, about, twin)}.items():
        if path not in files.src_uris:
            files.append(File.generated(config, path, content=content))
    return made.notes


def write_twin(file: File, html: str, cache: PageCache) -> None:
    """Write a page as plain Markdown beside its HTML."""
    key = digest(["markdown", str(MARKDOWN), html])
    text = cache.get(key)
    if text is None:
        text = markdown(html)
        cache.put(key, text)
    path = _twin(Path(file.abs_dest_path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def with_discovery(output: str, page: File, config: MkDocsConfig) -> str:
    """The HTML of a page with links to the feeds, which programs look for in its head."""
    links = "".join(_links(page, escape(config.site_name)))
    return output.replace("</head>", f"{links}</head>", 1)


def _links(page: File, name: str) -> Iterator[str]:
    for path, (media_type, _) in FEEDS.items():
        address = escape(get_relative_url(path, page.url))
        yield f'<link rel="alternate" type="{media_type}" title="{name}" href="{address}">\n'


def _twin(destination: Path) -> Path:
    return destination.with_suffix(".md")
