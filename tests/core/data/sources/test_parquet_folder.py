"""Folders of Parquet files: one table, whose columns are also in the names of folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from iterata.data.refusals import MissingColumn, OutsideRepository
from iterata.data.sources import data_file
from iterata.data.sources.open import open_file
from iterata.errors import DataError, Location

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.data.sources.table import Table

    from ....helpers.golden import Golden

pytest.importorskip("pyarrow")

WHERE = "projects/mail/data/sales"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's folder inside a repository at `tmp_path / "repo"`."""
    folder = tmp_path / "repo" / "projects" / "mail"
    (folder / "data").mkdir(parents=True)
    return folder


@pytest.fixture
def sales(project: Path) -> Path:
    """Five sales of two years and two regions."""
    part(project, "year=2024/region=north/part-0", price=[1.5, 2.5])
    part(project, "year=2024/region=south/part-0", price=[3.5])
    part(project, "year=2025/region=north/part-0", price=[4.5])
    part(project, "year=2025/region=north/part-1", price=[5.5])
    return project / "data/sales"


def part(project: Path, name: str, **columns: list[object]) -> None:
    path = project / f"data/sales/{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(columns).to_parquet(path, index=False)


def opened(project: Path, source: str = "data/sales") -> Table:
    return open_file(project, source, root=project.parents[1])


def refused(project: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        opened(project)
    return caught.value


@pytest.mark.usefixtures("sales")
class TestTable:
    def test_columns_are_those_of_the_files_and_of_the_folders(self, project: Path) -> None:
        table = opened(project)
        assert (table.where, table.columns) == (WHERE, ("price", "year", "region"))
        assert table.read(["region", "price", "year"]).to_dict("list") == {
            "region": ["north", "north", "south", "north", "north"],
            "price": [1.5, 2.5, 3.5, 4.5, 5.5],
            "year": [2024, 2024, 2024, 2025, 2025],
        }

    def test_columns_of_folders_can_be_read_alone(self, project: Path) -> None:
        assert opened(project).read(["year"])["year"].tolist() == [2024, 2024, 2024, 2025, 2025]

    def test_slash_at_the_end_changes_nothing(self, project: Path) -> None:
        assert opened(project, "data/sales/").where == WHERE

    def test_missing_column_is_refused(self, project: Path) -> None:
        with pytest.raises(MissingColumn):
            opened(project).require(["month"])

    def test_many_rows_are_read_in_batches(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("iterata.data.sources.parquet_folder.MANY", 4)
        table = opened(project).take(["price", "year"])
        assert table.many_rows == 5
        whole = pd.concat(table.batches(), ignore_index=True)
        pd.testing.assert_frame_equal(whole, table.frame())

    def test_notes_of_programs_are_skipped(self, project: Path, sales: Path) -> None:
        digest = data_file.source_digest(project, "data/sales", root=project.parents[1])
        for name in ("_SUCCESS", ".part-0.parquet.crc", "year=2024/_metadata", ".tmp/x.csv"):
            (sales / name).parent.mkdir(exist_ok=True)
            (sales / name).write_bytes(b"")
        assert len(opened(project).read(["price"])) == 5
        assert data_file.source_digest(project, "data/sales", root=project.parents[1]) == digest


class TestMeaning:
    def test_one_text_among_the_values_makes_all_of_them_text(self, project: Path) -> None:
        part(project, "year=2024/a", price=[1])
        part(project, "year=later/a", price=[2])
        assert opened(project).read(["year"])["year"].tolist() == ["2024", "later"]

    def test_words_for_missing_values_are_words(self, project: Path) -> None:
        part(project, "region=EU/a", price=[1])
        part(project, "region=NA/a", price=[2])
        part(project, "region=__HIVE_DEFAULT_PARTITION__/a", price=[3])
        regions = opened(project).read(["region"])["region"]
        assert regions.isna().tolist() == [False, False, True]
        assert regions.dropna().tolist() == ["EU", "NA"]

    def test_characters_that_paths_lack_are_decoded(self, project: Path) -> None:
        part(project, "shop=a%2Fb%20c/a", price=[1])
        assert opened(project).read(["shop"])["shop"].tolist() == ["a/b c"]

    def test_column_of_folder_and_file_is_one_column(self, project: Path) -> None:
        part(project, "year=2024/a", price=[1], year=[2024])
        part(project, "year=2025/a", price=[2], year=[2025])
        table = opened(project)
        assert table.columns == ("price", "year")
        assert table.read(["year"])["year"].tolist() == [2024, 2025]

    def test_file_that_contradicts_its_folder_is_refused(self, project: Path) -> None:
        part(project, "year=2024/a", price=[1], year=[2024])
        part(project, "year=2025/a", price=[2], year=[2024])
        with pytest.raises(DataError) as caught:
            opened(project).read(["year"])
        assert caught.value.location == Location(f"{WHERE}/year=2025/a.parquet")

    def test_column_without_values_in_one_file_has_the_type_of_the_others(self, project: Path) -> None:
        part(project, "a", note=[None, None], price=[1, 2])
        part(project, "b", note=["x", None], price=[3, 4])
        assert opened(project).read(["note"])["note"].isna().tolist() == [True, True, False, True]


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "columns"),
        [
            ("fewer_columns", {"price": [1.0]}),
            ("more_columns", {"price": [1.0], "shop": ["a"], "day": [3]}),
            ("other_type", {"price": ["1.0"], "shop": ["a"]}),
        ],
    )
    def test_other_schema_is_refused_with_the_file(
        self, project: Path, golden: Golden, name: str, columns: dict[str, list[object]]
    ) -> None:
        part(project, "a", price=[1.0], shop=["a"])
        part(project, "b", **columns)
        error = refused(project)
        assert error.location == Location(f"{WHERE}/b.parquet")
        golden.check(f"folder_{name}", str(error))

    def test_folders_of_other_columns_are_refused(self, project: Path, golden: Golden) -> None:
        part(project, "year=2024/a", price=[1])
        part(project, "b", price=[1])
        golden.check("folder_other_partition", str(refused(project)))

    def test_file_of_another_format_is_refused(self, project: Path, sales: Path, golden: Golden) -> None:
        (sales / "year=2024/notes.csv").write_text("a\n1\n", "utf-8")
        golden.check("folder_other_format", str(refused(project)))

    def test_empty_folder_is_refused(self, project: Path, golden: Golden) -> None:
        (project / "data/sales/year=2024").mkdir(parents=True)
        (project / "data/sales/_SUCCESS").write_bytes(b"")
        golden.check("folder_empty", str(refused(project)))

    def test_damaged_file_is_refused(self, project: Path, sales: Path) -> None:
        (sales / "year=2024/broken.parquet").write_bytes(b"PAR1 but no more")
        (sales / "year=2024/broken.parquet").rename(sales / "year=2024/region=north/broken.parquet")
        assert refused(project).location == Location(f"{WHERE}/year=2024/region=north/broken.parquet")


class TestLinks:
    @pytest.fixture
    def outside(self, tmp_path: Path) -> Path:
        (tmp_path / "elsewhere").mkdir()
        pd.DataFrame({"price": [1.0]}).to_parquet(tmp_path / "elsewhere/a.parquet")
        return tmp_path / "elsewhere"

    @pytest.mark.parametrize("link", [None, "a.parquet"], ids=["folder", "file"])
    @pytest.mark.usefixtures("sales")
    def test_link_out_of_the_repository_is_refused(
        self, project: Path, sales: Path, outside: Path, link: str | None
    ) -> None:
        (sales / "year=2026").symlink_to(outside) if link is None else (sales / link).symlink_to(
            outside / link
        )
        with pytest.raises(OutsideRepository):
            opened(project)
        with pytest.raises(OutsideRepository):
            data_file.source_digest(project, "data/sales", root=project.parents[1])

    def test_link_within_the_repository_is_followed(self, project: Path, sales: Path) -> None:
        (sales / "year=2024/region=north/part-0.parquet").rename(project / "real.parquet")
        (sales / "year=2024/region=north/part-0.parquet").symlink_to(project / "real.parquet")
        assert len(opened(project).read(["price"])) == 5

    def test_circular_link_is_refused(self, project: Path, sales: Path) -> None:
        (sales / "year=2024/again").symlink_to(sales)
        assert refused(project).location == Location(f"{WHERE}/year=2024/again")


class TestDigest:
    @pytest.mark.parametrize(
        "change",
        [
            lambda sales: (sales / "year=2024").rename(sales / "year=2023"),
            lambda sales: (sales / "year=2025/region=north/part-1.parquet").unlink(),
            lambda sales: pd.DataFrame({"price": [9.5]}).to_parquet(
                sales / "year=2024/region=south/part-0.parquet"
            ),
        ],
        ids=["name", "file", "bytes"],
    )
    def test_digest_changes_with_names_files_and_bytes(
        self, project: Path, sales: Path, change: Callable[[Path], object]
    ) -> None:
        before = opened(project).take(["price"]).digest()
        assert before == data_file.source_digest(project, "data/sales", root=project.parents[1])
        change(sales)
        assert opened(project).take(["price"]).digest() != before
