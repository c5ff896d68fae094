"""Uplift: what treating the best-scored rows gains over treating nobody, by a past campaign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iterata.measure import random_model
from iterata.measure.uplift.arm_sums import ArmLevels, ArmSums, arms_within, assignment_of
from iterata.measure.uplift.ends import perfect_ends
from iterata.measure.uplift.gain import ScoredRows, membership
from iterata.measure.uplift.terms import Terms

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats
    from iterata.measure.measures import Measure
    from iterata.measure.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class Uplift:
    """The value of the outcomes that treating a share of the rows causes, less the cost of treating them.

    Nobody is worth 0, everybody the average effect. With `direction: minimise` fewer outcomes are better, and
    a gain is a negative figure.
    """

    budget: float
    """The share of rows that may be treated, above 0 and up to 1; it can end within a row."""
    value: float
    """What one more outcome adds to the KPI."""
    cost: float
    """What treating a row subtracts from the KPI; negative if less is better, so that it always makes the KPI
    worse."""
    forced: bool
    """Whether the whole budget is spent, even at a loss."""
    sign: float = 1.0
    """1 if more of the KPI is better, -1 if less is."""
    turned_away: float | None = None
    """The largest share of rows that the treatment is assumed to turn away; None without an assumption."""

    adds_up: ClassVar[bool] = True

    @property
    def random_meaning(self) -> str:
        """The random model treats as many rows as the budget allows."""
        return random_model.budget_meaning(self.budget)

    @property
    def outcome_sign(self) -> float:
        """1 if more of the outcome is better, -1 if less is."""
        return 1.0 if self.sign * self.value > 0 else -1.0

    @property
    def terms(self) -> Terms:
        """The same in utility."""
        value, cost = abs(self.value), abs(self.cost)
        return Terms(self.budget, value, cost, self.forced, self.outcome_sign, self.turned_away)

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The gain of treating rows from the highest score down until the budget is spent.

        With optional spend, rows whose score is minus infinity are never treated. It has no interval if an
        arm has too few outcomes of a kind among the chosen.
        """
        score = self._score(prediction)
        rows = ScoredRows.at_cutoff(outcomes, score, self.budget)
        gain = rows.gain(self.budget, self.value, self.cost)
        return gain.of_parts(arms_within(outcomes, self.chosen(outcomes, prediction) > 0))

    def _score(self, prediction: Floats) -> Floats:
        """The scores that it orders by: a forced budget is spent on rows of minus infinity last."""
        if not self.forced:
            return prediction
        reached = prediction[prediction > -np.inf]
        lowest = (reached.min() if len(reached) else 0.0) - 1.0
        return np.maximum(prediction, lowest)

    def chosen(self, outcomes: Outcomes, prediction: Floats) -> Floats:
        """How much of each row a model treats, from 0 to 1: `(n,)`; in each window of time, if there are."""
        return membership(outcomes, self._score(prediction), self.budget)

    def contacts(self, outcomes: Outcomes, prediction: Floats) -> float:
        """The share of rows that a model treats."""
        rows = ScoredRows.at_cutoff(outcomes, self._score(prediction), self.budget)
        return rows.depth(self.budget).on_sample(len(outcomes))

    def effect(self, outcomes: Outcomes) -> Measure:
        """The average effect of treating everybody, on the outcome."""

        def figure(sums: ArmSums) -> Floats:
            treated, control = sums.rates
            effect: Floats = (treated - control)[0]
            return effect

        measure = ArmLevels.whole(outcomes).measure(figure)
        return measure.of_parts(arms_within(outcomes))

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The expected gain if the budget is spent on random rows."""
        return self.effect(outcomes).map(lambda effect: self.budget * (self.value * effect - self.cost))

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """The standard deviation of what a single random choice would show on these rows."""
        assignment = assignment_of(outcomes)
        arms = (assignment.treated, ~assignment.treated)
        variances = [_variance_of_mean(outcomes, rows, assignment.inverse) for rows in arms]
        return abs(self.value) * float(np.sqrt(self.budget * (1 - self.budget) * sum(variances)))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The upper end of what a model that knew every effect would gain; see `iterata.measure.uplift`."""
        return perfect_ends(self.terms, outcomes).upper.measure.map(lambda utility: self.sign * utility)

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """Treating nobody gains nothing and costs nothing."""
        return 0.0

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """The gain of treating every row; None if the budget is forced and smaller than that."""
        if self.forced and self.budget < 1:
            return None
        return self.value * self.effect(outcomes).on_sample(len(outcomes)) - self.cost


def _variance_of_mean(outcomes: Outcomes, rows: Bools, inverse: Floats) -> float:
    """The variance of the weighted mean outcome of an arm."""
    weight, target = (outcomes.counts * inverse)[rows], outcomes.target[rows]
    share, rows_of_arm = weight / weight.sum(), len(weight)
    squares = float(share**2 @ (target - share @ target) ** 2)
    return squares * rows_of_arm / max(rows_of_arm - 1, 1)
