"""What a treatment is worth and costs, turned so that more is better."""

from __future__ import annotations

from typing import NamedTuple


class Terms(NamedTuple):
    """The terms on which rows are treated, in utility."""

    budget: float
    """The share of rows that may be treated."""
    value: float
    """What one better outcome is worth: positive."""
    cost: float
    """What treating a row costs: 0 or more."""
    forced: bool
    """Whether the whole budget is spent, even at a loss."""
    outcome_sign: float = 1.0
    """1 if more of the outcome is better, -1 if less is."""
    turned_away: float | None = None
    """The largest share of rows that the treatment is assumed to turn away; None without an assumption."""
