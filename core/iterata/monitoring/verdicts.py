"""The verdict on a monitor's value: within its bounds or not, and recent enough or not."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from iterata.documents.models.monitors import Monitor


class MonitorVerdict(StrEnum):
    """The state of a monitor."""

    FINE = "fine"
    """The value is within its bounds, and recent enough."""
    REGRESSION = "regression"
    """The value is out of its bounds."""
    STALE = "stale"
    """The newest row is too old; the value says nothing about the present."""
    UNKNOWN = "unknown"
    """The value cannot be computed."""
    ELSEWHERE = "elsewhere"
    """The value is watched in another system, and is not known here."""

    @property
    def label(self) -> str:
        """The verdict as people read it."""
        return "watched elsewhere" if self is MonitorVerdict.ELSEWHERE else self.value


class MonitorValue(NamedTuple):
    """The value of a monitor, computed from its data file."""

    value: float
    rows: int
    """The number of rows that the value is computed from."""
    newest: date | None
    """The day of the newest of these rows, in UTC; None if the monitor names no date column."""


class Violation(NamedTuple):
    """The first requirement that a monitor's value does not meet."""

    verdict: MonitorVerdict
    key: str
    """The key of the monitor that states the requirement."""
    message: str


def find_violation(monitor: Monitor, value: MonitorValue, today: date) -> Violation | None:
    """The requirement that a value does not meet on a day, None if it meets all.

    Age comes before bounds, because old data say nothing about the present.
    """
    violation = _out_of_bounds(monitor, value.value)
    if value.newest is None or monitor.max_age_days is None:
        return violation
    age = (today - value.newest).days
    if age <= monitor.max_age_days:
        return violation
    key = "last_days" if monitor.max_age is None else "max_age"
    age_limit = _days(monitor.max_age_days)
    message = f"the newest row is {_days(age)} old ({value.newest}); the limit is {age_limit}"
    also = f"; {violation.message} as well" if violation else ""
    return Violation(MonitorVerdict.STALE, key, f"{message}{also}")


def _out_of_bounds(monitor: Monitor, value: float) -> Violation | None:
    text = format_value(monitor, value)
    if monitor.lower is not None and value < monitor.lower:
        message = f"{text} is below {format_bound(monitor.lower)}"
        return Violation(MonitorVerdict.REGRESSION, "lower", message)
    if monitor.upper is not None and value > monitor.upper:
        message = f"{text} is above {format_bound(monitor.upper)}"
        return Violation(MonitorVerdict.REGRESSION, "upper", message)
    return None


def format_bounds(monitor: Monitor) -> str:
    """The bounds of a monitor: `at least 80`, `0.1 to 0.3`."""
    match monitor.lower, monitor.upper:
        case None, None:
            return ""
        case float(lower), None:
            return f"at least {format_bound(lower)}"
        case None, float(upper):
            return f"at most {format_bound(upper)}"
        case lower, upper:
            return f"{format_bound(lower or 0)} to {format_bound(upper or 0)}"


def format_bound(bound: float) -> str:
    """A bound with all digits its author wrote, and thousands separators."""
    return f"{bound:,.12g}"


def format_value(monitor: Monitor, value: float) -> str:
    """A value with four significant digits, or more if rounding would move it across a bound."""
    texts = (f"{value:,.{digits}g}" for digits in range(4, 18))
    readable = (text for text in texts if "e" not in text or not 1e-5 < abs(value) < 1e15)
    bounds = [bound for bound in (monitor.lower, monitor.upper) if bound is not None]
    return next(
        (text for text in readable if all(_keeps_side(text, value, bound) for bound in bounds)), repr(value)
    )


def _keeps_side(text: str, value: float, bound: float) -> bool:
    """Whether a rounded value is on the same side of a bound as the value itself."""
    rounded = float(text.replace(",", ""))
    return (rounded > bound) == (value > bound) and (rounded < bound) == (value < bound)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"
