"""What a ranking of rows finds, under many weightings of the same rows, sorted once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.weightings import Classes, ObservedSample, Weightings

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Codes, Floats
    from iterata.measure.weightings import Measure

FEW_ROWS = 20_000
"""Up to here every level of a score is told apart."""

LEVELS = 400
"""Into how many levels more rows are put, equally many in each."""

EDGE_LEVELS = 64
"""Levels around the edge of a budget, where a resample may move it to."""

EDGE_WIDTH = 6.0
"""How far an edge is followed, in standard deviations of its rank."""


SAMPLE = 50_000
"""Rows that tell about where a rank is."""


class Steps(NamedTuple):
    """The steps of a ranking under `r` weightings: each the rows of one level, some of them positive."""

    size: Floats
    """`(steps, r)`, the weight of the rows of each step."""
    positives: Floats
    """`(steps, r)`, the weight of the positive ones."""
    through: Floats
    """`(steps, r)`, the weight of all rows down to the end of each step."""
    total: Floats
    """`(r,)`, the weight of all rows."""


class ScoreOrder:
    """Rows in the order of a score, best first, as far as counting positives needs it.

    What is found changes only where positive rows are, so the order is cut into segments: each *step* is one,
    and so are the negative rows between two steps. The weights of positive and negative rows in every segment
    are all that any figure needs.

    The levels of many rows are coarse. Figures are then exact for the sample, and differ between resamples
    as the coarse ones do.
    """

    def __init__(
        self,
        positive: Bools,
        score: Floats,
        weight: Floats | None = None,
        *,
        around: float | None = None,
    ) -> None:
        """Rank rows.

        Args:
            positive: `(n,)`.
            score: `(n,)`, more is better.
            weight: `(n,)`, what each row counts for to begin with; none for 1.
            around: the one share of the rows at which `found` will be asked; none for the whole order.
        """
        self._sample: Steps | None = None
        if len(score) <= FEW_ROWS:
            level: Codes = np.unique(-score, return_inverse=True)[1]
        elif around is not None:
            level = _levels_at_edge(-score, weight, around)
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

    def found(self, share: float) -> Measure:
        """The positives in the best-scored `share` of the rows, as a share of all; ties at its edge in part.

        `share` is from 0 to 1; rows of one score are taken in the expectation over their order.
        """

        def found(steps: Steps) -> Floats:
            size = steps.size
            left = share * steps.total - (steps.through - size)
            taken = np.divide(np.clip(left, 0, size), size, out=np.zeros_like(size), where=size > 0)
            answer: Floats = (taken * steps.positives).sum(axis=0) / steps.total
            return answer

        return self._measure(found)

    def roc_auc(self) -> Measure:
        """The chance that a positive row stands above a negative one, ties counting half.

        Not a number where a resample holds rows of one outcome only.
        """

        def area(steps: Steps) -> Floats:
            tied = steps.size - steps.positives
            reached = np.cumsum(steps.positives, axis=0)
            above = steps.through - reached - tied  # the negative rows before each step
            positive = steps.positives.sum(axis=0)
            negative = steps.total - positive
            beaten = (steps.positives * (negative - above - tied / 2)).sum(axis=0)
            return _ratio(beaten, positive * negative)

        return self._measure(area)

    def average_precision(self) -> Measure:
        """The precision at each step down the list, averaged over the positives gained by it.

        As scikit-learn defines it, without interpolation. Not a number without positive rows.
        """

        def average(steps: Steps) -> Floats:
            reached, through = np.cumsum(steps.positives, axis=0), steps.through
            precision = np.divide(reached, through, out=np.zeros_like(through), where=through > 0)
            return _ratio((steps.positives * precision).sum(axis=0), steps.positives.sum(axis=0))

        return self._measure(average)

    def _measure(self, figure: Callable[[Steps], Floats]) -> Measure:
        """A figure of the steps; where they are coarse, put right by what they miss of the sample's."""
        if self._sample is None:
            return lambda draws: figure(self._weigh(draws))
        missed = figure(self._sample) - figure(self._weigh(Weightings(ObservedSample(0))))
        return lambda draws: figure(self._weigh(draws)) + missed

    def _weigh(self, draws: Weightings) -> Steps:
        sums = draws.sums(self._classes)
        between, negatives, positives = sums[0::3], sums[1::3], sums[2::3]
        size = negatives + positives
        through = np.cumsum(size + between[:-1], axis=0)
        last = through[-1] if self._steps else 0
        return Steps(size, positives, through, last + between[-1])


def _coarse_levels(place: Floats, order: NDArray[np.intp]) -> NDArray[np.intp]:
    """A level for each of `LEVELS` places, 0 for the best, and one for the rows between two of them."""
    ordered, rows = place[order], len(place)
    edges = np.unique(ordered[np.linspace(0, rows - 1, LEVELS).astype(np.intp)])
    begins = np.searchsorted(ordered, edges, "left"), np.searchsorted(ordered, edges, "right")
    sizes = np.diff(np.stack(begins, axis=1).ravel(), prepend=0, append=rows)
    level = np.empty(rows, dtype=np.intp)
    level[order] = np.repeat(np.arange(len(sizes)), sizes)
    return level


def _between(place: Floats, first: int, last: int) -> Floats:
    """The places from one rank to another, ascending.

    A few rows tell about where these are; what lies around there is sorted, and all else only counted. Should
    they have told wrongly, all rows are parted.
    """
    rows = len(place)
    some = np.sort(place[np.random.default_rng(0).integers(0, rows, SAMPLE)])
    margin = EDGE_WIDTH * np.sqrt(SAMPLE) / 2  # the rank of a quantile strays by at most half a root
    low = some[max(0, int(first / rows * SAMPLE - margin))]
    high = some[min(SAMPLE - 1, int(last / rows * SAMPLE + margin))]
    below = np.count_nonzero(place < low)
    around = place[(place >= low) & (place <= high)]
    if below <= first and last < below + len(around):
        return np.sort(around)[first - below : last - below + 1]
    return np.sort(np.partition(place, (first, last))[first : last + 1])


def _levels_at_edge(place: Floats, weight: Floats | None, share: float) -> NDArray[np.uint16]:
    """Levels that are fine where the best `share` of the rows ends; the very edge is a level of its own."""
    rows = len(place)
    effective = rows if weight is None else weight.sum() ** 2 / (weight @ weight)
    reach = EDGE_WIDTH * np.sqrt(share * (1 - share) / effective)
    ranks = np.append(np.linspace(share - reach, share + reach, EDGE_LEVELS), share)
    if weight is None:
        at = np.unique(np.clip(np.ceil(ranks * rows).astype(np.intp) - 1, 0, rows - 1))
        first, last = at[0], at[-1]
        near = _between(place, int(first), int(last))
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
    """The steps of the rows themselves, every level told apart."""
    counts = np.ones(len(order)) if weight is None else weight[order]
    begins = np.flatnonzero(np.diff(score[order], prepend=np.nan) != 0)
    size, positives = np.add.reduceat(counts, begins), np.add.reduceat(counts * positive[order], begins)
    step = positives > 0
    through = np.cumsum(size)
    return Steps(size[step, None], positives[step, None], through[step, None], through[-1:])


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator > 0)
