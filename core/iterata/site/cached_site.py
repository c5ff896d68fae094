"""Pages of a build that are taken from earlier builds, if nothing that they depend on changed."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from iterata.repository.exploration.kinds import FileKind
from iterata.site.knowledge_site import FinishedPage
from iterata.site.page_cache import digest
from iterata.site.page_digests import PageDigests
from iterata.site.place import Heading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iterata.site.knowledge_site import Site
    from iterata.site.page_cache import PageCache
    from iterata.site.place import Place, Url


class CachedSite:
    """Finishes pages as `Site` does, and remembers them."""

    def __init__(self, site: Site, cache: PageCache) -> None:
        self._site = site
        self._cache = cache
        self._digests = PageDigests(site, cache)
        self._keys: dict[str, str] = {}
        self._kept: dict[str, bytes] = {}

    def parts(self, path: str) -> Mapping[str, str] | None:
        """The generated parts of a page that was finished; None for pages of the host.

        They are not kept as they are: those of thousands of pages take more memory than everything else.
        """
        if (key := self._keys.get(path)) and (stored := self._cache.get(key)):
            parts: dict[str, str] = stored[1]["parts"]
            return parts
        kept = self._kept.get(path)
        return json.loads(zlib.decompress(kept)) if kept else None

    def _keep(self, path: str, finished: FinishedPage | None) -> FinishedPage | None:
        if finished and finished.parts:
            self._kept[path] = zlib.compress(json.dumps(dict(finished.parts)).encode(), level=1)
        return finished

    def finish(self, place: Place, url: Url) -> FinishedPage | None:
        """A page without a file; see `Site.finish`."""
        if not self._cache.is_open or self._writes_files(place.path):
            return self._keep(place.path, self._site.finish(place, url))
        return self._cached([], place, url, lambda recorded: self._site.finish(place, recorded))

    def complete(
        self, html: str, headings: tuple[Heading, ...], place: Place, url: Url
    ) -> FinishedPage | None:
        """A page with prose; see `Site.complete`."""
        if not self._cache.is_open or ".svg" in html.lower():  # drawings become part of the page
            return self._keep(place.path, self._site.complete(html, headings, place, url))
        prose = [html, json.dumps(list(map(_entry, headings)))]
        return self._cached(
            prose, place, url, lambda recorded: self._site.complete(html, headings, place, recorded)
        )

    def _writes_files(self, path: str) -> bool:
        """Whether a page writes files beside it, which must exist after every build."""
        return self._site.kind_of_explored(path) is FileKind.NOTEBOOK

    def _cached(
        self, prose: list[str], place: Place, url: Url, finish: Callable[[Url], FinishedPage | None]
    ) -> FinishedPage | None:
        project = self._site.project_of(place.path)
        about = self._digests.project(project) if project else self._digests.everything
        key = digest(["page", self._digests.renderer, place.path, place.url, about, *prose])
        if stored := self._cache.get(key):
            asked, page = stored
            if all(url(path) == address for path, address in asked.items()):
                self._keys[place.path] = key
                return _restored(page)
        recorded: dict[str, str] = {}

        def recording(path: str) -> str:
            recorded[path] = address = url(path)
            return address

        finished = finish(recording)
        if finished:
            self._cache.put(key, [recorded, _stored(finished)])
        return self._keep(place.path, finished)


def _stored(page: FinishedPage) -> dict[str, Any]:
    return {**page._asdict(), "contents": list(map(_entry, page.contents))}


def _restored(page: dict[str, Any]) -> FinishedPage:
    return FinishedPage(**{**page, "contents": tuple(map(_heading, page["contents"]))})


def _entry(heading: Heading) -> list[Any]:
    return [heading.title, heading.id, heading.level, list(map(_entry, heading.children))]


def _heading(entry: list[Any]) -> Heading:
    title, id_, level, children = entry
    return Heading(title, id_, level, tuple(map(_heading, children)))
