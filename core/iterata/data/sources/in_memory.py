"""Tables of rows that are in memory already."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from iterata.data.refusals import NoRows
from iterata.data.sources.table import LoadedTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class InMemoryTable(LoadedTable):
    """Columns of a data frame."""

    rows: pd.DataFrame

    @classmethod
    def of(cls, frame: pd.DataFrame, where: str) -> InMemoryTable:
        """All columns of a data frame; their names become text."""
        named = frame.set_axis([str(name) for name in frame.columns], axis=1)
        return cls(where, tuple(named.columns), named)

    def take(self, names: Iterable[str]) -> InMemoryTable:
        """Some of the columns.

        Raises:
            DataError: one is missing, or there are no rows.
        """
        columns = self.unique_columns(names)
        if self.rows.empty:
            raise NoRows(self.where, remedy="pass at least one row")
        rows = self.rows[list(columns)].reset_index(drop=True)
        return replace(self, columns=columns, rows=rows)

    @property
    def many_rows(self) -> None:
        """None: all rows are in memory already."""
        return

    def digest(self) -> str:
        """The digest of the values in their order."""
        hashes = pd.util.hash_pandas_object(self.rows, index=False).to_numpy()
        return f"sha256:{hashlib.sha256(hashes.tobytes()).hexdigest()}"

    def frame(self) -> pd.DataFrame:
        """All rows."""
        return self.column_types.frame(self.rows, self.where)

    def batches(self) -> Iterator[pd.DataFrame]:
        """All rows in one batch."""
        yield self.frame()
