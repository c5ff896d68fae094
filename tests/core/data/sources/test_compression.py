"""CSV files that are compressed: the same table, the digest of the bytes, damage, and bombs."""

from __future__ import annotations

import gzip
import hashlib
import sys
import tracemalloc
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from iterata.data.refusals import MissingPackage
from iterata.data.sources import csv_survey
from iterata.data.sources.open import FORMATS, open_file
from iterata.documents.models.monitors import DATA_FILES
from iterata.errors import DataError, Location

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pa = pytest.importorskip("pyarrow")

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".zst": lambda content: bytes(pa.compress(content, codec="zstd", asbytes=True)),
}
CONTENT = ("\ufeffage,note\n" + "".join(f'{row},"a, {row}"\n' for row in range(500))).encode()


@pytest.fixture(params=list(COMPRESS))
def end(request: pytest.FixtureRequest) -> str:
    """The end of the file's name."""
    return str(request.param)


def write(folder: Path, end: str, content: bytes) -> str:
    (folder / f"a.csv{end}").write_bytes(COMPRESS[end](content))
    return f"a.csv{end}"


def refused(folder: Path, name: str) -> DataError:
    with pytest.raises(DataError) as caught:
        open_file(folder, name, root=folder).read(["age"])
    assert caught.value.location == Location(name)
    return caught.value


def test_table_is_that_of_the_plain_file(tmp_path: Path, end: str) -> None:
    (tmp_path / "a.csv").write_bytes(CONTENT)
    plain = open_file(tmp_path, "a.csv", root=tmp_path).read(["note", "age"])
    name = write(tmp_path, end, CONTENT)
    pd.testing.assert_frame_equal(open_file(tmp_path, name, root=tmp_path).read(["note", "age"]), plain)
    assert plain["note"].iloc[-1] == "a, 499"


def test_digest_is_of_the_compressed_bytes(tmp_path: Path, end: str) -> None:
    name = write(tmp_path, end, CONTENT)
    expected = hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
    assert open_file(tmp_path, name, root=tmp_path).take(["age"]).digest() == f"sha256:{expected}"


def test_parts_that_were_compressed_one_by_one_are_one_file(tmp_path: Path, end: str) -> None:
    half = len(CONTENT) // 2
    name = f"a.csv{end}"
    (tmp_path / name).write_bytes(COMPRESS[end](CONTENT[:half]) + COMPRESS[end](CONTENT[half:]))
    assert len(open_file(tmp_path, name, root=tmp_path).read(["age"])) == 500


def test_many_lines_are_read_in_batches(tmp_path: Path, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iterata.data.sources.csv_file.MANY", 100)
    monkeypatch.setattr("iterata.data.sources.csv_file.BATCH", 200)
    table = open_file(tmp_path, write(tmp_path, end, CONTENT), root=tmp_path).take(["age"])
    assert table.many_rows == 500
    assert [len(batch) for batch in table.batches()] == [200, 200, 100]


def test_line_with_too_many_fields_is_refused(tmp_path: Path, end: str) -> None:
    content = b"age,n\n" + b"1,2\n" * 99 + b"1,2,3\n"
    assert "line 101" in refused(tmp_path, write(tmp_path, end, content)).message


@pytest.mark.parametrize("damage", ["cut", "none of it", "flipped"])
def test_damaged_file_is_refused(tmp_path: Path, end: str, damage: str) -> None:
    content = COMPRESS[end](CONTENT)
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]
    broken = {"cut": content[:-40], "none of it": CONTENT, "flipped": flipped}[damage]
    (tmp_path / f"a.csv{end}").write_bytes(broken)
    assert "\n" not in refused(tmp_path, f"a.csv{end}").message


@pytest.mark.parametrize("place", ["header", "first row"])
def test_line_that_expands_beyond_memory_is_refused(
    tmp_path: Path, end: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iterata.data.sources.compression.LONGEST_LINE", 1 << 20)
    monkeypatch.setattr(csv_survey, "BLOCK", 1 << 18)
    name = write(tmp_path, end, (b"" if place == "header" else b"age,note\n") + b"a" * (50 << 20))
    tracemalloc.start()
    try:
        refused(tmp_path, name)
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


def test_missing_pyarrow_is_refused_with_the_extra_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = write(tmp_path, ".zst", CONTENT)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert isinstance(refused(tmp_path, name), MissingPackage)


def test_monitors_may_name_every_format() -> None:
    assert set(DATA_FILES) == set(FORMATS)
