"""Outcome value: what yes / no decisions are worth, outcome by outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iterata.measure.kpi import chance
from iterata.measure.weightings import Classes

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.weightings import Measure, Weightings

_RANDOM = {
    "status_quo_rate": "as many rows as the status quo acts upon, drawn blindly",
    "base_rate": "as many rows as are positive, drawn blindly",
    "half": "a coin thrown for every row",
}


@dataclass(frozen=True, slots=True)
class OutcomeValue:
    """The summed value of acting, or not, on each row.

    The expected-value framework of Provost and Fawcett, Data Science for Business, chapter 7.
    """

    tp: float
    fp: float
    fn: float
    tn: float
    threshold: float = 0.5
    sign: float = 1.0
    """1 where more is better, -1 where less is."""
    blindly: str = "status_quo_rate"
    """How many rows the random model acts upon."""

    adds_up: ClassVar[bool] = True
    budget: ClassVar[None] = None

    @property
    def random_meaning(self) -> str:
        """Which random model this is."""
        return _RANDOM[self.blindly]

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The value of acting wherever the prediction reaches the threshold."""
        classes = self._classes(outcomes, prediction)
        return lambda draws: _per_row(np.array([self.tn, self.fn, self.fp, self.tp]), draws.sums(classes))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The better of acting and not acting, row by row.

        Where a positive is better left alone than acted upon, the perfect model leaves it alone.
        """
        better = max if self.sign > 0 else min
        best = np.array([better(self.fp, self.tn), better(self.tp, self.fn)])
        classes = Classes(outcomes.positive.astype(np.uint8), 2, outcomes.weight)
        return lambda draws: _per_row(best, draws.sums(classes))

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """As many actions as `blindly` says, on rows drawn blindly, in expectation."""
        classes = self._classes(outcomes, status_quo)

        def random(draws: Weightings) -> Floats:
            tn, fn, fp, tp = draws.sums(classes)
            rows = tn + fn + fp + tp
            positive = (fn + tp) / rows
            acted = {"status_quo_rate": (fp + tp) / rows, "base_rate": positive, "half": 0.5}[self.blindly]
            every = positive * self.tp + (1 - positive) * self.fp
            nobody = positive * self.fn + (1 - positive) * self.tn
            answer: Floats = acted * every + (1 - acted) * nobody
            return answer

        return random

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """How far one blind draw strays: each positive in it stands where a negative could."""
        swap = (self.tp - self.fn) - (self.fp - self.tn)
        rows, positive = outcomes.rows, outcomes.mean(outcomes.target)
        if self.blindly == "half":  # every row's coin is its own
            gain = np.where(outcomes.positive, self.tp - self.fn, self.fp - self.tn)
            return float(np.sqrt(outcomes.mean(gain**2) / rows) / 2)
        acted = outcomes.mean(self.acted_upon(status_quo))
        drawn = acted if self.blindly == "status_quo_rate" else positive
        return abs(swap) * chance.hits_sd(rows, positive * rows, drawn * rows) / rows

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """Acting on nobody."""
        return outcomes.mean(np.where(outcomes.positive, self.fn, self.tn))

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """Acting on everybody."""
        return outcomes.mean(np.where(outcomes.positive, self.tp, self.fp))

    def acted_upon(self, prediction: Floats) -> Floats:
        """1 where the prediction reaches the threshold, else 0."""
        return (prediction >= self.threshold).astype(np.float64)

    def _classes(self, outcomes: Outcomes, prediction: Floats) -> Classes:
        """Left alone and negative, left alone and positive, acted upon and negative, and positive."""
        acted = (prediction >= self.threshold).view(np.uint8)
        return Classes(2 * acted + outcomes.positive.view(np.uint8), 4, outcomes.weight)


def _per_row(values: Floats, sums: Floats) -> Floats:
    """The mean over rows of what a row of each class is worth."""
    mean: Floats = values @ sums / sums.sum(axis=0)
    return mean
