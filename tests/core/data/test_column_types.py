"""The same table has the same meaning as a CSV file, a Parquet file, a query and a data frame."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import yaml
from pyarrow import parquet

from iterata.data.column_refusals import (
    ContradictedColumn,
    DoubtfulColumns,
    RoundedIds,
    SeveralIdSpellings,
)
from iterata.data.description import RowDescription
from iterata.data.read import read_rows
from iterata.data.refusals import MissingColumn
from iterata.data.sources.in_memory import InMemoryTable
from iterata.data.sources.open import open_table
from iterata.documents.models.kpi import ForecastCostSpec
from iterata.documents.models.rows import RowSource, StatusQuo
from iterata.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.data.sources.table import Table

ROWS = 60
COST = ForecastCostSpec(kind="forecast_cost", name="cost", unit="EUR", under=3, over=1)
DAYS = [dt.date(2024, 1, 1) + dt.timedelta(day) for day in range(ROWS)]
COLUMNS: dict[str, list[Any]] = {
    "n": list(range(ROWS)),
    "words": ["NA", "EU", "None", "null", "n/a", "nan"] * 10,
    "decimal": [Decimal(number) / 4 for number in range(ROWS)],
    "decimal_gap": [Decimal(number) / 4 if number % 5 else None for number in range(ROWS)],
    "whole_gap": [number if number % 5 else None for number in range(ROWS)],
    "flag_gap": [number % 2 == 0 if number % 5 else None for number in range(ROWS)],
    "day": DAYS,
    "day_gap": [day if day.day % 7 else None for day in DAYS],
    "moment": [dt.datetime(2024, 1, 1, 10) + dt.timedelta(hours=hour) for hour in range(ROWS)],  # noqa: DTZ001
    "padded": [f"{7 * number:05}" for number in range(ROWS)],
    "large": [2**53 + number for number in range(ROWS)],
    "empty": ["" if number % 3 else "x" for number in range(ROWS)],
    "infinite": [float("inf") if number == 3 else number / 2 for number in range(ROWS)],
    "void": [None] * ROWS,
}
EXPECTED: dict[str, pd.Series] = {
    "words": pd.Series(COLUMNS["words"], dtype="str"),
    "decimal": pd.Series([number / 4 for number in range(ROWS)]),
    "decimal_gap": pd.Series([number / 4 if number % 5 else None for number in range(ROWS)]),
    "whole_gap": pd.Series([number if number % 5 else None for number in range(ROWS)], dtype=float),
    "flag_gap": pd.Series([number % 2 == 0 if number % 5 else None for number in range(ROWS)], dtype=float),
    "day": pd.Series(pd.to_datetime(DAYS)).dt.as_unit("us"),
    "day_gap": pd.Series(pd.to_datetime(COLUMNS["day_gap"])).dt.as_unit("us"),
    "moment": pd.Series(pd.to_datetime(COLUMNS["moment"])).dt.as_unit("us"),
    "padded": pd.Series(COLUMNS["padded"], dtype="str"),
    "large": pd.Series(COLUMNS["large"]),
    "empty": pd.Series([None if number % 3 else "x" for number in range(ROWS)], dtype="str"),
    "infinite": pd.Series(COLUMNS["infinite"]),
    "void": pd.Series([np.nan] * ROWS),
}
SOURCES = ("csv", "parquet", "duckdb", "sqlite", "objects", "arrow")


def written(cell: object) -> str:
    """A cell of a CSV file."""
    if isinstance(cell, bool):
        return str(cell).lower()
    return "" if cell is None else str(cell)


def stored(cell: object) -> object:
    """A cell of SQLite, which has neither decimals nor days."""
    if cell is None or isinstance(cell, bool | int | float | str):
        return cell
    return float(cell) if isinstance(cell, Decimal) else str(cell)


def table(folder: Path, kind: str, monkeypatch: pytest.MonkeyPatch, content: dict[str, list[Any]]) -> Table:
    """The columns in a source of this kind."""
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in content.items()})
    if kind == "csv":
        frame.map(written).to_csv(folder / "d.csv", index=False)
    elif kind == "sqlite":
        with sqlite3.connect(folder / "d.sqlite") as connection:
            frame.map(stored).to_sql("d", connection, index=False)
        connection.close()
        monkeypatch.setenv("SHOP", f"sqlite:///{folder}/d.sqlite")
        return open_table(folder, RowSource(query="SELECT * FROM d", database="SHOP"), root=folder)
    elif kind == "objects":
        return InMemoryTable.of(frame, "frame")
    typed = pa.table({name: pa.array(cells) for name, cells in content.items()})
    if kind == "arrow":
        return InMemoryTable.of(typed.to_pandas(types_mapper=pd.ArrowDtype), "frame")
    parquet.write_table(typed, folder / "d.parquet")
    if kind == "duckdb":
        return open_table(folder, RowSource(query="SELECT * FROM 'd.parquet'"), root=folder)
    return open_table(folder, RowSource(source=f"d.{kind}"), root=folder)


@pytest.mark.parametrize("kind", SOURCES)
class TestSameMeaning:
    def test_columns_have_the_same_values(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
    ) -> None:
        rows = table(tmp_path, kind, monkeypatch, COLUMNS).read(COLUMNS).sort_values("n", ignore_index=True)
        for name, expected in EXPECTED.items():
            pd.testing.assert_series_equal(rows[name], expected, check_names=False)

    def test_ids_keep_their_text(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
        ids = {"padded": COLUMNS["padded"], "article": [f"{number}e1" for number in range(ROWS)]}
        ids |= {"large": COLUMNS["large"], "whole_gap": COLUMNS["whole_gap"]}
        found = table(tmp_path, kind, monkeypatch, {"n": COLUMNS["n"], **ids}).with_ids(ids)
        rows = found.read(["n", *ids]).sort_values("n", ignore_index=True)
        for name, cells in ids.items():
            texts = [None if pd.isna(cell) else str(cell) for cell in rows[name]]
            assert texts == [None if cell is None else str(cell) for cell in cells]


def opened(folder: Path, source: dict[str, Any]) -> Table:
    return open_table(folder, RowSource.model_validate(source), root=folder)


def csv_table(folder: Path, column: list[str], **columns: Any) -> Table:
    """A CSV file with a column `x`, and the declaration of its data."""
    lines = "".join(f'"{cell}",1\n' for cell in column)
    (folder / "d.csv").write_text(f"x,y\n{lines}", "utf-8")
    return opened(folder, {"source": "d.csv", **columns})


AMOUNTS = [f"{number * 1234.5:.2f}" for number in range(1, 80)]
DOUBTS: dict[str, list[str]] = {
    "a word for a gap": [*AMOUNTS, "NA", "n/a"],
    "a fifth are gaps": [cell if number % 5 else "?" for number, cell in enumerate(AMOUNTS)],
    "few numbers": ["0", "1", "NA"] * 4,
    "a word among many numbers": [*AMOUNTS, "see note"],
    "decimal comma": [cell.replace(".", ",") for cell in AMOUNTS],
    "thousands": [f"{float(cell):,.2f}" for cell in AMOUNTS],
    "German": [f"{float(cell):,.2f}".translate(str.maketrans(",.", ".,")) for cell in AMOUNTS],
    "percent": [f"{cell} %" for cell in AMOUNTS],
    "currency": [f"€ {cell}" for cell in AMOUNTS],
    "currency and gaps": [*(f"{cell} EUR" for cell in AMOUNTS), "-"],
}


class TestDoubts:
    @pytest.mark.parametrize("name", DOUBTS)
    def test_a_doubtful_column_is_refused_and_the_proposal_gives_the_numbers(
        self, tmp_path: Path, name: str
    ) -> None:
        with pytest.raises(DoubtfulColumns) as caught:
            csv_table(tmp_path, DOUBTS[name]).read(["x"])
        assert caught.value.columns == ("x",)
        proposal = yaml.safe_load(caught.value.remedy.split("`")[1])
        numbers = csv_table(tmp_path, DOUBTS[name], **proposal).read(["x"])["x"]
        expected = [float(cell) / (100 if name == "percent" else 1) for cell in AMOUNTS]
        if name == "few numbers":
            expected = [0.0, 1.0] * 4
        if name == "a fifth are gaps":
            expected = [value for number, value in enumerate(expected) if number % 5]
        assert numbers.dropna().tolist() == pytest.approx(expected)

    @pytest.mark.parametrize(
        "column",
        [
            ["A1", "12", "7b", "13"] * 9,
            ["18-24", "25-34", "65+"],
            ["0", "1", "2", "3+"],
            ["01", "02", "NA"],
            ["none", "missing"],
            [f"{number}" if number % 2 else f"A{number}" for number in range(200)],
            [f"{number}{'ABCDEF'[number % 6]}" for number in range(100, 300)],
            [f"{number}-{number + 1}" for number in range(100)],
            ["250 g", "500 g", "1 kg"] * 30,
            [f"10.0.{number}.7" for number in range(100)],
            [f"0170 {number} 44" for number in range(100)],
        ],
    )
    def test_words_are_words(self, tmp_path: Path, column: list[str]) -> None:
        assert csv_table(tmp_path, column).read(["x"])["x"].tolist() == column

    @pytest.mark.parametrize(
        "days",
        [
            ["31.12.2025", "01.01.2026"],
            ["31-Dec-25", "1-Jan-26"],
            ["12/31/2025 23:59", "1/1/2026 0:00"],
            ["Dec 31, 2025", "January 1, 2026"],
            ["31. Dez. 2025", "1. Mai 2026"],
        ],
    )
    def test_days_in_another_notation_are_refused(self, tmp_path: Path, days: list[str]) -> None:
        with pytest.raises(DoubtfulColumns):
            csv_table(tmp_path, days).read(["x"])

    @pytest.mark.parametrize(
        "form", ["{} kg", "({})", "\u2212{}", "-${}", "{}-", "{}k", "{}\u2019000", "{}.5 \u00b0C"]
    )
    def test_numbers_with_marks_are_not_many_categories(self, tmp_path: Path, form: str) -> None:
        column = [form.format(number) if number % 3 else f"{number}" for number in range(1, 80)]
        with pytest.raises(DoubtfulColumns) as caught:
            csv_table(tmp_path, column).read(["x"])
        proposal = yaml.safe_load(caught.value.remedy.split("`")[1])
        assert csv_table(tmp_path, column, **proposal).read(["x"])["x"].tolist() == column

    def test_a_gap_among_ids_is_refused_unless_it_is_declared_an_id(self, tmp_path: Path) -> None:
        ids = ["7", "8", "NA"]
        with pytest.raises(DoubtfulColumns):
            csv_table(tmp_path, ids).with_ids(["x"]).read(["x"])
        assert csv_table(tmp_path, ids, columns={"x": "id"}).read(["x"])["x"].tolist() == ids


class TestDeclarations:
    @pytest.mark.parametrize(
        ("spec", "column", "expected"),
        [
            ("id", ["007", "7"], ["007", "7"]),
            ("number", ["007", "7"], [7, 7]),
            ("category", ["1", "2"], ["1", "2"]),
            ("text", ["1", "NA"], ["1", "NA"]),
            ({"category": {"missing": ["?", 9]}}, ["a", "?", "9"], ["a", None, None]),
            ({"number": {"missing": [-999]}}, ["1.5", "-999"], [1.5, None]),
            ({"number": {"percent": True}}, ["45%", "50 %"], [0.45, 0.5]),
            ({"number": {"thousands": " ", "decimal": ","}}, ["1 234,5", "-2\u202f000"], [1234.5, -2000]),
            ({"number": {"thousands": "."}, }, ["1", "2"], None),
            ("known_after", ["1", "2"], [1, 2]),
        ],
    )  # fmt: skip
    def test_a_column_is_read_as_declared(
        self, tmp_path: Path, spec: Any, column: list[str], expected: list[Any] | None
    ) -> None:
        if expected is None:  # two meanings of one character
            with pytest.raises(ValueError, match="two different"):
                RowSource.model_validate({"source": "d.csv", "columns": {"x": spec}})
            return
        found = csv_table(tmp_path, column, columns={"x": spec}).read(["x"])["x"]
        assert [None if pd.isna(cell) else cell for cell in found] == expected

    @pytest.mark.parametrize(
        ("spec", "column", "row"),
        [
            ("number", ["1", "2", "NA", "?"], 3),
            ("date", ["2026-01-01", "2026-02-30"], 2),
            ("date", ["1", "2"], 1),
            ({"number": {"decimal": ","}}, ["1,5", "2.5"], 2),
            ({"number": {"thousands": ","}}, ["1,234", "1,23"], 2),
            ({"number": {"percent": True}}, ["45%", "0.45"], 2),
        ],
    )
    def test_a_declaration_that_the_data_contradict_is_refused(
        self, tmp_path: Path, spec: Any, column: list[str], row: int
    ) -> None:
        with pytest.raises(ContradictedColumn) as caught:
            csv_table(tmp_path, column, columns={"x": spec}).read(["x"])
        assert (caught.value.column, caught.value.row) == ("x", row)

    def test_a_column_that_does_not_exist_cannot_be_declared(self, tmp_path: Path) -> None:
        for declared in ({"columns": {"z": "id"}}, {"known_after": ["z"]}):
            with pytest.raises(MissingColumn):
                csv_table(tmp_path, ["1"], **declared)

    @pytest.mark.parametrize("cells", [[1.0, None, 12.0], ["1.0", None, "12.0"], [1, None, 12]])
    def test_a_whole_number_is_the_same_id_as_a_float(self, tmp_path: Path, cells: list[Any]) -> None:
        parquet.write_table(pa.table({"x": pa.array(cells)}), tmp_path / "d.parquet")
        source = RowSource.model_validate({"source": "d.parquet", "columns": {"x": "id"}})
        found = open_table(tmp_path, source, root=tmp_path).read(["x"])["x"]
        assert [None if pd.isna(cell) else cell for cell in found] == ["1", None, "12"]

    @pytest.mark.parametrize("column", [["A1", "A1 "], ["7", "7.0", "x 1"][:2]])
    def test_ids_that_differ_only_in_how_they_are_written_are_refused(
        self, tmp_path: Path, column: list[str]
    ) -> None:
        with pytest.raises(SeveralIdSpellings):
            csv_table(tmp_path, column, columns={"x": "id"}).read(["x"])

    def test_rounded_ids_are_refused(self) -> None:
        with pytest.raises(RoundedIds):
            InMemoryTable.of(pd.DataFrame({"x": [2.0**53, 1]}), "frame").with_ids(["x"]).read(["x"])


class TestBatches:
    @pytest.mark.parametrize("end", ["csv", "parquet"])
    def test_batches_have_the_values_of_the_whole_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
    ) -> None:
        mixed = ["1"] * 30 + ["a"] * 30
        content = {**COLUMNS, "mixed": mixed, "text_numbers": [str(number) for number in range(ROWS)]}
        whole = table(tmp_path, end, monkeypatch, content).read(content)
        module = f"iterata.data.sources.{end}_file"
        monkeypatch.setattr(f"{module}.MANY", 10)
        monkeypatch.setattr(f"{module}.BATCH", 7)
        monkeypatch.setattr("iterata.data.sources.csv_file.MIN_CHUNK_LINES", 7)
        batches = list(table(tmp_path, end, monkeypatch, content).take(content).batches())
        assert len(batches) > 1
        for name in content:
            parts = [batch[name] for batch in batches if batch[name].notna().any()]
            together = pd.concat(parts, ignore_index=True) if parts else whole[name].dropna()
            expected = whole[name].dropna().reset_index(drop=True)
            assert together.dropna().tolist() == expected.tolist()


class TestCodes:
    """Numbers that begin with 0 are text, and the refusal of a use as numbers declares them."""

    @pytest.mark.parametrize("status_quo", [{"column": "x"}, {"rule": "x > 10"}])
    def test_a_use_as_numbers_is_refused_with_the_declaration_that_helps(
        self, tmp_path: Path, status_quo: dict[str, str]
    ) -> None:
        description = RowDescription(target="y", status_quo=StatusQuo.model_validate(status_quo))
        column = ["012", "345", "067"]
        (tmp_path / "d.csv").write_text(
            "x,y\n" + "".join(f"{c},{n}\n" for n, c in enumerate(column)), "utf-8"
        )
        source = {"source": "d.csv"}
        with pytest.raises(DataError) as caught:
            read_rows(opened(tmp_path, source), replace(description, kpi=COST))
        proposal = yaml.safe_load(caught.value.remedy.split("`")[1])
        rows = read_rows(opened(tmp_path, {**source, **proposal}), replace(description, kpi=COST))
        expected = [12, 345, 67] if "column" in status_quo else [1, 1, 1]
        assert rows.status_quo_prediction.tolist() == expected

    def test_a_rule_that_orders_days_is_refused_with_a_query_that_works(self, tmp_path: Path) -> None:
        description = RowDescription(
            target="y", status_quo=StatusQuo.model_validate({"rule": 'x > "2024-01-01"'}), kpi=COST
        )
        (tmp_path / "d.csv").write_text("x,y\n2025-12-31,1\n2026-01-02,2\n", "utf-8")
        with pytest.raises(DataError) as caught:
            read_rows(opened(tmp_path, {"source": "d.csv"}), description)
        query = caught.value.remedy.split("`")[3].replace("FILE", "d.csv")
        rule = StatusQuo.model_validate({"rule": "is_later"})
        rows = read_rows(opened(tmp_path, {"query": query}), replace(description, status_quo=rule))
        assert sorted(rows.status_quo_prediction.tolist()) == [0, 1]
