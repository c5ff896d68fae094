"""Two expected lifts side by side: before a change, and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.render.estimates import interval, percent_interval
from iterata.text import decimals, percent, signed, table, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import Estimate, LiftResult


def difference_table(before: LiftResult, after: LiftResult) -> str:
    """The figures of both and how they changed, as a Markdown table; of another KPI there is no change."""
    names = (_heading(before), _heading(after))
    heading = names[1] if names[0] == names[1] else f"{names[0]}, then {names[1]}"
    return table((heading, "before", "after", "change"), list(_rows(before, after)))


def _heading(result: LiftResult) -> str:
    return f"{text(result.kpi.name)} ({text(result.kpi.scaled_unit)})"


def _rows(before: LiftResult, after: LiftResult) -> Iterator[tuple[str, ...]]:
    comparable = before.kpi.unit == after.kpi.unit
    for (name, then), (_, now) in zip(_estimates(before), _estimates(after), strict=True):
        yield name, interval(then), interval(now), _change(then.value, now.value) if comparable else ""
    positions = before.position, after.position
    if any(positions):
        shown = [percent_interval(each) if each else "" for each in positions]
        values = [each.value if each else None for each in positions]
        yield "position of the status quo", *shown, _points(*values)
    shares = [each.break_even.captured_share if each.break_even else None for each in (before, after)]
    if any(share is not None for share in shares):
        yield "break-even", *("" if share is None else percent(share) for share in shares), _points(*shares)


def _estimates(result: LiftResult) -> tuple[tuple[str, Estimate], ...]:
    scale = result.scale
    return (
        ("random", scale.random.expectation),
        ("status quo", scale.status_quo),
        ("perfect", scale.perfect),
        ("**potential lift**", result.potential_lift),
        ("**risk**", result.risk),
    )


def _change(then: float, now: float) -> str:
    return signed(now - then, decimals(max(abs(then), abs(now))))


def _points(then: float | None, now: float | None) -> str:
    """How many per cent of the whole lie between two shares."""
    return "" if then is None or now is None else f"{signed(100 * (now - then), 1)} points"


def changed(heading: str, old: LiftResult | None, new: LiftResult) -> str:
    """A table of before and after, and below it what to keep in mind when comparing them."""
    before, after = ("before", "after")
    if new.assumed or (old and old.assumed):
        before, after = (f"before, {_from(old)}" if old else before), f"after, {_from(new)}"
    figures = table((heading, before, after), list(_bounds(old, new)))
    notes = "".join(f"\n- {note}" for note in _notes(old, new)) if old else ""
    return f"{figures}\n{notes}" + ("\n" if notes else "")


def _from(result: LiftResult) -> str:
    return "from assumptions" if result.assumed else "from data"


def _bounds(old: LiftResult | None, new: LiftResult) -> Iterator[tuple[str, str, str]]:
    for name, then, now in (
        ("status quo", old and old.scale.status_quo, new.scale.status_quo),
        ("perfect", old and old.scale.perfect, new.scale.perfect),
        ("potential lift", old and old.potential_lift, new.potential_lift),
        ("risk", old and old.risk, new.risk),
    ):
        yield name, interval(then) if then else "", interval(now)
    positions = [each.position if each else None for each in (old, new)]
    if any(positions):
        shown = [percent_interval(each) if each else "" for each in positions]
        yield "position of the status quo", shown[0], shown[1]


def _notes(old: LiftResult, new: LiftResult) -> Iterator[str]:
    if _measured_by(old) != _measured_by(new):
        yield "The KPI is another one than before, so the two columns cannot be compared."
        return
    if old.kpi.period_rows != new.kpi.period_rows:
        rows = f"{old.kpi.period_rows:,} rows, now for {new.kpi.period_rows:,}"
        yield f"Before, the figures stood for {rows}: only the position can be compared."
    elif old.assumed and new.sample:
        assumed, found = old.potential_lift, new.potential_lift.value
        where = "below" if found < assumed.low else "above" if found > assumed.high else "within"
        yield f"The potential lift that the data show lies {where} the interval that was assumed."


def _measured_by(result: LiftResult) -> tuple[object, ...]:
    kpi = result.kpi
    return kpi.name, kpi.kind, kpi.unit, kpi.direction
