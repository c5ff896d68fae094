"""The recorded days of monitors on the site: lines, gaps, bounds and events."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from iterata.results.monitors import MonitorSeries, MonitorVerdict, series_text
from iterata.site.charts.series import HEIGHT, LINE, MOST_STEPS, SeriesChart, series_chart
from iterata.site.monitor_facts import MOST_EPISODES, summary

from .release_base import (
    DECLARED,
    EARLIER,
    PLACE,
    REGRESSION,
    REVERT,
    SECOND,
    START,
    UNKNOWN,
    edit,
    entry,
    record,
    release,
    release_in,
)
from .test_releases import PAGE, words
from .test_trust import BREAKOUT, active_content

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.knowledge import MonitorView

    from .conftest import Site


def view_of(base: Path, name: str = "opened") -> MonitorView:
    views = release_in(base).monitoring.views
    return next(view for view in views if view.monitor.name == name)


def chart_of(base: Path, name: str = "opened") -> SeriesChart:
    chart = series_chart(view_of(base, name), release_in(base))
    assert chart is not None
    return chart


def points(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (point.split(",") for point in text.split())]


class TestChart:
    def test_line_breaks_where_a_value_or_a_look_is_missing(self, base: Path) -> None:
        release(base, SECOND)
        days = [day for day in range(41) if day not in (10, 11)]  # no look on two days
        record(base, {day: entry(None if day in (20, 21) else 0.06 + day / 1000) for day in days})
        chart = chart_of(base)
        assert (chart.first, chart.last) == (START, START + timedelta(days=40))
        spans = [(points(line)[0][0], points(line)[-1][0]) for line in chart.lines]
        assert spans == [(0, 225), (300, 475), (550, 1000)]
        assert chart.gaps == ((22.5, 7.5), (47.5, 7.5))
        assert points(chart.lines[0])[0][1] > points(chart.lines[2])[-1][1]  # larger is higher
        assert chart.dots == ""

    def test_regressions_are_marked(self, base: Path) -> None:
        release(base, SECOND)
        record(base, {day: entry(0.04, REGRESSION) if day == 5 else entry(0.06) for day in range(11)})
        chart = chart_of(base)
        (x, y), *others = points(chart.regressions.replace("M", " ").replace("h0", ""))
        assert (x, others) == (357, [])  # of 14 days, until the second phase
        threshold = next(bound for bound in chart.bounds if bound.is_threshold)
        assert y / 1000 * HEIGHT > threshold.y  # below the lower bound

    def test_bounds_are_labelled_and_leave_each_other_room(self, base: Path) -> None:
        release(base, SECOND)
        record(base, {day: entry(3000.0 + day) for day in range(11)}, "letters")
        bounds = chart_of(base, "letters").bounds
        assert [bound.text for bound in bounds if bound.is_threshold] == ["≤ 6,000", "≥ 500"]
        for one, other in itertools.pairwise(bounds):
            assert other.y - one.y >= LINE

    def test_events_are_the_phases_and_the_reverts(self, base: Path) -> None:
        release(base, SECOND, status="reverted", more=REVERT + EARLIER)
        record(base, {day: entry(0.06) for day in range(41)})
        events = chart_of(base).events
        assert [(event.day.isoformat(), event.text, event.is_revert) for event in events] == [
            ("2026-02-01", "10 %", False),
            ("2026-02-20", "reverted", True),
            ("2026-04-01", "10 %", False),
            ("2026-04-15", "25 %", False),
            ("2026-04-25", "reverted", True),
        ]
        assert [event.x for event in events] == sorted(event.x for event in events)

    def test_events_of_other_years_do_not_flatten_the_series(self, base: Path) -> None:
        release(base, SECOND, more=EARLIER.replace("2026-02", "2019-02"))
        record(base, {day: entry(0.06) for day in range(41)})
        chart = chart_of(base)
        assert (chart.first, [event.text for event in chart.events]) == (START, ["10 %", "25 %"])

    def test_wide_intervals_do_not_flatten_the_values(self, base: Path) -> None:
        release(base, SECOND)
        record(base, {day: entry(0.06 + day / 1000, spread=9.0 if day < 3 else 0.005) for day in range(11)})
        ys = [y for _, y in points(chart_of(base).lines[0])]
        assert max(ys) - min(ys) > 200

    def test_one_day_is_a_dot(self, base: Path) -> None:
        release(base, SECOND)
        record(base, {14: entry(0.06)})
        chart = chart_of(base)
        assert (chart.lines, chart.gaps, chart.dots.count("M"), chart.regressions) == ((), (), 1, "")

    def test_nothing_is_drawn_without_a_value(self, base: Path) -> None:
        release(base, SECOND)
        record(base, {1: entry(None)})
        assert series_chart(view_of(base), release_in(base)) is None
        assert series_chart(view_of(base, "letters"), release_in(base)) is None

    def test_weekly_looks_are_no_gaps(self, base: Path) -> None:
        release(base, SECOND)
        record(base, {day: entry(0.06) for day in range(0, 71, 7)})
        assert len(chart_of(base).lines) == 1

    def test_long_series_keeps_its_extremes(self, base: Path) -> None:
        release(base, SECOND)
        values = {day: 0.06 + (0.03 if day == 401 else -0.03 if day == 402 else 0) for day in range(730)}
        record(base, {day: entry(value, spread=0.001) for day, value in values.items()})
        chart = chart_of(base)
        (line,), (band,) = chart.lines, chart.bands
        assert len(points(line)) <= 2 * MOST_STEPS
        assert len(points(band)) <= 2 * MOST_STEPS
        assert len(line) + len(band) < 4000
        at = [y for _, y in points(line)]
        assert (at.count(min(at)), at.count(max(at))) == (1, 1)


def test_summary_lists_the_latest_episodes(base: Path) -> None:
    release(base, SECOND)
    entries = {day: entry(0.04, REGRESSION) if day % 4 == 0 else entry(0.06) for day in range(41)}
    record(base, entries)
    told = summary(view_of(base))
    assert (len(told.episodes), told.more) == (MOST_EPISODES, 11 - MOST_EPISODES)
    assert told.episodes[0].first == START + timedelta(days=40)
    assert (told.label, told.value, told.bounds) == ("regression", "0.0400", "at least 0.05")


def test_states_are_told_as_sentences(base: Path, golden: Any) -> None:
    release(base, SECOND)
    lines = []
    for verdict in MonitorVerdict:
        bad = entry(None) if verdict is UNKNOWN else entry(0.04, verdict)
        record(base, {0: entry(0.06), 1: entry(0.06), 2: bad, 3: bad})
        lines.append(f"{verdict}: {summary(view_of(base)).conclusion}")
    lines += [summary(view).measured for view in release_in(base).monitoring.views]
    golden.check("monitor-states", "\n".join(lines))


def test_page_shows_charts_and_a_table(base: Path, build: Callable[..., Site]) -> None:
    release(base, SECOND)
    record(base, {day: entry(None if day in (3, 4) else 0.06, spread=0.01) for day in range(30)})
    page = build().page(PAGE)
    assert len(page.all("figure", class_="it-monitor")) == 1
    row = next(" ".join(row.text.split()) for row in page.all("tr") if row.text.strip().startswith("opened"))
    assert "0.0600 (0.0500 to 0.0700)" in row
    assert "2026-04-04 to 2026-04-05 unknown data/opens.csv: there is no such file" in row
    assert "watched in the dashboard" in words(page)


def test_damaged_series_hides_nothing_else(base: Path, build: Callable[..., Site]) -> None:
    release(base, SECOND)
    record(base, {1: entry(0.06)})
    (base / PLACE / "results/monitors.json").write_text("{", "utf-8")
    page = build().page(PAGE)
    assert "monitors.json" in words(page)
    assert "The lift arrived" in words(page)


def test_hostile_names_and_reasons_are_escaped(base: Path, build: Callable[..., Site]) -> None:
    release(base, SECOND)
    hostile = entry(None).model_copy(update={"reason": BREAKOUT})
    record(base, {0: entry(0.06), 1: entry(0.06), 2: hostile})
    edit(base, "source: the dashboard", f"source: {json.dumps(BREAKOUT)}")
    site = build()
    assert site.page(PAGE).all("figure", class_="it-monitor")
    for path, page in site.pages.items():
        assert not [active for active in active_content(page) if "pwned" in "".join(active)], path


def test_many_monitors_over_two_years_stay_light(base: Path, build: Callable[..., Site]) -> None:
    release(base, SECOND)
    names = [f"number {place}" for place in range(8)]
    declared = "".join(f"  - {{name: {name}, source: the dashboard, lower: 0.05}}\n" for name in names)
    edit(base, DECLARED, f"monitors:\n{declared}")
    entries = [entry(0.06 + day % 7 / 100, spread=0.01) for day in range(730)]
    days = {START + timedelta(days=day): dict.fromkeys(names, entries[day]) for day in range(729, -1, -1)}
    (base / PLACE / "results/monitors.json").write_text(series_text(MonitorSeries(days=days)), "utf-8")
    page = build().page(PAGE)
    assert len(page.all("figure", class_="it-monitor")) == 8
    assert len(page.source[page.source.index('id="monitors"') :]) < 8 * 9000
