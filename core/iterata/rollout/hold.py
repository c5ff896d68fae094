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
    last = days[-1] if days else phase.ended or today  # the day on which it ends may be the next one's
    end = min(last, today - timedelta(days=1))
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
        if not state.units or not state.days:
            return None
        missing = (state.units_needed or 0) - state.units
        days = ceil(missing * state.days / state.units)
        if days > FARTHEST_DAYS:
            return None
        candidates.append(end + timedelta(days=1 + days))
    return max(candidates)
