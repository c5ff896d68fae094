"""The order of rows by score: what the rows at its top contain, under many weightings, sorted only once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.measures import Measure
from iterata.measure.score_levels import (
    far_edges,
    levels_near,
    levels_of,
    levels_to,
    near_edges,
    weighted_edges,
)
from iterata.measure.weightings import Classes, NestedClasses

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Codes, Floats

EXACT_ROWS = 20_000
"""Up to this many rows, every distinct score is a level."""

MAX_STEPS = 640
"""Up to this many distinct scores of positive rows, each is a step of its own.

Of more, the first half are. A quarter of the steps have a constant share of the positives before them,
because precision changes fastest at the top. A quarter have equally many of the pairs in which a negative row
ranks above a positive one, because the area under the curve depends on these."""


class Steps(NamedTuple):
    """The steps of a score order under `r` weightings: the levels that have a positive row."""

    size: Floats
    """`(steps, r)`, the weight of the rows of each step."""
    positives: Floats
    """`(steps, r)`, the weight of the positive rows of each step."""
    through: Floats
    """`(steps, r)`, the weight of all rows from the top to the end of each step."""
    total: Floats
    """`(r,)`, the weight of all rows."""


class Within(NamedTuple):
    """The order of rows within the steps, where a step has several scores: `(steps, 1)`."""

    negatives_above: Floats
    """How many of the step's negative rows rank above a positive row of it, as a share of the pairs."""
    precision: Floats
    """The mean precision at its positive rows, relative to the precision at its end."""


class ScoreOrder:
    """Rows in descending order of a score, in the detail that counting positives needs.

    The number of positives found changes only where positive rows are, so the order is cut into segments:
    each *step* is one, and so are the negative rows between two steps. Every figure follows from the weights
    of the positive and negative rows in each segment.

    Of many rows, rows with similar scores share a step. Figures are then exact for the sample: the order
    within a step is kept as it is in the sample, so that a resample stays within the range of the figure.
    """

    def __init__(
        self, positive: Bools, score: Floats, weight: Floats | None = None, *, cutoff: float | None = None
    ) -> None:
        """Sort the rows.

        Args:
            positive: `(n,)`.
            score: `(n,)`, higher comes first.
            weight: `(n,)`, the sample weights; None for 1.
            cutoff: the only share of the rows at which `hits` will be called; None if the whole order is
                needed.
        """
        self._within: Within | None = None
        self._sample: Steps | None = None
        if len(score) <= EXACT_ROWS:
            level: Codes = np.unique(-score, return_inverse=True)[1]
            self._classes = _step_classes(level, positive, weight)
        elif cutoff is not None:
            self._classes = _classes_at_cutoff(score, positive, weight, cutoff)
        else:
            place = -score
            scores = np.unique(place[positive])
            ends = np.arange(len(scores))
            if len(scores) > MAX_STEPS:
                self._sample = _steps_of_sample(place, positive, weight, scores)
                ends = _step_ends(self._sample)
                self._within = _within_steps(self._sample, ends)
            level = levels_to(place, scores[ends], np.diff(ends, prepend=-1) > 1)
            self._classes = _step_classes(level, positive, weight)

    def hits(self, share: float) -> Measure:
        """The positive rows in the top `share` of the rows, as a share of all rows.

        `share` is from 0 to 1. Of the rows tied at its end only a part is counted: the expectation over their
        order.
        """

        def hits(steps: Steps) -> Floats:
            size = steps.size
            left = share * steps.total - (steps.through - size)
            included = np.divide(np.clip(left, 0, size), size, out=np.zeros_like(size), where=size > 0)
            shares: Floats = (included * steps.positives).sum(axis=0) / steps.total
            return shares

        contacted = self._measure(lambda steps: share * steps.total)
        if self._sample is None:
            among_contacted = self._measure(lambda steps: hits(steps) / share)
            return self._measure(hits).of_trials(contacted, among_contacted, lambda rate: share * rate)
        error = hits(self._sample) - hits(_steps_of(self._classes.total()[:, None]))
        return self._measure(lambda steps: np.clip(hits(steps) + error, 0, share))

    def roc_auc(self) -> Measure:
        """The probability that a positive row ranks above a negative row; ties count one half.

        NaN for a resample that holds rows of one class only.
        """

        def area(steps: Steps) -> Floats:
            tied = steps.size - steps.positives
            reached = np.cumsum(steps.positives, axis=0)
            above = steps.through - reached - tied  # the negative rows before each step
            positive = steps.positives.sum(axis=0)
            negative = steps.total - positive
            half = 0.5 if self._within is None else self._within.negatives_above
            below = (steps.positives * (negative - above - tied * half)).sum(axis=0)
            return _ratio(below, positive * negative)

        return self._measure(area)

    def average_precision(self) -> Measure:
        """The precision at each step, averaged over the positives that the steps add.

        As scikit-learn defines it, without interpolation. NaN without positive rows.
        """

        def average(steps: Steps) -> Floats:
            reached, through = np.cumsum(steps.positives, axis=0), steps.through
            precision = np.divide(reached, through, out=np.zeros_like(through), where=through > 0)
            if self._within is not None:
                precision = np.minimum(precision * self._within.precision, 1)
            return _ratio((steps.positives * precision).sum(axis=0), steps.positives.sum(axis=0))

        return self._measure(average)

    def _measure(self, figure: Callable[[Steps], Floats]) -> Measure:
        return Measure.of_sums(self._classes, lambda sums: figure(_steps_of(sums)))


def _steps_of(sums: Floats) -> Steps:
    between, negatives, positives = sums[0::3], sums[1::3], sums[2::3]
    size = negatives + positives
    through = np.cumsum(size + between[:-1], axis=0)
    last = through[-1] if len(size) else 0
    return Steps(size, positives, through, last + between[-1])


def _step_classes(level: Codes, positive: Bools, weight: Floats | None) -> Classes:
    """The classes of rows in levels: the negative rows before a step, its negative and its positive rows."""
    is_step = np.bincount(level[positive], minlength=int(level.max()) + 1) > 0
    passed = np.cumsum(is_step)
    by_level = 3 * passed - 2 * is_step
    width = 3 * int(passed[-1]) + 1
    code = by_level.astype(np.min_scalar_type(width))[level]
    code += positive
    return Classes(code, width, weight)


def _step_ends(sample: Steps) -> NDArray[np.intp]:
    """At which of the distinct scores of positive rows, from the best, the steps end."""
    scores = len(sample.positives)
    top, others = MAX_STEPS // 2, MAX_STEPS // 4
    further = np.ceil(np.geomspace(top, scores, others + 1)).astype(np.intp) - 1
    above = (sample.through - np.cumsum(sample.positives, axis=0))[:, 0]
    pairs = np.cumsum(sample.positives[:, 0] * above)
    lost = np.searchsorted(pairs, np.linspace(0, pairs[-1], others + 1)[1:])
    ends = np.concatenate([np.arange(top), further, lost])
    return np.unique(np.minimum(ends, scores - 1))


def _steps_of_sample(place: Floats, positive: Bools, weight: Floats | None, scores: Floats) -> Steps:
    """The steps of the sample itself, where every distinct score of a positive row is one."""
    negatives = place[~positive]
    if weight is None:
        positives = np.diff(np.searchsorted(np.sort(place[positive]), scores, "right"), prepend=0)
        ordered = np.sort(negatives)
        reached = np.arange(len(ordered) + 1.0)
    else:
        at = np.searchsorted(scores, place[positive])
        positives = np.bincount(at, weight[positive], len(scores))
        order = np.argsort(negatives)
        ordered, reached = negatives[order], np.append(0, np.cumsum(weight[~positive][order]))
    before, through = (reached[np.searchsorted(ordered, scores, side)] for side in ("left", "right"))
    added = positives.astype(np.float64)
    return Steps(
        (added + through - before)[:, None],
        added[:, None],
        (np.cumsum(added) + through)[:, None],
        np.array([added.sum() + reached[-1]]),
    )


def _within_steps(sample: Steps, ends: NDArray[np.intp]) -> Within:
    """The order within the steps that end at some of the scores of the sample."""
    starts = np.append(0, ends[:-1] + 1)
    positives, size, through = sample.positives[:, 0], sample.size[:, 0], sample.through[:, 0]
    reached, tied = np.cumsum(positives), size - positives
    above = through - reached - tied  # the negative rows before each score
    in_step = np.add.reduceat(positives, starts)
    shared = np.diff(ends, prepend=-1) > 1
    first = np.where(shared, np.append(0, (through - reached)[ends[:-1]]), above[starts])
    negatives = (through - reached)[ends] - first
    pairs = np.add.reduceat(positives * (above + tied / 2), starts) - in_step * first
    precision = np.add.reduceat(positives * _ratio(reached, through), starts)
    half = np.divide(pairs, in_step * negatives, out=np.full(len(ends), 0.5), where=in_step * negatives > 0)
    at_end = in_step * _ratio(reached, through)[ends]
    relative = np.divide(precision, at_end, out=np.ones(len(ends)), where=at_end > 0)
    return Within(half[:, None], relative[:, None])


def _classes_at_cutoff(score: Floats, positive: Bools, weight: Floats | None, share: float) -> Classes:
    """Levels that are narrow where the top `share` of the rows ends; the score at its end is a level.

    Independent rows move the cutoff little. Whole units, and rows with a weight, can move it far.
    """
    if weight is not None:
        place = -score
        return _step_classes(levels_of(place, weighted_edges(place, weight, share)), positive, weight)
    near = near_edges(score, share)

    def detailed() -> Classes:
        edges = np.union1d(near, far_edges(score, share))
        return _step_classes(levels_of(-score, edges), positive, None)

    narrow = _step_classes(levels_near(score, near), positive, None)
    return NestedClasses(narrow.code, narrow.width, detailed=detailed)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator > 0)
