"""Aggregation of very many rows into few weighted rows, in constant memory.

Rows that are equal to a KPI (see `iterata.measure.binning`) become one row that counts for all of them, which
changes no figure. Units are assigned to `BUCKETS` buckets at random, as in the bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from iterata.data.refusals import ZeroWeights
from iterata.errors import at_field
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.measure.binning import Binning

BUCKETS = 1024
"""Groups of units at random. The width of an interval then has a relative error of about 2 %."""

SAMPLE_ROWS = 1_000_000
"""The size of the random sample of rows from which the edges of bins are computed."""

WEIGHT, TARGET, SUMMARY = range(3)
"""The sums of each cell: weights, weighted outcomes, and the weighted summary of the binning."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of the rows; arrays are `(n,)`."""

    target: Floats
    prediction: Floats
    unit: pd.Series | None
    """The id of each row's unit; None if each row is one."""
    weight: Floats | None


@dataclass(frozen=True, slots=True)
class AggregatedRows:
    """Few rows that count for many. Arrays are `(n,)`, one entry for each aggregated row."""

    outcomes: Outcomes
    prediction: Floats
    buckets: NDArray[np.intp]
    """The bucket of units of each row, numbered from 0: what the bootstrap resamples."""
    rows: int
    """How many rows were aggregated."""
    units: int
    """How many units these rows belong to."""
    positives: int
    """How many of these rows are positive."""


def aggregate(batches: Callable[[], Iterable[Batch]], binning: Binning, rows: int) -> AggregatedRows:
    """Aggregate rows that are read in batches; twice if the edges of bins depend on the data.

    Args:
        batches: reads all rows from the beginning.
        binning: which rows are counted as one.
        rows: how many there are, approximately.

    Raises:
        DataError: predictions do not fit the metric, or all weights are 0.
    """
    rng = np.random.default_rng(0)
    edges = binning.edges
    if callable(edges):
        edges = edges(*_samples_of_keys(batches, binning, rows, rng))
    cells = _Cells(binning, edges, rng)
    for batch in batches():
        cells.add(batch)
    return cells.aggregated_rows()


def _samples_of_keys(
    batches: Callable[[], Iterable[Batch]], binning: Binning, rows: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """The binning's key of a random sample of rows, and of one of the positive rows."""
    probability, sampled = min(1.0, SAMPLE_ROWS / max(rows, 1)), []
    of_positives, positives = 1.0, np.zeros(0)
    for batch in batches():
        keys = binning.key(batch.target, batch.prediction)
        sampled.append(keys[rng.random(len(keys)) < probability] if probability < 1 else keys)
        added = keys[batch.target > 0]
        positives = np.append(positives, added[rng.random(len(added)) < of_positives])
        while len(positives) > SAMPLE_ROWS:
            of_positives, positives = of_positives / 2, positives[rng.random(len(positives)) < 0.5]
    return np.concatenate(sampled), positives


class UnitBuckets:
    """Assigns units to buckets at random, batch by batch."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._unit_hashes = np.zeros(0, dtype=np.uint64)
        self._own = np.zeros(0, dtype=np.uint64)  # the first units: each has a bucket of its own

    @property
    def units(self) -> int:
        """How many units there are; 0 if each row is one."""
        return len(self._unit_hashes)

    def of(self, unit: pd.Series | None, rows: int) -> NDArray[np.intp]:
        """The bucket of each row's unit, `(rows,)`; without units each row is one."""
        if unit is None:
            return self._rng.integers(0, BUCKETS, rows).astype(np.intp)
        hashes = pd.util.hash_array(unit.to_numpy())
        distinct, at_rows = np.unique(hashes, return_inverse=True)
        new = np.setdiff1d(distinct, self._unit_hashes, assume_unique=True)
        self._own = np.append(self._own, new[: BUCKETS - len(self._own)])
        self._unit_hashes = np.union1d(self._unit_hashes, new)
        order = np.argsort(self._own)
        at = order[np.minimum(np.searchsorted(self._own[order], distinct), len(order) - 1)]
        buckets = np.where(self._own[at] == distinct, at, distinct % BUCKETS).astype(np.intp)
        of_rows: NDArray[np.intp] = buckets[at_rows]
        return of_rows


class _Cells:
    """Sums by cell: the bucket of the unit, the outcome, and the bin; edges are bins of their own."""

    def __init__(self, binning: Binning, edges: Floats, rng: np.random.Generator) -> None:
        self._binning, self._edges = binning, edges
        self._bins = 2 * len(edges) + 1
        self._sums = np.zeros((3, BUCKETS * 2 * self._bins))
        self._rows, self._positives = 0, 0
        self._buckets = UnitBuckets(rng)

    def add(self, batch: Batch) -> None:
        """Add the rows of a batch to their cells."""
        bins = self._bin(self._binning.key(batch.target, batch.prediction))
        buckets = self._buckets.of(batch.unit, len(batch.target))
        positive = (batch.target > 0).astype(np.intp)
        cells = (buckets * 2 + (positive if self._binning.binary else 0)) * self._bins + bins
        weight = np.ones(len(bins)) if batch.weight is None else batch.weight
        summary = self._binning.summary(batch.target, batch.prediction)
        for row, values in ((WEIGHT, weight), (TARGET, weight * batch.target), (SUMMARY, weight * summary)):
            self._sums[row] += np.bincount(cells, values, self._sums.shape[1])
        self._rows += len(bins)
        self._positives += int(positive.sum())

    def _bin(self, keys: Floats) -> NDArray[np.intp]:
        return np.searchsorted(self._edges, keys, "left") + np.searchsorted(self._edges, keys, "right")

    def aggregated_rows(self) -> AggregatedRows:
        """One row for each cell that is not empty, with the mean outcome and an equivalent prediction."""
        used = np.flatnonzero(self._sums[WEIGHT] > 0)
        if not len(used):
            raise ZeroWeights(at_field("weights.column"))
        weight = self._sums[WEIGHT, used]
        target, summary = self._sums[TARGET, used] / weight, self._sums[SUMMARY, used] / weight
        return AggregatedRows(
            outcomes=Outcomes(target, weight / weight.mean(), represents=self._rows),
            prediction=self._binning.prediction(target, summary),
            buckets=np.unique(used // (2 * self._bins), return_inverse=True)[1],
            rows=self._rows,
            units=self._buckets.units or self._rows,
            positives=self._positives,
        )
