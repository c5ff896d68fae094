"""Every page of the site as Markdown with finished HTML inside, and every file beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from iterata.site import files
from iterata.site.code_host import CodeHost, Replacement, replaced
from iterata.site.place import Place
from iterata.site.portable.earlier import aliases
from iterata.site.portable.front_matter import front_matter
from iterata.site.portable.hosts import Links
from iterata.site.portable.inert import inert
from iterata.site.portable.links import resolved
from iterata.site.portable.prose import Converter
from iterata.site.sanitize import clean
from iterata.site.search_text import restore
from iterata.site.stylesheet import STYLESHEET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iterata.site.knowledge_site import FinishedPage, Site
    from iterata.site.portable.addresses import Addresses
    from iterata.site.portable.hosts import Host
    from iterata.site.source import Source

_PAGE_LINK = re.compile(r'(<a\b[^<>]*? href="[^":]*)\.md([#"])')
_DOWNLOAD = re.compile(r'(<a\b[^<>]*? href=")([^":?#]*\.\w+)(?=")')
_TITLE = re.compile(r"<h1\b[^>]*>.*?</h1>", re.DOTALL)


class RenderedPage(NamedTuple):
    """A page of the site."""

    path: str
    """Its path in the knowledge base."""
    finished: FinishedPage
    html: str
    """The whole page between the host's head and foot."""
    text: str
    """What is written for it."""


@dataclass
class Renderer:
    """Renders the pages of a knowledge base for one host.

    The images that notebooks contain are written below `folder`; all else is returned.
    """

    site: Site
    host: Host
    addresses: Addresses
    folder: Path
    code_host: CodeHost
    warnings: list[str] = field(default_factory=list)
    _converter: Converter = field(default_factory=Converter)
    _hidden: dict[str, Source] = field(default_factory=dict)
    """The files that links may name, but that are not published."""
    _shown: dict[str, str] = field(default_factory=dict)
    """The page of each notebook and export."""
    _aliases: dict[str, list[str]] = field(default_factory=dict)

    def place_all(self) -> Iterator[tuple[str, Path]]:
        """Find a place for every page and file; each file that is copied, by its path."""
        for source in self.site.sources:
            folder, publish = source.repository.projects_dir, source.base.settings.publish_code
            for file in files.mounted(source.root, folder, publish_code=publish):
                if not file.is_published:
                    self._hidden[file.path] = source
                elif file.path.lower().endswith(".md"):
                    self.addresses.add_page(file.path, is_beside_index=file.is_beside_index)
                else:
                    self.addresses.add_file(file.path)
                    yield file.path, source.root / file.path
        for path, _ in self.site.pages_without_files:
            if path not in self.addresses:
                self.addresses.add_page(path)
        for path in self.site.loaded:
            self.addresses.add_file(path)
        self._shown = dict(self.site.explored_pages())

    def pages(self) -> Iterator[RenderedPage]:
        """Every page of the knowledge base, in the order of their paths."""
        self._aliases = aliases(self.site, self.addresses)
        for path in sorted(self.addresses.pages):
            finished = self._finished(path)
            if finished is not None:
                html = restore(finished.html, finished.parts)
                yield RenderedPage(path, finished, html, self._text(path, finished, html))

    def twin(self, page: RenderedPage) -> str:
        """The HTML of a page with links as its plain Markdown has them."""
        if self.host.links is Links.FILE:
            return _PAGE_LINK.sub(r"\1.md.txt\2", page.html)
        return page.html

    def _finished(self, path: str) -> FinishedPage | None:
        destination = str(self.folder / self.addresses.destination(path))
        place = Place(path, self.addresses.link(path), destination)

        def address(target: str) -> str:
            return self.addresses.relative(target, path) or self._code_address(target)

        prose = self.site.prose(path)
        if prose is None:
            return self.site.finish(place, address)
        converted = self._converter.convert(path, prose, self.site.line_of)
        if converted.warning:
            self.warnings.append(converted.warning)
        html = self._linked(clean(converted.html, self.site.image_hosts(path)), path)
        return self.site.complete(html, converted.headings, place, address)

    def _linked(self, html: str, path: str) -> str:
        """The sanitized HTML of a page's prose with the addresses of the site."""

        def report(target: str) -> None:
            self.warnings.append(f"{path}: a link leads to {target}, which is not on the site")

        def address(target: str) -> str:
            if target in self._hidden:  # replaced below, with the text of the link
                return self.addresses.relative_to_site(target, path)
            return self.addresses.relative(target, path)

        def replacement(target: str) -> Replacement | None:
            if target not in self._hidden:
                return None
            shown = self.addresses.relative(self._shown.get(target, ""), path)
            return Replacement(shown or self._code_address(target))

        linked = resolved(html, path, address, report)
        return replaced(linked, self.addresses.link(path), replacement) if self._hidden else linked

    def _code_address(self, path: str) -> str:
        source = self._hidden.get(path)
        return self.code_host.address(source.root, path) if source else ""

    def _text(self, path: str, finished: FinishedPage, html: str) -> str:
        """What is written for a page: the front matter and one block of HTML."""
        shown = _TITLE.sub("", html, count=1) if self.host.prints_title else html
        if self.host.download:
            shown = _DOWNLOAD.sub(rf"\1{self.host.download}\2", shown)
        block = styled(shown, self.addresses.relative(STYLESHEET, path), self.host)
        return f"{front_matter(finished, self.host, self._aliases.get(path, ()))}\n{block}\n"


def styled(html: str, sheet: str, host: Host) -> str:
    """HTML with our stylesheet as a block that the host passes through."""
    block = inert(f'<div class="it-page">\n<link rel="stylesheet" href="{escape(sheet)}">\n{html}\n</div>')
    before, after = host.fence
    return "\n".join(filter(None, (before, block, after)))
