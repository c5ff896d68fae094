"""Parquet files: only the needed columns are read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from iterata.data.refusals import NestedColumn
from iterata.data.sources.file_table import FileTable
from iterata.data.sources.table import BATCH, MANY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa

    from iterata.data.column_types import ColumnReader


NO_TYPE = "null"
"""The type of a column without values."""

TEXT = "string"
"""The type of a column of text."""


@dataclass(frozen=True, slots=True)
class ParquetFile(FileTable):
    """A Parquet file, read with pyarrow."""

    rows: int
    nested: frozenset[str]
    """Columns that hold lists or records."""
    types: Mapping[str, str]
    """Arrow's name of the type of each column."""
    texts: frozenset[str]
    """Columns whose values decide what they are, because they are not numbers."""

    @classmethod
    def open(cls, path: Path, where: str) -> ParquetFile:
        """Read the schema and the number of rows."""
        from pyarrow import parquet, types  # noqa: PLC0415  # an extra

        with parquet.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, int(file.metadata.num_rows)
        nested = frozenset(str(field.name) for field in schema if types.is_nested(field.type))
        kinds = {str(field.name): _type_name(field.type) for field in schema}
        texts = frozenset(str(field.name) for field in schema if not _is_number(field.type))
        return cls(where, tuple(schema.names), path, rows, nested, kinds, texts)

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

    def load_first_texts(self, names: tuple[str, ...], rows: int) -> pd.DataFrame:
        """Those of the named columns whose type is text."""
        from pyarrow import Table, parquet  # noqa: PLC0415

        texts = [name for name in names if self.types[name] == TEXT]
        with parquet.ParquetFile(self.path) as file:
            batch = next(file.iter_batches(rows, columns=texts), None) if texts else None
        return pd.DataFrame() if batch is None else _as_pandas(Table.from_batches([batch]), ())

    def load(self) -> pd.DataFrame:
        """The needed columns."""
        from pyarrow import parquet  # noqa: PLC0415

        with parquet.ParquetFile(self.path) as file:  # `parquet.read_table` would import another library
            table = file.read(columns=list(self.columns))
        return _as_pandas(table, self.column_types.exact)

    def load_batches(self, reader: ColumnReader) -> Iterator[pd.DataFrame]:
        """The needed columns in batches."""
        undeclared = [
            name for name in self.columns if name in self.texts and self.column_types.kind(name) is None
        ]
        if undeclared:
            for batch in self.raw_batches(undeclared, self.column_types.exact):
                reader.look_at(batch)
        yield from self.raw_batches(self.columns, self.column_types.exact)

    def raw_batches(self, columns: Iterable[str], ids: Collection[str]) -> Iterator[pd.DataFrame]:
        """Some columns in batches, as pyarrow returns them; `ids` keep all digits."""
        from pyarrow import Table, parquet  # noqa: PLC0415

        with parquet.ParquetFile(self.path) as file:
            for batch in file.iter_batches(BATCH, columns=list(columns)):
                yield _as_pandas(Table.from_batches([batch]), ids)


def _type_name(kind: pa.DataType) -> str:
    """The type of the values: an encoding as dictionary and a large offset are not part of it."""
    from pyarrow import types  # noqa: PLC0415

    if types.is_dictionary(kind):
        return _type_name(kind.value_type)
    return str(kind).removeprefix("large_").removesuffix("_view")


def _is_number(kind: pa.DataType) -> bool:
    from pyarrow import types  # noqa: PLC0415

    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind))


def _as_pandas(table: pa.Table, ids: Collection[str]) -> pd.DataFrame:
    """The same columns in pandas; decimals are numbers, and ids keep all digits."""
    import pyarrow as pa  # noqa: PLC0415

    for index, field in enumerate(table.schema):
        column, is_id = table.column(index), field.name in ids
        read_as = _read_as(field.type, is_id=is_id)
        if is_id and column.null_count and pa.types.is_integer(field.type):
            read_as = pa.string()  # pandas would round large numbers
        if read_as is not None:
            table = table.set_column(index, field.name, column.cast(read_as))
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)  # pandas' metadata would hide an index
    return frame


def _read_as(kind: pa.DataType, *, is_id: bool) -> pa.DataType | None:
    """The type to convert a column to before pandas reads it; None to leave it."""
    import pyarrow as pa  # noqa: PLC0415

    types = pa.types
    if types.is_dictionary(kind):
        return _read_as(kind.value_type, is_id=is_id) or kind.value_type
    if types.is_decimal(kind) and not is_id:
        return pa.float64()
    return pa.timestamp("us") if types.is_date(kind) else None
