"""Very many rows as few that count for as much: every figure stays what it is, in constant memory.

Rows that are alike to a KPI (see `iterata.measure.binning`) make one row that counts for all of them. Units
go into `BUCKETS` groups at random, as they do in `bootstrap`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from iterata.measure.bootstrap import BUCKETS
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iterata.arrays import Codes, Floats
    from iterata.measure.binning import Binning

SAMPLE = 1_000_000
"""How many rows, taken blindly, tell where levels lie."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of the rows, as they are read; arrays are `(n,)`."""

    target: Floats
    prediction: Floats
    unit: pd.Series | None
    """The unit's id of each row; none where each row is one."""
    weight: Floats | None


@dataclass(frozen=True, slots=True)
class AggregatedRows:
    """Few rows that stand for many."""

    outcomes: Outcomes
    prediction: Floats
    units: Codes
    rows: int
    """How many rows they stand for."""
    distinct_units: int
    positives: int


def aggregate(batches: Callable[[], Iterable[Batch]], alike: Binning, rows: int) -> AggregatedRows:
    """Condense rows that are read batch by batch, twice where levels have to be found first.

    Args:
        batches: reads the rows anew.
        alike: which rows are counted as one.
        rows: about how many there are.

    Raises:
        DataError: predictions are not of the sort that is measured.
    """
    rng = np.random.default_rng(0)
    edges = alike.edges(_sample(batches, alike, rows, rng)) if callable(alike.edges) else alike.edges
    width = 2 * len(edges) + 1
    sums = np.zeros(
        (3, BUCKETS * 2 * width)
    )  # what rows count for, and the sums of target and of what is kept
    count, positives, units = 0, 0, np.zeros(0, dtype=np.uint64)
    for batch in batches():
        by = alike.key(batch.target, batch.prediction)
        level = np.searchsorted(edges, by, "left") + np.searchsorted(edges, by, "right")
        hashed = None if batch.unit is None else pd.util.hash_array(batch.unit.to_numpy())
        bucket = rng.integers(0, BUCKETS, len(by)) if hashed is None else hashed % BUCKETS
        positive = (batch.target > 0).astype(np.intp)
        key = (bucket.astype(np.intp) * 2 + (positive if alike.binary else 0)) * width + level
        weight = np.ones(len(by)) if batch.weight is None else batch.weight
        kept = alike.kept(batch.target, batch.prediction)
        for row, values in enumerate((weight, weight * batch.target, weight * kept)):
            sums[row] += np.bincount(key, values, sums.shape[1])
        count, positives = count + len(by), positives + int(positive.sum())
        if hashed is not None:
            units = np.union1d(units, hashed)
    return _rows(sums, alike, width, count, len(units) or count, positives)


def _sample(
    batches: Callable[[], Iterable[Batch]], alike: Binning, rows: int, rng: np.random.Generator
) -> Floats:
    """What some rows, taken blindly, are told apart by."""
    chance, taken = min(1.0, SAMPLE / max(rows, 1)), []
    for batch in batches():
        by = alike.key(batch.target, batch.prediction)
        taken.append(by[rng.random(len(by)) < chance] if chance < 1 else by)
    return np.concatenate(taken)


def _rows(sums: Floats, alike: Binning, width: int, count: int, units: int, positives: int) -> AggregatedRows:
    """One row for all that are alike, with their mean outcome and a prediction that comes to the same."""
    found = np.flatnonzero(sums[0] > 0)
    weight, target, kept = sums[0, found], sums[1, found] / sums[0, found], sums[2, found] / sums[0, found]
    bucket = np.unique(found // (2 * width), return_inverse=True)[1]
    outcomes = Outcomes(target, weight / weight.mean(), stands_for=count)
    return AggregatedRows(outcomes, alike.prediction(target, kept), bucket, count, units, positives)
