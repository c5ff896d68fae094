"""A monitor's value equals the one computed from the file by hand, or it is an error."""

from __future__ import annotations

import io
import math
import statistics
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iterata.data.sources.unread_file import UnreadFormat
from iterata.documents.models.enums import MonitorMeasure
from iterata.documents.models.monitors import Monitor
from iterata.errors import DataError
from iterata.monitoring.tables import MonitorTables
from iterata.monitoring.values import compute_value
from iterata.monitoring.verdicts import (
    MonitorValue,
    find_violation,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ...helpers.golden import Golden

    Compute = Callable[..., MonitorValue]

TODAY = date(2026, 11, 23)
WEEK = """day,region,called,kept
2026-11-17,north,10,1
2026-11-18,north,10,2
2026-11-19,south,20,9
2026-11-20,north,10,4
2026-11-22,south,40,3
2026-11-21,north,10,5
"""
"""The newest row is not the last of the file."""


def monitor(**keys: Any) -> Monitor:
    return Monitor.model_validate(
        {"name": "kept", "source": "data/calls.csv", "measure": "mean", "of": "kept", "lower": 0}
        | {key.rstrip("_"): value for key, value in keys.items()}
    )


@pytest.fixture
def compute(tmp_path: Path) -> Compute:
    """Compute one monitor of a file; the arguments are its keys, and None omits one."""
    project = tmp_path / "projects" / "churn"
    (project / "data").mkdir(parents=True)

    def compute(text: str | bytes = WEEK, /, **keys: Any) -> MonitorValue:
        raw = text.encode() if isinstance(text, str) else text
        (project / "data" / "calls.csv").write_bytes(raw)
        only = monitor(**keys)
        return compute_value(only, MonitorTables(project, tmp_path, [only]), TODAY)

    return compute


def error_of(compute: Compute, text: str = WEEK, /, **keys: Any) -> DataError:
    """The error of a monitor whose value cannot be computed."""
    with pytest.raises(DataError) as caught:
        compute(text, **keys)
    return caught.value


# Values


@pytest.mark.parametrize(
    ("keys", "expected"),
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
def test_value_matches_its_measure(compute: Compute, keys: dict[str, Any], expected: float) -> None:
    value = compute(**keys)
    assert value.value == pytest.approx(expected, rel=1e-12)
    assert type(value.value) is float
    assert find_violation(monitor(**keys, upper=1000), value, TODAY) is None


def test_columns_say_how_numbers_are_written(compute: Compute) -> None:
    written = WEEK.replace("10,", '"1.010,5",')
    columns = {"called": {"number": {"decimal": ",", "thousands": "."}}}
    assert compute(written, of="called", columns=columns).value == pytest.approx((4 * 1010.5 + 60) / 6)


def test_every_measure_is_tested(request: pytest.FixtureRequest) -> None:
    marks = test_value_matches_its_measure.pytestmark
    (mark,) = [mark for mark in marks if mark.name == "parametrize"]
    assert {keys["measure"] for keys, _ in mark.args[1]} == set(MonitorMeasure)


def test_value_has_row_count_and_newest_day(compute: Compute) -> None:
    assert compute(measure="last", date="day")[:3] == (3, 1, date(2026, 11, 22))
    assert compute(measure="sum", date="day", last_days=3)[:3] == (12, 3, date(2026, 11, 22))
    assert compute(measure="sum", date="day", where='region == "north"')[1:3] == (4, date(2026, 11, 21))
    assert compute(measure="sum")[:3] == (24, 6, None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 40), st.integers(-1000, 1000), st.integers(1, 50)), min_size=1, max_size=30
    ),
    days=st.integers(1, 45),
    share=st.sampled_from([0, 0.25, 0.5, 1]),
)
def test_values_match_exact_arithmetic(
    compute: Compute, rows: list[tuple[int, int, int]], days: int, share: float
) -> None:
    text = "day,of,per\n" + "".join(f"{TODAY - timedelta(age)},{of},{per}\n" for age, of, per in rows)
    newest = min(age for age, _, _ in rows)
    selected = [(of, per) for age, of, per in rows if age - newest < days]
    of = [Fraction(number) for number, _ in selected]
    expected: dict[str, tuple[dict[str, Any], Fraction | float]] = {
        "count": ({"of": None}, len(of)),
        "share": ({"of": "of > 0"}, Fraction(sum(number > 0 for number in of), len(of))),
        "sum": ({}, sum(of)),
        "mean": ({}, statistics.mean(of)),
        "ratio": ({"per": "per"}, sum(of) / sum(per for _, per in selected)),
        "quantile": ({"quantile": share}, _quantile(sorted(map(float, of)), share)),
    }
    for measure, (keys, exact) in expected.items():
        value = compute(text, **{"measure": measure, "of": "of", "date": "day", "last_days": days, **keys})
        assert value.value == pytest.approx(float(exact), rel=1e-12, abs=1e-12), measure
        assert value.rows == len(selected)
        assert value.newest == TODAY - timedelta(newest)


def _quantile(ordered: list[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


def test_mean_of_tenths_is_not_below_a_tenth(compute: Compute) -> None:
    tenths = monitor(measure="mean", of="x", lower=0.1, upper=0.1)
    value = compute("x\n" + "0.1\n" * 10, measure="mean", of="x")
    assert reduce(add, [0.1] * 10) / 10 < 0.1  # `sum` rounds once since Python 3.12
    assert find_violation(tenths, value, TODAY) is None


def test_columns_can_have_any_name(compute: Compute) -> None:
    text = "policies sold,🧮\n3,4\n5,8\n"
    assert compute(text, of='column("policies sold") + column("🧮")').value == 10


def test_parquet_gives_the_same_value_as_csv(tmp_path: Path, compute: Compute) -> None:
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
        only = monitor(source=f"data/{name}.parquet", measure="sum", date="day", last_days=3)
        value = compute_value(only, MonitorTables(project, tmp_path, [only]), TODAY)
        assert value[:3] == (12, 3, date(2026, 11, 22)), name


def test_days_are_counted_in_utc(compute: Compute) -> None:
    tokyo = timezone(timedelta(hours=9))
    morning = datetime(2026, 11, 23, 8, tzinfo=tokyo)
    assert morning.astimezone(UTC).date() == date(2026, 11, 22)
    text = f"at,kept\n{morning.isoformat()},1\n2026-11-22T01:00:00Z,2\n2026-11-21T23:59:59+00:00,4\n"
    assert compute(text, measure="sum", date="at", last_days=1)[:3] == (3, 2, date(2026, 11, 22))


# Values that cannot be computed


UNCOMPUTABLE: list[tuple[dict[str, Any], str]] = [
    ({"of": "kpet"}, "of"),
    ({"where": "regoin == 1"}, "where"),
    ({"measure": "ratio", "per": "caled"}, "per"),
    ({"date": "dya"}, "date"),
    ({"source": "data/cals.csv"}, "source"),
    ({"of": "region"}, "of"),
    ({"of": "1 / (kept - 3)"}, "of"),
    ({"measure": "share"}, "of"),
    ({"where": "kept"}, "where"),
    ({"where": "kept > 99"}, "where"),
    ({"measure": "ratio", "per": "called - called"}, "per"),
    ({"of": "1e308 * 10"}, "of"),
    ({"measure": "sum", "of": "1e308 * (kept > 0)"}, "of"),
    ({"date": "kept"}, "date"),
    ({"date": "region"}, "date"),
]
INVALID_DAYS = [
    ["2026-11-20", ""],
    ["", ""],
    ["2026-11-20", "2026-11-31"],
    ["2026-11-20", "20.11.2026"],
    ["2026-11-20", "2026-11"],
    ["2026-11-20", "today"],
    ["2026-11-20", "now"],
    ["2026-11-20", "2026-11-25"],
    ["2026-11-20", "2199-12-31"],
    ["20261120", "20261121"],
]


def table_of(days: list[str]) -> str:
    return "day,kept\n" + "".join(f"{day},1\n" for day in days)


@pytest.mark.parametrize(("keys", "key"), UNCOMPUTABLE)
def test_error_is_located_at_the_key_to_correct(compute: Compute, keys: dict[str, Any], key: str) -> None:
    error = error_of(compute, **keys)
    assert error.location.field == (key,)
    assert error.remedy


@pytest.mark.parametrize("days", INVALID_DAYS)
def test_invalid_days_are_an_error_of_the_date(compute: Compute, days: list[str]) -> None:
    assert error_of(compute, table_of(days), date="day").location.field == ("date",)


def test_messages_of_uncomputable_values(compute: Compute, golden: Golden) -> None:
    errors = [error_of(compute, **keys) for keys, _ in UNCOMPUTABLE[6:]]  # those before come from other rooms
    errors += [error_of(compute, table_of(days), date="day") for days in INVALID_DAYS]
    golden.check("uncomputable_values", "\n".join(map(str, errors)))


def test_a_row_can_be_one_day_ahead(compute: Compute) -> None:
    assert compute("day,kept\n2026-11-24,1\n", date="day").newest == date(2026, 11, 24)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "day,kept\n",
        "day,kept,kept\n1,2,3\n",
        "day,kept\n2026-11-20,1,2,3\n",
        "kept\n\xff\xfe".encode("latin-1"),
    ],
    ids=["empty", "no rows", "duplicate column", "too many fields", "not UTF-8"],
)
def test_an_invalid_table_is_an_error(compute: Compute, text: str | bytes) -> None:
    with pytest.raises(DataError):
        compute(text)


@pytest.mark.parametrize("name", ["/etc/passwd.csv", "../../../secrets.csv", "data/../../x.csv", "~/x.csv"])
def test_a_source_outside_the_project_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="source"):
        monitor(source=name)


def test_a_file_of_another_format_is_refused_as_data_are(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/calls.jsonl").write_text('{"kept": 1}\n', "utf-8")
    watched = monitor(source="data/calls.jsonl")
    with pytest.raises(UnreadFormat) as caught:
        compute_value(watched, MonitorTables(tmp_path, tmp_path, [watched]), TODAY)
    assert caught.value.location.field == ("source",)


def test_a_symlink_out_of_the_repository_is_not_followed(tmp_path: Path, compute: Compute) -> None:
    compute()
    outside = tmp_path.parent / f"{tmp_path.name}-outside.csv"
    outside.write_text(WEEK, "utf-8")
    (tmp_path / "projects" / "churn" / "data" / "link.csv").symlink_to(outside)
    only = monitor(source="data/link.csv")
    with pytest.raises(DataError) as caught:
        compute_value(only, MonitorTables(tmp_path / "projects" / "churn", tmp_path, [only]), TODAY)
    assert caught.value.location.field == ("source",)


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
        "[kept][0]",
        "kept := 1",
        "f'{kept}'",
        "(" * 300 + "1" + ")" * 300,
        "9**9**9**9 + " * 90 + "1",
    ],
)
def test_code_is_not_an_expression(
    key: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=key):
        monitor(measure="ratio", **({"of": "kept", "per": "called"} | {key: code}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("source", ["data/calls", "data/calls/", "data/calls.csv.gz", "data/calls.csv.zst"])
def test_folder_and_compressed_file_give_the_same_value(tmp_path: Path, source: str) -> None:
    rows = pd.read_csv(io.StringIO(WEEK))
    for region, some in rows.groupby("region"):
        folder = tmp_path / f"data/calls/region={region}"
        folder.mkdir(parents=True)
        some.drop(columns="region").to_parquet(folder / "part-0.parquet", index=False)
    for end in (".gz", ".zst"):
        stream = pa.output_stream(str(tmp_path / f"data/calls.csv{end}"), compression="detect")
        with stream:
            stream.write(WEEK.encode())
    watched = monitor(source=source, where='region == "north"', date="day", last_days=4)
    value = compute_value(watched, MonitorTables(tmp_path, tmp_path, [watched]), TODAY)
    assert (value.value, value.rows, value.newest) == (11 / 3, 3, date(2026, 11, 21))
