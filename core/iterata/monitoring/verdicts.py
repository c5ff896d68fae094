"""What a figure means for what was released: within its bounds or not, and new enough to say so."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from iterata.documents.models.monitors import Monitor


class MonitorVerdict(StrEnum):
    """What a monitor says."""

    FINE = "fine"
    """The figure is within its bounds, and new enough."""
    REGRESSION = "regression"
    """The figure is out of its bounds."""
    STALE = "stale"
    """The newest row is too old, whatever the figure: nobody knows how things are."""
    UNKNOWN = "unknown"
    """The figure cannot be computed."""
    ELSEWHERE = "elsewhere"
    """It is watched elsewhere, and nothing is known of it here."""

    @property
    def words(self) -> str:
        """How people are told."""
        return "watched elsewhere" if self is MonitorVerdict.ELSEWHERE else self.value


class Reading(NamedTuple):
    """What a monitor's file says."""

    value: float
    rows: int
    """How many rows the figure is made of."""
    newest: date | None
    """The day of the newest of them, in UTC; none where no column of days is named."""


class Fault(NamedTuple):
    """Why a figure will not do."""

    verdict: MonitorVerdict
    key: str
    """The key of the monitor that it breaks."""
    message: str


def fault(monitor: Monitor, reading: Reading, today: date) -> Fault | None:
    """Why the figure will not do today, if it will not. Old data say nothing, so that they come first."""
    out = _out_of_bounds(monitor, reading.value)
    if reading.newest is not None and monitor.oldest is not None:
        age = (today - reading.newest).days
        if age > monitor.oldest:
            key = "last_days" if monitor.max_age is None else "max_age"
            old = f"the newest row is {_days(age)} old ({reading.newest})"
            message = f"{old}, where {monitor.oldest:,} may be"
            also = f"; besides, {out.message}" if out else ""
            return Fault(MonitorVerdict.STALE, key, f"{message}{also}")
    return out


def _out_of_bounds(monitor: Monitor, value: float) -> Fault | None:
    shown = figure(monitor, value)
    if monitor.lower is not None and value < monitor.lower:
        return Fault(MonitorVerdict.REGRESSION, "lower", f"{shown} is below {exact(monitor.lower)}")
    if monitor.upper is not None and value > monitor.upper:
        return Fault(MonitorVerdict.REGRESSION, "upper", f"{shown} is above {exact(monitor.upper)}")
    return None


def bounds(monitor: Monitor) -> str:
    """The thresholds in words: `at least 80`, `0.1 to 0.3`."""
    match monitor.lower, monitor.upper:
        case None, None:
            return ""
        case float(lower), None:
            return f"at least {exact(lower)}"
        case None, float(upper):
            return f"at most {exact(upper)}"
        case lower, upper:
            return f"{exact(lower or 0)} to {exact(upper or 0)}"


def exact(bound: float) -> str:
    """A threshold as its author wrote it, with thousands separators."""
    return f"{bound:,.12g}"


def figure(monitor: Monitor, value: float) -> str:
    """A figure in four digits or more: as many as show on which side of each threshold it is."""
    texts = (f"{value:,.{digits}g}" for digits in range(4, 18))
    plain = (text for text in texts if "e" not in text or not 1e-5 < abs(value) < 1e15)
    thresholds = [each for each in (monitor.lower, monitor.upper) if each is not None]
    return next(
        (text for text in plain if all(_side(text, each) == _sign(value, each) for each in thresholds)),
        repr(value),
    )


def _side(text: str, bound: float) -> int:
    return _sign(float(text.replace(",", "")), bound)


def _sign(value: float, bound: float) -> int:
    return (value > bound) - (value < bound)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"
