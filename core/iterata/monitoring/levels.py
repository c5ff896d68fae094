"""How often each interval of a monitor may miss, so that a year of looks keeps its false alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.monitoring.sequence import has_sequence

if TYPE_CHECKING:
    from datetime import date

    from iterata.documents.models.monitors import Monitor

ONE_LOOK = 0.05
"""How often the interval for a single look misses."""


class Levels(NamedTuple):
    """How often each interval of a monitor may miss, so that a year of looks keeps `false_alarms`."""

    look: float
    """The interval of the last days, at one look."""
    sequence: float
    """The confidence sequence over all days, at all looks together; 0 without it."""


def levels(monitor: Monitor, since: date | None) -> Levels:
    """Half of `false_alarms` for the last days, divided among the looks of a year; half for all days.

    The windows of two looks overlap, and nothing is assumed about that: Bonferroni holds all the same.
    """
    share = monitor.false_alarms / 2 if has_sequence(monitor, since) else monitor.false_alarms
    rest = monitor.false_alarms - share
    return Levels(share / monitor.looks_per_year, rest)
