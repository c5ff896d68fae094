"""Targeting: the value of contacting the best-scored rows within a budget."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iterata.measure.kpi import chance
from iterata.measure.score_order import ScoreOrder
from iterata.measure.weightings import Classes

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.weightings import Measure, Weightings


@dataclass(frozen=True, slots=True)
class Targeting:
    """Value of hits less cost of contacts, when a share of the rows is contacted, the best-scored first.

    See Berry and Linoff, Data Mining Techniques, chapter 4, for forced and optional spend.
    """

    budget: float
    """The share of rows contacted, above 0 and up to 1; it may end within a row."""
    value: float
    """What a contacted positive adds to the KPI."""
    cost: float
    """What a contact takes off the KPI; negative where less is better, so that it is always a burden."""
    forced: bool
    """Whether the whole budget is spent, whoever is left."""
    sign: float = 1.0
    """1 where more is better, -1 where less is."""

    adds_up: ClassVar[bool] = True

    @property
    def random_meaning(self) -> str:
        """The draw that random stands for: as large as the budget."""
        return f"{self.budget * 100:.4g} % of the rows, drawn blindly" if self.budget < 1 else "every row"

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The value of contacting from the highest score down until the budget is spent."""
        return self.worth(ScoreOrder(outcomes.positive, prediction, outcomes.weight, around=self.budget))

    def worth(self, ranking: ScoreOrder) -> Measure:
        """The same, of rows that are ranked already."""
        found = ranking.found(self.budget)

        def per_row(draws: Weightings) -> Floats:
            return self.value * found(draws) - self.cost * self.budget

        return per_row

    def perfect(self, outcomes: Outcomes) -> Measure:
        """Those who are worth most come first; with optional spend nobody is contacted at a loss."""
        classes = _by_outcome(outcomes)

        def perfect(draws: Weightings) -> Floats:
            negative, positive = _shares(draws.sums(classes))
            total: Floats = np.zeros_like(positive)
            left = np.full_like(positive, self.budget)
            choices = [(self.value - self.cost, positive), (-self.cost, negative)]
            for gain, available in sorted(choices, key=itemgetter(0), reverse=self.sign > 0):
                if self.forced or self.sign * gain > 0:
                    taken = np.minimum(left, available)
                    total, left = total + gain * taken, left - taken
            return total

        return perfect

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The budget spent on rows drawn blindly, in expectation."""
        classes = _by_outcome(outcomes)
        return lambda draws: self.budget * (self.value * _shares(draws.sums(classes))[1] - self.cost)

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """How far one blind draw strays: its hits are hypergeometric."""
        rows = outcomes.rows
        positives = outcomes.mean(outcomes.target) * rows
        return abs(self.value) * chance.hits_sd(rows, positives, self.budget * rows) / rows

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """Contacting nobody brings and costs nothing."""
        return 0.0

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """The value of contacting everybody; none where the budget is forced and is not everybody."""
        if self.forced and self.budget < 1:
            return None
        return self.value * outcomes.mean(outcomes.target) - self.cost

    def acted_upon(self, prediction: Floats) -> Floats:
        """1 for rows within the budget, 0 beyond it; rows tied at its edge share what is left."""
        _, level, size = np.unique(-prediction, return_inverse=True, return_counts=True)
        left = self.budget * len(prediction) - (np.cumsum(size) - size)
        share: Floats = np.clip(left / size, 0, 1)[level]
        return share


def _by_outcome(outcomes: Outcomes) -> Classes:
    return Classes(outcomes.positive.view(np.uint8), 2, outcomes.weight)


def _shares(sums: Floats) -> Floats:
    """The share of each class in all rows."""
    shares: Floats = sums / sums.sum(axis=0)
    return shares
