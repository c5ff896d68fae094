"""Parquet files: only the needed columns are read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from iterata.data.refusals import NestedColumn
from iterata.data.sources.file_table import FileTable
from iterata.data.sources.table import BATCH, MANY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import pandas as pd


NO_TYPE = "null"
"""The type of a column without values."""


@dataclass(frozen=True, slots=True)
class ParquetFile(FileTable):
    """A Parquet file, read with pyarrow."""

    rows: int
    nested: frozenset[str]
    """Columns that hold lists or records."""
    types: Mapping[str, str]
    """Arrow's name of the type of each column."""

    @classmethod
    def open(cls, path: Path, where: str) -> ParquetFile:
        """Read the schema and the number of rows."""
        from pyarrow import parquet, types  # noqa: PLC0415  # an extra

        with parquet.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, int(file.metadata.num_rows)
        nested = frozenset(str(field.name) for field in schema if types.is_nested(field.type))
        kinds = {str(field.name): _type_name(field.type) for field in schema}
        return cls(where, tuple(schema.names), path, rows, nested, kinds)

    def take(self, names: Iterable[str]) -> ParquetFile:
        """Some of the columns.

        Raises:
            DataError: one is missing, is there twice, or holds lists or records.
        """
        columns = self.unique_columns(names)
        for name in columns:
            if name in self.nested:
                raise NestedColumn(name, self.where)
        return replace(self, columns=columns)

    @property
    def many_rows(self) -> int | None:
        """The number of rows, if there are too many for memory; else None."""
        return self.rows if self.rows > MANY else None

    def load(self) -> pd.DataFrame:
        """The needed columns."""
        from pyarrow import parquet  # noqa: PLC0415

        with parquet.ParquetFile(self.path) as file:  # `parquet.read_table` would import another library
            table = file.read(columns=list(self.columns))
        frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)  # pandas' metadata would hide an index
        return frame

    def load_batches(self) -> Iterator[pd.DataFrame]:
        """The needed columns in batches."""
        from pyarrow import parquet  # noqa: PLC0415

        with parquet.ParquetFile(self.path) as file:
            for batch in file.iter_batches(BATCH, columns=list(self.columns)):
                yield batch.to_pandas()


def _type_name(kind: Any) -> str:
    """The type of the values: an encoding as dictionary and a large offset are not part of it."""
    from pyarrow import types  # noqa: PLC0415

    if types.is_dictionary(kind):
        return _type_name(kind.value_type)
    return str(kind).removeprefix("large_").removesuffix("_view")
