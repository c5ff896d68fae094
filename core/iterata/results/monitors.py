"""`results/monitors.json`: what each monitor of a release showed, with one line a day.

The newest day is first, so that a new line changes no other. Git merges two branches that recorded different
days by keeping the lines of both (`merge=union`); the order and a day twice are repaired by the next record.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from pydantic import Field, ValidationError

from iterata.errors import DataError, Location, NewerVersion
from iterata.execution.installed import how_to_upgrade
from iterata.results.parts import ResultPart, RoundedFloat, is_empty

if TYPE_CHECKING:
    from collections.abc import Iterable

FILE = "monitors.json"
"""The file's name below `results/`."""

MOST_DAYS = 730
"""The most days of a series; older ones are dropped, and stay in Git's history."""

SCHEMA_VERSION: Literal[1] = 1

_REMEDY = "restore it from Git, or run `iterata monitor --record`, which keeps all lines that can be read"
_TWICE_REMEDY = "remove one of the two lines of that day"

_DAY_LINE = re.compile(r'\s*"(\d{4}-\d{2}-\d{2})":\s*(\{.*\}),?\s*')


class MonitorVerdict(StrEnum):
    """The state of a monitor."""

    FINE = "fine"
    """The value is within its bounds, and recent enough."""
    UNCERTAIN = "uncertain"
    """The value is out of its bounds, but its interval reaches into them."""
    TOO_FEW = "too_few"
    """There are fewer rows than `min_rows`; the value says nothing."""
    REGRESSION = "regression"
    """The value and its interval are out of the bounds."""
    STALE = "stale"
    """The newest row is too old; the value says nothing about the present."""
    UNKNOWN = "unknown"
    """The value cannot be computed."""
    ELSEWHERE = "elsewhere"
    """The value is watched in another system, and is not known here."""

    @property
    def label(self) -> str:
        """The verdict as people read it."""
        return _LABELS.get(self, self.value)


_LABELS = {MonitorVerdict.ELSEWHERE: "watched elsewhere", MonitorVerdict.TOO_FEW: "too few rows"}


class MonitorEntry(ResultPart):
    """What one monitor showed on one day."""

    verdict: MonitorVerdict
    value: RoundedFloat | None = None
    """None if it could not be computed: the gap in the series, explained by `reason`."""
    low: RoundedFloat | None = None
    """The lower end of its interval, valid for daily looks; None if it has none."""
    high: RoundedFloat | None = None
    """The upper end of its interval, valid for daily looks; None if it has none."""
    rows: int | None = None
    newest: date | None = None
    """The day of the newest row."""
    reason: str = ""
    """Why there is no value: the source is down, or no row is left."""


class MonitorSeries(ResultPart):
    """`results/monitors.json`: what each monitor showed on each day it was recorded, the newest day first."""

    kind: Literal["monitors"] = "monitors"
    schema_version: Literal[1] = SCHEMA_VERSION
    days: dict[date, dict[str, MonitorEntry]] = Field(default_factory=dict)
    """By the day of the look, in UTC, and by the monitor's name. A day without a look is absent."""

    def recorded(self, day: date, entries: dict[str, MonitorEntry]) -> MonitorSeries:
        """The series with these entries; entries of the same day and name are replaced.

        A value stays if the source is down when the day is recorded again.
        """
        before = self.days.get(day, {})
        known = {name for name, entry in before.items() if entry.value is not None}
        added = {name: new for name, new in entries.items() if new.value is not None or name not in known}
        days = self.days | {day: before | added}
        kept = sorted(days, reverse=True)[:MOST_DAYS]
        return self.model_copy(update={"days": {day: days[day] for day in kept}})

    def of_monitor(self, name: str) -> dict[date, MonitorEntry]:
        """The entries of one monitor, the oldest day first."""
        days = sorted(self.days)
        return {day: self.days[day][name] for day in days if name in self.days[day]}


def parse_series(text: str | bytes, where: str) -> MonitorSeries:
    """Parse the text of a series.

    Raises:
        DataError: it is damaged, or of something else, or has a day twice.
        NewerVersion: a newer version wrote it.
    """
    repeated: list[str] = []

    def first_of(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
        members: dict[str, object] = {}
        for key, value in pairs:
            if key in members:
                repeated.append(key)
            members.setdefault(key, value)
        return members

    try:
        data = json.loads(text, object_pairs_hook=first_of)
    except (ValueError, RecursionError) as error:
        raise DataError(f"is not JSON: {error}", remedy=_REMEDY, where=where) from None
    if repeated:
        raise DataError(f"has {repeated[0]} twice", remedy=_TWICE_REMEDY, where=where)
    return _validated(data, where)


def _validated(data: object, where: str) -> MonitorSeries:
    version = data.get("schema_version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        what = f"version {version} of its format"
        raise NewerVersion("series of monitors", what, remedy=how_to_upgrade(""), where=where)
    try:
        return MonitorSeries.model_validate_json(json.dumps(data))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise DataError(
            first["msg"], remedy=_REMEDY, where=Location(where, field=tuple(first["loc"]))
        ) from None


def repair_series(text: str, where: str) -> MonitorSeries:
    """A series from all lines that can be read: after a merge, a day may be there twice, or a comma missing.

    The upper line of a day counts.

    Raises:
        NewerVersion: a newer version wrote it.
    """
    try:
        return parse_series(text, where)
    except NewerVersion:
        raise
    except DataError:
        days: dict[date, dict[str, MonitorEntry]] = {}
        for line in filter(None, map(_DAY_LINE.fullmatch, text.splitlines())):
            with suppress(DataError, ValueError, RecursionError):
                read = _validated({"days": {line[1]: json.loads(line[2])}}, where)
                days = read.days | days
        return MonitorSeries(days=dict(sorted(days.items(), reverse=True)))


def series_text(series: MonitorSeries) -> str:
    """The canonical text of a series: one line a day, the newest first; the monitors sorted by name."""
    lines = [f'  "{day.isoformat()}": {_line(series.days[day])}' for day in sorted(series.days, reverse=True)]
    days = ",\n".join(lines)
    opening = f'{{\n"kind": "monitors",\n"schema_version": {SCHEMA_VERSION},\n"days": {{\n'
    return f"{opening}{days}\n}}\n}}\n" if days else f"{opening}}}\n}}\n"


def _line(entries: dict[str, MonitorEntry]) -> str:
    data = {name: _fields(entry) for name, entry in entries.items()}
    return json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False)


def _fields(entry: MonitorEntry) -> dict[str, object]:
    return {key: value for key, value in entry.model_dump(mode="json").items() if not is_empty(value)}
