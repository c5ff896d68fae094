"""Ranking: how good the first few rows of each group are, when its rows are put in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from iterata.measure.weightings import ratio_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Codes, Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.weightings import Measure


class Ranked(NamedTuple):
    """Rows by group, and within it by score, best first; arrays are `(n,)`. Rows of one score are a *tie*."""

    group: Codes
    rank: Floats
    """From 1 within the group."""
    relevance: Floats
    expected: Floats
    """The mean relevance of the row's tie: what stands at this rank, in expectation over the tie's order."""
    first: Floats
    """The chance that the group's first relevant row stands at this rank."""

    def total(self, values: Floats) -> Floats:
        """The sum of a number over the rows of each group: `(groups,)`."""
        sums: Floats = np.bincount(self.group, values).astype(np.float64, copy=False)
        return sums


def rank(group: Codes, relevance: Floats, score: Floats) -> Ranked:
    """Put the rows of each group in the order of their score; arrays are `(n,)`, groups number from 0."""
    order = np.lexsort((-score, group))
    group, relevance, score = group[order], relevance[order], score[order]
    at = np.arange(len(order))
    new_group = np.diff(group, prepend=-1) != 0
    new_tie = new_group | (np.diff(score, prepend=np.nan) != 0)
    tie, begins = np.cumsum(new_tie) - 1, at[new_tie]
    size, relevant = np.bincount(tie), np.bincount(tie, relevance > 0)
    found = np.concatenate([[0], np.cumsum(relevance > 0)])[
        :-1
    ]  # relevant rows before each row, of all groups
    group_begins = np.maximum.accumulate(np.where(new_group, at, 0))
    none_yet = found[begins] == found[group_begins[begins]]
    return Ranked(
        group,
        (at - group_begins + 1).astype(float),
        relevance,
        (np.bincount(tie, relevance) / size)[tie],
        _first(at - begins[tie], size[tie], np.where(none_yet, relevant, 0)[tie]),
    )


def _first(before: NDArray[np.intp], size: NDArray[np.intp], relevant: Floats) -> Floats:
    """The chance that the first of a tie's `relevant` rows comes after `before` others."""
    after = size - before - 1
    possible = (relevant > 0) & (after >= relevant - 1)
    h, n = np.where(possible, relevant, 1), np.where(possible, after, 0)
    chance: Floats = np.exp(_log_choose(n, h - 1) - _log_choose(size, np.minimum(h, size)))
    return np.where(possible, chance, 0.0)


def _log_choose(n: Floats | NDArray[np.intp], k: Floats) -> Floats:
    from scipy.special import gammaln  # noqa: PLC0415  # slow to import, and only for this kind

    chosen: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return chosen


def _discount(at: Floats) -> Floats:
    discounted: Floats = 1 / np.log2(at + 1)
    return discounted


def _inverse(whole: Floats) -> Floats:
    """One over it, and 0 of nothing."""
    return np.divide(1.0, whole, out=np.zeros_like(whole), where=whole > 0)


def _ideal_gain(ranked: Ranked, k: int) -> Floats:
    """The discounted gain of each group in the best of all orders: `(groups,)`."""
    best = ranked.relevance[np.lexsort((-ranked.relevance, ranked.group))]
    return ranked.total(_until(k, ranked) * best * _discount(ranked.rank))


def _until(k: int, ranked: Ranked) -> Floats:
    return (ranked.rank <= k).astype(float)


def _precision(ranked: Ranked, k: int) -> Floats:
    return _until(k, ranked) / k


def _recall(ranked: Ranked, k: int) -> Floats:
    return _until(k, ranked) * _inverse(ranked.total(ranked.relevance))[ranked.group]


def _ndcg(ranked: Ranked, k: int) -> Floats:
    return _until(k, ranked) * _discount(ranked.rank) * _inverse(_ideal_gain(ranked, k))[ranked.group]


def _hit(ranked: Ranked, k: int) -> Floats:
    return _until(k, ranked)


def _reciprocal_rank(ranked: Ranked, k: int) -> Floats:
    return _until(k, ranked) / ranked.rank


class _Worth(NamedTuple):
    """A group's figure, as a sum over its ranks."""

    of_rank: Callable[[Ranked, int], Floats]
    """`(n,)`, what a relevant row at each rank is worth when the first `k` are looked at."""
    first_only: bool
    """Whether only the first relevant row counts; else every row counts by its relevance."""


MEASURES = {
    "precision": _Worth(_precision, first_only=False),
    "recall": _Worth(_recall, first_only=False),
    "ndcg": _Worth(_ndcg, first_only=False),
    "hit_rate": _Worth(_hit, first_only=True),
    "reciprocal_rank": _Worth(_reciprocal_rank, first_only=True),
}
"""How the first `k` rows of a group are judged, by name."""


@dataclass(frozen=True, slots=True)
class RankingKpi:
    """The mean over groups of a measure of their first `k` rows, ties at their expectation.

    NDCG with tied scores as McSherry and Najork (2008) have it, and scikit-learn with them.
    """

    measured: str
    """A name of `MEASURES`."""
    k: int
    count_empty: bool
    """Whether a group with no relevant row counts as 0; else it is left out."""

    adds_up: ClassVar[bool] = False
    budget: ClassVar[None] = None
    random_meaning: ClassVar[str] = "the rows of each group in a blind order"

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The mean over groups, their rows ordered by the prediction."""
        ranked = rank(self._group(outcomes), self._relevance(outcomes), prediction)
        worth = MEASURES[self.measured]
        each = worth.of_rank(ranked, self.k) * (ranked.first if worth.first_only else ranked.expected)
        return self._mean(outcomes, ranked.total(each))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The most relevant rows first."""
        return self.measure(outcomes, outcomes.target)

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """All orders of each group's rows are equally likely: one tie."""
        return self.measure(outcomes, np.zeros(len(outcomes)))

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """How far one blind order strays: groups are shuffled one by one."""
        ranked = rank(self._group(outcomes), self._relevance(outcomes), np.zeros(len(outcomes)))
        worth = MEASURES[self.measured]
        at, first = worth.of_rank(ranked, self.k), ranked.first
        if worth.first_only:
            variance = ranked.total(at**2 * first) - ranked.total(at * first) ** 2
        else:  # of a sum over a random permutation
            rows = ranked.total(np.ones(len(at)))
            spread = [ranked.total(x**2) - ranked.total(x) ** 2 / rows for x in (at, ranked.relevance)]
            variance = spread[0] * spread[1] * _inverse(rows - 1)
        counted = self._counted(outcomes)
        return float(np.sqrt(np.maximum(variance, 0)[counted].sum()) / counted.sum())

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """An order is no action to be left undone."""
        return None

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """An order is no action to be taken."""
        return None

    def _group(self, outcomes: Outcomes) -> Codes:
        if outcomes.group is None:
            return np.zeros(len(outcomes), dtype=np.intp)
        return outcomes.group

    def _relevance(self, outcomes: Outcomes) -> Floats:
        """How relevant rows are; only NDCG knows degrees."""
        return outcomes.target if self.measured == "ndcg" else outcomes.positive.astype(float)

    def _counted(self, outcomes: Outcomes) -> Bools:
        group = self._group(outcomes)
        relevant: Bools = np.bincount(group, outcomes.positive) > 0
        return np.ones_like(relevant) if self.count_empty else relevant

    def _mean(self, outcomes: Outcomes, by_group: Floats) -> Measure:
        """The mean over groups; a group's figure rides on the first of its rows."""
        _, first = np.unique(self._group(outcomes), return_index=True)
        values, counts = np.zeros(len(outcomes)), np.zeros(len(outcomes))
        counts[first] = self._counted(outcomes)
        values[first] = by_group
        return ratio_of(values * counts, counts)
