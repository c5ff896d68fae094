"""Parquet: only the needed columns of a file are read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from iterata.data.sources.file import FileTable
from iterata.data.sources.table import BATCH, MANY
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pandas as pd


@dataclass(frozen=True, slots=True)
class ParquetFile(FileTable):
    """A Parquet file, read with pyarrow."""

    rows: int
    nested: frozenset[str]
    """Columns that hold lists or records."""

    @classmethod
    def open(cls, path: Path, where: str) -> ParquetFile:
        """Read what the file says of itself."""
        from pyarrow import parquet, types  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra

        with parquet.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, int(file.metadata.num_rows)
        nested = frozenset(str(field.name) for field in schema if types.is_nested(field.type))
        return cls(where, tuple(schema.names), path, rows, nested)

    def take(self, names: Iterable[str]) -> ParquetFile:
        """Some of the columns.

        Raises:
            DataError: one is missing, is there twice, or holds lists or records.
        """
        wanted = self.unique_columns(names)
        for name in wanted:
            if name in self.nested:
                remedy = "make the file again with one number, text or date in each cell"
                raise DataError(f"the column {name} holds lists or records", remedy=remedy, where=self.where)
        return replace(self, columns=wanted)

    @property
    def many_rows(self) -> int | None:
        """How many rows there are, where they are more than should be held at once."""
        return self.rows if self.rows > MANY else None

    def held(self) -> pd.DataFrame:
        """The needed columns."""
        from pyarrow import parquet  # noqa: PLC0415

        with parquet.ParquetFile(self.path) as file:  # reading it as a data set would bring another library
            table = file.read(columns=list(self.columns))
        frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)  # else an index hides its column
        return frame

    def pieces(self) -> Iterator[pd.DataFrame]:
        """The needed columns in pieces."""
        from pyarrow import parquet  # noqa: PLC0415

        with parquet.ParquetFile(self.path) as file:
            for batch in file.iter_batches(BATCH, columns=list(self.columns)):
                yield batch.to_pandas()
