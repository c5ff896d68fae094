"""Data files as people save them, and as they break."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from iterata.data.sources.open import open_table
from iterata.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.data.sources.table import Table


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's folder inside a repository at `tmp_path / "repo"`."""
    folder = tmp_path / "repo" / "projects" / "mail"
    (folder / "data").mkdir(parents=True)
    return folder


def opened(project: Path, source: str, made_by: str | None = None) -> Table:
    return open_table(project, source, root=project.parents[1], made_by=made_by)


def refused(project: Path, content: bytes, name: str = "customers.csv", column: str = "age") -> DataError:
    """The error that a file of this content causes when a column is asked for."""
    (project / "data" / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        opened(project, f"data/{name}").read([column])
    assert caught.value.where == f"projects/mail/data/{name}"
    assert caught.value.remedy
    return caught.value


class TestCsv:
    def test_the_columns_asked_for_come_in_the_order_of_asking(self, project: Path) -> None:
        (project / "data/a.csv").write_text("x,y,z\n1,2,3\n4,5,6\n", "utf-8")
        table = opened(project, "data/a.csv")
        assert table.columns == ("x", "y", "z")
        assert table.where == "projects/mail/data/a.csv"
        assert table.read(["z", "x", "z"]).to_dict("list") == {"z": [3, 6], "x": [1, 4]}

    def test_a_byte_order_mark_is_not_part_of_a_name(self, project: Path) -> None:
        (project / "data/a.csv").write_bytes(b"\xef\xbb\xbfage,b\r\n1,2\r\n")
        assert opened(project, "data/a.csv").read(["age"])["age"].tolist() == [1]

    def test_a_column_without_a_name_is_nobodys(self, project: Path) -> None:
        (project / "data/a.csv").write_text(",age\n0,30\n1,40\n", "utf-8")
        table = opened(project, "data/a.csv")
        assert table.read(table.columns).columns.tolist() == ["Unnamed: 0", "age"]

    def test_another_encoding_is_refused(self, project: Path) -> None:
        assert "not UTF-8" in refused(project, "name,age\nJörg,3\n".encode("latin-1")).message

    def test_utf_16_is_refused(self, project: Path) -> None:
        assert "not UTF-8" in refused(project, "name,age\nJo,3\n".encode("utf-16")).message

    @pytest.mark.parametrize("content", [b"", b"\n\n"])
    def test_an_empty_file_is_refused(self, project: Path, content: bytes) -> None:
        assert refused(project, content).message == "is empty"

    def test_a_header_alone_is_refused(self, project: Path) -> None:
        assert refused(project, b"age,b\n").message == "holds no rows"

    def test_a_line_with_too_many_fields_is_refused(self, project: Path) -> None:
        found = refused(project, b"name,age\nRow one,1\nOne, two,2\n")
        assert "line 3" in found.message

    def test_too_many_fields_in_every_line_are_refused(self, project: Path) -> None:
        assert "more fields" in refused(project, b"name,age\na,b,1\nc,d,2\n").message

    def test_an_unclosed_quote_is_refused(self, project: Path) -> None:
        assert "inside string" in refused(project, b'name,age\n"a,1\n').message

    def test_semicolons_are_recognised(self, project: Path) -> None:
        assert "commas" in refused(project, b"name;age\na;1\n").remedy

    def test_a_column_there_twice_is_refused(self, project: Path) -> None:
        assert refused(project, b"age,age\n1,2\n").message == "there are two columns age"


class TestManyLines:
    """A CSV file of more lines than are held at once."""

    @pytest.fixture(autouse=True)
    def few_are_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("iterata.data.sources.csv_file.MANY", 5)
        monkeypatch.setattr("iterata.data.sources.csv_file.BATCH", 4)

    def pieces(self, project: Path, column: list[str]) -> list[pd.DataFrame]:
        lines = "".join(f"{each},{number}\n" for number, each in enumerate(column))
        (project / "data/many.csv").write_text(f"id,n\n{lines}", "utf-8")
        taken = opened(project, "data/many.csv").take(["id"])
        assert taken.many_rows == len(column)
        whole = pd.concat(taken.batches(), ignore_index=True)
        pd.testing.assert_frame_equal(whole, taken.frame())
        return list(taken.batches())

    def test_they_come_in_pieces(self, project: Path) -> None:
        found = self.pieces(project, [str(each) for each in range(10)])
        assert [len(each) for each in found] == [4, 4, 2]

    def test_text_anywhere_is_text_everywhere(self, project: Path) -> None:
        found = self.pieces(project, [*["012"] * 9, "x"])
        assert found[0]["id"].tolist() == ["012"] * 4

    def test_a_fraction_anywhere_makes_fractions_of_all(self, project: Path) -> None:
        found = self.pieces(project, [*["3"] * 9, "0.5"])
        assert {str(each["id"].dtype) for each in found} == {"float64"}

    def test_so_does_a_gap(self, project: Path) -> None:
        found = self.pieces(project, [*["3"] * 9, ""])
        assert {str(each["id"].dtype) for each in found} == {"float64"}

    def test_a_line_with_too_many_fields_is_refused(self, project: Path) -> None:
        content = "age,n\n" + "1,2\n" * 9 + "1,2,3\n"
        (project / "data/a.csv").write_text(content, "utf-8")
        with pytest.raises(DataError, match="line 11"):
            list(opened(project, "data/a.csv").take(["age"]).batches())


class TestMissingColumns:
    def test_the_likeliest_is_suggested(self, project: Path) -> None:
        found = refused(project, b"aged,income\n1,2\n")
        assert found.message == "there is no column age"
        assert found.remedy == "did you mean aged? The columns are aged, income"

    def test_a_long_list_is_cut(self, project: Path) -> None:
        header = ",".join(f"c{number}" for number in range(40))
        found = refused(project, f"{header}\n{header}\n".encode())
        assert found.remedy == "use one of " + ", ".join(f"c{number}" for number in range(12)) + " …"

    def test_the_field_that_names_it_is_told(self, project: Path) -> None:
        (project / "data/a.csv").write_text("age\n1\n", "utf-8")
        with pytest.raises(DataError, match="no column wage, which `target` names"):
            opened(project, "data/a.csv").require(["wage"], "target")


class TestFiles:
    def test_a_missing_file_names_the_command_that_makes_it(self, project: Path) -> None:
        with pytest.raises(DataError) as caught:
            opened(project, "data/gone.csv", made_by="make data")
        assert caught.value.where == "projects/mail/data/gone.csv"
        assert "make data" in caught.value.remedy

    def test_a_folder_is_no_file(self, project: Path) -> None:
        with pytest.raises(DataError, match="is a folder, not a data file"):
            opened(project, "data")

    def test_another_kind_of_file_is_refused(self, project: Path) -> None:
        (project / "data/a.xlsx").write_bytes(b"PK")
        with pytest.raises(DataError, match="neither CSV nor Parquet"):
            opened(project, "data/a.xlsx")

    def test_a_link_out_of_the_repository_is_refused(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "secret.csv").write_text("age\n1\n", "utf-8")
        (project / "data/a.csv").symlink_to(tmp_path / "secret.csv")
        with pytest.raises(DataError, match="outside the repository"):
            opened(project, "data/a.csv")

    def test_so_is_a_folder_that_is_a_link(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere/a.csv").write_text("age\n1\n", "utf-8")
        (project / "linked").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(DataError, match="outside the repository"):
            opened(project, "linked/a.csv")

    def test_so_is_a_path_with_dots(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "secret.csv").write_text("age\n1\n", "utf-8")
        with pytest.raises(DataError, match="outside the repository"):
            opened(project, "../../../secret.csv")

    def test_a_link_within_it_is_followed(self, project: Path) -> None:
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

    def test_an_index_is_a_column_like_others(self, table: Table) -> None:
        assert table.read(["customer", "age"]).to_dict("list") == {"customer": ["x", "y"], "age": [30, 40]}

    def test_lists_and_records_are_no_cells(self, project: Path) -> None:
        pytest.importorskip("pyarrow")
        frame = pd.DataFrame({"age": [1, 2], "tags": [["a"], ["b"]], "at": [{"x": 1}, {"x": 2}]})
        frame.to_parquet(project / "data/a.parquet")
        nested = opened(project, "data/a.parquet")
        assert nested.read(["age"])["age"].tolist() == [1, 2]
        for name in ("tags", "at"):
            with pytest.raises(DataError, match=f"the column {name} holds lists or records"):
                nested.read([name])

    def test_a_broken_file_is_refused(self, project: Path) -> None:
        pytest.importorskip("pyarrow")
        assert "cannot be read" in refused(project, b"PAR1 but no more", "a.parquet").message

    def test_without_pyarrow_the_extra_is_named(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        found = refused(project, b"PAR1", "a.parquet")
        assert "pyarrow is not installed" in found.message
        assert "iterata[parquet]" in found.remedy
