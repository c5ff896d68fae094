"""Tables: their columns, and the rows of the columns that are needed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from iterata.data.column_refusals import Declared
from iterata.data.column_types import ColumnTypes
from iterata.data.refusals import DuplicateColumn, MissingColumn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd

    from iterata.documents.models.columns import ColumnSpec

MANY = 20_000_000
"""A table of more rows than this is read in batches, if the KPI allows it."""

BATCH = 1_000_000
"""Rows of a batch."""


@dataclass(frozen=True, slots=True)
class Table(ABC):
    """A table whose columns are known, and whose rows have not been read."""

    where: str
    """Its name in messages and results: the path relative to the repository, or the query's database."""
    columns: tuple[str, ...]
    column_types: ColumnTypes = field(default_factory=ColumnTypes, kw_only=True)
    """What the columns are, as far as a document says so."""

    def declared(self, columns: Mapping[str, ColumnSpec], *, as_argument: bool = False) -> Self:
        """The same table, with the columns that the document declares, or the argument of a call.

        Raises:
            DataError: there is no such column.
        """
        self.require(columns, "columns")
        declared_in = Declared.ARGUMENT if as_argument else Declared.DOCUMENT
        return replace(self, column_types=replace(self.column_types, declared=columns, by=declared_in))

    def with_ids(self, names: Iterable[str]) -> Self:
        """The same table, in which these columns identify rows, units or groups."""
        return replace(self, column_types=self.column_types.with_ids(tuple(names)))

    @abstractmethod
    def take(self, names: Iterable[str]) -> LoadedTable:
        """All rows of the named columns; their number, digest and values come from one reading.

        Raises:
            DataError: a column is missing, the rows cannot be read, or there are none.
        """

    def read(self, names: Iterable[str]) -> pd.DataFrame:
        """All rows of the named columns in memory, with the columns in the order of `names`.

        Raises:
            DataError: a column is missing, the rows cannot be read, or there are none.
        """
        return self.take(names).frame()

    def require(self, names: Iterable[str], field: str = "", expression: str = "") -> None:
        """Make sure that the table has these columns.

        Args:
            names: the columns.
            field: the document's field that names them.
            expression: the expression that reads them, if that is what the field holds.

        Raises:
            DataError: a column is missing, or there are two of its name.
        """
        for name in names:
            if name not in self.columns:
                raise MissingColumn(name, self.columns, self.where, field, expression)
            if self.columns.count(name) > 1:
                raise DuplicateColumn(name, self.where, field)

    def unique_columns(self, names: Iterable[str]) -> tuple[str, ...]:
        """The named columns without repetitions.

        Raises:
            DataError: a column is missing, or there are two of its name.
        """
        unique = tuple(dict.fromkeys(names))
        self.require(unique)
        return unique


@dataclass(frozen=True, slots=True)
class LoadedTable(Table):
    """The rows of some columns; `take` selects from these columns, and the rows stay the same."""

    @property
    @abstractmethod
    def many_rows(self) -> int | None:
        """The number of rows, if there are too many for memory (`MANY`); else None."""

    def check_declared(self) -> None:
        """Make sure that the columns hold what the document declares.

        Raises:
            DataError: a value is something else.
        """
        if self.column_types.declared:
            for _ in self.take(self.column_types.declared).batches():
                pass

    @abstractmethod
    def digest(self) -> str:
        """`sha256:…`, which changes with the rows."""

    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """All rows in memory.

        Raises:
            DataError: they cannot be read, or there are none.
        """

    @abstractmethod
    def batches(self) -> Iterator[pd.DataFrame]:
        """All rows in batches of about `BATCH` rows, in the same order at every call.

        Raises:
            DataError: they cannot be read, or there are none.
        """
