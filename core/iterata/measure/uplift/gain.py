"""The gain of treating the best-scored rows: the KPI of effects, at one depth.

For a choice S of the rows, with membership `m` from 0 to 1 and depth `d` (its share of all rows), it is
`d (mu1(S) - mu0(S))`, where `mu1` and `mu0` are the mean outcomes of the treated and the untreated rows
*within S*, weighted by inverse probabilities (Hajek). Normalised over the whole arms, or not at all, other
estimators of the same effect vary a third more, and change if a constant is added to the outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.score_levels import far_edges, levels_near, levels_of, near_edges, weighted_edges
from iterata.measure.uplift.arm_sums import ArmLevels, ArmSums
from iterata.measure.windows import windows

if TYPE_CHECKING:
    from iterata.arrays import Codes, Floats
    from iterata.measure.measures import Measure
    from iterata.measure.outcomes import Outcomes

EXACT_ROWS = 1_000
"""Up to this many rows, every distinct score is a level. Of more rows, levels are narrow where resamples can
move the edge of a budget to."""

EDGE = 1e-9
"""A part of a level that is smaller than this is rounding."""


class Gain(NamedTuple):
    """What a choice of rows gains, under `r` weightings: `(r,)`."""

    depth: Floats
    """The share of rows that it treats."""
    effect: Floats
    """Its gain a row, in units of the outcome: the depth times the effect among the chosen; NaN where an arm
    has no row among them."""


def gain_at(sums: ArmSums, share: float) -> Gain:
    """The gain of treating the best levels until a share of all rows is reached.

    The last level is never treated. Of the level at the edge a part of each row is treated: its ties share
    what is left.
    """
    size = sums.size[:-1]
    total = sums.size.sum(axis=0)
    left = np.minimum(share * total, size.sum(axis=0))
    before = np.cumsum(size, axis=0) - size
    part = np.divide(np.clip(left - before, 0, size), size, out=np.zeros_like(size), where=size > 0)
    part[part < EDGE] = 0.0
    chosen = ArmSums(*((part * column[:-1]).sum(axis=0) for column in sums))
    depth: Floats = np.divide(left, total, out=np.zeros_like(total), where=total > 0)
    treated, control = chosen.rates
    effect = np.where(depth > 0, depth * (treated - control), 0.0)
    return Gain(depth, effect)


class ScoredRows:
    """Rows in levels of a score, the best first; the last level holds those that are never treated."""

    def __init__(self, arms: ArmLevels) -> None:
        """Take the levels."""
        self.arms = arms

    @classmethod
    def at_cutoff(cls, outcomes: Outcomes, score: Floats, share: float) -> ScoredRows:
        """Levels that are narrow where the best share of the rows ends.

        Independent rows move the edge little. Whole units, and rows with a weight, can move it far.
        """
        reached = None if np.isfinite(score.min(initial=0.0)) else score > -np.inf

        def levels(level: Codes, count: int) -> tuple[Codes, int]:
            """With one more level, of the rows that are never treated."""
            return (level if reached is None else np.where(reached, level, count)), count + 1

        def exact(edges: Floats) -> tuple[Codes, int]:
            return levels(levels_of(-score, edges), 2 * len(edges) + 1)

        if share >= 1:
            return cls(ArmLevels(outcomes, *levels(np.zeros(len(score), dtype=np.uint8), 1)))
        if len(score) <= EXACT_ROWS:
            level = np.unique(-score, return_inverse=True)[1]
            return cls(ArmLevels(outcomes, *levels(level, int(level.max(initial=0)) + 1)))
        if outcomes.weight is not None:
            return cls(ArmLevels(outcomes, *exact(weighted_edges(-score, outcomes.weight, share))))
        near = near_edges(score, share)
        narrow = levels(levels_near(score, near), 2 * len(near) + 1)
        return cls(ArmLevels(outcomes, *narrow, lambda: exact(np.union1d(near, far_edges(score, share)))))

    def gain(self, share: float, value: float = 1.0, cost: float = 0.0) -> Measure:
        """The value of treating the best share of the rows, less the cost, a row.

        Args:
            share: the share of rows that may be treated.
            value: what one unit of the outcome is worth.
            cost: what treating one row costs.
        """

        def figure(sums: ArmSums) -> Floats:
            depth, effect = gain_at(sums, share)
            return value * effect - cost * depth

        return self.arms.measure(figure)

    def depth(self, share: float) -> Measure:
        """The share of rows that is treated: less than `share` if scores stop before."""
        return self.arms.measure(lambda sums: gain_at(sums, share).depth)


def membership(outcomes: Outcomes, score: Floats, share: float) -> Floats:
    """How much of each row is among the best share of the rows, `(n,)`, within each window of time."""
    chosen = np.zeros(len(score))
    for rows, part, _ in windows(outcomes):
        chosen[rows] = _membership(score[rows], part.counts, share)
    return chosen


def _membership(score: Floats, counts: Floats, share: float) -> Floats:
    total = counts.sum()
    if share >= 1:
        return (score > -np.inf).astype(np.float64)
    edge = _edge(score, counts, share * total)
    above, at = score > edge, score == edge
    before, size = float(counts[above].sum()), float(counts[at].sum())
    part = min(max((share * total - before) / size, 0.0), 1.0) if size > 0 else 0.0
    chosen = above.astype(np.float64)
    chosen[at] = part if part >= EDGE else 0.0
    chosen[score == -np.inf] = 0.0
    return chosen


def _edge(score: Floats, counts: Floats, weight: float) -> float:
    """The score at which rows of the best scores reach a weight."""
    if (counts == counts[0]).all():
        rank = int(np.clip(np.ceil(weight / counts[0] - EDGE), 1, len(score)))
        return float(np.partition(score, len(score) - rank)[len(score) - rank])
    order = np.argsort(-score, kind="stable")
    reached = np.searchsorted(np.cumsum(counts[order]), weight * (1 - EDGE))
    return float(score[order[min(int(reached), len(score) - 1)]])
