"""What really happened, row by row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from iterata.arrays import Bools, Codes, Floats


@dataclass(frozen=True)
class Outcomes:
    """What really happened, row by row."""

    target: Floats
    """`(n,)`: 1 or 0 for yes / no outcomes, else the number that happened, or how relevant a row was."""
    weight: Floats | None = None
    """`(n,)`, what a row counts for, 1 on average; none where every row counts for 1."""
    group: Codes | None = None
    """`(n,)`, the group a row is ranked in, from 0 without gaps."""
    table: pd.DataFrame | None = None
    """The columns that a function of the project asked for, one line per row."""
    stands_for: int | None = None
    """How many rows these few stand for, by their weights; none where they are all."""

    @classmethod
    def of(cls, positive: Bools) -> Outcomes:
        """Yes / no outcomes."""
        return cls(positive.astype(np.float64))

    @cached_property
    def positive(self) -> Bools:
        """Which rows have a positive outcome: `(n,)`."""
        return self.target > 0

    @cached_property
    def counts(self) -> Floats:
        """What each row counts for: `(n,)`."""
        return np.ones(len(self.target)) if self.weight is None else self.weight

    @property
    def rows(self) -> int:
        """How many rows there are, or these stand for."""
        return len(self) if self.stands_for is None else self.stands_for

    def mean(self, values: Floats) -> float:
        """The mean of a number per row, by what rows count for."""
        return float(self.counts @ values / self.counts.sum())

    def among(self, rows: Bools) -> Outcomes:
        """The outcomes of some of the rows."""
        return replace(
            self,
            target=self.target[rows],
            weight=None if self.weight is None else self.weight[rows],
            group=None if self.group is None else np.unique(self.group[rows], return_inverse=True)[1],
            table=None if self.table is None else self.table[rows].reset_index(drop=True),
            stands_for=None if self.stands_for is None else round(self._share(rows) * self.stands_for),
        )

    def _share(self, rows: Bools) -> float:
        return float(self.counts[rows].sum() / self.counts.sum())

    def __len__(self) -> int:
        """How many entries the columns have."""
        return len(self.target)
