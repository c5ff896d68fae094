"""Two expected lifts side by side: before a change, and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.text import decimals, interval, percent, percent_interval, signed, table, text

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
