"""Targeting: the value of contacting the best-scored units within a budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from iterata.kpi.base import Bools, Floats


@dataclass(frozen=True, slots=True)
class Targeting:
    """Value of hits less cost of contacts, when a share of the units is contacted, the best-scored first.

    See Berry and Linoff, Data Mining Techniques, chapter 4, for forced and optional spend.
    """

    budget: float
    """The share of units contacted, above 0 and up to 1."""
    value: float
    cost: float
    forced: bool
    """Whether the whole budget is spent, whoever is left."""
    sign: float = 1.0
    """1 where more is better, -1 where less is."""

    @property
    def random_meaning(self) -> str:
        """Which of the random models this is."""
        return f"{self.budget:.4g} of the rows, drawn blindly" if self.budget < 1 else "every row"

    def of(self, positive: Bools, prediction: Floats, weights: Floats) -> Floats:
        """The value of the best-scored rows; ties at the edge of the budget share what is left of it."""
        order = np.argsort(-prediction, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(prediction[order]) != 0])
        sorted_weights = weights[:, order]
        size = np.add.reduceat(sorted_weights, starts, axis=1)
        hits = np.add.reduceat(sorted_weights * positive[order], starts, axis=1)
        reached, hits_reached = np.cumsum(size, axis=1), np.cumsum(hits, axis=1)
        contacts = self.budget * reached[:, -1]
        line = np.arange(len(weights))
        edge = np.minimum((reached < contacts[:, None]).sum(axis=1), len(starts) - 1)
        beyond = (reached[line, edge] - contacts) / np.where(size[line, edge] > 0, size[line, edge], 1)
        found: Floats = hits_reached[line, edge] - beyond * hits[line, edge]
        return self.value * found - self.cost * contacts

    def perfect(self, positive: Bools, weights: Floats) -> Floats:
        """Those who are worth most come first; with optional spend nobody is contacted at a loss."""
        total, positives = weights.sum(axis=1), weights @ positive
        left = self.budget * total
        answer = np.zeros_like(total)
        kinds = [(self.value - self.cost, positives), (-self.cost, total - positives)]
        for gain, available in sorted(kinds, key=lambda kind: self.sign * kind[0], reverse=True):
            if self.forced or self.sign * gain > 0:
                taken = np.minimum(left, available)
                answer += gain * taken
                left = left - taken
        return answer

    def random(self, positive: Bools, status_quo: Floats, weights: Floats) -> Floats:  # noqa: ARG002
        """The budget spent on rows drawn blindly, in expectation."""
        return self.budget * (self.value * (weights @ positive) - self.cost * weights.sum(axis=1))

    def random_sd(self, positive: Bools, status_quo: Floats) -> float:  # noqa: ARG002
        """Hits in a blind draw without replacement are hypergeometric."""
        rows, share = len(positive), float(positive.mean())
        drawn = self.budget * rows
        if rows < 2:
            return 0.0
        variance = drawn * share * (1 - share) * (rows - drawn) / (rows - 1)
        return abs(self.value) * float(np.sqrt(variance))

    def do_nothing(self, positive: Bools) -> float:  # noqa: ARG002
        """Contacting nobody brings and costs nothing."""
        return 0.0

    def treat_all(self, positive: Bools) -> float | None:
        """Contacting everybody, where the budget reaches that far."""
        return self.value * float(positive.sum()) - self.cost * len(positive) if self.budget >= 1 else None

    def acted_upon(self, prediction: Floats) -> Floats:
        """How surely each row is contacted."""
        contacts = self.budget * len(prediction)
        edge = -np.partition(-prediction, min(int(contacts), len(prediction) - 1))[
            min(int(contacts), len(prediction) - 1)
        ]
        above, level = prediction > edge, prediction == edge
        share = min(1.0, max(0.0, (contacts - above.sum()) / max(int(level.sum()), 1)))
        chosen: Floats = above + share * level
        return chosen
