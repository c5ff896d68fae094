"""What blind draws do."""

from __future__ import annotations

from math import sqrt


def hits_sd(rows: int, positives: float, drawn: float) -> float:
    """The standard deviation of how many positives a draw without replacement holds (hypergeometric)."""
    if rows < 2:
        return 0.0
    rate, share = positives / rows, drawn / rows
    return sqrt(rows**2 / (rows - 1) * rate * (1 - rate) * share * (1 - share))
