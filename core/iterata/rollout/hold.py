"""What a phase still waits for: days, units, approval."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil
from typing import TYPE_CHECKING

from iterata.lifecycle.release import missing_approval
from iterata.results.rollout import HoldState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.documents.models.deployment import Phase


FARTHEST_DAYS = 3650
"""A day that is farther away is no plan; the pace of today says nothing about it."""


def hold_state(phase: Phase, days: Sequence[date], units: int, today: date) -> HoldState:
    """What the phase waits for.

    A day counts once it is over. Units without dates count, and days then are those since the phase began.

    Args:
        phase: the phase.
        days: the days on which units were first exposed in it, in order.
        units: units of both arms.
        today: the day of the evaluation.
    """
    start = phase.started or (days[0] if days else None)
    end = last_whole_day(days, today) if days else min(phase.ended or today, today - timedelta(days=1))
    whole = max((end - start).days + 1, 0) if start else 0
    state = HoldState(
        days=whole,
        days_needed=phase.hold.days,
        units=units,
        units_needed=phase.hold.units,
        approval_needed=missing_approval(phase) or "",
    )
    return (
        state if start is None or not days else state.model_copy(update={"until": _until(state, start, end)})
    )


def last_whole_day(days: Sequence[date], today: date) -> date:
    """The last day with data that is over; the day on which a phase ends may be the next one's."""
    return min(days[-1], today - timedelta(days=1))


def is_met(state: HoldState) -> bool:
    """Whether days and units are as many as needed; an approval is no matter of data."""
    return state.days >= (state.days_needed or 0) and state.units >= (state.units_needed or 0)


def _until(state: HoldState, start: date, end: date) -> date | None:
    """The day on which the phase has all days and units, at the pace of its units so far."""
    if is_met(state):
        return None
    candidates = []
    if state.days < (state.days_needed or 0):
        candidates.append(start + timedelta(days=state.days_needed or 0))
    if state.units < (state.units_needed or 0):
        day = at_pace(state, end, (state.units_needed or 0) - state.units)
        if day is None:
            return None
        candidates.append(day)
    return max(candidates)


def at_pace(state: HoldState, end: date, missing: int) -> date | None:
    """The day on which so many more units are there, at the pace so far; None if nobody can tell.

    Args:
        state: the days and units so far.
        end: the last whole day of them.
        missing: the units to come, of both arms.
    """
    if not state.units or not state.days:
        return None
    days = ceil(missing * state.days / state.units)
    return None if days > FARTHEST_DAYS else end + timedelta(days=1 + days)
