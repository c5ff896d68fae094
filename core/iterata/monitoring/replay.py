"""Try a monitor on its own past: how often it would have fired, and how soon it would find a change.

The false alarms of a year are those of years that are drawn from the past by the stationary bootstrap
(Politis and Romano 1994): blocks of days of random length, so that neighbouring days stay together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.monitors import MIN_DAILY_ROWS, MIN_ROWS
from iterata.monitoring.days import ROWS, Scale, daily, design_effect
from iterata.monitoring.levels import levels
from iterata.monitoring.looks import LookRules, fires
from iterata.monitoring.rows import read_rows, require_numbers
from iterata.monitoring.sequence import TOTALS

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.rows import MonitorRows
    from iterata.monitoring.tables import MonitorTables

YEAR = 365

YEARS = 100
"""How many years are drawn."""

BLOCK = 14
"""The mean number of days of a block."""

STARTS = 12
"""On how many days of the past a change is tried."""

LONGEST_WAIT = 90
"""After so many days a change counts as not found."""


class Detection(NamedTuple):
    """How soon a change is found."""

    change: float
    """The part of its size by which what is measured changes; below 0 if it drops."""
    tried: int
    """On how many days it was tried."""
    found: int
    """How often it was found."""
    median_days: float | None
    """The median number of days with the change until it is found; None if it is found less than half the
    time."""
    within: int
    """For how many days it was looked for."""


class Replay(NamedTuple):
    """A monitor on its own past."""

    first: date
    last: date
    days: int
    """The days with rows, at each of which there was a look."""
    fired_days: int
    """The looks at which it fired."""
    fired: int
    """How often it began to fire."""
    fired_per_year: float
    false_alarms_per_year: float
    """How often it begins to fire in a year like the past, on average."""
    years_with_alarm: float
    """The share of such years in which it fires at all; to compare with `false_alarms`."""
    detection: Detection


def replay(monitor: Monitor, tables: MonitorTables, today: date, drop: float) -> Replay:
    """Try a monitor on all days of its data; rows that are not numbers are left out.

    Args:
        monitor: a monitor with `date` and a measure of several rows.
        tables: its data.
        today: the day of the look.
        drop: the size of the change that is tried, such as 0.1 for 10 %: a drop if the monitor has a `lower`
            bound, otherwise a rise.

    Raises:
        DataError: its data cannot be read; located at the key of the monitor to correct.
    """
    rows = read_rows(monitor, tables, today)
    known = np.isfinite(rows.of) & np.isfinite(rows.divisor)
    rows = rows.take(known) if known.any() else rows
    require_numbers(monitor, rows)
    days = rows.days if rows.days is not None else np.zeros(len(rows.of), np.int64)
    rules = _rules(monitor, rows)
    change = -drop if monitor.lower is not None else drop
    past = daily(monitor, rows, rules.scale)
    fired = fires(rules, past[np.newaxis])[0]
    drawn = fires(rules, past[stationary_bootstrap(len(past), YEARS)])
    changed = daily(monitor, rows, rules.scale, change)
    first, last = (np.datetime64(int(day), "D").astype(object) for day in (days.min(), days.max()))
    return Replay(
        first,
        last,
        int((past[:, ROWS] > 0).sum()),
        int(fired.sum()),
        int(_begins(fired)),
        float(_begins(fired)) * YEAR / len(past),
        float(_begins(drawn)) / YEARS,
        float(drawn.any(axis=1).mean()),
        _detection(rules, past, changed, change),
    )


def _rules(monitor: Monitor, rows: MonitorRows) -> LookRules:
    first = np.datetime64(int(rows.days.min()), "D").astype(object) if rows.days is not None else None
    effect, units = design_effect(rows)
    return LookRules(
        monitor, levels(monitor, first), Scale.of_rows(rows), _least(monitor, rows), effect, units
    )


def _least(monitor: Monitor, rows: MonitorRows) -> int:
    if monitor.min_rows is not None or monitor.measure in TOTALS:
        return monitor.min_rows or 1
    is_daily = rows.days is not None and len(np.unique(rows.days)) == len(rows.days)
    return MIN_DAILY_ROWS if is_daily else MIN_ROWS


def stationary_bootstrap(days: int, years: int, seed: int = 0) -> NDArray[np.int64]:
    """Days of the past that follow each other in drawn years; shape `(years, 365)`."""
    generator = np.random.default_rng(seed)
    begins = generator.random((years, YEAR)) < 1 / BLOCK
    begins[:, 0] = True
    starts = generator.integers(days, size=(years, YEAR))
    position = np.arange(YEAR)
    latest = np.maximum.accumulate(np.where(begins, position, 0), axis=1)
    drawn: NDArray[np.int64] = (np.take_along_axis(starts, latest, axis=1) + position - latest) % days
    return drawn


def _begins(fired: Bools) -> int:
    """How often firing begins, in all histories together."""
    before = np.zeros_like(fired)
    before[..., 1:] = fired[..., :-1]
    return int((fired & ~before).sum())


def _detection(rules: LookRules, past: Floats, changed: Floats, change: float) -> Detection:
    """Let what is measured change on several days of the past, and count the days until the monitor fires."""
    count = len(past)
    within = min(LONGEST_WAIT, max(count // 2, 1))
    earliest = min(rules.monitor.last_days or 28, count // 3)
    starts = np.unique(np.linspace(earliest, max(count - within, earliest), STARTS).astype(int))
    position = np.arange(count)
    histories = np.where((position >= starts[:, np.newaxis])[..., np.newaxis], changed, past)
    fired = fires(rules, histories) & (position >= starts[:, np.newaxis])
    waits = np.where(fired.any(axis=1), fired.argmax(axis=1) - starts + 1, np.inf)
    waits[waits > within] = np.inf
    median = float(np.median(waits))
    return Detection(
        change, len(starts), int(np.isfinite(waits).sum()), median if np.isfinite(median) else None, within
    )
