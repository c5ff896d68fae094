"""Which phase of a release a day, or the share in a column, belongs to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.errors import DataError, Location

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from iterata.documents.models.deployment import Deployment, Phase

EPOCH = date(1970, 1, 1)

BEFORE, BETWEEN, AFTER = -1, -2, -3
"""What a day is that belongs to no phase."""

SAME_SHARE = 1e-6
"""By how much the share in a column may differ from that of the phase: a float of 32 bits does."""


class PhaseDays(NamedTuple):
    """A phase that has begun."""

    position: int
    """Its index in the document."""
    share: float
    start: int
    """Its first day, in days since 1970."""
    end: int | None
    """Its last day; None if it goes on."""


def day_number(day: date) -> int:
    """The days since 1970."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The day, of the days since 1970."""
    return EPOCH + timedelta(days=number)


def phase_days(phases: Sequence[Phase]) -> list[PhaseDays]:
    """The phases that have begun, with their days.

    The day on which a phase ends and the next one begins belongs to the next one.

    Raises:
        DataError: a phase ends before it begins, begins before the one in front of it, or has not begun while
            a later one has.
    """
    begun: list[PhaseDays] = []
    for position, phase in enumerate(phases):
        if phase.started is None:
            continue
        if len(begun) < position:
            _refuse_missing_start(position - 1, phases, phase)
        start = day_number(phase.started)
        end = None if phase.ended is None else day_number(phase.ended)
        if end is not None and end < start:
            message = f"the phase ends on {phase.ended}, before it begins on {phase.started}"
            raise _at(position, "ended", message, "correct one of the two days")
        if begun:
            begun[-1] = _until(begun[-1], start, phase)
        begun.append(PhaseDays(position, phase.share, start, end))
    return begun


def _until(earlier: PhaseDays, start: int, phase: Phase) -> PhaseDays:
    """A phase that ends at the latest on the day before the next one begins."""
    if start <= earlier.start:
        message = (
            f"the phase of {phase.share * 100:g} % begins on {phase.started}, and the one before it, of "
            f"{earlier.share * 100:g} %, on {day_of(earlier.start)}"
        )
        remedy = "correct the days: a phase begins after the one in front of it"
        raise _at(earlier.position + 1, "started", message, remedy)
    if earlier.end is not None and earlier.end > start:
        message = f"the phase ends on {day_of(earlier.end)}, after the next one began on {phase.started}"
        raise _at(earlier.position, "ended", message, f"write `ended: {phase.started}`, or correct the other")
    end = start - 1 if earlier.end is None else min(earlier.end, start - 1)
    return earlier._replace(end=end)


def _refuse_missing_start(missing: int, phases: Sequence[Phase], later: Phase) -> None:
    message = (
        f"the phase of {phases[missing].share * 100:g} % has no day on which it started, but the one of "
        f"{later.share * 100:g} % after it started on {later.started}"
    )
    remedy = "write the day as `started: YYYY-MM-DD`, or remove the phase if it was left out"
    raise _at(missing, "", message, remedy)


def _at(position: int, key: str, message: str, remedy: str) -> DataError:
    field: tuple[str | int, ...] = ("phases", position, *([key] if key else []))
    return DataError(message, remedy=remedy, where=Location(field=field))


def only_phase(deployment: Deployment) -> Phase:
    """The phase of rows that have neither a date nor a phase.

    Raises:
        DataError: there are several.
    """
    begun = [phase for phase in deployment.phases if phase.started] or deployment.phases
    if len(begun) == 1:
        return begun[0]
    message = f"rows have neither a date nor a phase, and there are {len(begun)} phases"
    remedy = "add `date: COLUMN` to `split_test`, or `phase: COLUMN` with the share of each row's phase"
    raise DataError(message, remedy=remedy, where=Location(field=("split_test",)))


def phases_of_days(days: NDArray[np.int64], begun: Sequence[PhaseDays]) -> NDArray[np.int64]:
    """The index in `begun` of the phase of each day, or why there is none; shape `(n,)`."""
    starts = np.array([phase.start for phase in begun], dtype=np.int64)
    ends = np.array([_last_day(phase) for phase in begun], dtype=np.int64)
    index = np.searchsorted(starts, days, side="right") - 1
    past = (index >= 0) & (days > ends[np.maximum(index, 0)])
    return np.where(
        past, np.where(index == len(begun) - 1, AFTER, BETWEEN), np.where(index < 0, BEFORE, index)
    )


def _last_day(phase: PhaseDays) -> int:
    return np.iinfo(np.int64).max if phase.end is None else phase.end


def shares_of(
    values: Mapping[float, int], phases: Sequence[Phase], column: str, where: str
) -> dict[float, float]:
    """The share of the phase that each value of a column means.

    Args:
        values: the values of the column, with the numbers of their rows.
        phases: the phases of the document.
        column: the column.
        where: the table.

    Raises:
        DataError: there is no such phase.
    """
    shares = [phase.share for phase in phases]
    found: dict[float, float] = {}
    for value, rows in values.items():
        share = next((share for share in shares if abs(share - value) <= SAME_SHARE), None)
        if share is None:
            raise _no_phase(value, rows, shares, Location(where, data_column=column))
        found[value] = share
    return found


def _no_phase(value: float, rows: int, shares: Sequence[float], where: Location) -> DataError:
    listed = ", ".join(f"{share:g}" for share in shares)
    message = f"there is no phase with the share {value:g}, which {rows:,} rows have; there are {listed}"
    remedy = (
        f"write the share of the phase into the column, such as {shares[0]:g}, or add the phase to `phases`"
    )
    if any(abs(share * 100 - value) <= SAME_SHARE * 100 for share in shares):
        remedy = (
            f"write shares such as {shares[0]:g} in place of percentages, or divide the column by 100 in a "
            "`query:`"
        )
    return DataError(message, remedy=remedy, where=where).about("split_test.phase")
