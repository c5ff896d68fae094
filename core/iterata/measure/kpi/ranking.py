"""Ranking: how good the first few rows of each group are, if its rows are sorted by score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iterata.errors import DataError, at_field
from iterata.measure import random_model
from iterata.measure.measures import ratio_of
from iterata.measure.metrics import RANKING_METRICS
from iterata.measure.ranked_rows import inverse, rank

if TYPE_CHECKING:
    from iterata.arrays import Bools, Codes, Floats
    from iterata.measure.measures import Measure
    from iterata.measure.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class RankingKpi:
    """The mean over groups of a metric of their first `k` rows, with ties at their expectation.

    A sample weight is one of a whole group.

    NDCG with tied scores follows McSherry and Najork (2008), like scikit-learn.
    """

    metric: str
    """A name of `RANKING_METRICS`."""
    k: int
    count_empty: bool
    """Whether a group with no relevant row counts as 0; otherwise it is left out."""

    adds_up: ClassVar[bool] = False
    budget: ClassVar[None] = None
    random_meaning: ClassVar[str] = random_model.ORDER

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The mean over groups whose rows are sorted by the prediction."""
        rows = rank(self._group(outcomes), self._relevance(outcomes), prediction)
        metric = RANKING_METRICS[self.metric]
        expected = rows.first_relevant if metric.first_only else rows.expected_relevance
        return self._mean(outcomes, rows.group_sums(metric.gain(rows, self.k) * expected))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The most relevant rows first."""
        return self.measure(outcomes, outcomes.target)

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """All orders of a group's rows are equally likely, as if all its rows were tied."""
        return self.measure(outcomes, np.zeros(len(outcomes)))

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """The standard deviation of a single random order; groups are shuffled independently."""
        rows = rank(self._group(outcomes), self._relevance(outcomes), np.zeros(len(outcomes)))
        metric = RANKING_METRICS[self.metric]
        gain, first = metric.gain(rows, self.k), rows.first_relevant
        if metric.first_only:
            variance = rows.group_sums(gain**2 * first) - rows.group_sums(gain * first) ** 2
        else:  # of a sum over a random permutation
            size = rows.group_sums(np.ones(len(gain)))
            spread = [
                rows.group_sums(values**2) - rows.group_sums(values) ** 2 / size
                for values in (gain, rows.relevance)
            ]
            variance = spread[0] * spread[1] * inverse(size - 1)
        counts = self._counts(outcomes)
        return float(np.sqrt(counts**2 @ np.maximum(variance, 0)) / counts.sum())

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """None: an order is not an action."""
        return None

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """None: an order is not an action."""
        return None

    def _group(self, outcomes: Outcomes) -> Codes:
        if outcomes.group is None:
            return np.zeros(len(outcomes), dtype=np.intp)
        return outcomes.group

    def _relevance(self, outcomes: Outcomes) -> Floats:
        """The relevance of each row; only NDCG uses degrees of it."""
        return outcomes.target if self.metric == "ndcg" else outcomes.positive.astype(float)

    def _counts(self, outcomes: Outcomes) -> Floats:
        """What each group counts for: its weight, or 0 if it is left out; `(groups,)`."""
        relevant: Bools = np.bincount(self._group(outcomes), outcomes.positive) > 0
        counted = np.ones_like(relevant) if self.count_empty else relevant
        return counted * self._weights(outcomes)

    def _weights(self, outcomes: Outcomes) -> Floats:
        """The weight of each group: `(groups,)`.

        Raises:
            DataError: rows of one group have different weights.
        """
        group = self._group(outcomes)
        _, first = np.unique(group, return_index=True)
        weights: Floats = outcomes.counts[first]
        differing = ~np.isclose(outcomes.counts, weights[group])
        if differing.any():
            count = len(np.unique(group[differing]))
            remedy = "give all rows of a group the same weight: a ranking counts groups, not rows"
            raise DataError(
                f"{count:,} of the KPI's groups have rows of different weights",
                remedy=remedy,
                where=at_field("weights.column"),
            )
        return weights

    def _mean(self, outcomes: Outcomes, by_group: Floats) -> Measure:
        """The mean over groups; the figure of a group is carried by its first row."""
        _, first = np.unique(self._group(outcomes), return_index=True)
        values, counts = np.zeros(len(outcomes)), np.zeros(len(outcomes))
        counts[first] = self._counts(outcomes)
        values[first] = by_group
        return ratio_of(values * counts, counts)
