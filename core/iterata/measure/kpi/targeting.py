"""Targeting: the value of contacting the best-scored rows within a budget."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iterata.measure import random_model
from iterata.measure.measures import Measure, combine
from iterata.measure.score_order import ScoreOrder
from iterata.measure.weightings import Classes

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats
    from iterata.measure.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class Targeting:
    """The value of hits minus the cost of contacts, if a share of the rows is contacted in order of their
    score.

    See Berry and Linoff, Data Mining Techniques, chapter 4, for forced and optional spend.
    """

    budget: float
    """The share of rows contacted, above 0 and up to 1; it can end within a row."""
    value: float
    """What a contacted positive adds to the KPI."""
    cost: float
    """What a contact subtracts from the KPI; negative if less is better, so that it always makes the KPI
    worse."""
    forced: bool
    """Whether the whole budget is spent, even at a loss."""
    sign: float = 1.0
    """1 if more is better, -1 if less is."""

    adds_up: ClassVar[bool] = True

    @property
    def random_meaning(self) -> str:
        """The random model draws as many rows as the budget allows."""
        return random_model.budget_meaning(self.budget)

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The value of contacting rows from the highest score down until the budget is spent.

        With optional spend, rows whose score is minus infinity are never contacted.
        """
        reached = prediction > -np.inf
        if self.forced or reached.all():
            order = ScoreOrder(outcomes.positive, prediction, outcomes.weight, cutoff=self.budget)
            return self.of_order(order)
        # The other rows come last, and without positives among them they add no hits.
        order = ScoreOrder(outcomes.positive & reached, prediction, outcomes.weight, cutoff=self.budget)
        return combine(
            lambda hits, contacted: self.value * hits - self.cost * contacted,
            order.hits(self.budget),
            self._contacted(outcomes, reached),
        )

    def of_order(self, order: ScoreOrder) -> Measure:
        """The same for rows that are sorted already."""
        return order.hits(self.budget).map(lambda hits: self.value * hits - self.cost * self.budget)

    def _contacted(self, outcomes: Outcomes, reached: Bools) -> Measure:
        """The share of rows that is contacted if only those in `reached`, `(n,)`, may be."""
        rows = Classes(reached.view(np.uint8), 2, outcomes.weight)
        return Measure.of_sums(rows, lambda sums: np.minimum(self.budget, _shares(sums)[1]))

    def contacts(self, outcomes: Outcomes, prediction: Floats) -> float:
        """The share of rows that a model contacts."""
        return self._contacted(outcomes, prediction > -np.inf).on_sample(len(outcomes))

    def perfect_contacts(self, outcomes: Outcomes) -> float:
        """The share of rows that the perfect model contacts."""
        gains = (self.value - self.cost, outcomes.positive), (-self.cost, ~outcomes.positive)
        worthwhile = [rows for gain, rows in gains if self.forced or self.sign * gain > 0]
        reached: Bools = np.logical_or.reduce([np.zeros(len(outcomes), dtype=bool), *worthwhile])
        return self._contacted(outcomes, reached).on_sample(len(outcomes))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The most valuable rows come first; with optional spend, no row is contacted at a loss."""

        def best(sums: Floats) -> Floats:
            negative, positive = _shares(sums)
            total: Floats = np.zeros_like(positive)
            left = np.full_like(positive, self.budget)
            choices = [(self.value - self.cost, positive), (-self.cost, negative)]
            for gain, available in sorted(choices, key=itemgetter(0), reverse=self.sign > 0):
                if self.forced or self.sign * gain > 0:
                    contacted = np.minimum(left, available)
                    total, left = total + gain * contacted, left - contacted
            return total

        return Measure.of_sums(outcomes.by_outcome, best)

    def perfect_branches(self, outcomes: Outcomes) -> tuple[Measure, ...]:
        """Two figures, the worse of which is the perfect model's; none if it contacts nobody.

        In the first, the budget is enough for all rows of the more valuable class; in the second, the class
        is enough for the budget. Both are smooth, and the perfect model has a kink where they meet.
        """
        choices = [(self.value - self.cost, 1), (-self.cost, 0)]
        (first, outcome), (second, _) = sorted(choices, key=itemgetter(0), reverse=self.sign > 0)
        if not self.forced:
            first, second = (gain if self.sign * gain > 0 else 0.0 for gain in (first, second))
        if first == second:
            return ()

        def enough_budget(sums: Floats) -> Floats:
            available = _shares(sums)[outcome]
            total: Floats = first * available + second * (self.budget - available)
            return total

        by_outcome, budget_gain = outcomes.by_outcome, first * self.budget
        return (
            Measure.of_sums(by_outcome, enough_budget),
            Measure.of_sums(by_outcome, lambda sums: np.full(sums.shape[1], budget_gain)),
        )

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The expected value if the budget is spent on random rows."""
        return Measure.of_sums(
            outcomes.by_outcome, lambda sums: self.budget * (self.value * _shares(sums)[1] - self.cost)
        )

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """The standard deviation of a single random draw, whose number of hits is hypergeometric."""
        rows, base_rate = outcomes.rows, outcomes.mean(outcomes.target)
        return abs(self.value) * random_model.hits_sd(rows, base_rate, self.budget) / rows

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """No contact adds nothing and costs nothing."""
        return 0.0

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """The value of contacting every row; None if the budget is forced and smaller than that."""
        if self.forced and self.budget < 1:
            return None
        return self.value * outcomes.mean(outcomes.target) - self.cost


def _shares(sums: Floats) -> Floats:
    """The share of each class in all rows."""
    shares: Floats = sums / sums.sum(axis=0)
    return shares
