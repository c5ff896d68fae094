"""Targeting: the value of contacting the best-scored rows within a budget."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from iterata.kpi import chance
from iterata.ranking import Ranking

if TYPE_CHECKING:
    from iterata.kpi.base import Bools, Floats, Measure


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

    @property
    def random_meaning(self) -> str:
        """The draw that random stands for: as large as the budget."""
        return f"{self.budget * 100:.4g} % of the rows, drawn blindly" if self.budget < 1 else "every row"

    def measure(self, positive: Bools, prediction: Floats) -> Measure:
        """The value of contacting from the highest score down until the budget is spent."""
        ranking = Ranking(positive, prediction)

        def total(weights: Floats) -> Floats:
            contacts: Floats = self.budget * weights.sum(axis=1)
            return self.value * ranking.found(self.budget, weights) - self.cost * contacts

        return total

    def of(self, positive: Bools, prediction: Floats, weights: Floats) -> Floats:
        """The value of contacting from the highest score down until the budget is spent."""
        return self.measure(positive, prediction)(weights)

    def perfect(self, positive: Bools, weights: Floats) -> Floats:
        """Those who are worth most come first; with optional spend nobody is contacted at a loss."""
        rows, positives = weights.sum(axis=1), weights @ positive
        left, total = self.budget * rows, np.zeros(len(weights))
        outcomes = [(self.value - self.cost, positives), (-self.cost, rows - positives)]
        for gain, available in sorted(outcomes, key=itemgetter(0), reverse=self.sign > 0):
            if self.forced or self.sign * gain > 0:
                taken = np.minimum(left, available)
                total, left = total + gain * taken, left - taken
        return total

    def random(self, positive: Bools, status_quo: Floats, weights: Floats) -> Floats:
        """The budget spent on rows drawn blindly, in expectation."""
        everybody: Floats = weights @ (self.value * positive - self.cost)
        return self.budget * everybody

    def random_sd(self, positive: Bools, status_quo: Floats) -> float:
        """How far one blind draw strays: its hits are hypergeometric."""
        rows = len(positive)
        return abs(self.value) * chance.hits_sd(rows, int(positive.sum()), self.budget * rows)

    def do_nothing(self, positive: Bools) -> float:
        """Contacting nobody brings and costs nothing."""
        return 0.0

    def treat_all(self, positive: Bools) -> float | None:
        """The value of contacting everybody; none where the budget is forced and is not everybody."""
        if self.forced and self.budget < 1:
            return None
        return self.value * int(positive.sum()) - self.cost * len(positive)

    def acted_upon(self, prediction: Floats) -> Floats:
        """1 for rows within the budget, 0 beyond it; rows tied at its edge share what is left."""
        _, level, size = np.unique(-prediction, return_inverse=True, return_counts=True)
        left = self.budget * len(prediction) - (np.cumsum(size) - size)
        share: Floats = np.clip(left / size, 0, 1)[level]
        return share
