"""Pages of a build that are taken from earlier builds, if nothing that they depend on changed."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from iterata.repository.exploration.kinds import FileKind
from iterata.site.latest import Latest
from iterata.site.page_cache import digest, pack, unpack
from iterata.site.page_digests import PageDigests
from iterata.site.place import Heading
from iterata.site.search_text import restore

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.site.knowledge_site import FinishedPage, Site
    from iterata.site.page_cache import PageCache
    from iterata.site.place import Place, Url


class ShownPage(NamedTuple):
    """A finished page, as the host needs it until its placeholders are replaced."""

    html: str
    """The prose, with placeholders for the generated parts."""
    meta: dict[str, object]
    """What hosts read in the front matter of a page."""
    contents: tuple[Heading, ...]
    ids: frozenset[str]
    """The ids of the generated parts."""
    parts: bytes
    """The generated parts, packed: those of thousands of pages take more memory than everything else.

    A page keeps them from the moment that it is found or rendered: the cache may have lost them when the page
    is written, because another build removed them.
    """


class CachedSite:
    """Finishes pages as `Site` does, and remembers them."""

    def __init__(self, site: Site, cache: PageCache, latest: Latest | None = None) -> None:
        self._site = site
        self._cache = cache
        self._latest = latest or Latest(0)
        self._digests = PageDigests(site, cache, self._latest)
        self._parts: dict[str, bytes] = {}
        self.addresses = ""
        """A digest of the addresses of all files: links are looked up again only if it changed."""

    def packed_parts(self, path: str) -> bytes:
        """The generated parts of a page that was finished, see `restore_packed`; empty if it has none."""
        return self._parts.get(path, b"")

    def _keep(self, path: str, page: ShownPage | None) -> ShownPage | None:
        if page and page.parts:
            self._parts[path] = page.parts
        return page

    def finish(self, place: Place, url: Url) -> ShownPage | None:
        """A page without a file; see `Site.finish`."""
        if not self._cache.is_open or self._writes_files(place.path):
            return self._keep(place.path, _shown(self._site.finish(place, url)))
        return self._cached((), place, url, lambda recorded: self._site.finish(place, recorded))

    def complete(self, html: str, headings: tuple[Heading, ...], place: Place, url: Url) -> ShownPage | None:
        """A page with prose; see `Site.complete`."""
        if not self._cache.is_open or ".svg" in html.lower():  # drawings become part of the page
            return self._keep(place.path, _shown(self._site.complete(html, headings, place, url)))
        prose = (html, json.dumps(list(map(_entry, headings))))
        return self._cached(
            prose, place, url, lambda recorded: self._site.complete(html, headings, place, recorded)
        )

    def _writes_files(self, path: str) -> bool:
        """Whether a page writes files beside it, which must exist after every build."""
        return self._site.kind_of_explored(path) is FileKind.NOTEBOOK

    def _cached(
        self, prose: tuple[str, ...], place: Place, url: Url, finish: Callable[[Url], FinishedPage | None]
    ) -> ShownPage | None:
        about = self._digests.of(place.path)
        inputs = (self._digests.renderer, place.path, place.url, about, *prose)
        page: ShownPage | None = self._latest.get("page", place.path, (self.addresses, *inputs))
        if page is None:
            page = self._found(inputs, url) or self._rendered(inputs, url, finish)
            self._latest.put("page", place.path, (self.addresses, *inputs), page)
        return self._keep(place.path, page)

    def _found(self, inputs: tuple[str, ...], url: Url) -> ShownPage | None:
        """The page of an earlier build, if all files that it links to still have the same addresses."""
        key = digest(["page", *inputs])
        stored = self._cache.get(key)
        if stored is None:
            return None
        addresses, asked, page = stored
        if addresses != self.addresses and any(url(path) != address for path, address in asked.items()):
            return None
        parts = self._cache.packed(_key_of_parts(key)) if page["parts"] is not None else b""
        return None if parts is None or page["parts"] != _check_sum(parts) else _restored(page, parts)

    def _rendered(
        self, inputs: tuple[str, ...], url: Url, finish: Callable[[Url], FinishedPage | None]
    ) -> ShownPage | None:
        recorded: dict[str, str] = {}

        def recording(path: str) -> str:
            recorded[path] = address = url(path)
            return address

        page = _shown(finish(recording))
        if page:
            key = digest(["page", *inputs])
            if page.parts:
                self._cache.put_packed(_key_of_parts(key), page.parts)
            self._cache.put(key, [self.addresses, recorded, _stored(page)])
        return page


def restore_packed(content: str, parts: bytes) -> str:
    """The content of a page with its placeholders replaced by the parts that were kept."""
    return restore(content, unpack(parts))


def _check_sum(parts: bytes) -> int | None:
    """What shows whether parts that are unpacked much later are damaged; None without parts."""
    return zlib.crc32(parts) if parts else None


def _key_of_parts(key: str) -> str:
    return digest(["parts", key])


def _shown(page: FinishedPage | None) -> ShownPage | None:
    if page is None:
        return None
    parts = pack(dict(page.parts)) if page.parts else b""
    return ShownPage(page.html, page.meta, page.contents, frozenset(page.ids), parts)


def _stored(page: ShownPage) -> dict[str, Any]:
    return {
        "html": page.html,
        "meta": page.meta,
        "contents": list(map(_entry, page.contents)),
        "ids": sorted(page.ids),
        "parts": _check_sum(page.parts),
    }


def _restored(page: dict[str, Any], parts: bytes) -> ShownPage:
    contents = tuple(map(_heading, page["contents"]))
    return ShownPage(page["html"], page["meta"], contents, frozenset(page["ids"]), parts)


def _entry(heading: Heading) -> list[Any]:
    return [heading.title, heading.id, heading.level, list(map(_entry, heading.children))]


def _heading(entry: list[Any]) -> Heading:
    title, id_, level, children = entry
    return Heading(title, id_, level, tuple(map(_heading, children)))
