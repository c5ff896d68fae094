"""The last day on which the monitors of a release showed nothing wrong."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from iterata.results.monitors import MonitorVerdict

if TYPE_CHECKING:
    from datetime import date

    from iterata.knowledge.releases import ReleaseView

_SILENT = frozenset({MonitorVerdict.TOO_FEW, MonitorVerdict.ELSEWHERE})
"""Verdicts that say nothing, neither good nor bad."""


def last_day_within_bounds(release: ReleaseView) -> date | None:
    """The last recorded day on which a monitor was within its bounds, and no monitor was out of them.

    None if there is none, or if the recorded days cannot be read.
    """
    verdicts: dict[date, set[MonitorVerdict]] = defaultdict(set)
    for view in release.monitoring.views:
        for day, entry in view.entries:
            if entry.verdict not in _SILENT:
                verdicts[day].add(entry.verdict)
    return max((day for day, shown in verdicts.items() if shown == {MonitorVerdict.FINE}), default=None)
