"""Rows ranked within their groups, and what a row at each rank adds to a ranking metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Codes, Floats


class RankedRows(NamedTuple):
    """Rows by group, and within it in descending order of the score; arrays are `(n,)`.

    Rows of one group with the same score are a *tie*.
    """

    group: Codes
    rank: Floats
    """From 1 within the group."""
    relevance: Floats
    expected_relevance: Floats
    """The mean relevance of the row's tie: the expected relevance at this rank over the order of the tie."""
    first_relevant: Floats
    """The probability that the group's first relevant row has this rank."""

    def group_sums(self, values: Floats) -> Floats:
        """The sum of a number over the rows of each group: `(groups,)`."""
        sums: Floats = np.bincount(self.group, values).astype(np.float64, copy=False)
        return sums


def rank(group: Codes, relevance: Floats, score: Floats) -> RankedRows:
    """Sort the rows of each group by score, descending; arrays are `(n,)`, groups are numbered from 0."""
    order = np.lexsort((-score, group))
    group, relevance, score = group[order], relevance[order], score[order]
    at = np.arange(len(order))
    new_group = np.diff(group, prepend=-1) != 0
    new_tie = new_group | (np.diff(score, prepend=np.nan) != 0)
    tie, starts = np.cumsum(new_tie) - 1, at[new_tie]
    size, relevant = np.bincount(tie), np.bincount(tie, relevance > 0)
    relevant_before = np.concatenate([[0], np.cumsum(relevance > 0)])[:-1]  # in all groups
    group_starts = np.maximum.accumulate(np.where(new_group, at, 0))
    is_first_relevant_tie = relevant_before[starts] == relevant_before[group_starts[starts]]
    return RankedRows(
        group,
        (at - group_starts + 1).astype(float),
        relevance,
        (np.bincount(tie, relevance) / size)[tie],
        _first_relevant(at - starts[tie], size[tie], np.where(is_first_relevant_tie, relevant, 0)[tie]),
    )


def _first_relevant(before: NDArray[np.intp], size: NDArray[np.intp], relevant: Floats) -> Floats:
    """The probability that the first of a tie's `relevant` rows comes after `before` of its other rows."""
    after = size - before - 1
    possible = (relevant > 0) & (after >= relevant - 1)
    h, n = np.where(possible, relevant, 1), np.where(possible, after, 0)
    probability: Floats = np.exp(_log_choose(n, h - 1) - _log_choose(size, np.minimum(h, size)))
    return np.where(possible, probability, 0.0)


def _log_choose(n: Floats | NDArray[np.intp], k: Floats) -> Floats:
    from scipy.special import gammaln  # noqa: PLC0415  # slow to import, and only for rankings

    logarithm: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return logarithm


def _discount(at: Floats) -> Floats:
    discounts: Floats = 1 / np.log2(at + 1)
    return discounts


def inverse(values: Floats) -> Floats:
    """`1 / values`, and 0 where the value is 0."""
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)


def _ideal_gain(rows: RankedRows, k: int) -> Floats:
    """The discounted gain of each group in the best possible order: `(groups,)`."""
    best = rows.relevance[np.lexsort((-rows.relevance, rows.group))]
    return rows.group_sums(hit_gain(rows, k) * best * _discount(rows.rank))


def hit_gain(rows: RankedRows, k: int) -> Floats:
    """1 for the first `k` rows of each group, 0 for the others: `(n,)`."""
    return (rows.rank <= k).astype(float)


def precision_gain(rows: RankedRows, k: int) -> Floats:
    """What a relevant row adds to the precision of the first `k`: `(n,)`."""
    return hit_gain(rows, k) / k


def recall_gain(rows: RankedRows, k: int) -> Floats:
    """What a relevant row adds to the recall of the first `k`: `(n,)`."""
    return hit_gain(rows, k) * inverse(rows.group_sums(rows.relevance))[rows.group]


def ndcg_gain(rows: RankedRows, k: int) -> Floats:
    """What a row adds to the normalized discounted cumulative gain, per degree of relevance: `(n,)`."""
    return hit_gain(rows, k) * _discount(rows.rank) * inverse(_ideal_gain(rows, k))[rows.group]


def reciprocal_rank_gain(rows: RankedRows, k: int) -> Floats:
    """One over the rank for the first `k` rows, 0 for the others: `(n,)`."""
    return hit_gain(rows, k) / rows.rank
