"""The table of answers by true class under many weightings, and the figures of each class.

All figures of a table share its weighted sums: twenty classes have sixty figures, which need one sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.measures import Measure, Requirements
from iterata.measure.metric_formulas import rate
from iterata.measure.weightings import Classes

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.arrays import Bools, Codes, Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.weightings import Weightings


class ClassSums(NamedTuple):
    """The weights of rows by class under `r` weightings."""

    right: Floats
    """`(K, r)`, of the rows with this class and this answer."""
    answered: Floats
    """`(K, r)`, of the rows with this answer."""
    true: Floats
    """`(K, r)`, of the rows with this class."""
    worth: Floats
    """`(K, r)`, of the rows with this class, each times what its answer is worth."""
    to_person: Floats
    """`(r,)`, of the rows that are handed to a person."""

    @property
    def total(self) -> Floats:
        """Of all rows: `(r,)`."""
        total: Floats = self.true.sum(axis=0)
        return total


class AnswerTable:
    """Answers by true class, for one column of predictions."""

    def __init__(self, outcomes: Outcomes, answers: Floats, values: Floats | None = None) -> None:
        """Count the pairs of answer and truth.

        Args:
            outcomes: of `n` rows, with `K` classes.
            answers: `(n,)`, the codes of classes; K stands for a person.
            values: `(answers, K)`, what a row is worth; None if the KPI has no values.
        """
        self.width = len(outcomes.classes or ())
        self._values = np.zeros((1, self.width)) if values is None else values
        self._last: tuple[Weightings, ClassSums] | None = None
        cells = (self.width + 1) * self.width
        code: Codes = answers.astype(np.min_scalar_type(cells))
        code = code * code.dtype.type(self.width) + outcomes.by_class.code
        self._cells = Classes(code, cells, outcomes.weight)

    def rows(self) -> Floats:
        """How many rows, not weighted, have each answer and class: `(K + 1, K)`."""
        counts = np.bincount(self._cells.code, minlength=self._cells.width)
        return counts.reshape(-1, self.width).astype(np.float64)

    def weights(self) -> Floats:
        """The weight of these rows: `(K + 1, K)`."""
        return self._cells.total().reshape(-1, self.width)

    def measure(self, figure: Callable[[ClassSums], Floats]) -> Measure:
        """A figure of the table; `figure` maps its sums to `(r,)`."""

        def compute(weightings: Weightings, rows: Bools | None) -> Floats:
            return figure(self._sums(weightings, rows))

        return Measure(Requirements(((self._cells, None),)), compute)

    def precision(self, code: int) -> Measure:
        """The share of right ones among the rows with an answer; NaN if no row has it."""
        return self.measure(lambda sums: rate(sums.right[code], sums.answered[code]))

    def recall(self, code: int) -> Measure:
        """The share of right answers among the rows of a class; NaN if there is no such row."""
        return self.measure(lambda sums: rate(sums.right[code], sums.true[code]))

    def f1(self, code: int) -> Measure:
        """The harmonic mean of both; NaN if no row has the class or the answer."""
        return self.measure(lambda sums: f1_of_overlap(rate(sums.right[code], _union(sums, code))))

    def overlap(self, code: int) -> Measure:
        """The share of rows with both the class and the answer among those with either: Jaccard's index."""
        return self.measure(lambda sums: rate(sums.right[code], _union(sums, code)))

    def answered(self, code: int) -> Measure:
        """The weight of the rows with an answer."""
        return self.measure(lambda sums: sums.answered[code])

    def true(self, code: int) -> Measure:
        """The weight of the rows of a class."""
        return self.measure(lambda sums: sums.true[code])

    def either(self, code: int) -> Measure:
        """The weight of the rows with a class or its answer."""
        return self.measure(lambda sums: _union(sums, code))

    def total(self) -> Measure:
        """The weight of all rows."""
        return self.measure(lambda sums: sums.total)

    def worth(self, code: int) -> Measure:
        """What the rows of a class are worth, as a mean over all rows."""
        return self.measure(lambda sums: sums.worth[code] / sums.total)

    def to_person(self) -> Measure:
        """The share of rows that are handed to a person."""
        return self.measure(lambda sums: sums.to_person / sums.total)

    def _sums(self, weightings: Weightings, rows: Bools | None) -> ClassSums:
        if self._last is None or self._last[0] is not weightings:
            sums = weightings.sums(self._cells, rows)
            cells = sums.reshape(-1, self.width, sums.shape[1])
            diagonal = np.arange(self.width)
            valued = cells[: len(self._values)]
            self._last = (
                weightings,
                ClassSums(
                    right=cells[diagonal, diagonal],
                    answered=cells[:-1].sum(axis=1),
                    true=cells.sum(axis=0),
                    worth=np.einsum("ac,acr->cr", self._values, valued),
                    to_person=cells[-1].sum(axis=0),
                ),
            )
        return self._last[1]


def f1_of_overlap(overlap: Floats) -> Floats:
    """The harmonic mean of precision and recall, from Jaccard's index."""
    f1: Floats = 2 * overlap / (1 + overlap)
    return f1


def _union(sums: ClassSums, code: int) -> Floats:
    """The weight of the rows with a class or its answer."""
    either: Floats = sums.answered[code] + sums.true[code] - sums.right[code]
    return either
