"""How long an inconclusive phase would have to go on, if its present differences were the true ones."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import TYPE_CHECKING, NamedTuple

from iterata.rollout.hold import at_pace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from iterata.results.parts import Estimate
    from iterata.results.rollout import HoldState, MetricReading

MOST = 10
"""A phase that needs more than so many times the units that it was planned for is not extended."""


class Question(NamedTuple):
    """A bound that the interval of a metric does not exclude yet."""

    metric: MetricReading
    interval: Estimate | None
    """The difference with the interval that decides."""
    loss: float
    """The loss that must be excluded: the margin, or 0 for a gain."""


class Progress(NamedTuple):
    """What a phase has seen so far."""

    share: float
    information: float
    """The information of all phases with a control group so far, in units."""
    hold: HoldState
    last_day: date | None
    """The last whole day with data."""


class Outlook(NamedTuple):
    """What more units would do, in a sentence, and the day on which they are there."""

    sentence: str
    until: date | None = None


def outlook(questions: Iterable[Question], progress: Progress) -> Outlook:
    """Until how many units or which day a phase would have to go on; empty if nothing can be said.

    The half width of an interval shrinks with the root of the information. So the information must grow by
    the squared ratio of half width and distance between the difference and the bound; a unit of the phase
    adds s (1 - s). The critical value is taken as it is, so that the figure is rather too large.

    Args:
        questions: what is not decided yet.
        progress: what the phase has seen so far.
    """
    factors = []
    for metric, estimate, loss in questions:
        if estimate is None or estimate.interval is None:
            return Outlook("")
        low, high = estimate.interval
        gap = (estimate.value if metric.better == "higher" else -estimate.value) + loss
        if gap <= 0:
            return Outlook(_beyond(metric, loss))
        factors.append(((high - low) / 2 / gap) ** 2)
    share, information, hold, last_day = progress
    if not factors or not information:
        return Outlook("")
    if share >= 1:
        return Outlook(f"Without a control group, more units show nothing: {_CHOICE}.")
    missing = max(ceil((max(factors) - 1) * information / (share * (1 - share))), 1)
    total, planned = hold.units + missing, hold.units_needed or hold.units
    about = f"about {_rounded_up(missing):,} more units ({_rounded_up(total):,} in this phase)"
    if total > MOST * planned:
        return Outlook(
            f"If the present difference is the true one, it takes {about}, more than ten times the "
            f"{planned:,} of the plan: {_MARGIN}, {_CHOICE}."
        )
    until = at_pace(hold, last_day, missing) if last_day else None
    day = f", until {until.isoformat()} at the pace so far" if until else ""
    return Outlook(f"If the present difference is the true one, go on for {about}{day}.", until)


def _rounded_up(count: int) -> int:
    """A count with two digits that mean something.

    >>> _rounded_up(12_345), _rounded_up(7)
    (13000, 7)
    """
    step = int(10 ** max(floor(log10(count)) - 1, 0))
    return ceil(count / step) * step


_MARGIN = "agree on a larger margin"
_CHOICE = "stop the release, or override the gate with a reason"


def _beyond(metric: MetricReading, loss: float) -> str:
    """Why more units would not help: the difference itself is beyond the bound."""
    if loss > 0 or metric.role == "guardrail":
        beyond, choice = "is a loss beyond the margin", f"{_MARGIN}, {_CHOICE}"
    else:
        beyond, choice = "is no gain", _CHOICE
    return (
        f"The present difference of {metric.name} {beyond}, and if it is the true one, more units will not "
        f"help: {choice}."
    )
