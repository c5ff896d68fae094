"""Very many rows as few that count for as much: every figure stays what it is, in constant memory.

A figure sees of a row its outcome, its unit and its prediction, and of the prediction no more than which side
of a threshold it is on, or where it stands near the edge of a budget. Rows that are alike in these make one
row that counts for all of them. Units go into `BUCKETS` groups at random, as they do in `resampling`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from iterata.documents.kpi_spec import ForecastCostSpec, OutcomeValueSpec, TargetingSpec
from iterata.kpi.base import Outcomes
from iterata.resampling import BUCKETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iterata.documents.kpi_spec import KpiSpec
    from iterata.draws import Codes, Floats

Condensable = OutcomeValueSpec | TargetingSpec | ForecastCostSpec
"""The kinds whose figures need no more of a row than is kept here."""

SAMPLE = 1_000_000
"""How many rows, taken blindly, tell where levels lie."""

LEVELS = 200
"""Levels of equally many rows."""

EDGE_LEVELS, EDGE_WIDTH = 100, 12.0
"""More of them around the edge of a budget, as far as chance in the sample and in resamples may move it, in
standard deviations."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of the rows, as they are read; arrays are `(n,)`."""

    target: Floats
    prediction: Floats
    unit: pd.Series | None
    """The unit's id of each row; none where each row is one."""
    weight: Floats | None


@dataclass(frozen=True, slots=True)
class Condensed:
    """Few rows that stand for many."""

    outcomes: Outcomes
    prediction: Floats
    units: Codes
    rows: int
    """How many rows they stand for."""
    distinct_units: int
    positives: int


def condense(batches: Callable[[], Iterable[Batch]], kpi: Condensable, rows: int, share: float) -> Condensed:
    """Condense rows that are read batch by batch, twice where levels have to be found first.

    Args:
        batches: reads the rows anew.
        kpi: what is to be measured.
        rows: about how many there are.
        share: the share of rows that a budget reaches, where the KPI has one.
    """
    rng = np.random.default_rng(0)
    edges = _edges(batches, kpi, rows, share, rng)
    width = 2 * len(edges) + 1
    yes_no = not isinstance(kpi, ForecastCostSpec)
    sums = np.zeros((3, BUCKETS * 2 * width))  # what rows count for, and the sums of target and prediction
    count, positives, units = 0, 0, np.zeros(0, dtype=np.uint64)
    for batch in batches():
        by = batch.prediction if yes_no else batch.target
        level = np.searchsorted(edges, by, "left") + np.searchsorted(edges, by, "right")
        hashed = None if batch.unit is None else pd.util.hash_array(batch.unit.to_numpy())
        bucket = rng.integers(0, BUCKETS, len(by)) if hashed is None else hashed % BUCKETS
        positive = (batch.target > 0).astype(np.intp)
        key = (bucket.astype(np.intp) * 2 + (positive if yes_no else 0)) * width + level
        weight = np.ones(len(by)) if batch.weight is None else batch.weight
        kept = batch.prediction if yes_no else _cost(kpi, batch)
        for row, values in enumerate((weight, weight * batch.target, weight * kept)):
            sums[row] += np.bincount(key, values, sums.shape[1])
        count, positives = count + len(by), positives + int(positive.sum())
        if hashed is not None:
            units = np.union1d(units, hashed)
    return _rows(sums, kpi, width, count, len(units) or count, positives)


def _rows(sums: Floats, kpi: Condensable, width: int, count: int, units: int, positives: int) -> Condensed:
    """One row for everything alike, with the mean target and the mean prediction of what it stands for."""
    found = np.flatnonzero(sums[0] > 0)
    weight, target, kept = sums[0, found], sums[1, found] / sums[0, found], sums[2, found] / sums[0, found]
    if isinstance(kpi, ForecastCostSpec):
        kept = target - kept / kpi.under  # a forecast short by what costs as much
    bucket = np.unique(found // (2 * width), return_inverse=True)[1]
    outcomes = Outcomes(target, weight / weight.mean(), stands_for=count)
    return Condensed(outcomes, kept, bucket, count, units, positives)


def _cost(kpi: KpiSpec, batch: Batch) -> Floats:
    assert isinstance(kpi, ForecastCostSpec)  # noqa: S101  # the caller knows
    short = batch.target - batch.prediction
    return np.where(short > 0, kpi.under * short, -kpi.over * short)


def _edges(
    batches: Callable[[], Iterable[Batch]],
    kpi: Condensable,
    rows: int,
    share: float,
    rng: np.random.Generator,
) -> Floats:
    """Where predictions (or amounts, of a forecast) are cut into levels."""
    if isinstance(kpi, OutcomeValueSpec):
        return np.array([np.nextafter(kpi.threshold, -np.inf)])
    chance = min(1.0, SAMPLE / max(rows, 1))
    taken = []
    for batch in batches():
        of = batch.target if isinstance(kpi, ForecastCostSpec) else batch.prediction
        taken.append(of[rng.random(len(of)) < chance] if chance < 1 else of)
    sample = np.concatenate(taken)
    ranks = np.linspace(0, 1, LEVELS)
    if isinstance(kpi, TargetingSpec):
        reach = EDGE_WIDTH * np.sqrt(share * (1 - share) / len(sample))
        ranks = np.append(ranks, np.linspace(1 - share - reach, 1 - share + reach, EDGE_LEVELS))
    return np.unique(np.quantile(sample, np.clip(ranks, 0, 1), method="inverted_cdf"))
