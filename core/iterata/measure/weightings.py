"""Many weightings of the same rows at once, and what figures may ask of them.

A bootstrap weighs every row by how often it was drawn. Most figures depend on the rows only through a few
weighted sums (how many true positives, what total cost), so a figure asks for the sums of its *features*.
Whether these come from a weight for every row, or from the totals of groups of rows that were drawn together,
makes no difference to the figure and all of it to the time: a thousand groups stand for any number of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from iterata.arrays import Bools, Codes, Floats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array


class Features(Protocol):
    """A few numbers per row that are summed under a weighting: `(n, width)` in meaning."""

    @property
    def width(self) -> int:
        """How many there are."""
        ...

    def total(self) -> Floats:
        """Their sums over the rows as they are: `(width,)`."""
        ...

    def under(self, weights: Floats) -> Floats:
        """Their sums `(width, r)` under weights `(n, r)`."""
        ...

    def of(self, rows: NDArray[np.intp]) -> Features:
        """The same features of some rows, by their positions."""
        ...

    def by_group(self, group: Codes, groups: int) -> Floats:
        """Their sums `(groups, width)` over the rows of each group; `group` is `(n,)`."""
        ...


FEW_CLASSES = 32
"""So many are counted one by one: quicker than a histogram, which makes long numbers of codes first."""


SMALL_MATRIX = 2**18
"""Entries of a matrix that is mostly zeros and need not be a sparse one."""


def counted(code: Codes, width: int) -> NDArray[np.intp]:
    """How often each of a few codes occurs: `(width,)`."""
    return np.array([np.count_nonzero(code == each) for each in range(width)])


@dataclass(frozen=True, eq=False)
class Classes:
    """Each row belongs to one class, and a sum is the weight of a class."""

    code: Codes
    """`(n,)`, the class of each row, from 0."""
    width: int
    weight: Floats | None = None
    """`(n,)`, what a row counts for to begin with; none where every row counts for 1."""

    def total(self) -> Floats:
        """The weight of every class, `(width,)`."""
        return self._total

    @cached_property
    def _total(self) -> Floats:
        if self.weight is None and self.width <= FEW_CLASSES:
            return counted(self.code, self.width).astype(np.float64)
        return np.bincount(self.code, self.weight, self.width).astype(np.float64, copy=False)

    @cached_property
    def _matrix(self) -> csr_array | Floats:
        count = len(self.code)
        entries = np.ones(count) if self.weight is None else self.weight
        if count * self.width <= SMALL_MATRIX:
            dense = np.zeros((self.width, count))
            dense[self.code, np.arange(count)] = entries
            return dense
        from scipy.sparse import csr_array  # noqa: PLC0415  # slow to import

        return csr_array((entries, (self.code, np.arange(count))), shape=(self.width, count))

    def under(self, weights: Floats) -> Floats:
        """The weight of every class under weights `(n, r)`: `(width, r)`."""
        sums: Floats = self._matrix @ weights
        return sums

    def of(self, rows: NDArray[np.intp]) -> Classes:
        """The classes of some rows."""
        return Classes(self.code[rows], self.width, None if self.weight is None else self.weight[rows])

    def by_group(self, group: Codes, groups: int) -> Floats:
        """The weight of every class within each group: `(groups, width)`."""
        joint = group.astype(np.intp) * self.width + self.code
        counted = np.bincount(joint, self.weight, groups * self.width)
        return counted.reshape(groups, self.width).astype(np.float64, copy=False)


@dataclass(frozen=True, eq=False)
class Values:
    """Numbers that are summed as they are."""

    columns: Floats
    """`(width, n)`."""

    @property
    def width(self) -> int:
        """How many numbers a row has."""
        return len(self.columns)

    def total(self) -> Floats:
        """The sums over all rows, `(width,)`."""
        sums: Floats = self.columns.sum(axis=1)
        return sums

    def under(self, weights: Floats) -> Floats:
        """The sums under weights `(n, r)`: `(width, r)`."""
        sums: Floats = self.columns @ weights
        return sums

    def of(self, rows: NDArray[np.intp]) -> Values:
        """The numbers of some rows."""
        return Values(self.columns[:, rows])

    def by_group(self, group: Codes, groups: int) -> Floats:
        """The sums within each group: `(groups, width)`."""
        return np.stack([np.bincount(group, column, groups) for column in self.columns], axis=1)


class Weighting(Protocol):
    """Where weighted sums come from. `rows` are the `(n,)` rows that the features describe; none for all."""

    def sums(self, features: Features, rows: Bools | None) -> Floats:
        """The sums of features under every weighting: `(width, r)`."""
        ...

    def weights(self) -> Floats:
        """The weight of every row: `(r, n)`."""
        ...


@dataclass(frozen=True, slots=True)
class Weightings:
    """Weightings of all rows, or of the rows of a part of the population, as a figure sees them."""

    weighting: Weighting
    rows: Bools | None = None

    def sums(self, features: Features) -> Floats:
        """The sums of a few features under every weighting: `(width, r)`."""
        return self.weighting.sums(features, self.rows)

    def weights(self) -> Floats:
        """The weight of every row, `(r, n)`, for figures that no sums can give; it costs accordingly."""
        weights = self.weighting.weights()
        return weights if self.rows is None else weights[:, self.rows]

    def among(self, rows: Bools) -> Weightings:
        """The same weightings, seen by figures of a part of the rows."""
        return Weightings(self.weighting, rows)


Measure = Callable[[Weightings], Floats]
"""A figure made ready: from weightings to one number for each, `(r,)`."""


@dataclass(frozen=True, slots=True)
class RowByRow:
    """A weight for every row: exact for any figure, and slow where rows are many."""

    by_row: Floats
    """`(n, r)`."""

    @classmethod
    def of(cls, weights: Floats) -> RowByRow:
        """From `(r, n)` weights."""
        return cls(np.ascontiguousarray(weights.T))

    def sums(self, features: Features, rows: Bools | None) -> Floats:
        """The sums under every weighting: `(width, r)`."""
        return features.under(self.by_row if rows is None else self.by_row[rows])

    def weights(self) -> Floats:
        """The weights, `(r, n)`."""
        return self.by_row.T


@dataclass(frozen=True, slots=True)
class MultinomialClasses:
    """A weight for every kind of row, rows of a kind being in the same class of everything asked for."""

    example: NDArray[np.intp]
    """`(kinds,)`, one row of each kind."""
    drawn: Floats
    """`(kinds, r)`, how many rows of each kind were drawn."""

    def sums(self, features: Features, rows: Bools | None) -> Floats:
        """The sums under every weighting: `(width, r)`."""
        if rows is None:
            return features.of(self.example).under(self.drawn)
        among = rows[self.example]
        place = np.cumsum(rows) - 1
        return features.of(place[self.example[among]]).under(self.drawn[among])

    def weights(self) -> Floats:
        """Rows have no weights of their own here.

        Raises:
            NotImplementedError: always; figures that ask for them are not weighed by kinds of rows.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Grouped:
    """A weight for every group of rows: the rows of a group are drawn together."""

    group: Codes
    """`(n,)`, from 0."""
    drawn: Floats
    """`(groups, r)`."""
    _tables: dict[Features, Floats] = field(default_factory=dict)

    def sums(self, features: Features, rows: Bools | None) -> Floats:
        """The sums under every weighting: `(width, r)`."""
        if features not in self._tables:
            group = self.group if rows is None else self.group[rows]
            self._tables[features] = features.by_group(group, len(self.drawn))
        sums: Floats = self._tables[features].T @ self.drawn
        return sums

    def weights(self) -> Floats:
        """The weight of every row, `(r, n)`."""
        return self.drawn.T[:, self.group]


@dataclass(frozen=True, slots=True)
class ObservedSample:
    """The sample as it is, weighed once; it remembers what figures asked for."""

    rows: int
    asked: list[tuple[Features, Bools | None]] = field(default_factory=list)
    asked_for_rows: list[bool] = field(default_factory=list)
    """Not empty once some figure wanted the weights of rows."""

    def sums(self, features: Features, rows: Bools | None) -> Floats:
        """The sums over the sample: `(width, 1)`."""
        self.asked.append((features, rows))
        return features.total()[:, None]

    def weights(self) -> Floats:
        """A one for every row, `(1, n)`."""
        self.asked_for_rows.append(True)
        return np.ones((1, self.rows))


def weighed(weights: Floats) -> Weightings:
    """Draws of which the weight of every row is known: `(r, n)`."""
    return Weightings(RowByRow.of(np.asarray(weights, dtype=np.float64)))


def mean_of(measures: Sequence[Measure]) -> Measure:
    """The average of several figures within each weighting, as over the repeats of a split."""
    if len(measures) == 1:
        return measures[0]
    return lambda draws: np.mean([measure(draws) for measure in measures], axis=0)


def ratio_of(part: Floats, whole: Floats) -> Measure:
    """The weighted sum of one number per row over that of another, each `(n,)`; not a number over 0."""
    summed = Values(np.stack([part, whole]))

    def ratio(draws: Weightings) -> Floats:
        parts, wholes = draws.sums(summed)
        undefined = np.full_like(parts, np.nan)
        answer: Floats = np.divide(parts, wholes, out=undefined, where=wholes != 0)
        return answer

    return ratio
