"""Why a gate does not open."""

from __future__ import annotations

from typing import NamedTuple


class Closed(NamedTuple):
    """What is missing at a gate."""

    field: tuple[str | int, ...]
    """The place in the front matter it concerns, or empty."""
    message: str
    remedy: str
    who: str = ""
    """Who must act, where that is not the document's owner."""
