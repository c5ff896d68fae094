"""Resamples that keep a known share of positives.

If the base rate is known, as for oversampled rows, it does not vary from sample to sample. Weighting the
sample by it is not enough: resamples would still have more or fewer positives, as if it were estimated. So
the positive and the negative rows of every resample are weighted to the known rate (post-stratification;
Holt and Smith, 1979). This works for rows and for whole units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.weightings import Classes, Grouped, MultinomialClasses, RowByRow

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.weightings import Weightings


class KnownRate(NamedTuple):
    """The share of positive rows, which is known."""

    positive: Bools
    """`(n,)`, the positive rows of the sample."""
    outcome: Classes
    """Whether each row is positive: class 1 or 0."""
    share: float
    """The known share of positives in the weight of all rows."""

    @classmethod
    def of(cls, outcomes: Outcomes | None) -> KnownRate | None:
        """The known rate of outcomes; None if they have none."""
        if outcomes is None or outcomes.base_rate is None:
            return None
        positive = outcomes.positive
        return cls(positive, outcomes.by_outcome, outcomes.base_rate)

    def keep(self, weightings: Weightings) -> Weightings:
        """The same resamples, weighted to the known rate.

        A resample without positive or without negative rows becomes NaN: it cannot be weighted.
        """
        factors = self._factors(weightings)
        match weightings:
            case RowByRow(by_row):
                return RowByRow(by_row * factors[self.positive.astype(np.intp)])
            case MultinomialClasses(example, count):
                return MultinomialClasses(example, count * factors[self.positive[example].astype(np.intp)])
            case Grouped(group, count):
                halves = (count[:, None] * factors).reshape(2 * len(count), -1)
                return Grouped(2 * group.astype(np.intp) + self.positive, halves)
            case _:
                raise TypeError(f"{type(weightings).__name__} cannot be weighted to a known rate")

    def _factors(self, weightings: Weightings) -> Floats:
        """What negative and positive rows are multiplied with under every weighting: `(2, r)`."""
        sums = weightings.sums(self.outcome)
        known = np.array([[1 - self.share], [self.share]])
        wanted = known * sums.sum(axis=0)
        defined = (sums > 0).all(axis=0)
        factors: Floats = np.divide(wanted, sums, out=np.full_like(sums, np.nan), where=defined)
        return factors
