"""The expected lift before and after a change: one table, and what to keep in mind when comparing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.render.estimates import identified_percent, interval, percent_interval
from iterata.render.markdown import escape, markdown_table
from iterata.text import decimal_places, percent, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import Estimate, Identified, LiftResult


def comparison_table(before: LiftResult | None, after: LiftResult, *, heading: str = "") -> str:
    """The figures before and after as a Markdown table, followed by notes.

    Changes are shown only where both figures measure the same KPI over the same period.

    Args:
        before: the earlier result; None if there is none.
        after: the later result.
        heading: what the table is about; the name and unit of the KPI by default.
    """
    headers = (heading or _heading(before, after), *_columns(before, after))
    columns = len(headers) if before else len(headers) - 1  # without an earlier result nothing changes
    rows = [row[:columns] for row in _rows(before, after)]
    notes = [f"- {note}" for note in _notes(before, after)] if before else []
    return "\n".join([markdown_table(headers[:columns], rows), *(["", *notes] if notes else []), ""])


def _heading(before: LiftResult | None, after: LiftResult) -> str:
    names = [
        f"{escape(result.kpi.name)} ({escape(result.kpi.scaled_unit)})"
        for result in (before, after)
        if result
    ]
    return ", then ".join(dict.fromkeys(names))


def _columns(before: LiftResult | None, after: LiftResult) -> tuple[str, str, str]:
    """The headers of the figures; they name the origin of figures that come from assumptions."""
    if after.assumed is None and (before is None or before.assumed is None):
        return "before", "after", "change"
    return f"before, {_origin(before)}" if before else "before", f"after, {_origin(after)}", "change"


def _origin(result: LiftResult) -> str:
    return "from assumptions" if result.assumed else "from data"


def _rows(before: LiftResult | None, after: LiftResult) -> Iterator[tuple[str, str, str, str]]:
    old = _estimates(before) if before else {}
    same_scale = before is not None and before.kpi.on_same_scale_as(after.kpi)
    for name, estimate in _estimates(after).items():
        earlier = old.get(name)
        change = _difference(earlier, estimate) if earlier and same_scale else ""
        yield name, interval(earlier) if earlier else "", interval(estimate), change
    comparable = before is not None and before.kpi.comparable_with(after.kpi)
    for name, shares in (
        ("position of the status quo", [_position(result) for result in (before, after)]),
        ("break-even", [_break_even(result) for result in (before, after)]),
    ):
        (share, shown), (new_share, new_shown) = shares
        if shown or new_shown:
            yield name, shown, new_shown, _points(share, new_share) if comparable else ""


def _estimates(result: LiftResult) -> dict[str, Estimate]:
    scale = result.scale
    return {
        "random": scale.random.expectation,
        "status quo": scale.status_quo,
        **_ends("perfect", scale.perfect, scale.perfect_identified),
        **_ends("**potential lift**", result.potential_lift, result.potential_lift_identified),
        "**risk**": result.risk,
    }


def _ends(name: str, known: Estimate, identified: Identified | None) -> dict[str, Estimate]:
    """A figure, or both ends of what can be known of it."""
    if identified is None:
        return {name: known}
    return {f"{name}, lower end": identified.lower, f"{name}, upper end": identified.upper}


def _difference(before: Estimate, after: Estimate) -> str:
    places = decimal_places(max(abs(before.value), abs(after.value)))
    return signed(after.value - before.value, places)


def _position(result: LiftResult | None) -> tuple[float | None, str]:
    """The position of the status quo, and its text; empty if it has none."""
    if result and result.position_identified:
        between, widened = identified_percent(result.position_identified)
        return None, f"{between} ({widened})"
    position = result.position if result else None
    return (position.value, percent_interval(position)) if position else (None, "")


def _break_even(result: LiftResult | None) -> tuple[float | None, str]:
    """The share of the potential that repays the project's cost, and its text; empty if it has none."""
    share = result.break_even.captured_share if result and result.break_even else None
    return share, "" if share is None else percent(share)


def _points(before: float | None, after: float | None) -> str:
    """The difference of two shares in percentage points."""
    return "" if before is None or after is None else f"{signed(100 * (after - before), 1)} points"


def _notes(before: LiftResult, after: LiftResult) -> Iterator[str]:
    if not before.kpi.comparable_with(after.kpi):
        yield "The KPI has changed: the two columns cannot be compared."
        return
    if not before.kpi.on_same_scale_as(after.kpi):
        rows = f"{before.kpi.period_rows:,} rows, those after for {after.kpi.period_rows:,}"
        yield f"The figures before are for {rows}: compare only the position."
    elif before.assumed and after.sample and after.potential_lift_identified is None:
        measured, ends = after.potential_lift.value, before.potential_lift.interval
        if ends is None:
            return
        where = "below" if measured < ends[0] else "above" if measured > ends[1] else "within"
        yield f"The potential lift from the data is {where} the interval from the assumptions."
