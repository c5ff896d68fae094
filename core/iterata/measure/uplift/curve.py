"""The curve of gain by depth, and the area between it and the straight line of a random choice.

At each distinct score, from the first depth at which both arms have rows, the curve is `d (mu1(d) - mu0(d))`:
scikit-uplift's `uplift_curve / n`. It begins at 0 and ends at the average effect. The area is not normalised:
it is 0 for a random order and for an effect that is the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from iterata.measure.measures import Measure
from iterata.measure.uplift.arm_sums import ArmSums, ClassValues, assignment_of
from iterata.measure.uplift.gain import gain_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from iterata.arrays import Codes, Floats
    from iterata.measure.outcomes import Outcomes

COARSE_LEVELS = 400
"""Into how many levels scores are divided for resamples; the sample itself has every distinct score."""


@dataclass(frozen=True, eq=False)
class _Levels:
    """The sums of both arms by level: of every distinct score in the sample, of wider levels in resamples."""

    exact: ClassValues
    coarse: ClassValues
    _last: list[tuple[Floats, Floats]] = field(default_factory=list)

    @property
    def width(self) -> int:
        """The number of sums under a weighting."""
        return self.coarse.width

    def total(self) -> Floats:
        """The sums over all rows."""
        return self.exact.total()

    def under(self, weights: Floats) -> Floats:
        """The sums under weights `(n, r)`; those of the same weights are computed once for all depths."""
        if not self._last or self._last[0][0] is not weights:
            self._last[:] = [(weights, self.coarse.under(weights))]
        return self._last[0][1]

    def of(self, rows: NDArray[np.intp]) -> ClassValues:
        """The wider levels of some rows."""
        return self.coarse.of(rows)

    def by_group(self, group: Codes, groups: int) -> Floats:
        """The sums within each group."""
        return self.coarse.by_group(group, groups)


@dataclass(frozen=True, eq=False)
class GainCurve:
    """The gain by depth of one order of the rows, a row and in units of the outcome."""

    outcomes: Outcomes
    score: Floats
    """`(n,)`, the best first."""
    sign: float = 1.0
    """1 if more of the outcome is better, -1 if less is."""

    def at(self, depth: float) -> Measure:
        """The gain of treating the best share of the rows."""
        return self._measure(lambda sums: self.sign * gain_at(sums, depth).effect)

    def uplift_at(self, depth: float) -> Measure:
        """The difference between the arms among the best share of the rows."""
        return self.at(depth).map(lambda gain: gain / depth)

    def area(self) -> Measure:
        """The area between the curve and the straight line to its end."""
        return self._measure(lambda sums: self.sign * area_of(sums))

    def _measure(self, figure: Callable[[ArmSums], Floats]) -> Measure:
        levels = self._levels
        return Measure.of_sums(levels, lambda sums: figure(ArmSums(*np.split(sums, 5)))).within_arms()

    @cached_property
    def _levels(self) -> _Levels:
        outcomes, assignment = self.outcomes, assignment_of(self.outcomes)
        inverse, counts = assignment.inverse, outcomes.counts
        treated = counts * np.where(assignment.treated, inverse, 0.0)
        control = counts * np.where(assignment.treated, 0.0, inverse)
        target = outcomes.target
        columns = np.stack([counts, treated, treated * target, control, control * target])
        level = np.unique(-self.score, return_inverse=True)[1]
        size = np.cumsum(np.bincount(level, counts))
        bins = np.minimum((size / size[-1] * COARSE_LEVELS).astype(np.intp), COARSE_LEVELS - 1)
        wide = np.unique(bins, return_inverse=True)[1]
        exact, coarse = (
            ClassValues(code, int(code.max()) + 2, columns) for code in (level, wide[level])
        )  # the last level of both is that of rows that are never treated: it is empty
        return _Levels(exact, coarse)


def area_of(sums: ArmSums) -> Floats:
    """The area of the curve through the ends of all levels, by trapezoids, less that of the straight line."""
    cumulated = ArmSums(*(np.cumsum(column, axis=0) for column in sums))
    treated, control = cumulated.rates
    depth = cumulated.size / cumulated.size[-1]
    gain = depth * (treated - control)
    both = ~np.isnan(gain)
    end = np.maximum.accumulate(np.where(both, depth, 0.0), axis=0)  # a level without an arm adds no point
    before = np.concatenate([np.zeros_like(end[:1]), end[:-1]])
    height = np.where(both, gain, 0.0)
    previous = np.concatenate([np.zeros_like(height[:1]), height[:-1]])
    area: Floats = ((end - before) * (height + previous) / 2).sum(axis=0) - gain[-1] / 2
    return area
