"""What is read of a split test, and what is refused: each with the field of the document that causes it."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from iterata.errors import DataError
from iterata.rollout.read import Arm, Cell
from iterata.rollout.reading.cell_sums import AFTER_THE_END, CROSSED

from .releases import phases, read_text

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.rollout.read import ReleaseData

HEADER = "user,arm,day,spend\n"
BOTH = f"{HEADER}1,A,2026-03-01,1\n2,B,2026-03-01,2\n"


def totals(found: ReleaseData) -> dict[tuple[float, str, str], tuple[int, float]]:
    """The units and the mean of the first quantity in each cell."""
    return {
        (cell.phase, str(cell.day), cell.arm.value): (moments.n_obs, round(float(moments.mean[0]), 9))
        for cell, moments in found.cells.items()
    }


def refused(folder: Path, text: str, *begun: Any, **spec: Any) -> tuple[str, str]:
    """The field that an error concerns first, and the column of the data."""
    with pytest.raises(DataError) as caught:
        read_text(folder, text, *begun, **spec)
    error = caught.value
    assert error.remedy
    field = error.fields[0] if error.fields else ".".join(map(str, error.location.field))
    return field, error.location.data_column


def test_a_unit_belongs_to_its_first_row_and_keeps_its_later_outcomes(tmp_path: Path) -> None:
    rows = "1,A,2026-03-09,4\n1,A,2026-03-02,1\n2,B,2026-03-02,3\n3,B,2026-03-08,5\n4,A,2026-03-08,7\n"
    found = read_text(tmp_path, HEADER + rows, phases("2026-03-01", "2026-03-08"))
    assert totals(found) == {
        (0.1, "2026-03-02", "control"): (1, 5),
        (0.1, "2026-03-02", "treatment"): (1, 3),
        (0.25, "2026-03-08", "control"): (1, 7),
        (0.25, "2026-03-08", "treatment"): (1, 5),
    }
    assert found.rows == 5
    assert found.days(0.1) == [date(2026, 3, 2)]
    assert found.moments(0.25, Arm.CONTROL).mean.tolist() == [7]
    assert found.moments(0.5, Arm.CONTROL).n_obs == 0
    assert list(found.digests) == ["data/rows.csv"]


def test_the_day_of_a_change_belongs_to_the_next_phase(tmp_path: Path) -> None:
    begun = phases("2026-03-01", "2026-03-08")
    begun[0] = begun[0].model_copy(update={"ended": date(2026, 3, 8)})
    rows = "".join(f"{2 * n},A,2026-03-0{n},1\n{2 * n + 1},B,2026-03-0{n},1\n" for n in (7, 8))
    assert read_text(tmp_path, HEADER + rows, begun).phases == [0.1, 0.25]


def test_days_are_those_of_the_team_when_clocks_change(tmp_path: Path) -> None:
    """In Berlin, 29 March has 23 hours and ends at 22:00 UTC; 25 October has 25 and begins at 22:00."""
    times = ["2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z"]
    rows = "".join(f"{2 * n},A,{time},1\n{2 * n + 1},B,{time},1\n" for n, time in enumerate(times))
    found = read_text(tmp_path, HEADER + rows, time_zone="Europe/Berlin")
    units = {cell.day: moments.n_obs for cell, moments in found.cells.items() if cell.arm is Arm.CONTROL}
    assert units == {date(2026, 3, 28): 1, date(2026, 3, 29): 2, date(2026, 3, 30): 1}
    in_utc = read_text(tmp_path, HEADER + rows)
    assert in_utc.days(0.1) == [date(2026, 3, 28), date(2026, 3, 29)]


def test_an_hour_that_comes_twice_or_never_is_on_its_day(tmp_path: Path) -> None:
    rows = "1,A,2026-03-29T02:30:00,1\n2,B,2026-03-29T02:30:00,1\n"
    assert read_text(tmp_path, HEADER + rows, time_zone="Europe/Berlin").days(0.1) == [date(2026, 3, 29)]


def test_no_rows_are_no_error(tmp_path: Path) -> None:
    found = read_text(tmp_path, HEADER)
    assert (dict(found.cells), found.quantities, found.phases) == ({}, ("spend",), [])


def test_units_after_the_end_are_counted(tmp_path: Path) -> None:
    found = read_text(tmp_path, f"{BOTH}3,A,2026-03-09,1\n", phases("2026-03-01", ended="2026-03-07"))
    assert found.excluded == {AFTER_THE_END: 1}
    assert sum(moments.n_obs for moments in found.cells.values()) == 2


def test_units_in_both_arms_are_refused_or_left_out(tmp_path: Path) -> None:
    text = f"{BOTH}3,A,2026-03-01,9\n3,B,2026-03-04,9\n"
    assert refused(tmp_path, text) == ("split_test.unit_id", "user")
    found = read_text(tmp_path, text, crossed="exclude")
    assert found.excluded == {CROSSED: 1}
    assert totals(found) == totals(read_text(tmp_path, BOTH))


def test_everybody_is_treated_at_100_percent(tmp_path: Path) -> None:
    begun = phases("2026-02-01", "2026-02-08", "2026-02-15", "2026-03-01")
    found = read_text(tmp_path, f"{HEADER}1,B,2026-03-02,1\n2,A,2026-02-02,1\n3,B,2026-02-02,1\n", begun)
    assert Cell(1, date(2026, 3, 2), Arm.TREATMENT) in found.cells


def test_arms_are_written_in_several_ways(tmp_path: Path) -> None:
    arm = {"column": "arm", "control": ["A", "old"], "treatment": "B"}
    found = read_text(tmp_path, f"{BOTH}1,old,2026-03-02,1\n3,old,2026-03-02,1\n", arm=arm)
    assert found.excluded == {}
    assert found.moments(0.1, Arm.CONTROL).n_obs == 2


def test_what_was_before_counts_once(tmp_path: Path) -> None:
    text = "user,arm,day,spend,old\n1,A,2026-03-01,1,5\n1,A,2026-03-02,1,\n2,B,2026-03-01,1,7\n"
    metrics = {"spend": {"of": "spend", "before": "old"}}
    found = read_text(tmp_path, text, metrics=metrics)
    assert found.moments(0.1, Arm.CONTROL).mean.tolist() == [2, 5]
    field = "split_test.metrics.spend.before"
    assert refused(tmp_path, text.replace("02,1,", "02,1,6"), metrics=metrics) == (field, "old")
    assert refused(tmp_path, text.replace("1,7", "1,"), metrics=metrics) == (field, "old")


SPEND = "split_test.metrics.spend"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (BOTH.replace("1,A", "1,C"), ("split_test.arm.control", "arm")),
        (BOTH.replace("1,A", "1,a"), ("split_test.arm.control", "arm")),
        (BOTH + "3,C,2026-03-01,1\n", ("split_test.arm.column", "arm")),
        (BOTH.replace("2,B", "2,A"), ("split_test.arm.treatment", "arm")),
        (BOTH.replace("2,B", "2,"), ("split_test.arm.column", "arm")),
        (BOTH.replace("2026-03-01,2", ",2"), ("split_test.date", "day")),
        (BOTH.replace("2026-03-01", "2026-06-03"), ("split_test.date", "day")),
        (BOTH.replace("2026-03-01,2", "2026-03-01T10:00Z,2"), ("split_test.date", "day")),
        (BOTH.replace("2026-03-01", "20260301"), ("split_test.date", "day")),
        (BOTH.replace("2026-03-01", "2026-02-28"), ("phases[0].started", "day")),
        (BOTH.replace("2,B", ",B"), ("split_test.unit_id", "user")),
        (BOTH.replace("01,1", "01,"), (f"{SPEND}.of", "spend")),
        (BOTH.replace("01,1", "01,inf"), (f"{SPEND}.of", "spend")),
        (BOTH.replace("01,1", "01,-3"), (f"{SPEND}.at_least", "spend")),
        (BOTH.replace("01,1", "01,1e51"), (f"{SPEND}.of", "spend")),
        (BOTH.replace(",1\n", ",much\n").replace(",2\n", ",little\n"), (f"{SPEND}.of", "spend")),
        (BOTH.replace("spend", "spent"), (f"{SPEND}.of", "spend")),
        (BOTH.replace("arm", "arms"), ("split_test.arm.column", "arm")),
        (BOTH.replace("day", "on"), ("split_test.date", "day")),
        (BOTH.replace("user", "id"), ("split_test.unit_id", "user")),
        (f"{HEADER}1,A,2026-03-01,1\n", ("split_test.arm.treatment", "arm")),
    ],
    ids=[
        "no control", "another spelling", "a third arm", "no treatment", "a missing arm", "a missing day",
        "the future", "some zones", "numbers as days", "before the first phase", "a missing unit",
        "a missing value", "an infinite value", "a negative value", "a huge value", "text", "no metric",
        "no arm column", "no day column", "no unit column", "one unit",
    ],
)  # fmt: skip
def test_what_no_sum_can_contain_is_refused(tmp_path: Path, text: str, place: tuple[str, str]) -> None:
    assert refused(tmp_path, text, metrics={"spend": {"of": "spend", "at_least": 0}}) == place


def test_the_advised_condition_is_sql_for_every_value(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_text(tmp_path, BOTH + "3,it's,2026-03-01,1\n")
    assert """NOT IN ('it''s')""" in caught.value.remedy


@pytest.mark.parametrize(
    "row", ["3,A,2026-02-03,1\n", "3,A,2026-06-20,1\n", "3,A,,1\n"], ids=["too early", "the future", "no day"]
)
def test_the_advised_query_leaves_out_the_rows_and_no_others(tmp_path: Path, row: str) -> None:
    pytest.importorskip("duckdb")
    with pytest.raises(DataError) as caught:
        read_text(tmp_path, BOTH + row)
    (query,) = re.findall("`query: (.*)` in place of", caught.value.remedy)
    assert totals(read_text(tmp_path, BOTH + row, source=None, query=query)) == totals(
        read_text(tmp_path, BOTH)
    )


def test_the_advised_query_stands_around_the_query_of_before(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    with pytest.raises(DataError) as caught:
        read_text(tmp_path, BOTH + "3,A,,1\n", source=None, query="SELECT * FROM 'data/rows.csv'")
    (query,) = re.findall("`query: (.*)`", caught.value.remedy)
    found = read_text(tmp_path, BOTH + "3,A,,1\n", source=None, query=query)
    assert totals(found) == totals(read_text(tmp_path, BOTH))


def test_phases_out_of_order_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, BOTH, phases("2026-03-01", "2026-02-01"))[0] == "phases.1.started"
    assert refused(tmp_path, BOTH, phases("2026-03-01", None, "2026-03-09"))[0] == "phases.1"
    assert refused(tmp_path, BOTH, phases("2026-03-09", ended="2026-03-01"))[0] == "phases.0.ended"
    assert refused(tmp_path, BOTH, phases(None))[0] == "phases.0"


def test_days_between_phases_are_refused(tmp_path: Path) -> None:
    begun = phases("2026-03-01", "2026-03-10")
    begun[0] = begun[0].model_copy(update={"ended": date(2026, 3, 4)})
    text = f"{BOTH}3,A,2026-03-06,1\n4,B,2026-03-11,1\n5,A,2026-03-11,1\n"
    assert refused(tmp_path, text, begun) == ("phases[0].ended", "day")


def test_an_arm_without_units_in_a_phase_is_refused(tmp_path: Path) -> None:
    begun = phases("2026-03-01", "2026-03-10")
    assert refused(tmp_path, f"{BOTH}4,B,2026-03-11,1\n", begun) == ("split_test.arm.control", "arm")


def test_a_file_that_is_missing_or_outside_is_refused(tmp_path: Path) -> None:
    for source in ("data/none.csv", "data"):
        with pytest.raises(DataError):
            read_text(tmp_path, BOTH, source=source)
    (tmp_path / "inside").mkdir()
    (tmp_path / "rows.csv").write_text(BOTH, "utf-8")
    (tmp_path / "inside/link.csv").symlink_to(tmp_path / "rows.csv")
    (tmp_path / "inside/data").mkdir()
    with pytest.raises(DataError, match="outside"):
        read_text(tmp_path / "inside", BOTH, source="link.csv")


def test_phases_by_a_column(tmp_path: Path) -> None:
    text = "user,arm,share,spend\n1,A,0.1,1\n1,A,0.25,2\n2,B,0.1,1\n3,B,0.25,1\n4,A,0.25,5\n"
    found = read_text(tmp_path, text, phases(None, None), date=None, phase="share")
    assert totals(found) == {
        (0.1, "None", "control"): (1, 3),
        (0.1, "None", "treatment"): (1, 1),
        (0.25, "None", "control"): (1, 5),
        (0.25, "None", "treatment"): (1, 1),
    }
    place = ("split_test.phase", "share")
    for wrong in (
        text.replace("0.25", "25"),
        text.replace("0.25", "0.3"),
        text.replace("B,0.1", "B,"),
    ):
        assert refused(tmp_path, wrong, phases(None, None), date=None, phase="share") == place
    assert refused(tmp_path, text, phases("2026-03-01", "2026-03-02"), date=None)[0] == "split_test"


SUMMED = "day,arm,n,spend,squares,visits,both\n2026-03-01,A,4,10,30,3,8\n2026-03-01,B,5,20,90,2,9\n"
SUMS: dict[str, Any] = {
    "unit_id": None,
    "units": "n",
    "squares": {"spend": "squares", "spend * visits": "both"},
    "metrics": {"spend": {"of": "spend * 2", "per": "visits"}, "visits": {"of": "visits"}},
}


def test_summed_rows_give_the_moments_of_their_units(tmp_path: Path) -> None:
    found = read_text(tmp_path, SUMMED, **SUMS)
    moments = found.moments(0.1, Arm.CONTROL)
    assert moments.n_obs == 4
    np.testing.assert_allclose(moments.mean, [5, 0.75])
    np.testing.assert_allclose(moments.products, [[4 * 30 - 4 * 25, 2 * 8 - 4 * 5 * 0.75], [1, 3 - 9 / 4]])


@pytest.mark.parametrize(
    ("text", "changes", "field"),
    [
        (SUMMED + "2026-03-01,A,4,10,30,3,8\n", {}, "split_test.date"),
        (SUMMED, {"squares": {"spend": "squares"}}, "split_test.metrics.spend.per"),
        (SUMMED, {"squares": {"spend * visits": "both"}}, "split_test.metrics.spend.of"),
        (SUMMED, {"squares": {"spend": "squared"}}, "split_test.squares.spend"),
        (SUMMED.replace("A,4", "A,4.5"), {}, "split_test.units"),
        (SUMMED.replace("A,4", "A,-4"), {}, "split_test.units"),
        (SUMMED.replace(",30,", ",20,"), {}, "split_test.squares"),
        (SUMMED, {"metrics": {"spend": {"of": "max(spend, 1)"}}}, "split_test.metrics.spend.of"),
        (SUMMED, {"metrics": {"spend": {"of": "spend + 1"}}}, "split_test.metrics.spend.of"),
    ],
    ids=[
        "a day twice", "no products", "no squares", "no column", "half a unit", "less than none", "too small",
        "not linear", "a constant",
    ],
)  # fmt: skip
def test_sums_that_say_too_little_are_refused(
    tmp_path: Path, text: str, changes: dict[str, Any], field: str
) -> None:
    assert refused(tmp_path, text, **{**SUMS, **changes})[0] == field
