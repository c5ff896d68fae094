"""What a ranking of rows finds, under many weightings of the same rows, sorted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.draws import Classes, Draws, Itself

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from iterata.draws import Bools, Floats, Measure

FINE_ROWS = 20_000
"""Up to here every level of a score is told apart."""

LEVELS = 1024
"""Into how many levels more rows are put, equally many in each."""

EDGE_LEVELS = 256
"""Levels around the edge of a budget, where a resample may move it to."""

EDGE_WIDTH = 8.0
"""How far an edge is followed, in standard deviations of its rank."""


class Ranking:
    """Rows in the order of a score, best first, as far as counting positives needs it.

    What is found changes only where positive rows are, so the order is cut into segments: each *step* (rows
    of one level, at least one of them positive) is one, and so are the negative rows between two steps. The
    weights of positive and negative rows in every segment are all that any figure needs.

    The levels of many rows are coarse. Figures are then exact for the sample, and differ between
    resamples as the coarse ones do.
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
        level, self._is_coarse = _levels(score, weight, around)
        is_step = np.bincount(level, weights=positive) > 0
        passed = np.cumsum(is_step)
        segment = 2 * passed - is_step  # 0, 2, 4 ... lie between the steps 1, 3, 5 ...
        width = 2 * (2 * int(passed[-1]) + 1)
        code = (2 * segment)[level] + positive
        self._classes = Classes(code.astype(np.min_scalar_type(width)), width, weight)
        self._whole = (positive, score, weight)

    def found(self, share: float) -> Measure:
        """The positives in the best-scored `share` of the rows, as a share of all; ties at its edge in part.

        `share` is from 0 to 1; rows of one score are taken in the expectation over their order.
        """

        def found(everything: Floats, positives: Floats) -> Floats:
            size, reached = everything[1::2], np.cumsum(everything, axis=0)
            left = share * reached[-1] - (reached[1::2] - size)
            taken = np.divide(np.clip(left, 0, size), size, out=np.zeros_like(size), where=size > 0)
            answer: Floats = (taken * positives).sum(axis=0) / reached[-1]
            return answer

        return self._measure(found)

    def roc_auc(self) -> Measure:
        """The chance that a positive row stands above a negative one, ties counting half.

        Not a number where a resample holds rows of one outcome only.
        """

        def area(everything: Floats, positives: Floats) -> Floats:
            between = everything[0::2]  # (steps + 1, r), negative rows only
            tied = everything[1::2] - positives
            above = np.cumsum(between[:-1], axis=0) + np.cumsum(tied, axis=0) - tied
            negative = between.sum(axis=0) + tied.sum(axis=0)
            beaten = (positives * (negative - above - tied / 2)).sum(axis=0)
            return _ratio(beaten, positives.sum(axis=0) * negative)

        return self._measure(area)

    def average_precision(self) -> Measure:
        """The precision at each step down the list, averaged over the positives gained by it.

        As scikit-learn defines it, without interpolation. Not a number without positive rows.
        """

        def average(everything: Floats, positives: Floats) -> Floats:
            chosen = np.cumsum(everything, axis=0)[1::2]
            precision = np.divide(
                np.cumsum(positives, axis=0), chosen, out=np.zeros_like(chosen), where=chosen > 0
            )
            return _ratio((positives * precision).sum(axis=0), positives.sum(axis=0))

        return self._measure(average)

    def _measure(self, figure: Callable[[Floats, Floats], Floats]) -> Measure:
        """A figure of the weight of every segment `(segments, r)`, and of the positives of every step."""

        def coarse(draws: Draws) -> Floats:
            sums = draws.sums(self._classes)
            return figure(sums[0::2] + sums[1::2], sums[3::4])

        if not self._is_coarse:
            return coarse
        missed = _on_sample(figure, *self._whole) - coarse(Draws(Itself(0)))
        return lambda draws: coarse(draws) + missed


def _levels(score: Floats, weight: Floats | None, around: float | None) -> tuple[NDArray[np.intp], bool]:
    """The level of each row, 0 for the best, ties sharing one; and whether figures lose by it.

    Of many rows, those of the scores at a few ranks make a level each, and so do the rows between two.
    """
    place = -score
    if len(place) <= FINE_ROWS:
        return np.unique(place, return_inverse=True)[1], False
    edges = _edges(place, weight, around)
    level = np.where(place > edges[-1], 2 * len(edges), 0)
    within = (place >= edges[0]) & (place <= edges[-1])
    inside = place[within]
    level[within] = np.searchsorted(edges, inside, "left") + np.searchsorted(edges, inside, "right")
    return level, around is None


def _edges(place: Floats, weight: Floats | None, around: float | None) -> Floats:
    """The places that coarse levels are cut at, ascending; the very edge of a budget is one of them."""
    rows = len(place)
    if around is None:
        ranks = np.linspace(0, 1, LEVELS)
    else:
        effective = rows if weight is None else weight.sum() ** 2 / (weight @ weight)
        reach = EDGE_WIDTH * np.sqrt(around * (1 - around) / effective)
        ranks = np.append(np.linspace(around - reach, around + reach, EDGE_LEVELS), around)
    if weight is not None:
        order = np.argsort(place)
        reached = np.cumsum(weight[order])
        at = np.searchsorted(reached, np.clip(ranks, 0, 1) * reached[-1])
        return np.unique(place[order[np.minimum(at, rows - 1)]])
    at = np.unique(np.clip(np.ceil(ranks * rows).astype(np.intp) - 1, 0, rows - 1))
    first, last = at[0], at[-1]
    parted = np.partition(place, (first, last))
    return np.unique(np.sort(parted[first : last + 1])[at - first])


def _on_sample(
    figure: Callable[[Floats, Floats], Floats], positive: Bools, score: Floats, weight: Floats | None
) -> Floats:
    """A figure of the rows themselves, every level told apart: `(1,)`."""
    order = np.argsort(-score, kind="stable")
    counts = np.ones(len(order)) if weight is None else weight[order]
    found = counts * positive[order]
    begins = np.flatnonzero(np.diff(score[order], prepend=np.nan) != 0)
    everything, positives = np.add.reduceat(counts, begins), np.add.reduceat(found, begins)
    step = positives > 0
    segment = 2 * np.cumsum(step) - step
    weighed = np.bincount(segment, everything, 2 * int(step.sum()) + 1).astype(np.float64, copy=False)
    return figure(weighed[:, None], positives[step][:, None])


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator > 0)
