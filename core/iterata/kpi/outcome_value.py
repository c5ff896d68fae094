"""Outcome value: what yes / no decisions are worth, outcome by outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iterata.kpi import chance

if TYPE_CHECKING:
    from iterata.kpi.base import Bools, Floats, Measure


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

    budget: ClassVar[None] = None
    random_meaning: ClassVar[str] = "as many rows as the status quo acts upon, drawn blindly"

    def _rows(self, positive: Bools, acted: Floats) -> Floats:
        """What each row is worth, `acted` being how surely it is acted upon."""
        yes, no = np.where(positive, self.tp, self.fp), np.where(positive, self.fn, self.tn)
        values: Floats = acted * yes + (1 - acted) * no
        return values

    def measure(self, positive: Bools, prediction: Floats) -> Measure:
        """The value of acting wherever the prediction reaches the threshold."""
        rows = self._rows(positive, self.acted_upon(prediction))
        return lambda weights: weights @ rows

    def of(self, positive: Bools, prediction: Floats, weights: Floats) -> Floats:
        """The value of acting wherever the prediction reaches the threshold."""
        return self.measure(positive, prediction)(weights)

    def perfect(self, positive: Bools, weights: Floats) -> Floats:
        """The better of acting and not acting, row by row.

        Where a positive is better left alone than acted upon, the perfect model leaves it alone.
        """
        better = max if self.sign > 0 else min
        best: Floats = weights @ np.where(positive, better(self.tp, self.fn), better(self.fp, self.tn))
        return best

    def random(self, positive: Bools, status_quo: Floats, weights: Floats) -> Floats:
        """As many actions as the status quo takes, on rows drawn blindly, in expectation."""
        rate = weights @ self.acted_upon(status_quo) / weights.sum(axis=1)
        every, nobody = (
            weights @ self._rows(positive, np.full(len(positive), acted)) for acted in (1.0, 0.0)
        )
        answer: Floats = rate * every + (1 - rate) * nobody
        return answer

    def random_sd(self, positive: Bools, status_quo: Floats) -> float:
        """How far one blind draw strays: each positive in it stands where a negative could."""
        swap = (self.tp - self.fn) - (self.fp - self.tn)
        acted = float(self.acted_upon(status_quo).sum())
        return abs(swap) * chance.hits_sd(len(positive), int(positive.sum()), acted)

    def do_nothing(self, positive: Bools) -> float:
        """Acting on nobody."""
        return float(self._rows(positive, np.zeros(len(positive))).sum())

    def treat_all(self, positive: Bools) -> float | None:
        """Acting on everybody."""
        return float(self._rows(positive, np.ones(len(positive))).sum())

    def acted_upon(self, prediction: Floats) -> Floats:
        """1 where the prediction reaches the threshold, else 0."""
        return (prediction >= self.threshold).astype(np.float64)
