"""What the pages say about a monitor beside its chart."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from iterata.site.facts import as_text
from iterata.text import decimal_places, number, truncate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from iterata.knowledge import MonitorView
    from iterata.results.monitors import MonitorEntry

MOST_EPISODES = 5
"""How many of the latest episodes of a monitor are listed."""

LONGEST = 60
"""The most characters of an expression in a caption."""


WORST_FIRST = ("regression", "unknown", "stale", "uncertain", "too_few")
"""The order in which the verdicts of an episode are named."""


class Episode(NamedTuple):
    """Consecutive looks that were not fine."""

    first: date
    last: date
    labels: str
    """Its verdicts, the worst first: `regression, uncertain`."""
    reason: str
    """Why there was no value at first; empty if there was one."""


class MonitorSummary(NamedTuple):
    """A monitor in words."""

    conclusion: str
    """Its newest state, as a sentence."""
    label: str
    """The newest verdict in words; empty if nothing was recorded."""
    measured: str
    """How its value is computed: `mean of opened, last 28 days`."""
    bounds: str
    value: str
    """The newest value with its interval; empty without one."""
    looks: int
    episodes: tuple[Episode, ...]
    """The latest episodes that were not fine, the latest first."""
    more: int
    """How many earlier episodes are not listed."""


def summary(view: MonitorView) -> MonitorSummary:
    """A monitor in words."""
    newest = view.entries[-1] if view.entries else None
    episodes = list(_episodes(view))
    return MonitorSummary(
        conclusion=_conclusion(view),
        label=newest[1].verdict.label if newest else "",
        measured=_measured(view),
        bounds=_bounds(view),
        value=_value(newest[1]) if newest else "",
        looks=len(view.entries),
        episodes=tuple(reversed(episodes[-MOST_EPISODES:])),
        more=max(0, len(episodes) - MOST_EPISODES),
    )


def _episodes(view: MonitorView) -> Iterator[Episode]:
    for is_fine, group in groupby(view.entries, key=lambda item: item[1].verdict == "fine"):
        looks = list(group)
        if not is_fine:
            verdicts = {entry.verdict.value: entry.verdict.label for _, entry in looks}
            ordered = sorted(verdicts, key=lambda name: WORST_FIRST.index(name) if name in WORST_FIRST else 9)
            reason = next((entry.reason for _, entry in looks if entry.reason), "")
            labels = ", ".join(verdicts[name] for name in ordered)
            yield Episode(looks[0][0], looks[-1][0], labels, reason)


def _since(view: MonitorView) -> date:
    """The first of the newest looks that have the same verdict."""
    first, newest = view.entries[-1]
    for day, entry in reversed(view.entries):
        if entry.verdict != newest.verdict:
            break
        first = day
    return first


def _conclusion(view: MonitorView) -> str:
    name = view.monitor.name
    if not view.entries:
        return f"{name}: nothing recorded yet"
    day, entry = view.entries[-1]
    first = _since(view)
    since = f" since {first}" if first != day else f" on {day}"
    if entry.value is None:
        return f"{name}: no value{since}"
    words = {
        "fine": f"within its bounds on {day}",
        "uncertain": f"out of its bounds{since}, perhaps by chance",
        "regression": f"out of its bounds{since}",
        "stale": f"no new rows{since}",
        "too_few": f"too few rows{since}",
    }
    return f"{name}: {words.get(entry.verdict.value, entry.verdict.label)}"


def _measured(view: MonitorView) -> str:
    monitor = view.monitor
    if monitor.measure is None:
        return f"watched in {monitor.source}"
    of = f" of {truncate(monitor.of, LONGEST)}" if monitor.of else ""
    per = f" per {truncate(monitor.per, LONGEST)}" if monitor.per else ""
    quantile = f" {as_text(monitor.quantile)}" if monitor.quantile is not None else ""
    where = f" where {truncate(monitor.where, LONGEST)}" if monitor.where else ""
    days = f", last {monitor.last_days} days" if monitor.last_days else ""
    return f"{monitor.measure.value}{quantile}{of}{per}{where}{days}"


def _bounds(view: MonitorView) -> str:
    lower, upper = view.monitor.lower, view.monitor.upper
    least = "" if lower is None else f"at least {bound_text(lower)}"
    most = "" if upper is None else f"at most {bound_text(upper)}"
    return ", ".join(filter(None, (least, most)))


def bound_text(bound: float) -> str:
    """A bound with the decimals that it was written with, at most one more than three digits need."""
    most = decimal_places(bound) + 1
    places = next((places for places in range(most) if round(bound, places) == bound), most)
    return number(bound, places)


def _value(entry: MonitorEntry) -> str:
    if entry.value is None:
        return ""
    ends = [end for end in (entry.low, entry.high) if end is not None]
    places = decimal_places(max(map(abs, [entry.value, *ends])))
    value = number(entry.value, places)
    if entry.low is None and entry.high is None:
        return value
    low = "" if entry.low is None else number(entry.low, places)
    high = "" if entry.high is None else number(entry.high, places)
    return (
        f"{value} ({low} to {high})"
        if low and high
        else f"{value} ({f'at least {low}' if low else f'at most {high}'})"
    )
