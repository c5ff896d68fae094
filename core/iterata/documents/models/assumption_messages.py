"""What checks of assumptions report."""

from __future__ import annotations

from typing import NamedTuple


class WrongAssumption(NamedTuple):
    """What is wrong with an assumption."""

    path: tuple[str, ...]
    """Keys below `assumptions`."""
    message: str
