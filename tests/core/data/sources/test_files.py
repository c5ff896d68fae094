"""CSV and Parquet files: as people save them, and damaged ones."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from iterata.data.refusals import (
    DuplicateColumn,
    MissingColumn,
    MissingPackage,
    NestedColumn,
    NoRows,
    OutsideRepository,
)
from iterata.data.sources.open import open_file
from iterata.errors import DataError, Location

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.data.sources.table import Table

    from ....helpers.golden import Golden


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's folder inside a repository at `tmp_path / "repo"`."""
    folder = tmp_path / "repo" / "projects" / "mail"
    (folder / "data").mkdir(parents=True)
    return folder


def opened(project: Path, source: str, made_by: str | None = None) -> Table:
    return open_file(project, source, root=project.parents[1], made_by=made_by)


def refused(project: Path, content: bytes, name: str = "customers.csv", column: str = "age") -> DataError:
    """The error that a file of this content causes when a column is asked for."""
    (project / "data" / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        opened(project, f"data/{name}").read([column])
    assert caught.value.location.source == f"projects/mail/data/{name}"
    return caught.value


BROKEN_FILES: dict[str, bytes] = {
    "latin_1": "name,age\nJörg,3\n".encode("latin-1"),
    "utf_16": "name,age\nJo,3\n".encode("utf-16"),
    "nul_bytes": b"age\x00,b\n1,2\n",
    "empty": b"",
    "blank_lines": b"\n\n",
    "header_without_rows": b"age,b\n",
    "every_line_too_long": b"name,age\na,b,1\nc,d,2\n",
    "semicolons": b"name;age\na;1\n",
    "duplicate_column": b"age,age\n1,2\n",
    "misspelt_column": b"aged,income\n1,2\n",
    "many_columns": b",".join(b"c%d" % number for number in range(40)) + b"\n1\n",
}


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_broken_csv_file_is_refused(project: Path, golden: Golden, name: str) -> None:
    golden.check(f"csv_{name}", str(refused(project, BROKEN_FILES[name])))


@pytest.mark.parametrize(
    "content", [b"name,age\nRow one,1\nOne, two,2\n", b'name,age\n"a,1\n'], ids=["long line", "open quote"]
)
def test_file_that_pandas_cannot_parse_is_refused(project: Path, content: bytes) -> None:
    assert "\n" not in refused(project, content).message


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("header_without_rows", NoRows),
        ("duplicate_column", DuplicateColumn),
        ("misspelt_column", MissingColumn),
        ("semicolons", MissingColumn),
    ],
)
def test_refusal_of_a_csv_file_has_its_kind(project: Path, name: str, refusal: type[DataError]) -> None:
    assert isinstance(refused(project, BROKEN_FILES[name]), refusal)


class TestCsv:
    def test_columns_are_read_once_in_the_requested_order(self, project: Path) -> None:
        (project / "data/a.csv").write_text("x,y,z\n1,2,3\n4,5,6\n", "utf-8")
        table = opened(project, "data/a.csv")
        assert table.columns == ("x", "y", "z")
        assert table.where == "projects/mail/data/a.csv"
        assert table.read(["z", "x", "z"]).to_dict("list") == {"z": [3, 6], "x": [1, 4]}

    def test_byte_order_mark_is_not_part_of_a_column_name(self, project: Path) -> None:
        (project / "data/a.csv").write_bytes(b"\xef\xbb\xbfage,b\r\n1,2\r\n")
        assert opened(project, "data/a.csv").read(["age"])["age"].tolist() == [1]

    def test_column_without_a_name_is_named_as_in_pandas(self, project: Path) -> None:
        (project / "data/a.csv").write_text(",age\n0,30\n1,40\n", "utf-8")
        table = opened(project, "data/a.csv")
        assert table.read(table.columns).columns.tolist() == ["Unnamed: 0", "age"]


class TestManyLines:
    """A CSV file with more lines than fit into memory."""

    @pytest.fixture(autouse=True)
    def small_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("iterata.data.sources.csv_file.MANY", 5)
        monkeypatch.setattr("iterata.data.sources.csv_file.BATCH", 4)

    def batches(self, project: Path, column: list[str]) -> list[pd.DataFrame]:
        lines = "".join(f"{cell},{number}\n" for number, cell in enumerate(column))
        (project / "data/many.csv").write_text(f"id,n\n{lines}", "utf-8")
        table = opened(project, "data/many.csv").take(["id"])
        assert table.many_rows == len(column)
        whole = pd.concat(table.batches(), ignore_index=True)
        pd.testing.assert_frame_equal(whole, table.frame())
        return list(table.batches())

    def test_rows_are_read_in_batches(self, project: Path) -> None:
        batches = self.batches(project, [str(number) for number in range(10)])
        assert [len(batch) for batch in batches] == [4, 4, 2]

    def test_text_in_the_last_batch_makes_the_whole_column_text(self, project: Path) -> None:
        batches = self.batches(project, [*["012"] * 9, "x"])
        assert batches[0]["id"].tolist() == ["012"] * 4

    @pytest.mark.parametrize("last", ["0.5", ""], ids=["fraction", "gap"])
    def test_fraction_or_gap_in_the_last_batch_makes_the_whole_column_float(
        self, project: Path, last: str
    ) -> None:
        batches = self.batches(project, [*["3"] * 9, last])
        assert {str(batch["id"].dtype) for batch in batches} == {"float64"}

    def test_line_with_too_many_fields_is_refused_in_a_later_batch(self, project: Path) -> None:
        content = "age,n\n" + "1,2\n" * 9 + "1,2,3\n"
        (project / "data/a.csv").write_text(content, "utf-8")
        with pytest.raises(DataError) as caught:
            list(opened(project, "data/a.csv").take(["age"]).batches())
        assert "line 11" in caught.value.message


class TestRequire:
    def test_missing_column_is_refused_with_the_field_that_names_it(
        self, project: Path, golden: Golden
    ) -> None:
        (project / "data/a.csv").write_text("age\n1\n", "utf-8")
        with pytest.raises(MissingColumn) as caught:
            opened(project, "data/a.csv").require(["wage"], "target")
        assert (caught.value.column, caught.value.field) == ("wage", "target")
        golden.check("missing_column_of_a_field", str(caught.value))


class TestDataFile:
    @pytest.mark.parametrize(
        ("name", "source"), [("missing", "data/gone.csv"), ("folder", "data"), ("excel", "data/a.xlsx")]
    )
    def test_file_that_cannot_be_opened_is_refused(
        self, project: Path, golden: Golden, name: str, source: str
    ) -> None:
        (project / "data/a.xlsx").write_bytes(b"PK")
        with pytest.raises(DataError) as caught:
            opened(project, source, made_by="make data")
        assert caught.value.location == Location(f"projects/mail/{source}")
        golden.check(f"file_{name}", str(caught.value))

    def test_remedy_for_a_missing_dvc_file_is_to_pull_it(self, project: Path) -> None:
        (project / "data/gone.csv.dvc").write_text("outs: []\n", "utf-8")
        with pytest.raises(DataError) as caught:
            opened(project, "data/gone.csv", made_by="make data")
        assert "dvc pull projects/mail/data/gone.csv" in caught.value.remedy

    @pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.csv.gz", "folder/a.parquet"])
    def test_pointer_of_git_lfs_is_refused(self, project: Path, name: str) -> None:
        (project / "data/folder").mkdir()
        pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
        (project / f"data/{name}").write_text(pointer, "utf-8")
        with pytest.raises(DataError) as caught:
            opened(project, f"data/{name.split('/', maxsplit=1)[0]}")
        assert caught.value.location.source == f"projects/mail/data/{name}"
        assert f"git lfs pull --include projects/mail/data/{name}" in caught.value.remedy

    def test_circular_link_is_refused(self, project: Path) -> None:
        (project / "data/a.csv").symlink_to(project / "data/a.csv")
        with pytest.raises(DataError) as caught:
            opened(project, "data/a.csv")
        assert caught.value.location == Location("projects/mail/data/a.csv")

    def test_link_out_of_the_repository_is_refused(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "secret.csv").write_text("age\n1\n", "utf-8")
        (project / "data/a.csv").symlink_to(tmp_path / "secret.csv")
        with pytest.raises(OutsideRepository):
            opened(project, "data/a.csv")

    def test_linked_folder_outside_of_the_repository_is_refused(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere/a.csv").write_text("age\n1\n", "utf-8")
        (project / "linked").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(OutsideRepository):
            opened(project, "linked/a.csv")

    def test_path_with_dots_out_of_the_repository_is_refused(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "secret.csv").write_text("age\n1\n", "utf-8")
        with pytest.raises(OutsideRepository):
            opened(project, "../../../secret.csv")

    def test_link_within_the_repository_is_followed(self, project: Path) -> None:
        (project / "data/real.csv").write_text("age\n1\n", "utf-8")
        (project / "data/a.csv").symlink_to(project / "data/real.csv")
        assert opened(project, "data/a.csv").read(["age"])["age"].tolist() == [1]


class TestParquet:
    @pytest.fixture
    def table(self, project: Path) -> Table:
        pytest.importorskip("pyarrow")
        frame = pd.DataFrame({"customer": ["x", "y"], "age": [30, 40], "bought": ["yes", "no"]})
        frame.set_index("customer").to_parquet(project / "data/a.parquet")
        return opened(project, "data/a.parquet")

    def test_columns_are_read(self, table: Table) -> None:
        assert set(table.columns) == {"customer", "age", "bought"}
        assert table.read(["bought"])["bought"].tolist() == ["yes", "no"]

    def test_index_is_a_column(self, table: Table) -> None:
        assert table.read(["customer", "age"]).to_dict("list") == {"customer": ["x", "y"], "age": [30, 40]}

    def test_columns_of_lists_and_records_are_refused(self, project: Path) -> None:
        pytest.importorskip("pyarrow")
        frame = pd.DataFrame({"age": [1, 2], "tags": [["a"], ["b"]], "at": [{"x": 1}, {"x": 2}]})
        frame.to_parquet(project / "data/a.parquet")
        nested = opened(project, "data/a.parquet")
        assert nested.read(["age"])["age"].tolist() == [1, 2]
        for name in ("tags", "at"):
            with pytest.raises(NestedColumn):
                nested.read([name])

    def test_damaged_file_is_refused(self, project: Path) -> None:
        pytest.importorskip("pyarrow")
        refused(project, b"PAR1 but no more", "a.parquet")

    def test_missing_pyarrow_is_refused_with_the_extra_that_installs_it(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        error = refused(project, b"PAR1", "a.parquet")
        assert isinstance(error, MissingPackage)
        assert "pip install 'pyarrow>=" in error.remedy
