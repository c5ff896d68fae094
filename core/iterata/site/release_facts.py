"""What the pages say about a release beside its chart, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.knowledge import same_share
from iterata.render.estimates import interval, parts
from iterata.text import number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from iterata.knowledge import ReleaseView
    from iterata.results import Estimate
    from iterata.results.rollout import RolloutResult


def gain(estimate: Estimate) -> str:
    """A gain with its sign and its interval: `+42.0 (+11.0 to +73.0)`."""
    return interval(estimate, sign=True)


def rule_of_thumb(estimate: Estimate) -> str:
    """A gain that may come without an interval, because it was not computed from rows: `+84.0`."""
    ends = estimate.interval
    return gain(estimate) if ends and ends[0] < ends[1] else parts(estimate, sign=True)[0]


def p_value(value: float) -> str:
    """A p-value, which is never shown as zero: `= 0.27`, `< 0.0001`."""
    return "< 0.0001" if value < 1e-4 else f"= {number(value, 2 if value >= 0.01 else 4)}"


def last_day(result: RolloutResult) -> date | None:
    """The last day with data; None if the rows have no days."""
    return max((units.last_day for units in result.phases if units.last_day), default=None)


def still_needed(release: ReleaseView) -> str:
    """What the present phase must still reach, as the newest result counted it; empty if nothing is known."""
    return "; ".join(_needed(release))


def _needed(release: ReleaseView) -> Iterator[str]:
    newest, current = release.newest, release.current
    if newest is None or current is None or current.phase.ended:
        return
    if not same_share(newest.phase, current.phase.share):
        return
    state = newest.hold
    if state.days_needed is not None and state.days < state.days_needed:
        yield f"{state.days} of {state.days_needed} days"
    if state.units_needed is not None and state.units < state.units_needed:
        yield f"{state.units:,} of {state.units_needed:,} units"
    if state.until is not None:
        decided = newest.health and newest.health[0].problem == "inconclusive"
        yield f"expected to be {'decided' if decided else 'reached'} on {state.until}"
    if state.approval_needed:
        yield f"the agreement of {state.approval_needed}"
