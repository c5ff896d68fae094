"""The order of rows by score: what the rows at its top contain, under many weightings, sorted only once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.measures import Measure
from iterata.measure.weightings import Classes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Codes, Floats

EXACT_ROWS = 20_000
"""Up to this many rows, every distinct score is a level."""

LEVELS = 400
"""Levels of equally many rows, for more rows than that."""

CUTOFF_LEVELS = 64
"""Levels around a cutoff, where resamples can move it to."""

CUTOFF_WIDTH = 6.0
"""How far these levels reach, in standard deviations of the rank of the cutoff."""

QUANTILE_SAMPLE = 50_000
"""Rows that are sampled to locate a rank."""


class Steps(NamedTuple):
    """The steps of a score order under `r` weightings: the levels that have a positive row."""

    size: Floats
    """`(steps, r)`, the weight of the rows of each step."""
    positives: Floats
    """`(steps, r)`, the weight of the positive rows of each step."""
    through: Floats
    """`(steps, r)`, the weight of all rows from the top to the end of each step."""
    total: Floats
    """`(r,)`, the weight of all rows."""


class ScoreOrder:
    """Rows in descending order of a score, in the detail that counting positives needs.

    The number of positives found changes only where positive rows are, so the order is cut into segments:
    each *step* is one, and so are the negative rows between two steps. Every figure follows from the weights
    of the positive and negative rows in each segment.

    Many rows are put into coarse levels. Figures are then exact for the sample, and vary between resamples as
    the coarse figures do.
    """

    def __init__(
        self, positive: Bools, score: Floats, weight: Floats | None = None, *, cutoff: float | None = None
    ) -> None:
        """Sort the rows.

        Args:
            positive: `(n,)`.
            score: `(n,)`, higher comes first.
            weight: `(n,)`, the sample weights; None for 1.
            cutoff: the only share of the rows at which `hits` will be called; None if the whole order is
                needed.
        """
        self._sample: Steps | None = None
        if len(score) <= EXACT_ROWS:
            level: Codes = np.unique(-score, return_inverse=True)[1]
        elif cutoff is not None:
            level = _levels_at_cutoff(-score, weight, cutoff)
        else:
            order = np.argsort(-score)
            level = _coarse_levels(-score, order)
            self._sample = _steps_of_sample(positive, score, weight, order)
        is_step = np.bincount(level[positive], minlength=int(level.max()) + 1) > 0
        passed = np.cumsum(is_step)
        # a class for the negative rows before a step, for its negative and for its positive rows
        by_level = 3 * passed - 2 * is_step
        self._steps = int(passed[-1])
        width = 3 * self._steps + 1
        code = by_level.astype(np.min_scalar_type(width))[level]
        code += positive
        self._classes = Classes(code, width, weight)

    def hits(self, share: float) -> Measure:
        """The positive rows in the top `share` of the rows, as a share of all rows.

        `share` is from 0 to 1. Of the rows tied at its end only a part is counted: the expectation over their
        order.
        """

        def hits(steps: Steps) -> Floats:
            size = steps.size
            left = share * steps.total - (steps.through - size)
            included = np.divide(np.clip(left, 0, size), size, out=np.zeros_like(size), where=size > 0)
            shares: Floats = (included * steps.positives).sum(axis=0) / steps.total
            return shares

        contacted = self._measure(lambda steps: share * steps.total)
        among_contacted = self._measure(lambda steps: hits(steps) / share)
        return self._measure(hits).of_trials(contacted, among_contacted, lambda rate: share * rate)

    def roc_auc(self) -> Measure:
        """The probability that a positive row ranks above a negative row; ties count one half.

        NaN for a resample that holds rows of one class only.
        """

        def area(steps: Steps) -> Floats:
            tied = steps.size - steps.positives
            reached = np.cumsum(steps.positives, axis=0)
            above = steps.through - reached - tied  # the negative rows before each step
            positive = steps.positives.sum(axis=0)
            negative = steps.total - positive
            below = (steps.positives * (negative - above - tied / 2)).sum(axis=0)
            return _ratio(below, positive * negative)

        return self._measure(area)

    def average_precision(self) -> Measure:
        """The precision at each step, averaged over the positives that the steps add.

        As scikit-learn defines it, without interpolation. NaN without positive rows.
        """

        def average(steps: Steps) -> Floats:
            reached, through = np.cumsum(steps.positives, axis=0), steps.through
            precision = np.divide(reached, through, out=np.zeros_like(through), where=through > 0)
            return _ratio((steps.positives * precision).sum(axis=0), steps.positives.sum(axis=0))

        return self._measure(average)

    def _measure(self, figure: Callable[[Steps], Floats]) -> Measure:
        """A figure of the steps; coarse steps are corrected by their error on the sample."""
        if self._sample is None:
            return Measure.of_sums(self._classes, lambda sums: figure(self._steps_of(sums)))
        error = figure(self._sample) - figure(self._steps_of(self._classes.total()[:, None]))
        return Measure.of_sums(self._classes, lambda sums: figure(self._steps_of(sums)) + error)

    def _steps_of(self, sums: Floats) -> Steps:
        between, negatives, positives = sums[0::3], sums[1::3], sums[2::3]
        size = negatives + positives
        through = np.cumsum(size + between[:-1], axis=0)
        last = through[-1] if self._steps else 0
        return Steps(size, positives, through, last + between[-1])


def _coarse_levels(place: Floats, order: NDArray[np.intp]) -> NDArray[np.intp]:
    """A level for each of `LEVELS` quantiles, 0 for the best, and one for the rows between two of them."""
    ordered, rows = place[order], len(place)
    edges = np.unique(ordered[np.linspace(0, rows - 1, LEVELS).astype(np.intp)])
    starts = np.searchsorted(ordered, edges, "left"), np.searchsorted(ordered, edges, "right")
    sizes = np.diff(np.stack(starts, axis=1).ravel(), prepend=0, append=rows)
    level = np.empty(rows, dtype=np.intp)
    level[order] = np.repeat(np.arange(len(sizes)), sizes)
    return level


def _order_statistics(place: Floats, first: int, last: int) -> Floats:
    """The values from rank `first` to rank `last`, ascending.

    A random sample of the rows locates them, and only the values near there are sorted. If the sample misses
    them, all rows are partitioned.
    """
    rows = len(place)
    sample = np.sort(place[np.random.default_rng(0).integers(0, rows, QUANTILE_SAMPLE)])
    margin = CUTOFF_WIDTH * np.sqrt(QUANTILE_SAMPLE) / 2  # the sd of a sample rank is at most sqrt(n) / 2
    low = sample[max(0, int(first / rows * QUANTILE_SAMPLE - margin))]
    high = sample[min(QUANTILE_SAMPLE - 1, int(last / rows * QUANTILE_SAMPLE + margin))]
    below = np.count_nonzero(place < low)
    near = place[(place >= low) & (place <= high)]
    if below <= first and last < below + len(near):
        return np.sort(near)[first - below : last - below + 1]
    return np.sort(np.partition(place, (first, last))[first : last + 1])


def _levels_at_cutoff(place: Floats, weight: Floats | None, share: float) -> NDArray[np.uint16]:
    """Levels that are narrow where the top `share` of the rows ends; the score at its end is a level."""
    rows = len(place)
    effective = rows if weight is None else weight.sum() ** 2 / (weight @ weight)
    reach = CUTOFF_WIDTH * np.sqrt(share * (1 - share) / effective)
    ranks = np.append(np.linspace(share - reach, share + reach, CUTOFF_LEVELS), share)
    if weight is None:
        at = np.unique(np.clip(np.ceil(ranks * rows).astype(np.intp) - 1, 0, rows - 1))
        first, last = at[0], at[-1]
        near = _order_statistics(place, int(first), int(last))
        edges = np.unique(near[at - first])
    else:
        order = np.argsort(place)
        reached = np.cumsum(weight[order])
        at = np.searchsorted(reached, np.clip(ranks, 0, 1) * reached[-1])
        edges = np.unique(place[order[np.minimum(at, rows - 1)]])
    level: NDArray[np.uint16] = (place > edges[-1]).astype(np.uint16) * np.uint16(2 * len(edges))
    inside = np.flatnonzero((place >= edges[0]) & (place <= edges[-1]))
    sides = (np.searchsorted(edges, place[inside], side) for side in ("left", "right"))
    level[inside] = sum(sides)
    return level


def _steps_of_sample(positive: Bools, score: Floats, weight: Floats | None, order: NDArray[np.intp]) -> Steps:
    """The steps of the sample itself, where every distinct score is a level."""
    counts = np.ones(len(order)) if weight is None else weight[order]
    starts = np.flatnonzero(np.diff(score[order], prepend=np.nan) != 0)
    size, positives = np.add.reduceat(counts, starts), np.add.reduceat(counts * positive[order], starts)
    step = positives > 0
    through = np.cumsum(size)
    return Steps(size[step, None], positives[step, None], through[step, None], through[-1:])


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator > 0)
