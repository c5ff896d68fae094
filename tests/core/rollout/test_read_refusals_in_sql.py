"""An engine refuses what this process refuses, at the same field of the document."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import sqlalchemy

from iterata.errors import DataError
from iterata.rollout import read
from iterata.rollout.read import read_release
from iterata.rollout.reading.cell_sums import AFTER_THE_END, CROSSED
from iterata.rollout.reading.unit_table import sum_table

from .releases import TODAY, phases, release

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from iterata.documents.models.deployment import Phase
    from iterata.rollout.read import ReleaseData

ROWS = pd.DataFrame(
    {
        "user": [1, 2, 3, 1],
        "arm": ["A", "B", "B", "A"],
        "day": [date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 4)],
        "spend": [1.0, 2.0, 4.0, 8.0],
        "old": [5.0, 6.0, 7.0, 5.0],
    }
)
METRICS = {"spend": {"of": "spend", "before": "old", "at_least": 0}}


@pytest.fixture(scope="module")
def engine(postgres: str) -> Iterator[sqlalchemy.Engine]:
    """A connection to the database of `SHOP`."""
    created = sqlalchemy.create_engine(postgres)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP", postgres)
        patch.setattr(read, "sum_table", None)  # no row comes into this process
        yield created
    created.dispose()


def read_rows(
    rows: pd.DataFrame, folder: Path, engine: sqlalchemy.Engine, begun: Sequence[Phase] = (), **spec: Any
) -> ReleaseData:
    """The sums of rows in the database."""
    rows.to_sql("refused", engine, index=False, if_exists="replace")
    described = {
        "query": "SELECT * FROM refused",
        "database": "SHOP",
        "arm": {"column": "arm", "control": "A", "treatment": "B"},
        "unit_id": "user",
        "date": "day",
        "metrics": METRICS,
        **spec,
    }
    return read_release(release(described, begun or phases("2026-03-01")), folder, folder, TODAY)


def changed(column: str, *values: object) -> pd.DataFrame:
    """The rows with other values in the first rows of a column."""
    listed = [*values, *ROWS[column].tolist()[len(values) :]]
    return ROWS.assign(**{column: pd.Series(listed, dtype=object if None in values else None)})


CASES = {
    "a third arm": (changed("arm", "C"), "split_test.arm.column", "arm"),
    "another spelling": (changed("arm", "a"), "split_test.arm.control", "arm"),
    "a missing arm": (changed("arm", None), "split_test.arm.column", "arm"),
    "an empty arm": (changed("arm", ""), "split_test.arm.column", "arm"),
    "no treatment": (changed("arm", "A", "A", "A"), "split_test.arm.treatment", "arm"),
    "a missing day": (changed("day", None), "split_test.date", "day"),
    "the future": (changed("day", date(2026, 6, 3)), "split_test.date", "day"),
    "before the first phase": (changed("day", date(2026, 2, 3)), "phases[0].started", "day"),
    "a missing unit": (changed("user", None), "split_test.unit_id", "user"),
    "a missing value": (changed("spend", None), "split_test.metrics.spend.of", "spend"),
    "not a number": (changed("spend", float("nan")), "split_test.metrics.spend.of", "spend"),
    "an infinite value": (changed("spend", float("inf")), "split_test.metrics.spend.of", "spend"),
    "a negative value": (changed("spend", -1.0), "split_test.metrics.spend.at_least", "spend"),
    "a huge value": (changed("spend", 1e200), "split_test.metrics.spend.of", "spend"),
    "nothing before": (changed("old", *[float("nan")] * 4), "split_test.metrics.spend.before", "old"),
    "two values before": (changed("old", 1.0), "split_test.metrics.spend.before", "old"),
    "units in both arms": (changed("user", 2), "split_test.unit_id", "user"),
}


@pytest.mark.parametrize(("rows", "field", "column"), CASES.values(), ids=CASES)
def test_the_engine_refuses_the_same(
    rows: pd.DataFrame, field: str, column: str, tmp_path: Path, engine: sqlalchemy.Engine
) -> None:
    with pytest.raises(DataError) as caught:
        read_rows(rows, tmp_path, engine)
    assert (caught.value.fields[0], caught.value.location.data_column) == (field, column)


def test_the_engine_counts_what_it_leaves_out(tmp_path: Path, engine: sqlalchemy.Engine) -> None:
    more = pd.concat([ROWS, ROWS.iloc[:1].assign(user=2, old=6.0), ROWS.assign(user=[7, 8, 9, 7])])
    found = read_rows(more.assign(user=more["user"].astype(str)), tmp_path, engine, crossed="exclude")
    assert (found.excluded, found.rows) == ({CROSSED: 1}, 9)
    ended = read_rows(ROWS, tmp_path, engine, phases("2026-03-01", ended="2026-03-01"))
    assert ended.excluded == {AFTER_THE_END: 1}


def test_the_digest_of_rows_does_not_depend_on_their_order(tmp_path: Path, engine: sqlalchemy.Engine) -> None:
    digest = read_rows(ROWS, tmp_path, engine).digests
    assert read_rows(ROWS[::-1], tmp_path, engine).digests == digest
    assert read_rows(changed("spend", 1.5), tmp_path, engine).digests != digest


def test_arms_are_true_and_false_or_written_in_several_ways(
    tmp_path: Path, engine: sqlalchemy.Engine
) -> None:
    expected = read_rows(ROWS, tmp_path, engine).cells
    for values, arm in (
        (ROWS["arm"] == "B", {"control": False, "treatment": True}),
        ((ROWS["arm"] == "B") * 1.0, {"control": 0, "treatment": 1}),
        (pd.Series(["No", "Yes", "yes", "no"]), {"control": False, "treatment": True}),
        (pd.Series(["A", "B", "B", "old"]), {"control": ["A", "old"], "treatment": "B"}),
    ):
        found = read_rows(ROWS.assign(arm=values), tmp_path, engine, arm={"column": "arm", **arm}).cells
        assert {cell: moments.n_obs for cell, moments in found.items()} == {
            cell: moments.n_obs for cell, moments in expected.items()
        }


def test_an_overflow_in_the_database_is_refused_with_its_rows(
    tmp_path: Path, engine: sqlalchemy.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "sum_table", sum_table)
    with pytest.raises(DataError) as caught:
        read_rows(changed("spend", 1e200), tmp_path, engine, metrics={"m": {"of": "spend * spend"}})
    assert caught.value.fields == ("split_test.metrics.m.of",)


def test_no_rows_are_no_error(tmp_path: Path, engine: sqlalchemy.Engine) -> None:
    assert read_rows(ROWS.iloc[:0], tmp_path, engine).cells == {}


def test_a_database_that_is_down_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP", "postgresql+psycopg://shop:hidden@127.0.0.1:1/shop")
    spec = {
        "query": "SELECT 1",
        "database": "SHOP",
        "arm": {"column": "arm", "control": "A", "treatment": "B"},
        "metrics": METRICS,
    }
    with pytest.raises(DataError) as caught:
        read_release(release(spec, phases("2026-03-01")), tmp_path, tmp_path, TODAY)
    assert "SHOP" in str(caught.value)
    assert "hidden" not in str(caught.value)
