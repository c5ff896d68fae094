"""The addresses of the pages of the library. A finding's address depends on its own names only."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iterata.knowledge import FindingView

FINDINGS = "findings.md"
FOLDER = "findings"

REQUIREMENTS = "requirements"
"""What stands for the iteration of a finding that the requirements have."""

_LONGEST = 80
_SAFE = re.compile(r"[A-Za-z0-9_-](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_RESERVED = frozenset({"page", "tag"})
"""The folders that pages of lists are in."""
_NOT_PAGES = re.compile(r"index|readme|con|prn|aux|nul|(com|lpt)[0-9]")
"""What hosts take for the page of the whole folder, and what Windows takes for a device."""


def finding_path(project: str, iteration: str, identifier: str) -> str:
    """The path of the page of a finding; `iteration` is empty for one of the requirements.

    >>> finding_path("churn", "01-setup", "F3")
    'findings/churn/01-setup-F3.md'
    """
    folders = "/".join(map(_name, project.split("/")))
    return f"{FOLDER}/{folders}/{_name(f'{iteration or REQUIREMENTS}-{identifier}')}.md"


def finding_paths(findings: Iterable[FindingView]) -> Iterator[str]:
    """The path of the page of each finding, also of two with the same id, which are an error."""
    used: Counter[str] = Counter()
    for finding in findings:
        path = finding_path(finding.project, finding.iteration, finding.id)
        used[path.casefold()] += 1
        number = used[path.casefold()]
        yield path if number == 1 else f"{path.removesuffix('.md')}--{number}.md"


def tag_paths(tags: Iterable[str]) -> dict[str, str]:
    """The path of the page of each tag.

    Of two tags with the same address the one that is written like it has it, and the other a longer one.

    >>> tag_paths(["sample size", "R/Python"])
    {'sample size': 'findings/tag/sample-size.md', 'R/Python': 'findings/tag/r-python.md'}
    >>> tag_paths(["index"])
    {'index': 'findings/tag/index-1bc04b52.md'}
    """
    slugs = {tag: _slug(tag) for tag in dict.fromkeys(tags)}
    shared = Counter(slugs.values())
    unique = {
        tag: slug
        if _is_free(slug) and (shared[slug] == 1 or slug == tag)
        else f"{slug or 'tag'}-{_digest(tag)}"
        for tag, slug in slugs.items()
    }
    return {tag: f"{FOLDER}/tag/{slug}.md" for tag, slug in unique.items()}


def _is_free(slug: str) -> bool:
    """Whether a page can have this name."""
    return bool(slug) and not _NOT_PAGES.fullmatch(slug)


def page_path(first: str, number: int) -> str:
    """The path of a page of a list whose first page is at `first`.

    >>> page_path("findings.md", 2), page_path("findings/tag/age.md", 3)
    ('findings/page/2.md', 'findings/tag/age/3.md')
    """
    if number == 1:
        return first
    folder = f"{FOLDER}/page" if first == FINDINGS else first.removesuffix(".md")
    return f"{folder}/{number}.md"


def shown_pages(current: int, last: int) -> Sequence[int]:
    """The numbers that a pager links to; 0 for a gap.

    >>> shown_pages(5, 20)
    [1, 0, 4, 5, 6, 0, 20]
    """
    near = sorted({1, last, *(number for number in range(current - 1, current + 2) if 1 <= number <= last)})
    shown = [1]
    for before, number in pairwise(near):
        shown += [number] if number == before + 1 else [0, number]
    return shown


def anchor(project: str, iteration: str, identifier: str) -> str:
    """The anchor that a finding had when all findings were on one page."""
    return f"{project}--{iteration or REQUIREMENTS}--{identifier}"


def _name(name: str) -> str:
    """A name as a part of an address: as it is if every file system and web server takes it."""
    if _SAFE.fullmatch(name) and len(name) <= _LONGEST and name.casefold() not in _RESERVED:
        return name
    return f"{_slug(name) or 'x'}-{_digest(name)}"


def _slug(text: str) -> str:
    """The letters and digits of a text, of any script, in words that hyphens join."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).casefold())
    return "-".join(words).encode("utf-8", "ignore")[:_LONGEST].decode("utf-8", "ignore").strip("-")


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
