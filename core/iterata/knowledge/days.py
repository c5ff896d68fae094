"""The day of what a document says: as it says itself, else as Git knows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from iterata.stages import SETTLED, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.documents import Document

GitDay: TypeAlias = Callable[[str], str]
"""The day, as YYYY-MM-DD, on which the document at a path last changed; empty if Git does not know it."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_STAND = SETTLED | {Status.ROLLING_OUT, Status.DEPLOYED, Status.REVERTED}


def unknown_day(path: str) -> str:
    """No day: for readers without Git."""
    del path
    return ""


def is_provisional(document: Document) -> bool:
    """Whether nobody has agreed yet to what a document says: it is a draft, in review or rejected."""
    return document.status not in _STAND


def day_of(document: Document, git_day: GitDay = unknown_day) -> str:
    """The day of what a document says, as YYYY-MM-DD; empty if it is not known.

    It is the day of the decision, of the abandonment, of the latest approval or of the end of an experiment;
    else it is the day of the last change.
    """
    return _stated_day(document.data) or git_day(document.path)


def valid_day(value: object) -> str:
    """A day that exists as YYYY-MM-DD; empty for anything else."""
    text = str(value) if isinstance(value, str | date) else ""
    if not _DAY.fullmatch(text):
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _stated_day(data: Mapping[str, object]) -> str:
    for key in ("decision", "abandoned"):
        block = data.get(key)
        if isinstance(block, dict) and (day := valid_day(block.get("on"))):
            return day
    return max(_approval_days(data.get("approvals")), default="") or valid_day(data.get("ended"))


def _approval_days(approvals: object) -> Iterator[str]:
    for approval in approvals if isinstance(approvals, list) else ():
        yield valid_day(approval.get("on")) if isinstance(approval, dict) else ""
