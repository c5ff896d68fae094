"""The gain of a release: expected, seen offline and realised, phase by phase, around the status quo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import Direction
from iterata.render.estimates import parts
from iterata.site.charts.axis import Axis, Tick, spaced
from iterata.site.charts.release_titles import conclusion, share_text, tone_of_gain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.knowledge import PhaseView, ReleaseView
    from iterata.results import Estimate
    from iterata.results.rollout import Comparison, PhaseUnits


NARROWEST = 180
"""The least width of the drawing in pixels, between names and figures."""


class GainRow(NamedTuple):
    """A row: a name in the margin, the interval, and the figure at its right."""

    name: str
    note: str
    """What it is of: `14 days, 2,000 units`; may be empty."""
    figure: str
    interval: str
    """Empty without an interval."""
    verdict: str
    """`better`, `worse` or `not shown`; empty where nothing is claimed."""
    tone: str
    """`expected`, `offline`, `selected`, `compared`; of what was realised `better`, `worse` or `open`."""
    is_total: bool
    x: float
    left: float
    right: float

    @property
    def sentence(self) -> str:
        """The row in words."""
        note = f" ({self.note})" if self.note else ""
        span = f", {self.interval}" if self.interval else ""
        verdict = f": {self.verdict}" if self.verdict else ""
        return f"{self.name}{note} {self.figure}{span}{verdict}"


@dataclass(frozen=True, slots=True)
class ReleaseChart:
    """The drawing: a row for each figure, on one axis with the status quo at zero."""

    title: str
    """What it shows, as a sentence."""
    unit: str
    axis: Axis
    zero: float
    """The position of the status quo."""
    band: tuple[float, float] | None
    """The expected band: its left end and its width. None if nothing was expected on this scale."""
    band_name: str
    """What the band is: `the report's interval`."""
    rows: tuple[GainRow, ...]

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The ticks of the axis whose labels do not touch on a phone."""
        return spaced(self.axis.ticks, NARROWEST)

    @property
    def longest(self) -> int:
        """The most characters of a figure or an interval, which are never broken."""
        return max(max(len(row.interval), len(f"{row.figure} {row.verdict}")) for row in self.rows)

    @property
    def description(self) -> str:
        """The drawing in words."""
        rows = "; ".join(row.sentence for row in self.rows)
        return f"Gain over the status quo, in {self.unit}: {rows}. Right is better."


def release_chart(release: ReleaseView, *, phases: bool = True) -> ReleaseChart | None:
    """The drawing of a release. None if there is no figure yet.

    Args:
        release: the release.
        phases: whether each phase has a row of its own.
    """
    gains = release.gains
    told = [
        ("Expected", "a good model, usually", "expected", gains.expected),
        ("Offline", f"{release.variant}, in the report", "offline", gains.offline),
        ("Offline, corrected", "for being the best of several", "selected", gains.selected),
    ]
    rows = [(name, note, tone, gain) for name, note, tone, gain in told if gain is not None]
    online = [*_phase_rows(release)] if phases else []
    if phases and release.compared is not None:
        online.append(_compared_row(*release.compared))
    if gains.realised is not None:
        online.append(("Realised", _total_note(release), "", gains.realised))
    if not rows and not online:
        return None
    figures = [0.0, *(figure for *_, gain in (*rows, *online) for figure in gain.extent)]
    axis = Axis.over(figures, Direction.MAXIMISE)
    drawn = [_row(axis, *row, total=False) for row in rows]
    drawn += [_row(axis, *row, total=row[0] == "Realised") for row in online]
    band, name = _band(axis, release)
    return ReleaseChart(conclusion(release), release.unit, axis, axis.at(0.0), band, name, tuple(drawn))


def _phase_rows(release: ReleaseView) -> Iterator[tuple[str, str, str, Estimate]]:
    for view in release.phases:
        if view.gain is not None:
            yield f"Phase {share_text(view.phase.share)}", _phase_note(view), "", view.gain


def _compared_row(comparison: Comparison, gain: Estimate) -> tuple[str, str, str, Estimate]:
    """The row of the phase that treats everybody; before and after claims nothing."""
    if comparison.kind == "holdout":
        return "At 100 %", "against those who keep the status quo", "", gain
    return "At 100 %", "before and after, no evidence", "compared", gain


def _phase_note(view: PhaseView) -> str:
    return "" if view.units is None else " ".join(_counted(view.units))


def _counted(units: PhaseUnits) -> Iterator[str]:
    if units.first_day and units.last_day:
        yield f"{(units.last_day - units.first_day).days + 1} days,"
    yield f"{units.units.control + units.units.treatment:,} units"


def _total_note(release: ReleaseView) -> str:
    if release.newest is None:
        return ""
    until = share_text(release.newest.phase)
    note = f"all phases up to {until}" if len(release.newest.phases) > 1 else f"phase {until}"
    return f"{note}, then reverted" if release.is_reverted else note


def _row(axis: Axis, name: str, note: str, tone: str, gain: Estimate, *, total: bool) -> GainRow:
    low, high = gain.interval or (gain.value, gain.value)
    figure, span = parts(gain, sign=True)
    claimed = tone or tone_of_gain(gain)
    verdict = "" if tone else {"better": "better", "worse": "worse"}.get(claimed, "not shown")
    return GainRow(
        name=name,
        note=note,
        figure=figure,
        interval=span if gain.interval and low < high else "",
        verdict=verdict,
        tone=claimed,
        is_total=total,
        x=axis.at(gain.value),
        left=axis.at(low),
        right=axis.at(high),
    )


def _band(axis: Axis, release: ReleaseView) -> tuple[tuple[float, float] | None, str]:
    """The expected band: the interval of the report; from the status quo to a good model without one."""
    gains = release.gains
    if gains.offline is not None and gains.offline.interval:
        low, high = gains.offline.interval
        return (axis.at(low), round(axis.at(high) - axis.at(low), 2)), "the report's interval"
    if gains.expected is not None:
        left, right = sorted((axis.at(0.0), axis.at(gains.expected.value)))
        return (left, round(right - left, 2)), "up to a good model"
    return None, ""
