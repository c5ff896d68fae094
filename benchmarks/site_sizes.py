"""Very large sites: the search index of 3,000 documents, and the time of 12,000 against 3,000."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.pairs import Comparison, compare, within
from benchmarks.site_corpus import site_corpus
from benchmarks.sites import build_anew

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROJECTS = 500
"""Projects of the smaller site: 3,000 documents, and 5,000 findings."""
LARGER = 4


def comparisons(root: Path, scratch: Path) -> Iterator[Comparison]:
    """Each is built once, because the larger one takes a quarter of an hour."""
    smaller, larger = scratch / "3,000", scratch / "12,000"
    site_corpus(root, smaller, projects=PROJECTS)
    site_corpus(root, larger, projects=LARGER * PROJECTS)
    both = build_anew(larger), build_anew(smaller)
    yield compare("site, 12,000 documents", both[0], "3,000 documents", both[1], 4.5, pairs=1, warm_ups=0)
    index = (smaller / "site/search/search_index.json").stat().st_size
    yield within("search index, 3,000 documents", index / 1e9, 0.008, "MB")
