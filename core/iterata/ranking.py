"""What a ranking of rows finds, under many weightings of the same rows, sorted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.kpi.base import Bools, Floats


class Ranking:
    """Rows in the order of a score, best first, as far as counting positives needs it.

    What is found changes only where positive rows are, so the order is cut into segments: each *step* (rows
    of one score, at least one of them positive) is one, and so are the negative rows between two steps. One
    sparse product per weighting then gives the weight of every segment, at the cost of reading the weights.
    """

    def __init__(self, positive: Bools, score: Floats) -> None:
        _, level = np.unique(-score, return_inverse=True)  # 0 is the best score; ties share a level
        is_step = np.bincount(level, weights=positive) > 0
        passed = np.cumsum(is_step)
        segment = 2 * passed - is_step  # 0, 2, 4 ... lie between the steps 1, 3, 5 ...
        self._steps = int(passed[-1])
        self._segments = _sums(segment[level], np.ones(len(score), dtype=bool), 2 * self._steps + 1)
        self._positives = _sums(segment[level] // 2, positive, self._steps)

    def found(self, share: float, weights: Floats) -> Floats:
        """The weight of the positives in the best-scored `share` of the weight, ties at its edge in part.

        Args:
            share: from 0 to 1.
            weights: `(r, n)`, one line per resample.

        Returns:
            `(r,)`; rows of one score are taken in the expectation over their order.
        """
        everything, positives = self._weigh(weights)
        size, reached = everything[1::2], np.cumsum(everything, axis=0)
        left = share * reached[-1] - (reached[1::2] - size)
        taken = np.divide(np.clip(left, 0, size), size, out=np.zeros_like(size), where=size > 0)
        answer: Floats = (taken * positives).sum(axis=0)
        return answer

    def roc_auc(self, weights: Floats) -> Floats:
        """The chance that a positive row stands above a negative one, ties counting half.

        Args:
            weights: `(r, n)`, one line per resample.

        Returns:
            `(r,)`; not a number where a resample holds rows of one outcome only.
        """
        everything, positives = self._weigh(weights)
        between = everything[0::2]  # (steps + 1, r), negative rows only
        tied = everything[1::2] - positives
        above = np.cumsum(between[:-1], axis=0) + np.cumsum(tied, axis=0) - tied
        negative = between.sum(axis=0) + tied.sum(axis=0)
        beaten = (positives * (negative - above - tied / 2)).sum(axis=0)
        return _ratio(beaten, positives.sum(axis=0) * negative)

    def average_precision(self, weights: Floats) -> Floats:
        """The precision at each step down the list, averaged over the positives gained by it.

        As scikit-learn defines it, without interpolation.

        Args:
            weights: `(r, n)`, one line per resample.

        Returns:
            `(r,)`; not a number where a resample holds no positive row.
        """
        everything, positives = self._weigh(weights)
        chosen = np.cumsum(everything, axis=0)[1::2]
        precision = np.divide(
            np.cumsum(positives, axis=0), chosen, out=np.zeros_like(chosen), where=chosen > 0
        )
        return _ratio((positives * precision).sum(axis=0), positives.sum(axis=0))

    def _weigh(self, weights: Floats) -> tuple[Floats, Floats]:
        """The weight of every segment `(segments, r)`, and of the positives of every step `(steps, r)`."""
        by_row = np.ascontiguousarray(weights.T)
        return self._segments @ by_row, self._positives @ by_row


def _sums(group: NDArray[np.intp], chosen: Bools, groups: int) -> csr_array:
    """A matrix that adds up the chosen rows of each group."""
    rows = np.flatnonzero(chosen)
    return csr_array((np.ones(len(rows)), (group[rows], rows)), shape=(groups, len(group)))


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator > 0)
