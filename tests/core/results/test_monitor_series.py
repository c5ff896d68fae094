"""The series of monitors: canonical, bounded, and repaired after a merge."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from iterata.documents.schema import open_schema
from iterata.errors import DataError, NewerVersion
from iterata.results.monitors import (
    MOST_DAYS,
    MonitorEntry,
    MonitorSeries,
    MonitorVerdict,
    parse_series,
    repair_series,
    series_text,
)

DAY = date(2026, 11, 22)
FINE = MonitorEntry(verdict=MonitorVerdict.FINE, value=0.3, low=0.25, high=0.35, rows=40, newest=DAY)
DOWN = MonitorEntry(verdict=MonitorVerdict.UNKNOWN, reason="there is no file data/calls.csv")
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)
ENTRIES = st.builds(
    MonitorEntry,
    verdict=st.sampled_from(MonitorVerdict),
    value=st.none() | NUMBERS,
    low=st.none() | NUMBERS,
    rows=st.none() | st.integers(0, 10**9),
    newest=st.none() | st.dates(),
    reason=st.text(max_size=20),
)
SERIES = st.dictionaries(st.dates(), st.dictionaries(st.text(max_size=9), ENTRIES, max_size=3), max_size=5)


@given(SERIES)
def test_series_survives_its_text(days: dict[date, dict[str, MonitorEntry]]) -> None:
    series = MonitorSeries(days=days)
    text = series_text(series)
    assert parse_series(text, "x") == series
    assert series_text(parse_series(text, "x")) == text
    assert repair_series(text, "x") == series
    Draft202012Validator(open_schema(MonitorSeries, "series")).validate(json.loads(text))


def test_a_day_is_one_line_and_the_newest_is_first() -> None:
    series = MonitorSeries()
    for ago in (3, 0, 1):
        before = series_text(series).splitlines()
        series = series.recorded(DAY - timedelta(ago), {"kept": FINE, "age": DOWN})
        assert len(series_text(series).splitlines()) == len(before) + 1
    lines = [line[3:13] for line in series_text(series).splitlines() if "verdict" in line]
    assert lines == ["2026-11-22", "2026-11-21", "2026-11-19"]
    assert list(series.of_monitor("kept")) == [DAY - timedelta(ago) for ago in (3, 1, 0)]


def test_a_newer_day_changes_no_other_line() -> None:
    one = MonitorSeries().recorded(DAY, {"kept": FINE})
    two = one.recorded(DAY + timedelta(1), {"kept": DOWN})
    three = two.recorded(DAY + timedelta(2), {"kept": FINE})
    for before, after in ((one, two), (two, three)):
        assert set(series_text(before).splitlines()) < set(series_text(after).splitlines())


def test_a_day_twice_replaces_the_entries_of_the_same_names() -> None:
    first = MonitorSeries().recorded(DAY, {"kept": DOWN, "age": FINE})
    assert first.recorded(DAY, {"kept": FINE}).days == {DAY: {"kept": FINE, "age": FINE}}


def test_a_value_of_a_day_stays_if_its_source_is_down_later_on() -> None:
    series = MonitorSeries().recorded(DAY, {"kept": FINE}).recorded(DAY, {"kept": DOWN, "age": DOWN})
    assert series.days == {DAY: {"kept": FINE, "age": DOWN}}


def test_old_days_are_dropped() -> None:
    days = {DAY - timedelta(ago): {"kept": FINE} for ago in range(MOST_DAYS)}
    series = MonitorSeries(days=days).recorded(DAY + timedelta(1), {"kept": FINE})
    assert len(series.days) == MOST_DAYS
    assert min(series.days) == DAY - timedelta(MOST_DAYS - 2)


TEXT = series_text(MonitorSeries().recorded(DAY, {"kept": FINE}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"kind": "lift"}',
        TEXT.replace("2026-11-22", "2026-11-31"),
        TEXT.replace("fine", "good"),
        TEXT.replace("0.3,", "NaN,"),
        TEXT.replace('"rows"', '"row"'),
        TEXT.replace("}\n}\n}", '},\n  "2026-11-22": {}\n}\n}'),
    ],
)
def test_a_damaged_series_is_refused_and_can_be_repaired(text: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_series(text, "results/monitors.json")
    assert caught.value.location.source == "results/monitors.json"
    assert caught.value.remedy
    assert set(repair_series(text, "x").days) <= {DAY}


def test_the_series_of_a_newer_version_is_not_repaired() -> None:
    newer = TEXT.replace('"schema_version": 1', '"schema_version": 2')
    for read in (parse_series, repair_series):
        with pytest.raises(NewerVersion):
            read(newer, "x")


def test_lines_of_two_branches_are_all_kept() -> None:
    """What Git leaves if it keeps the lines of both, or asks a person about them."""
    other = series_text(MonitorSeries().recorded(DAY, {"kept": DOWN}).recorded(DAY - timedelta(1), {}))
    united = "\n".join([*TEXT.splitlines()[:-2], *other.splitlines()[3:]])
    marked = united.replace(TEXT.splitlines()[3], f"<<<<<<< ours\n{TEXT.splitlines()[3]}\n=======")
    for text in (united, marked):
        assert repair_series(text, "x").days == {DAY: {"kept": FINE}, DAY - timedelta(1): {}}
