"""`iterata monitor --record`: keep what the monitors showed today in `results/monitors.json`."""

from __future__ import annotations

from itertools import groupby
from math import isfinite
from typing import TYPE_CHECKING

from iterata.errors import IterataError
from iterata.repository.files import locked, write_within
from iterata.results.monitors import (
    FILE,
    MonitorEntry,
    MonitorSeries,
    MonitorVerdict,
    repair_series,
    series_text,
)
from iterata.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from iterata.actions.monitor import MonitorResult

ATTRIBUTES = f"# Git keeps the lines of both branches that recorded different days.\n{FILE} merge=union\n"
"""What `results/.gitattributes` says about the series."""

LONGEST_REASON = 200
"""The most characters of a reason."""


def record(root: Path, results: Iterable[MonitorResult], today: date) -> list[str]:
    """Add what the monitors show to the series of their iterations; return the paths that changed.

    Monitors that are watched elsewhere have no entry. A second record of a day replaces its entries.

    Raises:
        BusyError: another command is working on one of the iterations.
        IterataError: two monitors have one name, or the series has a day in the future.
        NewerVersion: a newer version wrote the series.
    """
    changed: list[str] = []
    for _, group in groupby(results, key=lambda result: result.iteration):
        computed = [result for result in group if result.verdict is not MonitorVerdict.ELSEWHERE]
        if computed:
            folder = computed[0].document.path.rpartition("/")[0]
            with locked(root, computed[0].iteration):
                changed += _record(root, f"{folder}/results", _entries(computed), today)
    return changed


def _record(root: Path, folder: str, entries: dict[str, MonitorEntry], today: date) -> list[str]:
    path, attributes = f"{folder}/{FILE}", f"{folder}/.gitattributes"
    file = root / path
    text = file.read_text("utf-8", errors="replace") if file.is_file() else ""
    series = repair_series(text, path) if text else MonitorSeries()
    later = max(series.days, default=today)
    if later > today:
        message = f"has an entry of {later}, but today is {today} in UTC"
        remedy = f"set this machine's clock; if it is right, remove the line of {later}"
        raise IterataError(message, remedy=remedy, where=path)
    changed = [path] if write_within(root, path, series_text(series.recorded(today, entries))) else []
    if not (root / attributes).exists() and write_within(root, attributes, ATTRIBUTES):
        changed.append(attributes)
    return changed


def _entries(results: list[MonitorResult]) -> dict[str, MonitorEntry]:
    entries: dict[str, MonitorEntry] = {}
    for result in results:
        name = result.monitor.name
        if name in entries:
            message = f"two monitors are called {name}, so their series cannot be told apart"
            place = result.document.path
            raise IterataError(message, remedy="give each monitor a name of its own", where=place)
        entries[name] = entry_of(result)
    return entries


def entry_of(result: MonitorResult) -> MonitorEntry:
    """What is kept of a monitor's result; without a value, the reason why."""
    value = result.value
    if value is None:
        reason = one_line(result.note, LONGEST_REASON)
        return MonitorEntry(verdict=result.verdict, reason=reason)
    low, high = value.interval or (None, None)
    return MonitorEntry(
        verdict=result.verdict,
        value=value.value,
        low=low if low is not None and isfinite(low) else None,
        high=high if high is not None and isfinite(high) else None,
        rows=value.rows,
        newest=value.newest,
    )
