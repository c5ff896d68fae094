"""Folders of Parquet files, as Spark, pandas and DuckDB write them: one table of several files."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from iterata.data.sources import data_folder
from iterata.data.sources.file_table import FileTable, reading_errors
from iterata.data.sources.parquet_file import NO_TYPE, ParquetFile
from iterata.data.sources.spool import Spool
from iterata.data.sources.table import MANY
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from iterata.data.column_types import ColumnReader
    from iterata.data.sources.data_folder import Part


@dataclass(frozen=True, slots=True)
class ParquetFolder(FileTable):
    """The rows of all files, in the order of their names."""

    parts: list[Part]
    files: list[ParquetFile]
    partitions: pd.DataFrame
    """`(number of files, number of columns in folders' names)`: the value that all rows of a file have."""

    @classmethod
    def open(cls, path: Path, where: str, root: Path) -> ParquetFolder:
        """Read the schema of every file.

        Raises:
            DataError: a file has other columns or other types than the first.
        """
        parts = data_folder.parts_of(path, root)
        files = []
        for part in parts:
            name = f"{where}/{part.name}"
            with reading_errors(name):
                files.append(ParquetFile.open(part.path, name))
        for file in files[1:]:
            _check_same_schema(files[0], file)
        keys = parts[0].partition
        texts = {key: [part.partition[key] for part in parts] for key in keys}
        partitions = pd.DataFrame({key: _values(values) for key, values in texts.items()}, range(len(parts)))
        columns = (*files[0].columns, *(key for key in keys if key not in files[0].columns))
        return cls(where, columns, path, parts, files, partitions)

    def digest(self) -> str:
        """The digest of the files' names and bytes."""
        return data_folder.digest(self.parts)

    def take(self, names: Iterable[str]) -> ParquetFolder:
        """Some of the columns.

        Raises:
            DataError: one is missing, is there twice, or holds lists or records.
        """
        columns = self.unique_columns(names)
        stored = [name for name in columns if name in self.files[0].columns]
        return replace(self, columns=columns, files=[file.take(stored) for file in self.files])

    @property
    def many_rows(self) -> int | None:
        """The number of rows, if there are too many for memory; else None."""
        rows = sum(file.rows for file in self.files)
        return rows if rows > MANY else None

    def load_first_texts(self, names: tuple[str, ...], rows: int) -> pd.DataFrame:
        """Those of the first file with rows."""
        file = next((file for file in self.files if file.rows), self.files[0])
        return file.load_first_texts(tuple(name for name in names if name in file.columns), rows)

    def load(self) -> pd.DataFrame:
        """The needed columns."""
        return Spool(self._batches(), sys.maxsize).frame()

    def load_batches(self, reader: ColumnReader) -> Iterator[pd.DataFrame]:
        """The needed columns in batches."""
        spool = Spool(self._batches(), 0)  # a column has the same type in the batches of all files
        for batch in spool.batches():
            reader.look_at(batch)
        yield from spool.batches()

    def _batches(self) -> Iterator[pd.DataFrame]:
        for place, file in enumerate(self.files):
            for batch in file.raw_batches(file.columns, self.column_types.exact):
                yield self._with_partition(batch, place)

    def _with_partition(self, batch: pd.DataFrame, place: int) -> pd.DataFrame:
        """A file's rows, with the columns that are in the names of its folders.

        Raises:
            DataError: the file has such a column as well, with another value.
        """
        rows = batch.reset_index(drop=True)
        values = self.partitions.iloc[[place] * len(rows)].reset_index(drop=True)
        for key, text in self.parts[place].partition.items():
            if key not in rows:
                rows[key] = values[key]
            elif others := {str(value) for value in rows[key].dropna().unique()} - {text}:
                message = f"column {key} is {min(others)}, but the file is in the folder {key}={text}"
                remedy = "move the file, or write it again without the column"
                raise DataError(message, remedy=remedy, where=self.files[place].where)
        return rows


def _check_same_schema(first: ParquetFile, other: ParquetFile) -> None:
    """Refuse a file whose columns are not those of the first; a column without values has any type."""
    remedy = "write all files of the folder with the same columns and types"
    for name in first.types:
        if name not in other.types:
            message = f"has no column {name}, but {first.where} has"
            raise DataError(message, remedy=remedy, where=other.where)
    for name, kind in other.types.items():
        if name not in first.types:
            message = f"has a column {name}, but {first.where} does not"
            raise DataError(message, remedy=remedy, where=other.where)
        if NO_TYPE not in (kind, first.types[name]) and kind != first.types[name]:
            message = f"column {name} is {kind}; it is {first.types[name]} in {first.where}"
            raise DataError(message, remedy=remedy, where=other.where)


def _values(texts: Sequence[str | None]) -> pd.Series:
    """The values of a column whose texts are in the names of folders, as a CSV file would have them."""
    return pd.Series([text or None for text in texts], dtype="str")
