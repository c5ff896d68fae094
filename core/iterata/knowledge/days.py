"""The day of what a document says: as it says itself, else as Git knows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from iterata.knowledge.agreed import abandoned_on, agreed_on, as_date

if TYPE_CHECKING:
    from datetime import date

    from iterata.documents import Document

GitDay: TypeAlias = Callable[[str], str]
"""The day, as YYYY-MM-DD, on which the document at a path last changed; empty if Git does not know it."""


def unknown_day(path: str) -> str:
    """No day: for readers without Git."""
    del path
    return ""


def day_of(document: Document, git_day: GitDay = unknown_day) -> str:
    """The day of what a document says, as YYYY-MM-DD; empty if it is not known.

    It is the day of its agreement, of its abandonment or of the end of its experiment; else the day of its
    last change.
    """
    days = (abandoned_on(document), agreed_on(document), as_date(document.data.get("ended")))
    return as_text(next(filter(None, days), None)) or git_day(document.path)


def as_text(day: date | None) -> str:
    """A day as YYYY-MM-DD; empty for none."""
    return day.isoformat() if day else ""
