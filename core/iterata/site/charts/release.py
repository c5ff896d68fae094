"""The gain of a release: expected, seen offline and realised, phase by phase, around the status quo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import Direction
from iterata.render.rollout.sentences import INTERVALS_OF_PHASES
from iterata.site.charts.axis import Axis
from iterata.site.charts.forest import Forest, ForestRow, row
from iterata.site.charts.release_titles import conclusion, share_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.knowledge import PhaseView, ReleaseView
    from iterata.results import Estimate
    from iterata.results.rollout import Comparison, PhaseUnits


def release_chart(release: ReleaseView, *, phases: bool = True) -> Forest | None:
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
    drawn = [_row(axis, *told, total=False) for told in rows]
    drawn += [_row(axis, *measured, total=measured[0] == "Realised") for measured in online]
    band, name = _band(axis, release)
    return Forest(
        title=conclusion(release),
        axis=axis,
        label=f"Gain over the status quo, in {release.unit}",
        rows=tuple(drawn),
        zero=axis.at(0.0),
        zero_name="status quo",
        band=band,
        band_name=name,
        note=INTERVALS_OF_PHASES if release.newest else "",
    )


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


def _row(axis: Axis, name: str, note: str, tone: str, gain: Estimate, *, total: bool) -> ForestRow:
    drawn = row(axis, name, gain, note=note, tone=tone, shape="diamond" if total else "dot")
    return drawn if gain.interval else drawn._replace(interval="")


def _band(axis: Axis, release: ReleaseView) -> tuple[tuple[float, float] | None, str]:
    """The expected band: the interval of the report; from the status quo to a good model without one."""
    gains = release.gains
    if gains.offline is not None and gains.offline.interval:
        low, high = gains.offline.interval
        return (axis.at(low), round(axis.at(high) - axis.at(low), 2)), "expected: the report's interval"
    if gains.expected is not None:
        left, right = sorted((axis.at(0.0), axis.at(gains.expected.value)))
        return (left, round(right - left, 2)), "expected: up to a good model"
    return None, ""
