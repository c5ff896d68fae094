"""The verdict on a monitor's value: within its bounds or not, and recent enough or not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from iterata.results.monitors import MonitorVerdict

if TYPE_CHECKING:
    from datetime import date

    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.sequence import Sequence


MUCH_WIDER = 2.0
"""A reader is told why an interval is so many times as wide."""


class Interval(NamedTuple):
    """The ends of an interval; an end is infinite if the rows do not limit it."""

    low: float
    high: float


class MonitorValue(NamedTuple):
    """The value of a monitor, computed from its data."""

    value: float
    rows: int
    """The number of rows that the value is computed from."""
    newest: date | None
    """The day of the newest of these rows, in UTC; None if the monitor names no date column."""
    interval: Interval | None = None
    """Valid for all looks of a year; None if the measure has none."""
    one_look: Interval | None = None
    """The interval of 95 % for a single look."""
    sequence: Sequence | None = None
    """The value over all days; None if they are too few, or their beginning is not known."""
    units: int | None = None
    """The number of units; None without `unit_id`."""
    least_rows: int = 1
    """The least number of rows, or units, of which something is said."""
    days_missing: int = 0
    """How many of the last days lie before the first row: a sum or a count is then too low."""
    is_long_tailed: bool = False
    """Whether so few amounts are so skewed that the interval may be too narrow."""
    correlation: float = 0.0
    """How much days resemble the ones before them."""
    wider: float = 1.0
    """How many times as wide the interval is because days are alike."""


class Violation(NamedTuple):
    """The first requirement that a monitor's value does not meet."""

    verdict: MonitorVerdict
    key: str
    """The key of the monitor that states the requirement."""
    message: str


class Outcome(NamedTuple):
    """What a monitor's value means on a day."""

    verdict: MonitorVerdict
    violation: Violation | None = None
    """The requirement that it does not meet; None if nothing needs attention."""
    note: str = ""
    """Why nothing can be said, in words."""


def judge(monitor: Monitor, value: MonitorValue, today: date) -> Outcome:
    """The verdict on a value: too old, too few rows, certainly out of bounds, or perhaps, or fine."""
    if violation := find_violation(monitor, value, today):
        return Outcome(violation.verdict, violation)
    if value.days_missing and _breach(monitor, value.value) == "lower":
        note = f"the data begin {_days(value.days_missing)} after the first of the last {monitor.last_days}"
        return Outcome(MonitorVerdict.TOO_FEW, note=note)
    if _too_few(value):
        counted = "rows" if value.units is None else "units"
        found = value.rows if value.units is None else value.units
        return Outcome(
            MonitorVerdict.TOO_FEW,
            note=f"it has {found:,} of the {value.least_rows:,} {counted} that it needs",
        )
    if breach := _breach(monitor, value.value):
        interval = _interval(monitor, value)
        text = (
            f"{_side(monitor, value.value, breach)}, but chance alone could do that{interval}{_alike(value)}"
        )
        return Outcome(MonitorVerdict.UNCERTAIN, note=text)
    return Outcome(MonitorVerdict.FINE)


def _alike(value: MonitorValue) -> str:
    """Why the interval is much wider than rows would make it; empty if it is not."""
    if value.wider < MUCH_WIDER:
        return ""
    return (
        f"; its days are much alike (correlation {value.correlation:.2f}), so the interval is "
        f"{value.wider:.1f} times as wide"
    )


def _too_few(value: MonitorValue) -> bool:
    return (value.rows if value.units is None else value.units) < value.least_rows


def find_violation(monitor: Monitor, value: MonitorValue, today: date) -> Violation | None:
    """The requirement that a value does not meet on a day, None if it meets all.

    Age comes before bounds, because old data say nothing about the present.
    """
    violation = _out_of_bounds(monitor, value)
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


def _out_of_bounds(monitor: Monitor, value: MonitorValue) -> Violation | None:
    """The bound that a value violates with its interval, or with the one of all days."""
    key = _breach(monitor, value.value)
    if key is None or _too_few(value) or (value.days_missing and key == "lower"):
        return None
    message = _side(monitor, value.value, key)
    if value.interval is None or _is_beyond(monitor, value.interval, key):
        return Violation(MonitorVerdict.REGRESSION, key, f"{message}{_interval(monitor, value)}")
    sequence = value.sequence
    if sequence is None or not _is_beyond(monitor, Interval(sequence.low, sequence.high), key):
        return None
    low, high = (format_value(monitor, end) for end in (sequence.low, sequence.high))
    whole = f"{format_value(monitor, sequence.value)} over the {sequence.days:,} days since {sequence.since}"
    return Violation(MonitorVerdict.REGRESSION, key, f"{message}, and {whole} (interval {low} to {high})")


def _breach(monitor: Monitor, value: float) -> str | None:
    """The key of the bound that a number is beyond."""
    if monitor.lower is not None and value < monitor.lower:
        return "lower"
    return "upper" if monitor.upper is not None and value > monitor.upper else None


def _is_beyond(monitor: Monitor, interval: Interval, key: str) -> bool:
    """Whether a whole interval is beyond a bound."""
    return _breach(monitor, interval.high if key == "lower" else interval.low) == key


def _side(monitor: Monitor, value: float, key: str) -> str:
    bound = monitor.lower if key == "lower" else monitor.upper
    side = "below" if key == "lower" else "above"
    return f"{format_value(monitor, value)} is {side} {format_bound(bound or 0)}"


def _interval(monitor: Monitor, value: MonitorValue) -> str:
    text = format_interval(monitor, value.interval)
    tail = "; few amounts with a long tail, so it may be too narrow" if value.is_long_tailed else ""
    return f" (interval {text}{tail})" if text else ""


def format_interval(monitor: Monitor, interval: Interval | None) -> str:
    """An interval: `0.1 to 0.3`, `at most 0.3` if it is open; empty if there is none."""
    if interval is None:
        return ""
    low, high = (format_value(monitor, end) for end in interval)
    match math.isfinite(interval.low), math.isfinite(interval.high):
        case True, True:
            return f"{low} to {high}"
        case True, False:
            return f"at least {low}"
        case False, True:
            return f"at most {high}"
        case _:
            return "unlimited"


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
