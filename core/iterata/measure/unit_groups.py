"""Groups of units that are drawn together, for samples that are too large to draw every unit.

Two thousand groups at random represent any number of units, up to 2 % of the width of an interval. That is
too coarse where few units decide: a figure of rare positives varies with the units that have one. So these
units are groups of their own, and the bootstrap of them is exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Codes, Floats

BUCKETS = 2048
"""Groups of units at random. The width of an interval then has a relative error of about `1 / sqrt(2 *
BUCKETS)`, or 1.6 %."""

FEW_UNITS = 4096
"""Up to this many units are all groups of their own."""

FEW_WITH_POSITIVES = 2048
"""Up to this many units with a positive row are groups of their own, among more units."""


class UnitGroups(NamedTuple):
    """The groups of the rows' units: first the groups of one unit, then those of many."""

    group: Codes
    """`(n,)`, the group of each row, from 0."""
    units: int
    """How many units there are."""
    single: int
    """How many groups have one unit."""
    buckets: int
    """How many groups have many units, as many as each other on average."""

    @classmethod
    def of(
        cls,
        rows: int,
        rng: np.random.Generator,
        units: NDArray[np.intp] | None = None,
        positive: Bools | None = None,
    ) -> UnitGroups:
        """Assign units to groups.

        Args:
            rows: the number of rows.
            rng: draws the buckets.
            units: `(rows,)`, the unit of each row, from 0 without gaps; None if every row is one.
            positive: `(rows,)`, the positive rows; None if they are unknown.
        """
        count = rows if units is None else int(units.max()) + 1
        if units is not None and count <= FEW_UNITS:
            return cls(units, count, count, 0)
        own = np.zeros(0, dtype=np.intp)
        if positive is not None:
            with_positive = np.flatnonzero(positive)
            own = with_positive if units is None else np.unique(units[with_positive])
        if len(own) > FEW_WITH_POSITIVES:
            own = own[:0]
        group: Codes = rng.integers(0, BUCKETS, size=count, dtype=np.uint16)
        group += np.uint16(len(own))
        group[own] = np.arange(len(own), dtype=np.uint16)
        return cls(group if units is None else group[units], count, len(own), BUCKETS)

    def draw(self, resamples: int, rng: np.random.Generator) -> Floats:
        """How often each group was drawn: `(groups, resamples)`.

        How many of the draws fall on the units of their own is binomial; the buckets share the others.
        """
        if not self.buckets:
            return _as_columns(draw(self.single, resamples, rng))
        buckets = draw(self.buckets, resamples, rng)
        if not self.single:
            return _as_columns(buckets)
        drawn = rng.binomial(self.units, self.single / self.units, size=resamples)
        picks = rng.integers(0, self.single, size=int(drawn.sum()))
        picks += np.repeat(np.arange(resamples) * self.single, drawn)
        single = np.bincount(picks, minlength=resamples * self.single).reshape(resamples, self.single)
        others = (self.units - drawn) / (self.units - self.single)
        return _as_columns(np.hstack([single, buckets * others[:, None]]))


def draw(count: int, resamples: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """How often each of `count` units is drawn in `count` draws: `(resamples, count)`."""
    picks = rng.integers(0, count, size=(resamples, count))
    picks += np.arange(resamples)[:, None] * count  # one histogram counts all resamples separately
    return np.bincount(picks.ravel(), minlength=resamples * count).reshape(resamples, count)


def _as_columns(drawn: NDArray[np.intp] | Floats) -> Floats:
    return np.ascontiguousarray(drawn.T, dtype=np.float64)
