"""Outcome value: what yes / no decisions are worth, outcome by outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iterata.documents.models.enums import RandomModel
from iterata.measure import random_model
from iterata.measure.measures import Measure
from iterata.measure.weightings import Classes

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats
    from iterata.measure.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class OutcomeValue:
    """The summed value of acting, or not acting, on each row.

    The expected-value framework of Provost and Fawcett, Data Science for Business, chapter 7.
    """

    tp: float
    fp: float
    fn: float
    tn: float
    threshold: float = 0.5
    sign: float = 1.0
    """1 if more is better, -1 if less is."""
    random_acts: RandomModel = RandomModel.STATUS_QUO_RATE
    """How many rows the random model acts upon."""

    adds_up: ClassVar[bool] = True
    budget: ClassVar[None] = None

    @property
    def random_meaning(self) -> str:
        """How many rows the random model draws."""
        return random_model.MEANINGS[self.random_acts]

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The value of acting on every row whose prediction reaches the threshold."""
        values = np.array([self.tn, self.fn, self.fp, self.tp])
        return Measure.of_sums(self._classes(outcomes, prediction), lambda sums: _mean_by_class(values, sums))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The better of acting and not acting, row by row; that can be not acting on a positive."""
        better = max if self.sign > 0 else min
        best = np.array([better(self.fp, self.tn), better(self.tp, self.fn)])
        classes = Classes(outcomes.positive.astype(np.uint8), 2, outcomes.weight)
        return Measure.of_sums(classes, lambda sums: _mean_by_class(best, sums))

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The expected value of acting on as many random rows as `random_acts` says."""

        def expected(sums: Floats) -> Floats:
            tn, fn, fp, tp = sums
            rows = tn + fn + fp + tp
            positive = (fn + tp) / rows
            acted = {RandomModel.STATUS_QUO_RATE: (fp + tp) / rows, RandomModel.BASE_RATE: positive}.get(
                self.random_acts, 0.5
            )
            treat_all = positive * self.tp + (1 - positive) * self.fp
            do_nothing = positive * self.fn + (1 - positive) * self.tn
            value: Floats = acted * treat_all + (1 - acted) * do_nothing
            return value

        return Measure.of_sums(self._classes(outcomes, status_quo), expected)

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """The standard deviation of a single random draw: a positive in it takes the place of a negative."""
        rows, base_rate = outcomes.rows, outcomes.mean(outcomes.target)
        if self.random_acts is RandomModel.HALF:
            gain = np.where(outcomes.positive, self.tp - self.fn, self.fp - self.tn)
            return random_model.coin_toss_sd(outcomes.mean(gain**2), rows)
        acted = outcomes.mean(self._acts(status_quo).astype(np.float64))
        share = acted if self.random_acts is RandomModel.STATUS_QUO_RATE else base_rate
        swap = (self.tp - self.fn) - (self.fp - self.tn)
        return abs(swap) * random_model.hits_sd(rows, base_rate, share) / rows

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """The value of acting on no row."""
        return outcomes.mean(np.where(outcomes.positive, self.fn, self.tn))

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """The value of acting on every row."""
        return outcomes.mean(np.where(outcomes.positive, self.tp, self.fp))

    def _acts(self, prediction: Floats) -> Bools:
        acts: Bools = prediction >= self.threshold
        return acts

    def _classes(self, outcomes: Outcomes, prediction: Floats) -> Classes:
        """True negatives, false negatives, false positives and true positives."""
        acts = self._acts(prediction).view(np.uint8)
        return Classes(2 * acts + outcomes.positive.view(np.uint8), 4, outcomes.weight)


def _mean_by_class(values: Floats, sums: Floats) -> Floats:
    """The mean over rows of the value of each row's class."""
    mean: Floats = values @ sums / sums.sum(axis=0)
    return mean
