"""The files that are written for pages, and the addresses that a host gives them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from posixpath import relpath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from iterata.errors import IterataError
from iterata.site.portable.hosts import Links

if TYPE_CHECKING:
    from iterata.site.portable.hosts import Host

_UNUSUAL = re.compile(r"[^\w./-]+")


class PagePlace(NamedTuple):
    """Where a page is."""

    file: str
    """What is written for it, relative to the folder of the site."""
    url: str
    """Its address, relative to the site; not quoted."""


@dataclass
class Addresses:
    """Where each page and file of the site is."""

    host: Host
    has_folders: bool
    """Whether `report.md` is at `report/`; else it is at `report.html`."""
    _files: dict[str, str] = field(default_factory=dict)
    """The file that is written, by the path of the page or the file in the knowledge base."""
    _urls: dict[str, str] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)
    """The paths of the pages."""

    def add_page(self, path: str, *, is_beside_index: bool = False) -> None:
        """Find a place for a page.

        Raises:
            IterataError: another page has it.
        """
        self._add(path, *self.place_of(path, is_beside_index=is_beside_index))
        self.pages.append(path)

    def place_of(self, path: str, *, is_beside_index: bool = False) -> PagePlace:
        """The place that a page of this path has, if there is one."""
        folder, name = _split(self._name(path))
        stem = name.removesuffix(".md").removesuffix(".MD")
        if is_beside_index:  # hosts take a README for the page of its folder, which another page is
            folder, stem = f"{folder}{stem.lower()}/", "index"
        if stem in {"index", "README", "readme"}:
            url = folder if self.has_folders else f"{folder}index.html"
            return PagePlace(f"{folder}{self.host.index_name}", url)
        url = f"{folder}{stem}/" if self.has_folders else f"{folder}{stem}.html"
        return PagePlace(f"{folder}{stem}.md", url)

    def add_file(self, path: str) -> None:
        """Find a place for another file, which hosts copy.

        Raises:
            IterataError: another file has it.
        """
        self._add(path, self._name(path), self._name(path))

    def _name(self, path: str) -> str:
        return path if self.host.keeps_names else _UNUSUAL.sub("-", path).lower()

    def _add(self, path: str, file: str, url: str) -> None:
        if (other := self._owners.setdefault(file.casefold(), path)) != path:
            message = f"{self.host.title} gives it the same address as {other}"
            raise IterataError(message, remedy="rename one of them", where=path)
        self._files[path], self._urls[path] = file, url

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def file(self, path: str) -> str:
        """The file that is written for a page or a file, relative to the folder of the site."""
        return self._files[path]

    def url(self, path: str) -> str:
        """The address of a page or a file, relative to the site; not quoted."""
        return self._urls[path]

    def quoted(self, path: str) -> str:
        """The address of a page or a file, relative to the site, as scripts use it; empty if it has none."""
        return quote(self._urls[path]) if path in self._urls else ""

    def destination(self, path: str) -> str:
        """The HTML file of a page, as far as links from the page are concerned."""
        return html_file(self.link(path))

    def twin(self, path: str) -> str:
        """The file of a page as plain Markdown; not `.md`, which a host would take for a page."""
        file = self._files[path] if self.host.links is Links.FILE else self.destination(path)
        return f"{file.removesuffix('.html').removesuffix('.md')}.md.txt"

    def link(self, path: str) -> str:
        """What links from other pages name, relative to the site: the file of a page, or its address."""
        return self.link_at(PagePlace(self._files[path], self._urls[path]))

    def link_at(self, place: PagePlace) -> str:
        """What links from other pages name for a page at a place."""
        return place.file if self.host.links is Links.FILE else place.url

    def relative(self, path: str, page: str) -> str:
        """What a link from a page to another page or file names; quoted. Empty if that has no address."""
        return self.relative_from(self.link(page), path)

    def relative_from(self, link: str, path: str) -> str:
        """The same on a page that links name `link`."""
        return relative_url(self.link(path), link) if path in self._files else ""

    def relative_to_site(self, path: str, page: str) -> str:
        """The same for a file that is not on the site, at the place that it would have."""
        return relative_url(path, self.link(page))


def html_file(url: str) -> str:
    """The file that a program writes for an address."""
    return f"{url}index.html" if not url or url.endswith("/") else url


def relative_url(url: str, page_url: str) -> str:
    """An address relative to that of a page, both relative to the site; quoted.

    >>> relative_url("projects/churn/", "findings/"), relative_url("x.png", "a/")
    ('../projects/churn/', '../x.png')
    """
    start = page_url.rpartition("/")[0] or "."
    found = relpath(url or ".", start)
    is_folder = not url or url.endswith("/")
    return quote(f"{found}/" if is_folder else found)


def _split(path: str) -> tuple[str, str]:
    """The folder of a path with a slash at its end, and the name."""
    pure = PurePosixPath(path)
    folder = pure.parent.as_posix()
    return ("" if folder == "." else f"{folder}/"), pure.name
