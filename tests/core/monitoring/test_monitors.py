"""A monitor's figure is the one that anybody would compute from the file by hand, or there is none."""

from __future__ import annotations

import math
import statistics
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iterata.documents.models.enums import MonitorMeasure
from iterata.documents.models.monitors import Monitor
from iterata.errors import DataError
from iterata.monitoring.values import MonitorTables, compute_value
from iterata.monitoring.verdicts import (
    MonitorValue,
    MonitorVerdict,
    find_violation,
    format_bounds,
    format_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Look = Callable[..., MonitorValue]

TODAY = date(2026, 11, 23)
WEEK = """day,region,called,kept
2026-11-17,north,10,1
2026-11-18,north,10,2
2026-11-19,south,20,9
2026-11-20,north,10,4
2026-11-22,south,40,3
2026-11-21,north,10,5
"""
"""One row is late: the last of the file is not the newest."""


def monitor(**keys: Any) -> Monitor:
    return Monitor.model_validate(
        {"name": "kept", "source": "data/calls.csv", "measure": "mean", "of": "kept", "lower": 0}
        | {key.rstrip("_"): value for key, value in keys.items()}
    )


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Read one monitor of a file; its keys are the arguments, and None leaves one out."""
    project = tmp_path / "projects" / "churn"
    (project / "data").mkdir(parents=True)

    def look(text: str | bytes = WEEK, /, **keys: Any) -> MonitorValue:
        raw = text.encode() if isinstance(text, str) else text
        (project / "data" / "calls.csv").write_bytes(raw)
        watched = monitor(**keys)
        return compute_value(watched, MonitorTables(project, tmp_path, [watched]), TODAY)

    return look


def refused(look: Look, text: str = WEEK, /, **keys: Any) -> tuple[str, str, str]:
    """The key that stands in the way, what is said of it, and how it is mended."""
    with pytest.raises(DataError) as caught:
        look(text, **keys)
    return str(caught.value.location.field[0]), caught.value.message, caught.value.remedy


# The figures


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ({"measure": "count", "of": None}, 6),
        ({"measure": "count", "of": "kept > 3"}, 3),
        ({"measure": "share", "of": 'region == "south"'}, 2 / 6),
        ({"measure": "sum"}, 24),
        ({"measure": "mean"}, 4),
        ({"measure": "mean", "of": "kept / called"}, (0.1 + 0.2 + 0.45 + 0.4 + 0.075 + 0.5) / 6),
        ({"measure": "ratio", "per": "called"}, 24 / 100),
        ({"measure": "quantile", "quantile": 0.5}, 3.5),
        ({"measure": "quantile", "quantile": 0}, 1),
        ({"measure": "quantile", "quantile": 1}, 9),
        ({"measure": "last"}, 5),
        ({"measure": "last", "date": "day"}, 3),
        ({"measure": "last", "date": "day", "where": 'region == "north"'}, 5),
        ({"measure": "sum", "where": 'region == "north"'}, 12),
        ({"measure": "sum", "date": "day", "last_days": 1}, 3),
        ({"measure": "sum", "date": "day", "last_days": 3}, 12),
        ({"measure": "sum", "date": "day", "last_days": 1000}, 24),
        ({"measure": "sum", "date": "day", "last_days": 2, "where": 'region == "south"'}, 3),
    ],
)  # fmt: skip
def test_a_figure_is_what_it_says(look: Look, keys: dict[str, Any], value: float) -> None:
    seen = look(**keys)
    assert seen.value == pytest.approx(value, rel=1e-12)
    assert type(seen.value) is float
    assert find_violation(monitor(**keys, upper=1000), seen, TODAY) is None


def test_every_measure_is_among_those(request: pytest.FixtureRequest) -> None:
    (mark,) = [each for each in test_a_figure_is_what_it_says.pytestmark if each.name == "parametrize"]
    assert {keys["measure"] for keys, _ in mark.args[1]} == set(MonitorMeasure)


def test_it_tells_how_many_rows_it_is_made_of_and_how_new_they_are(look: Look) -> None:
    assert look(measure="last", date="day") == MonitorValue(3, 1, date(2026, 11, 22))
    assert look(measure="sum", date="day", last_days=3) == MonitorValue(12, 3, date(2026, 11, 22))
    assert look(measure="sum", date="day", where='region == "north"')[1:] == (4, date(2026, 11, 21))
    assert look(measure="sum") == MonitorValue(24, 6, None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 40), st.integers(-1000, 1000), st.integers(1, 50)), min_size=1, max_size=30
    ),
    days=st.integers(1, 45),
    share=st.sampled_from([0, 0.25, 0.5, 1]),
)
def test_figures_are_those_of_plain_arithmetic(
    look: Look, rows: list[tuple[int, int, int]], days: int, share: float
) -> None:
    text = "day,of,per\n" + "".join(f"{TODAY - timedelta(age)},{of},{per}\n" for age, of, per in rows)
    newest = min(age for age, _, _ in rows)
    kept = [(of, per) for age, of, per in rows if age - newest < days]
    of = [Fraction(each) for each, _ in kept]
    expected: dict[str, tuple[dict[str, Any], Fraction | float]] = {
        "count": ({"of": None}, len(of)),
        "share": ({"of": "of > 0"}, Fraction(sum(each > 0 for each in of), len(of))),
        "sum": ({}, sum(of)),
        "mean": ({}, statistics.mean(of)),
        "ratio": ({"per": "per"}, sum(of) / sum(per for _, per in kept)),
        "quantile": ({"quantile": share}, _quantile(sorted(map(float, of)), share)),
    }
    for measure, (keys, value) in expected.items():
        seen = look(text, **{"measure": measure, "of": "of", "date": "day", "last_days": days, **keys})
        assert seen.value == pytest.approx(float(value), rel=1e-12, abs=1e-12), measure
        assert seen.rows == len(kept)
        assert seen.newest == TODAY - timedelta(newest)


def _quantile(ordered: list[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


def test_ten_times_a_tenth_is_on_average_not_below_a_tenth(look: Look) -> None:
    tenths = monitor(measure="mean", of="x", lower=0.1, upper=0.1)
    seen = look("x\n" + "0.1\n" * 10, measure="mean", of="x")
    assert sum([0.1] * 10) / 10 < 0.1
    assert find_violation(tenths, seen, TODAY) is None


def test_a_column_may_have_any_name(look: Look) -> None:
    text = "policies sold,🧮\n3,4\n5,8\n"
    assert look(text, of='column("policies sold") + column("🧮")').value == 10


def test_parquet_says_what_csv_says(tmp_path: Path, look: Look) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    import io  # noqa: PLC0415

    table = pandas.read_csv(io.StringIO(WEEK))
    kinds = {
        "text": table["day"],
        "date": pandas.to_datetime(table["day"]).dt.date,
        "time": pandas.to_datetime(table["day"]),
        "zone": pandas.to_datetime(table["day"]).dt.tz_localize("UTC"),
    }
    project = tmp_path / "projects" / "churn"
    for name, days in kinds.items():
        table.assign(day=days).to_parquet(project / "data" / f"{name}.parquet")
        watched = monitor(source=f"data/{name}.parquet", measure="sum", date="day", last_days=3)
        assert compute_value(watched, MonitorTables(project, tmp_path, [watched]), TODAY) == MonitorValue(
            12, 3, date(2026, 11, 22)
        ), name


def test_times_count_in_utc(look: Look) -> None:
    tokyo = timezone(timedelta(hours=9))
    morning = datetime(2026, 11, 23, 8, tzinfo=tokyo)
    assert morning.astimezone(UTC).date() == date(2026, 11, 22)
    text = f"at,kept\n{morning.isoformat()},1\n2026-11-22T01:00:00Z,2\n2026-11-21T23:59:59+00:00,4\n"
    assert look(text, measure="sum", date="at", last_days=1) == MonitorValue(3, 2, date(2026, 11, 22))


# What cannot be computed


@pytest.mark.parametrize(
    ("keys", "key", "said", "mend"),
    [
        ({"of": "kpet"}, "of", "no column kpet", "did you mean kept?"),
        ({"where": "regoin == 1"}, "where", "no column regoin", "did you mean region?"),
        ({"measure": "ratio", "per": "caled"}, "per", "no column caled", "did you mean called?"),
        ({"date": "dya"}, "date", "no column dya", "did you mean day?"),
        ({"source": "data/cals.csv"}, "source", "does not exist", "put the file there"),
        ({"of": "region"}, "of", "calculates with text", "write columns"),
        ({"of": "1 / (kept - 3)"}, "of", "no finite number in 1 of 6 rows", "not missing"),
        ({"measure": "share"}, "of", "neither yes nor no, but 2 ", "compare"),
        ({"where": "kept"}, "where", "neither yes nor no", "compare"),
        ({"where": "kept > 99"}, "where", "holds for no row", "correct the expression"),
        ({"measure": "ratio", "per": "called - called"}, "per", "sums to 0", "not 0"),
        ({"of": "1e308 * 10"}, "of", "no finite number in 6 of 6 rows", ""),
        ({"measure": "sum", "of": "1e308 * (kept > 0)"}, "of", "no finite number", ""),
        ({"date": "kept"}, "date", "kept holds numbers, such as 1, not days", "YYYY-MM-DD"),
        ({"date": "region"}, "date", "region holds north, which is no day", "YYYY-MM-DD"),
    ],
)  # fmt: skip
def test_whatever_is_wrong_is_said_of_the_key_that_names_it(
    look: Look, keys: dict[str, Any], key: str, said: str, mend: str
) -> None:
    found, message, remedy = refused(look, **keys)
    assert found == key
    assert said in message
    assert mend in remedy


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (["2026-11-20", ""], "day is missing in 1 of 2 rows"),
        (["", ""], "day is missing in 2 of 2 rows"),
        (["2026-11-20", "2026-11-31"], "day holds 2026-11-31, which is no day"),
        (["2026-11-20", "20.11.2026"], "day holds 20.11.2026, which is no day"),
        (["2026-11-20", "2026-11"], "day holds 2026-11, which is no day"),
        (["2026-11-20", "today"], "day holds today, which is no day"),
        (["2026-11-20", "now"], "day holds now, which is no day"),
        (["2026-11-20", "2026-11-25"], "days that are yet to come, such as 2026-11-25"),
        (["2026-11-20", "2199-12-31"], "days that are yet to come, such as 2199-12-31"),
        (["20261120", "20261121"], "day holds numbers, such as 20261120, not days"),
    ],
)
def test_a_day_is_a_day_or_there_is_no_figure(look: Look, days: list[str], said: str) -> None:
    key, message, _ = refused(look, "day,kept\n" + "".join(f"{day},1\n" for day in days), date="day")
    assert key == "date"
    assert said in message


def test_a_clock_east_of_here_may_be_a_day_ahead(look: Look) -> None:
    assert look("day,kept\n2026-11-24,1\n", date="day").newest == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("day,kept\n", "holds no rows"),
        ("day,kept,kept\n1,2,3\n", "two columns kept"),
        ("day,kept\n2026-11-20,1,2,3\n", "more fields"),
        ("kept\n\xff\xfe".encode("latin-1"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_table_has_no_figure(look: Look, text: str | bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        look(text)


@pytest.mark.parametrize("name", ["/etc/passwd.csv", "../../../secrets.csv", "data/../../x.csv", "~/x.csv"])
def test_a_path_that_leads_out_is_no_source(name: str) -> None:
    with pytest.raises(ValueError, match="within the project"):
        monitor(source=name)


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path, look: Look) -> None:
    look()
    outside = tmp_path.parent / f"{tmp_path.name}-outside.csv"
    outside.write_text(WEEK, "utf-8")
    (tmp_path / "projects" / "churn" / "data" / "link.csv").symlink_to(outside)
    watched = monitor(source="data/link.csv")
    with pytest.raises(DataError, match="leads outside the repository"):
        compute_value(watched, MonitorTables(tmp_path / "projects" / "churn", tmp_path, [watched]), TODAY)


@pytest.mark.parametrize("key", ["of", "per", "where"])
@pytest.mark.parametrize(
    "code",
    [
        "__import__('os').system('touch pwned')",
        "open('pwned', 'w')",
        "kept.__class__",
        "[x for x in (1,)]",
        "lambda: 1",
        "@kept",
        "kept if 1 else 2",
        "kept := 1",
        "f'{kept}'",
        "(" * 300 + "1" + ")" * 300,
        "9**9**9**9 + " * 90 + "1",
    ],
)
def test_nothing_that_could_run_is_an_expression(
    key: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=key):
        monitor(measure="ratio", **({"of": "kept", "per": "called"} | {key: code}))
    assert list(tmp_path.iterdir()) == []


# What it means


def dated(days_old: int | None, value: float = 5) -> MonitorValue:
    return MonitorValue(value, 10, None if days_old is None else TODAY - timedelta(days_old))


@pytest.mark.parametrize(
    ("keys", "reading", "verdict"),
    [
        ({"lower": 5}, dated(None), None),
        ({"lower": 5.000001}, dated(None), MonitorVerdict.REGRESSION),
        ({"upper": 5}, dated(None), None),
        ({"upper": 4.999999}, dated(None), MonitorVerdict.REGRESSION),
        ({"date": "day", "max_age": 3}, dated(3), None),
        ({"date": "day", "max_age": 3}, dated(4), MonitorVerdict.STALE),
        ({"date": "day", "max_age": 0}, dated(0), None),
        ({"date": "day", "max_age": 0}, dated(1), MonitorVerdict.STALE),
        ({"date": "day", "max_age": 0}, dated(-1), None),
        ({"date": "day", "last_days": 7}, dated(7), None),
        ({"date": "day", "last_days": 7}, dated(8), MonitorVerdict.STALE),
        ({"date": "day", "last_days": 7, "max_age": 30}, dated(30), None),
        ({"date": "day"}, dated(10_000), None),
        ({"date": "day", "max_age": 3, "lower": 6}, dated(9), MonitorVerdict.STALE),
        ({"date": "day", "max_age": 3, "lower": 6}, dated(1), MonitorVerdict.REGRESSION),
    ],
)  # fmt: skip
def test_a_threshold_itself_will_do_and_one_step_beyond_will_not(
    keys: dict[str, Any], reading: MonitorValue, verdict: MonitorVerdict | None
) -> None:
    found = find_violation(monitor(**keys), reading, TODAY)
    assert (found.verdict if found else None) == verdict


def test_stale_data_tell_of_a_figure_that_was_bad_already() -> None:
    found = find_violation(monitor(date="day", max_age=3, lower=6), dated(9), TODAY)
    assert found is not None
    assert found.key == "max_age"
    assert found.message == (
        "the newest row is 9 days old (2026-11-14), where 3 may be; besides, 5 is below 6"
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.05, "0.05"), (0.0499999, "0.0499999"), (1234567.8, "1,234,568"), (0.123456, "0.1235"), (-3.0, "-3"),
     (0, "0"), (1e300, "1e+300")],
)  # fmt: skip
def test_a_figure_is_never_rounded_onto_its_threshold(value: float, shown: str) -> None:
    assert format_value(monitor(lower=0.05, upper=2), value) == shown


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
def test_whatever_the_figure_it_stands_on_its_side_of_the_threshold(value: float, lower: float) -> None:
    shown = float(format_value(monitor(lower=lower), value).replace(",", ""))
    assert (shown < lower) == (value < lower)
    assert shown == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize(
    ("keys", "words"),
    [({"lower": 80}, "at least 80"), ({"lower": None, "upper": 0.1}, "at most 0.1"),
     ({"lower": -1.5, "upper": 1e6}, "-1.5 to 1,000,000")],
)  # fmt: skip
def test_thresholds_are_said_as_they_were_written(keys: dict[str, Any], words: str) -> None:
    assert format_bounds(monitor(**keys)) == words
