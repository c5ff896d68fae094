"""How an expected lift changed, whether it comes from assumptions or from data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.text import interval, percent_interval, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import LiftResult


def changed(heading: str, old: LiftResult | None, new: LiftResult) -> str:
    """A table of before and after, and below it what to keep in mind when comparing them."""
    before, after = ("before", "after")
    if new.assumed or (old and old.assumed):
        before, after = (f"before, {_from(old)}" if old else before), f"after, {_from(new)}"
    figures = table((heading, before, after), list(_rows(old, new)))
    notes = "".join(f"\n- {note}" for note in _notes(old, new)) if old else ""
    return f"{figures}\n{notes}" + ("\n" if notes else "")


def _from(result: LiftResult) -> str:
    return "from assumptions" if result.assumed else "from data"


def _rows(old: LiftResult | None, new: LiftResult) -> Iterator[tuple[str, str, str]]:
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
