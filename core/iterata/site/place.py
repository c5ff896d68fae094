"""Where a page is on the site, and the headings that its table of contents lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    Url: TypeAlias = Callable[[str], str]
    """The address of the page or file at a path, relative to the page that is rendered; empty without one."""


class Place(NamedTuple):
    """A page of the site."""

    path: str
    """The path of its document, or of the page that is generated: `projects/churn/01-setup/report.md`."""
    url: str
    """Its address, relative to the site."""
    destination: str
    """The file that a host writes for it; files that belong to the page are written beside it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of a table of contents."""

    title: str
    """As HTML, because themes do not escape it."""
    id: str
    level: int = 2
    children: tuple[Heading, ...] = ()
