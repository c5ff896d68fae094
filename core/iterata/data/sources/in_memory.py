"""Rows that are in memory already."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from iterata.data.sources.table import LoadedTable
from iterata.errors import DataError

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
        wanted = self.unique_columns(names)
        if self.rows.empty:
            raise DataError("there are no rows", remedy="give at least one", where=self.where)
        return InMemoryTable(self.where, wanted, self.rows[list(wanted)].reset_index(drop=True))

    @property
    def many_rows(self) -> None:
        """They are all held already."""
        return

    def digest(self) -> str:
        """What tells these rows from any others: a digest of the values, in their order."""
        values = pd.util.hash_pandas_object(self.rows, index=False).to_numpy()
        return f"sha256:{hashlib.sha256(values.tobytes()).hexdigest()}"

    def frame(self) -> pd.DataFrame:
        """The rows."""
        return self.rows

    def batches(self) -> Iterator[pd.DataFrame]:
        """All of them in one piece."""
        yield self.rows
