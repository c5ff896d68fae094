"""What a KPI can do: turn a column of predictions into one number, under many weightings of rows at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from iterata.measure.weightings import Bools, Codes, Draws, Floats, Measure, ratio_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ActingKpi", "Bools", "Codes", "Draws", "Floats", "Kpi", "Measure", "Outcomes", "ratio_of"]


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


class Kpi(Protocol):
    """A KPI over labelled rows.

    Columns are `(n,)`, one entry per row. A figure is the KPI **per row** where the KPI adds up over rows
    (`adds_up`), and the KPI itself where it is a rate or a mean; in its unit, ties in a score at their
    expectation. Figures are raw: turning minimise into utility and scaling to a period happen once, in the
    callers.
    """

    @property
    def adds_up(self) -> bool:
        """Whether twice as many rows make twice the KPI."""
        ...

    @property
    def random_meaning(self) -> str:
        """Which of the random models `random` is, in words for the page."""
        ...

    @property
    def budget(self) -> float | None:
        """The share of rows acted upon, where the KPI has one."""
        ...

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The KPI of a column of predictions."""
        ...

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The KPI of a model that knows every outcome, and acts as is best for the KPI's direction."""
        ...

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The expected KPI of a model that knows nothing of the rows."""
        ...

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """The standard deviation of the KPI of one uninformed draw on the sample; none where unknown."""
        ...

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """The KPI of leaving everybody alone; none where that means nothing."""
        ...

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """The KPI of acting on everybody; none where that means nothing, or a forced budget forbids it."""
        ...


class ActingKpi(Kpi, Protocol):
    """A KPI of models that act upon some rows and leave the others alone."""

    def acted_upon(self, prediction: Floats) -> Floats:
        """How surely each row is acted upon, from 0 to 1: ties at the edge of a budget share what is left."""
        ...
