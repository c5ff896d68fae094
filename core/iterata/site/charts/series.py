"""The recorded days of a monitor: values with intervals, bounds, gaps, and the events of the release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iterata.documents.models.enums import Direction
from iterata.site.charts.axis import CHARACTER, NARROWEST, Axis, LabelPosition, place
from iterata.site.charts.release_titles import share_text
from iterata.site.monitor_facts import bound_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.knowledge import MonitorView, ReleaseView
    from iterata.results.monitors import MonitorEntry

    Days: TypeAlias = Sequence[tuple[date, MonitorEntry]]

HEIGHT = 120
"""The height of the drawing in pixels."""

MOST_STEPS = 90
"""The most steps of a line: each has the smallest and the largest value of its days."""

SIDES = 40
"""The width in pixels of what is beside the labels and the drawing on a small phone."""

SHORT = timedelta(days=28)
"""A shorter series is drawn as if it had this length: events farther away than twice of it are left out."""

LINE = 15
"""The least distance of two labels of the vertical axis, in pixels."""


class Bound(NamedTuple):
    """A threshold, or a tick of the vertical axis."""

    y: float
    """In pixels from the top."""
    text: str
    is_threshold: bool


class Event(NamedTuple):
    """Something that happened to the release."""

    day: date
    text: str
    is_revert: bool
    x: float
    label: LabelPosition


@dataclass(frozen=True, slots=True)
class SeriesChart:
    """The drawing of a monitor."""

    lines: tuple[str, ...]
    """The points of each polyline, x and y from 0 to 1000; a gap is between two of them."""
    bands: tuple[str, ...]
    """The points of each polygon of intervals."""
    dots: str
    """The path of days without a neighbour."""
    regressions: str
    """The path of days with a regression."""
    gaps: tuple[tuple[float, float], ...]
    """The left end and the width of each stretch without a value, in percent."""
    bounds: tuple[Bound, ...]
    events: tuple[Event, ...]
    first: date
    last: date

    @property
    def margin(self) -> int:
        """The width in pixels of the labels of the vertical axis."""
        return _margin(self.bounds)

    @property
    def lanes(self) -> int:
        """How many lines the labels of the events take."""
        return max((event.label.lane for event in self.events), default=-1) + 1


def series_chart(view: MonitorView, release: ReleaseView) -> SeriesChart | None:
    """The drawing of a monitor. None if no value was recorded."""
    entries = view.entries
    if not any(entry.value is not None for _, entry in entries):
        return None
    reach = 2 * max(entries[-1][0] - entries[0][0], SHORT)
    nearby = (entries[0][0] - reach, entries[-1][0] + reach)
    happened = [event for event in _events(release) if nearby[0] <= event[0] <= nearby[1]]
    days = [entries[0][0], entries[-1][0], *(day for day, *_ in happened)]
    scale = _Scale(min(days), max(days), _vertical(view))
    bounds = tuple(_bounds(view, scale.vertical))
    runs = list(_runs(entries))
    return SeriesChart(
        lines=tuple(scale.line(run) for run in runs if len(run) > 1),
        bands=tuple(filter(None, map(scale.band, runs))),
        dots=scale.dots([run[0] for run in runs if len(run) == 1]),
        regressions=scale.dots([day for run in runs for step in _steps(run) for day in _worst(step)]),
        gaps=tuple(scale.gaps(entries, runs)),
        bounds=bounds,
        events=tuple(_placed(happened, scale, NARROWEST - SIDES - _margin(bounds))),
        first=scale.first,
        last=scale.last,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """From days and values to positions."""

    first: date
    last: date
    vertical: Axis

    def across(self, day: date) -> float:
        """The position of a day, in percent."""
        days = (self.last - self.first).days
        return round(100 * (day - self.first).days / days, 2) if days else 50.0

    def point(self, day: date, value: float) -> str:
        """A point of a polyline."""
        up = min(max(self.vertical.at(value), 0.0), 100.0)  # an interval may reach beyond the axis
        return f"{10 * self.across(day):.0f},{1000 - 10 * up:.0f}"

    def line(self, run: Days) -> str:
        """The points of the smallest and the largest value of each step."""
        points: list[str] = []
        for step in _steps(run):
            low, high = (pick(step, key=_value) for pick in (min, max))
            points += dict.fromkeys(
                self.point(day, _value((day, entry))) for day, entry in sorted((low, high), key=_day)
            )
        return " ".join(points)

    def band(self, run: Days) -> str:
        """The polygon of the intervals; empty if there are none."""
        steps = [
            [item for item in step if item[1].low is not None or item[1].high is not None]
            for step in _steps(run)
        ]
        steps = [step for step in steps if step]
        if len(steps) < 2:
            return ""
        upper = [self.point(step[0][0], max(_end(entry, "high") for _, entry in step)) for step in steps]
        lower = [self.point(step[0][0], min(_end(entry, "low") for _, entry in step)) for step in steps]
        return " ".join([*upper, *reversed(lower)])

    def dots(self, days: Days) -> str:
        """The path of a dot for each of some days."""
        points = dict.fromkeys(self.point(day, _value((day, entry))) for day, entry in days)
        return "".join(f"M{point}h0" for point in points)

    def gaps(self, entries: Days, runs: Sequence[Days]) -> Iterator[tuple[float, float]]:
        """The stretches before, between and after the runs that have days of their own."""
        ends = [entries[0][0], *(day for run in runs for day in (run[0][0], run[-1][0])), entries[-1][0]]
        for left, right in zip(ends[::2], ends[1::2], strict=True):
            if left < right:
                yield self.across(left), round(self.across(right) - self.across(left), 2)


def _day(item: tuple[date, MonitorEntry]) -> date:
    return item[0]


def _value(item: tuple[date, MonitorEntry]) -> float:
    value = item[1].value
    return 0.0 if value is None else value


def _end(entry: MonitorEntry, name: str) -> float:
    end = entry.low if name == "low" else entry.high
    return _value((date.min, entry)) if end is None else end


def _worst(step: Days) -> list[tuple[date, MonitorEntry]]:
    """The last day of a step with a regression."""
    return [item for item in step if item[1].verdict == "regression"][-1:]


def _runs(entries: Days) -> Iterator[list[tuple[date, MonitorEntry]]]:
    """The days with a value, without a longer pause than usual between them."""
    pauses = sorted((later - day).days for (day, _), (later, _) in pairwise(entries))
    usual = pauses[len(pauses) // 2] if pauses else 1  # the median
    run: list[tuple[date, MonitorEntry]] = []
    before: date | None = None
    for day, entry in entries:
        paused = before is not None and (day - before) > timedelta(days=1.5 * usual)
        if run and (paused or entry.value is None):
            yield run
            run = []
        if entry.value is not None:
            run.append((day, entry))
        before = day
    if run:
        yield run


def _steps(run: Days) -> list[Days]:
    """The days of a run in at most `MOST_STEPS` steps of equally many days."""
    size = -(-len(run) // MOST_STEPS)
    return [run[start : start + size] for start in range(0, len(run), size)]


def _vertical(view: MonitorView) -> Axis:
    """An axis with all values and bounds; an interval may be cut where it is much wider than these."""
    values = [entry.value for _, entry in view.entries if entry.value is not None]
    values += [bound for bound in (view.monitor.lower, view.monitor.upper) if bound is not None]
    ends = [end for _, entry in view.entries for end in (entry.low, entry.high) if end is not None]
    reach = (max(values) - min(values)) / 2 or abs(max(values)) or 1.0
    low, high = min(values) - reach, max(values) + reach
    return Axis.over([*values, *(min(max(end, low), high) for end in ends)], Direction.MAXIMISE)


def _bounds(view: MonitorView, axis: Axis) -> Iterator[Bound]:
    """The thresholds, and the ticks that leave their labels room."""
    marks = [("≥", view.monitor.lower), ("≤", view.monitor.upper)]
    thresholds = [
        Bound(_down(axis, bound), f"{sign} {bound_text(bound)}", is_threshold=True)
        for sign, bound in marks
        if bound is not None
    ]
    shown = list(thresholds)
    for tick in axis.ticks:
        y = _pixels(tick.x)
        if all(abs(y - other.y) >= LINE for other in shown):
            shown.append(Bound(y, tick.text, is_threshold=False))
    yield from sorted(shown)


def _down(axis: Axis, value: float) -> float:
    return _pixels(axis.at(value))


def _pixels(percent: float) -> float:
    return round(HEIGHT * (1 - percent / 100), 1)


def _events(release: ReleaseView) -> list[tuple[date, str, bool]]:
    """The start of each phase and the reverts, by day."""
    phases = [
        *(view.phase for view in release.phases),
        *(phase for old in release.earlier for phase in old.phases),
    ]
    reverts = [old.revert for old in release.earlier] + [release.revert]
    events = [(phase.started, share_text(phase.share), False) for phase in phases if phase.started]
    events += [(revert.on, "reverted", True) for revert in reverts if revert]
    return sorted(events)


def _margin(bounds: Sequence[Bound]) -> int:
    return round(CHARACTER * max((len(bound.text) for bound in bounds), default=0)) + 4


def _placed(events: Sequence[tuple[date, str, bool]], scale: _Scale, narrowest: float) -> Iterator[Event]:
    labels = place([(scale.across(day), text) for day, text, _ in events], max(narrowest, SIDES))
    for (day, text, is_revert), label in zip(events, labels, strict=True):
        yield Event(day, text, is_revert, scale.across(day), label)
