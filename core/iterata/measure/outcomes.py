"""The observed outcomes of rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from iterata.measure.weightings import Classes

if TYPE_CHECKING:
    import pandas as pd

    from iterata.arrays import Bools, Codes, Floats
    from iterata.measure.assignment import Assignment
    from iterata.measure.strata import Strata


@dataclass(frozen=True)
class Outcomes:
    """The observed outcome of every row, and what a row counts for."""

    target: Floats
    """`(n,)`: 1 or 0 for yes / no outcomes, else the observed number, or the relevance or the class's code of
    the row."""
    weight: Floats | None = None
    """`(n,)`, the sample weights, 1 on average; None if every row counts as 1."""
    group: Codes | None = None
    """`(n,)`, the group that a row is ranked in, from 0 without gaps."""
    table: pd.DataFrame | None = None
    """The columns that a function of the project needs, with a line per row."""
    window: Codes | None = None
    """`(n,)`, the window of time of each row, in which it is compared with others; None if all rows are."""
    represents: int | None = None
    """How many rows these rows represent, in proportion to their weights; None if they are all rows."""
    base_rate: float | None = None
    """The known share of positives, which the weights reproduce; None if it is estimated from the rows."""
    classes: tuple[str, ...] | None = None
    """The names of the classes by their code, in the order of their text; None if the target has none."""
    assignment: Assignment | None = None
    """Who was treated by chance; None if the rows are not a campaign with a control group."""
    strata: Strata | None = None
    """The strata that a KPI of effects names; None if it names none."""

    @classmethod
    def of(cls, positive: Bools) -> Outcomes:
        """Yes / no outcomes."""
        return cls(positive.astype(np.float64))

    @cached_property
    def positive(self) -> Bools:
        """Which rows have a positive outcome: `(n,)`."""
        return self.target > 0

    @cached_property
    def by_outcome(self) -> Classes:
        """The rows in two classes: 1 with a positive outcome, 0 with another one.

        All measures share them, so the bootstrap sees that they require the same classes.
        """
        return Classes(self.positive.view(np.uint8), 2, self.weight)

    @cached_property
    def is_binary(self) -> bool:
        """Whether every outcome is yes or no, rather than an amount, a degree of relevance or a class."""
        return self.classes is None and bool(((self.target == 0) | (self.target == 1)).all())

    @cached_property
    def by_class(self) -> Classes:
        """The rows by their class."""
        names = self.classes or ()
        return Classes(self.target.astype(np.min_scalar_type(max(len(names), 1))), len(names), self.weight)

    @cached_property
    def class_shares(self) -> Floats:
        """The share of each class in all rows: `(classes,)`."""
        totals = self.by_class.total()
        shares: Floats = totals / totals.sum()
        return shares

    @cached_property
    def counts(self) -> Floats:
        """What each row counts for: `(n,)`."""
        return np.ones(len(self.target)) if self.weight is None else self.weight

    @property
    def rows(self) -> int:
        """The number of rows, or of the rows that these represent."""
        return len(self) if self.represents is None else self.represents

    def mean(self, values: Floats) -> float:
        """The weighted mean of a number per row."""
        return float(values.mean() if self.weight is None else self.weight @ values / self.weight.sum())

    def with_base_rate(self, base_rate: float) -> Outcomes:
        """The same rows weighted so that positives have this known share; both outcomes occur in them."""
        share = self.mean(self.positive.astype(np.float64))
        by_outcome = np.where(self.positive, base_rate / share, (1 - base_rate) / (1 - share))
        return replace(self, weight=self.counts * by_outcome, base_rate=base_rate)

    def among(self, rows: Bools) -> Outcomes:
        """The outcomes of some of the rows; `rows` is an `(n,)` mask."""
        return replace(
            self,
            target=self.target[rows],
            weight=None if self.weight is None else self.weight[rows],
            group=None if self.group is None else np.unique(self.group[rows], return_inverse=True)[1],
            table=None if self.table is None else self.table[rows].reset_index(drop=True),
            window=None if self.window is None else self.window[rows],
            represents=None if self.represents is None else round(self._share(rows) * self.represents),
            base_rate=None,  # that of a part is not known
            assignment=None if self.assignment is None else self.assignment.among(rows),
            strata=None if self.strata is None else self.strata.among(rows),
        )

    def sample(self, rows: Bools) -> Outcomes:
        """The outcomes of some of the rows as a sample of the same population; `rows` is an `(n,)` mask.

        Its weights are 1 on average, and it keeps a known base rate, as long as both outcomes occur in it.
        """
        part = self.among(rows)
        if part.weight is None or not part.weight.any():
            return part
        part = replace(part, weight=part.weight / part.weight.mean())
        both_occur = part.counts[part.positive].any() and part.counts[~part.positive].any()
        return part if self.base_rate is None or not both_occur else part.with_base_rate(self.base_rate)

    def _share(self, rows: Bools) -> float:
        return self.mean(rows.astype(np.float64)) if self.weight is not None else float(rows.mean())

    def __len__(self) -> int:
        """The length of the columns."""
        return len(self.target)
