"""What a page without a file is, and what the templates of all pages know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from iterata.knowledge.days import unknown_day
from iterata.site.derived import Derived, without_dates
from iterata.site.library.addresses import FINDINGS
from iterata.site.library.cards import Library

if TYPE_CHECKING:
    from iterata.knowledge import Knowledge
    from iterata.knowledge.days import GitDay
    from iterata.knowledge.pace import DatesOf

OVERVIEWS = {
    "surprises": "surprises.md",
    "reading_list": "reading-list.md",
    "trace": "trace.md",
    "tried": "tried.md",
    "decisions": "decisions.md",
    "pace": "pace.md",
}
"""The paths of the pages over all projects, by what they show."""


@dataclass(frozen=True, slots=True)
class GeneratedPage:
    """A page of the site without a file."""

    path: str
    """Its virtual path, relative to the docs folder."""
    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    in_nav: bool = False
    """Whether it may be in the navigation. Only pages whose number does not grow may be."""
    tags: tuple[str, ...] = ()
    """What a theme shows and searches as the tags of the page."""
    is_indexed: bool = True
    """Whether the search of the host finds it."""
    description: str = ""
    """One sentence for search engines and link previews."""
    has_plain_context: bool = False
    """Whether the context has plain values only, and so tells everything that the page depends on."""


def board_path(projects_dir: str) -> str:
    """The path of the board."""
    return f"{projects_dir}/index.md"


def shared_context(
    knowledge: Knowledge,
    projects_dir: str,
    git_day: GitDay = unknown_day,
    dates_of: DatesOf = without_dates,
) -> dict[str, Any]:
    """The variables of every template; make them once, because `derived` is computed on first use."""
    derived = Derived(knowledge, dates_of)
    return {
        "knowledge": knowledge,
        "board": board_path(projects_dir),
        "findings_page": FINDINGS,
        "git_day": git_day,
        "overviews": OVERVIEWS,
        "derived": derived,
        "library": Library.of(derived, git_day),
    }
