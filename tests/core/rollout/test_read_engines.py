"""The same rows give the same sums from pandas, DuckDB and PostgreSQL, and from a plain loop over units."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy

from iterata.documents.models.deployment import Phase
from iterata.errors import DataError
from iterata.rollout import read
from iterata.rollout.read import Arm, Cell, read_release

from .releases import TODAY, release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from iterata.rollout.read import ReleaseData

START = date(2026, 3, 20)
PHASES = [
    Phase(share=0.1, started=START, ended=START + timedelta(days=7)),
    Phase(share=0.25, started=START + timedelta(days=7), ended=START + timedelta(days=20)),
    Phase(share=0.5, started=START + timedelta(days=20)),
]
NAMES = {
    "unit": 'the "unit" id', "arm": "select", "time": "día", "spend": "Spend, €", "plan": "group",
    "old": "null", "clicks": "clicks", "views": "views", "yes": "yes",
}  # fmt: skip
"""Names of columns that no SQL leaves unquoted."""

METRICS = {
    "spend": {"of": f'column("{NAMES["spend"]}")', "before": f'if_missing(column("{NAMES["old"]}"), 0)'},
    "rate": {"of": "clicks", "per": "views"},
    "paid": {"of": f'(column("{NAMES["plan"]}") == "it\'s pro") * if_missing(yes, 0) + max(clicks, 1) / 2'},
}
EXPRESSIONS = (
    lambda row: row["spend"],
    lambda row: 0.0 if np.isnan(row["old"]) else row["old"],
    lambda row: row["clicks"],
    lambda row: row["views"],
    lambda row: (row["plan"] == "it's pro" and bool(row["yes"])) + max(row["clicks"], 1) / 2,
)  # fmt: skip
"""The same quantities of a row, in Python."""


def rows(
    rng: np.random.Generator, units: int, *, zoned: bool, text_units: bool, level: float
) -> pd.DataFrame:
    """Rows of units in no order; each unit has one arm, one to four rows, and one value from before."""
    unit = np.repeat(np.arange(units), rng.integers(1, 5, units))
    n = len(unit)
    minutes = rng.integers(60 * 24, 60 * 24 * 60, n)
    time = pd.Timestamp(START) + pd.to_timedelta(minutes, "min")
    old = np.where(rng.random(units) < 0.3, np.nan, rng.gamma(2, 5, units))
    plans = np.array(["free", "it's pro", "", "Größe 2"], dtype=object)
    table = pd.DataFrame(
        {
            "unit": [f"unit {number}" for number in unit] if text_units else unit + 2**60,
            "arm": rng.integers(0, 2, units)[unit],
            "time": pd.DatetimeIndex(time).tz_localize("UTC") if zoned else time,
            "spend": level + rng.integers(-40, 40, n) / 8,  # sums of these are exact in any order
            "plan": plans[rng.integers(0, 4, n)],
            "old": old[unit],
            "clicks": rng.integers(0, 4, n),
            "views": rng.integers(0, 9, n).astype(np.int32),
            "yes": [None if number > 8 else number < 4 for number in rng.integers(0, 10, n)],
        }
    )
    return table.sample(frac=1, random_state=1).reset_index(drop=True)


def by_hand(table: pd.DataFrame, zone: str | None) -> dict[Cell, tuple[int, np.ndarray, np.ndarray]]:
    """The same sums by a loop over units."""
    groups: dict[Cell, list[list[float]]] = {}
    for _, unit in table.groupby("unit"):
        first = unit["time"].min()
        day = (first.tz_convert(zone or "UTC") if first.tzinfo else first).date()
        share = next(phase.share for phase in reversed(PHASES) if phase.started and phase.started <= day)
        values = [sum(map(measure, unit.to_dict("records"))) for measure in EXPRESSIONS]
        values[1] = EXPRESSIONS[1](unit.iloc[0])
        cell = Cell(share, day, (Arm.CONTROL, Arm.TREATMENT)[unit["arm"].iloc[0]])
        groups.setdefault(cell, []).append(values)
    found = {}
    for cell, listed in groups.items():
        array = np.array(listed)
        deviations = array - array.mean(axis=0)
        found[cell] = (len(array), array.mean(axis=0), deviations.T @ deviations)
    return found


@pytest.fixture(scope="module")
def engine(postgres: str) -> Iterator[sqlalchemy.Engine]:
    """A connection to a server that is in another time zone."""
    created = sqlalchemy.create_engine(postgres)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP", postgres)
        yield created
    created.dispose()


def read_from(
    source: str,
    table: pd.DataFrame,
    root: Path,
    engine: sqlalchemy.Engine,
    until: date | None = None,
    **more: Any,
) -> ReleaseData:
    """The sums of a table that is stored in one way."""
    (root / "data").mkdir(exist_ok=True)
    named = table.rename(columns=NAMES)
    described: dict[str, Any] = {"source": f"data/{source}"}
    match source:
        case "t.csv":
            named.to_csv(root / "data/t.csv", index=False)
        case "t.parquet":
            named.to_parquet(root / "data/t.parquet", index=False)
        case "parts":
            (root / "data/parts").mkdir(exist_ok=True)
            for number, part in enumerate((named[::2], named[1::2])):
                coded = part.assign(**{NAMES["plan"]: part[NAMES["plan"]].astype("category")})
                coded.to_parquet(root / f"data/parts/{number}.parquet", index=False)
        case "query":
            named.to_parquet(root / "data/q.parquet", index=False)
            described = {"query": "SELECT * FROM 'data/q.parquet' -- all"}
        case "postgres":
            named.to_sql("release", engine, index=False, if_exists="replace")
            described = {"query": "SELECT * FROM release", "database": "SHOP"}
    spec = {
        **described,
        "arm": {"column": NAMES["arm"], "control": 0, "treatment": 1},
        "unit_id": NAMES["unit"],
        "date": NAMES["time"],
        "metrics": METRICS,
        **more,
    }
    return read_release(release(spec, PHASES), root, root, TODAY, until)


@pytest.fixture
def in_engines(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Refuse to read rows in this process, or the engines."""

    def choose(engines: bool) -> None:
        if engines:
            monkeypatch.setattr(read, "sum_table", None)
        else:
            monkeypatch.setattr(read, "engine_of", lambda *_: None)

    return choose


@pytest.mark.parametrize(
    ("zone", "level", "sources"),
    [
        (None, 0.0, ("t.csv", "parts", "query", "postgres")),
        ("America/New_York", 1e9, ("t.parquet", "postgres")),
    ],
    ids=["as written", "zoned, far from 0"],
)
def test_all_sources_give_the_sums_of_a_plain_loop(
    zone: str | None,
    level: float,
    sources: tuple[str, ...],
    tmp_path: Path,
    engine: sqlalchemy.Engine,
    in_engines: Callable[[bool], None],
) -> None:
    rng = np.random.default_rng(5)
    table = rows(rng, 200, zoned=zone is not None, text_units=zone is None, level=level)
    expected = by_hand(table, zone)
    for source in sources:
        with pytest.MonkeyPatch.context() as patch:
            if source != "t.csv":
                patch.setattr(read, "sum_table", None)  # rows that come into this process fail
            found = read_from(source, table, tmp_path, engine, time_zone=zone)
        assert_same(found, expected, source)
    in_engines(False)
    for source in ("t.parquet", "postgres"):
        assert_same(read_from(source, table, tmp_path, engine, time_zone=zone), expected, source)


@pytest.mark.parametrize("engines", [True, False], ids=["in engines", "in this process"])
def test_all_sources_leave_out_rows_after_a_day_of_the_team(
    engines: bool, tmp_path: Path, engine: sqlalchemy.Engine, in_engines: Callable[[bool], None]
) -> None:
    zone, until = "America/New_York", START + timedelta(days=18)
    table = rows(np.random.default_rng(6), 300, zoned=True, text_units=False, level=0)
    expected = by_hand(table[table["time"].dt.tz_convert(zone).dt.date <= until], zone)
    in_engines(engines)
    for source in ("t.parquet", "postgres"):
        assert_same(read_from(source, table, tmp_path, engine, until, time_zone=zone), expected, source)


def assert_same(found: ReleaseData, expected: dict[Cell, Any], source: str) -> None:
    """Compare to 1e-9 of each number, or of the scale of its product."""
    assert set(found.cells) == set(expected), source
    needed = ~np.isnan(next(iter(found.cells.values())).products)
    assert needed.sum() == 9, source
    for cell, (n_obs, mean, products) in expected.items():
        moments = found.cells[cell]
        assert moments.n_obs == n_obs, (source, cell)
        np.testing.assert_allclose(moments.mean, mean, rtol=1e-9, atol=1e-12, err_msg=f"{source} {cell}")
        scale = np.sqrt(np.outer(np.diag(products), np.diag(products))) + 1e-9
        assert (np.abs(moments.products - products) / scale)[needed].max() < 1e-9, (source, cell)


def test_duckdb_counts_what_is_no_number_and_tells_columns_apart(tmp_path: Path) -> None:
    """DuckDB compares with NaN by the statistics of a file, and takes `V` for `v`."""
    rows = pd.DataFrame(
        {"arm": ["A", "B", "A"], "v": [3.0, np.nan, 3.0], "w": [1.0, 2.0, 1e9], "W": [4.0, 5.0, 6.0]}
    )
    (tmp_path / "data").mkdir()
    spec = {
        "source": "data/rows.parquet",
        "arm": {"column": "arm", "control": "A", "treatment": "B"},
        "metrics": {"m": {"of": "v"}},
    }
    rows.drop(columns="W").to_parquet(tmp_path / "data/rows.parquet")
    with pytest.raises(DataError) as caught:
        read_release(release(spec, PHASES[:1]), tmp_path, tmp_path, TODAY)
    assert caught.value.fields == ("split_test.metrics.m.of",)
    rows.to_parquet(tmp_path / "data/rows.parquet")
    found = read_release(
        release({**spec, "metrics": {"m": {"of": "W"}}}, PHASES[:1]), tmp_path, tmp_path, TODAY
    )
    assert found.moments(0.1, Arm.CONTROL).mean.tolist() == [5]
