"""Row weightings for the bootstrap, evaluated many at a time.

A resample weights every row by how often it was drawn. Most figures depend on the rows only through a few
weighted sums, such as the number of true positives or the total cost, so a figure asks for the sums of its
*features*. The sums come either from a weight for every row or from the totals of groups of rows that are
drawn together. The figure is the same; the time is not: a thousand groups can represent any number of rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from iterata.arrays import Bools, Codes, Floats


class Features(Protocol):
    """A few numbers per row that are summed under a weighting; logically an `(n, width)` matrix."""

    @property
    def width(self) -> int:
        """The number of features."""
        ...

    def total(self) -> Floats:
        """Their unweighted sums over all rows: `(width,)`."""
        ...

    def under(self, weights: Floats) -> Floats:
        """Their sums `(width, r)` under weights `(n, r)`."""
        ...

    def of(self, rows: NDArray[np.intp]) -> Features:
        """The same features of some rows, selected by position."""
        ...

    def by_group(self, group: Codes, groups: int) -> Floats:
        """Their sums `(groups, width)` over the rows of each group; `group` is `(n,)`."""
        ...


COUNT_BY_COMPARISON = 8
"""Up to this many classes in bytes are counted by one comparison each, which is faster than `bincount`."""

COUNT_CHUNK = 2**18
"""Codes are counted in chunks, because `bincount` converts them to 64-bit integers first."""

DENSE_ENTRIES = 2**18
"""Up to this many entries, a matrix of mostly zeros is stored dense."""


def class_counts(code: Codes, width: int) -> NDArray[np.intp]:
    """How often each code occurs: `(width,)`."""
    if width <= COUNT_BY_COMPARISON and code.itemsize == 1:
        return np.array([np.count_nonzero(code == value) for value in range(width)])
    counts = np.zeros(width, dtype=np.intp)
    for start in range(0, len(code), COUNT_CHUNK):
        counts += np.bincount(code[start : start + COUNT_CHUNK], minlength=width)
    return counts


@dataclass(frozen=True, eq=False)
class Classes:
    """Every row belongs to one class; the sums are the weights of the classes."""

    code: Codes
    """`(n,)`, the class of each row, from 0."""
    width: int
    weight: Floats | None = None
    """`(n,)`, the sample weight of each row; None if every row counts as 1."""

    def total(self) -> Floats:
        """The weight of every class, `(width,)`."""
        return self._total

    @cached_property
    def _total(self) -> Floats:
        if self.weight is None:
            return class_counts(self.code, self.width).astype(np.float64)
        return np.bincount(self.code, self.weight, self.width).astype(np.float64, copy=False)

    @cached_property
    def has_equal_weights(self) -> bool:
        """Whether all rows of a class have the same sample weight, as those of a known base rate have."""
        if self.weight is None:
            return True
        by_class = np.zeros(self.width)
        by_class[self.code] = self.weight
        return bool((by_class[self.code] == self.weight).all())

    @cached_property
    def _matrix(self) -> csr_array | Floats:
        count = len(self.code)
        entries = np.ones(count) if self.weight is None else self.weight
        if count * self.width <= DENSE_ENTRIES:
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
        sums = np.bincount(joint, self.weight, groups * self.width)
        return sums.reshape(groups, self.width).astype(np.float64, copy=False)


@dataclass(frozen=True, eq=False)
class NestedClasses(Classes):
    """Classes that are enough for resamples of independent rows, and more detailed ones for other weightings.

    They are computed when they are needed.
    """

    detailed: Callable[[], Classes] = field(kw_only=True)
    """The same rows in more classes, with the same totals in the figures of the sample."""

    def under(self, weights: Floats) -> Floats:
        """The weight of every detailed class under weights `(n, r)`."""
        return self._detailed.under(weights)

    def by_group(self, group: Codes, groups: int) -> Floats:
        """The weight of every detailed class within each group."""
        return self._detailed.by_group(group, groups)

    @cached_property
    def _detailed(self) -> Classes:
        return self.detailed()


@dataclass(frozen=True, eq=False)
class Values:
    """Numbers that are summed directly."""

    columns: Floats
    """`(width, n)`."""

    @property
    def width(self) -> int:
        """The number of columns."""
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


class Weightings(Protocol):
    """`r` weightings of the same `n` rows, as a source of weighted sums."""

    def sums(self, features: Features, rows: Bools | None = None) -> Floats:
        """The sums of features under every weighting: `(width, r)`.

        `rows` is an `(n,)` mask of the rows that the features describe; None if they describe all rows.
        """
        ...


@runtime_checkable
class RowWeightings(Weightings, Protocol):
    """Weightings that know the weight of every single row."""

    def row_weights(self) -> Floats:
        """The weight of every row: `(r, n)`."""
        ...


@dataclass(frozen=True, slots=True)
class RowByRow:
    """A weight for every row: exact for any figure, slow for many rows."""

    by_row: Floats
    """`(n, r)`."""
    _sums: dict[int, tuple[Features, Floats]] = field(default_factory=dict)

    @classmethod
    def of(cls, weights: Floats) -> RowByRow:
        """From `(r, n)` weights."""
        return cls(np.ascontiguousarray(np.asarray(weights, dtype=np.float64).T))

    def sums(self, features: Features, rows: Bools | None = None) -> Floats:
        """The sums under every weighting: `(width, r)`."""
        key = id(features)
        if key not in self._sums:  # figures share features
            weights = self.by_row if rows is None else self.by_row[rows]
            self._sums[key] = features, features.under(weights)
        return self._sums[key][1]

    def row_weights(self) -> Floats:
        """The weights, `(r, n)`."""
        return self.by_row.T


@dataclass(frozen=True, slots=True)
class MultinomialClasses:
    """A weight for every joint class: rows that are in the same class of every feature a figure requires."""

    example: NDArray[np.intp]
    """`(classes,)`, the position of one row of each joint class."""
    count: Floats
    """`(classes, r)`, how many rows of each joint class were drawn."""

    def sums(self, features: Features, rows: Bools | None = None) -> Floats:
        """The sums under every weighting: `(width, r)`."""
        if rows is None:
            return features.of(self.example).under(self.count)
        selected = rows[self.example]
        position = np.cumsum(rows) - 1
        return features.of(position[self.example[selected]]).under(self.count[selected])


@dataclass(frozen=True, slots=True)
class Grouped:
    """A weight for every group of rows: the rows of a group are drawn together."""

    group: Codes
    """`(n,)`, from 0."""
    count: Floats
    """`(groups, r)`, how often each group was drawn."""
    _totals: dict[Features, Floats] = field(default_factory=dict)

    def sums(self, features: Features, rows: Bools | None = None) -> Floats:
        """The sums under every weighting: `(width, r)`."""
        if features not in self._totals:
            group = self.group if rows is None else self.group[rows]
            self._totals[features] = features.by_group(group, len(self.count))
        sums: Floats = self._totals[features].T @ self.count
        return sums


@dataclass(frozen=True, slots=True)
class ObservedSample:
    """A single weighting that counts every row of the sample once."""

    rows: int

    def sums(self, features: Features, rows: Bools | None = None) -> Floats:
        """The sums over the sample: `(width, 1)`."""
        return features.total()[:, None]

    def row_weights(self) -> Floats:
        """A one for every row, `(1, n)`."""
        return np.ones((1, self.rows))
