"""Which class a variant answers: the likeliest, the most valuable, or none, so that a person decides.

Answers are decided after the predictions are cached, so that other values need no new fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from iterata.arrays import Floats

MANY_ROWS = 2**16
"""Expected values are computed for so many rows at a time."""


class AnswerRule(NamedTuple):
    """How a variant turns probabilities into answers."""

    worth: Floats | None = None
    """`(answers, K)`, what each answer is worth where each class is true, in utility; None for the likeliest
    class."""
    person_below: float | None = None
    """A row whose best probability is below it is handed to a person."""
    person: int = 0
    """The code of a person: the number of classes."""

    def answers(self, codes: Floats, probabilities: Floats | None) -> Floats:
        """The code of the answer of each row: `(n,)`.

        Args:
            codes: `(n,)`, of the likeliest class, or the answer that a program chose itself.
            probabilities: `(n, K)`; None if the variant gives none, so that `codes` are its answers.
        """
        if probabilities is None:
            return codes
        answers = codes if self.worth is None else most_valuable(self.worth, probabilities)
        if self.person_below is None:
            return answers
        return np.where(probabilities.max(axis=1) < self.person_below, float(self.person), answers)


def most_valuable(worth: Floats, probabilities: Floats) -> Floats:
    """The code of the answer with the highest expected value, `(n,)`; the first of equal ones.

    Sums are rounded to nine digits: the digits after them differ between processors.

    >>> most_valuable(np.array([[1.0, -9.0], [0.0, 1.0]]), np.array([[0.8, 0.2], [1.0, 0.0]])).tolist()
    [1.0, 0.0]
    """
    answers = np.empty(len(probabilities))
    size = max(float(np.abs(worth).max()), 1e-300)
    for start in range(0, len(probabilities), MANY_ROWS):
        rows = slice(start, start + MANY_ROWS)
        expected = np.round(probabilities[rows] @ worth.T / size, 9)
        answers[rows] = expected.argmax(axis=1)
    return answers
