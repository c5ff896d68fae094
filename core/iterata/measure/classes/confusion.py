"""What is confused with what: pairs of answer and truth, the costliest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.results.classes import ConfusedPair, ConfusionTable, OtherPairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.arrays import Floats

MAX_PAIRS = 100
"""How many pairs of answer and truth a result lists."""


class Pairs(NamedTuple):
    """Figures of all pairs of answer and truth: `(answers, classes)`."""

    rows: Floats
    """How many rows there are."""
    value: Floats | None = None
    """What they are worth together; None if the KPI has no values."""
    cost: Floats | None = None
    """What they are worth less than the best answer would be."""

    @classmethod
    def of(cls, rows: Floats, weights: Floats, values: Floats, *, sign: float, factor: float) -> Pairs:
        """The figures of a KPI with values.

        Args:
            rows: `(answers, classes)`, how many rows there are.
            weights: their weight.
            values: what a row is worth; if the KPI has no person, the last answer has no values.
            sign: 1 if more is better, -1 if less is.
            factor: the KPI of a period, divided by the KPI per row.
        """
        share = factor * weights / weights.sum()
        known, utility = len(values), sign * values
        value, cost = np.zeros_like(share), np.zeros_like(share)
        value[:known] = share[:known] * values
        cost[:known] = share[:known] * (utility.max(axis=0) - utility)
        return cls(rows, value, cost)

    def table(self, answers: Sequence[str], classes: Sequence[str]) -> ConfusionTable:
        """The pairs that occur, the costliest first; without values wrong answers first, by their rows."""
        wrong = 1.0 - np.eye(*self.rows.shape)
        size = wrong * self.rows if self.cost is None else self.cost
        order = np.lexsort([np.arange(size.size), -self.rows.ravel(), -size.ravel()])
        occurring = [divmod(int(cell), self.rows.shape[1]) for cell in order if self.rows.ravel()[cell] > 0]
        pairs = [
            ConfusedPair(
                answer=answers[answer],
                truth=classes[truth],
                rows=float(self.rows[answer, truth]),
                value=None if self.value is None else float(self.value[answer, truth]),
                cost=None if self.cost is None else float(self.cost[answer, truth]),
            )
            for answer, truth in occurring[:MAX_PAIRS]
        ]
        return ConfusionTable(pairs=pairs, others=self._others(occurring[MAX_PAIRS:]))

    def _others(self, cells: Sequence[tuple[int, int]]) -> OtherPairs | None:
        if not cells:
            return None
        at = tuple(np.array(cells).T)
        return OtherPairs(
            pairs=len(cells),
            rows=float(self.rows[at].sum()),
            value=None if self.value is None else float(self.value[at].sum()),
            cost=None if self.cost is None else float(self.cost[at].sum()),
        )
