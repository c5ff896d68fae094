"""Long lists in pages of at most 50 entries."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.site.pages import GeneratedPage

MOST_ENTRIES = 50
"""The most entries of a page."""


class Paging(NamedTuple):
    """Where a page is in the sequence of pages of one list."""

    number: int
    """From 1."""
    paths: tuple[str, ...]
    """The paths of all pages."""
    total: int
    """How many entries there are in all pages."""
    first: int
    """The position of the page's first entry, from 1; 0 without entries."""
    last: int
    """The position of the page's last entry."""

    @property
    def previous(self) -> str:
        """The path of the page before; empty for the first."""
        return self.paths[self.number - 2] if self.number > 1 else ""

    @property
    def following(self) -> str:
        """The path of the page after; empty for the last."""
        return self.paths[self.number] if self.number < len(self.paths) else ""


def paged(page: GeneratedPage, entries: Sequence[object]) -> Iterator[GeneratedPage]:
    """A page and its further pages, each with its `entries` and its `paging` in the context.

    The page `decisions.md` is followed by `decisions/2.md`. Further pages are not in the navigation, because
    their number grows.
    """
    count = max(ceil(len(entries) / MOST_ENTRIES), 1)
    stem = page.path.removesuffix(".md")
    paths = (page.path, *(f"{stem}/{number}.md" for number in range(2, count + 1)))
    for number, path in enumerate(paths, 1):
        start = (number - 1) * MOST_ENTRIES
        shown = entries[start : start + MOST_ENTRIES]
        first, last = start + bool(shown), start + len(shown)
        paging = Paging(number, paths, len(entries), first, last)
        context = {**page.context, "entries": shown, "paging": paging}
        title = page.title if number == 1 else f"{page.title}, page {number}"
        yield replace(page, path=path, title=title, context=context, in_nav=page.in_nav and number == 1)
