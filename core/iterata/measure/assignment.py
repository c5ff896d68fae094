"""The assignment of rows to the arms of a campaign: who was treated, and with which probability."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats

FEW_PROBABILITIES = 10
"""Up to this many probabilities of treatment are strata of the design, whose rows are counted."""


@dataclass(frozen=True)
class Assignment:
    """Who was treated by chance. Arrays are `(n,)`."""

    treated: Bools
    """The assignment, not who was reached."""
    probability: Floats
    """The probability of treatment, strictly between 0 and 1; the share treated if none was declared."""
    declared: bool
    """Whether the probability is known from the design of the campaign."""

    @cached_property
    def is_constant(self) -> bool:
        """Whether every row had the same probability of treatment."""
        return bool((self.probability == self.probability[:1]).all())

    @cached_property
    def probabilities(self) -> Floats:
        """The different probabilities, ascending; empty if there are too many to be strata of the design."""
        if self.is_constant:
            return self.probability[:1]
        different = np.unique(self.probability)
        return different if len(different) <= FEW_PROBABILITIES else different[:0]

    @cached_property
    def stratum(self) -> NDArray[np.intp]:
        """The arm of each row, within the rows of the same probability if these are few.

        An even number is an untreated row, the odd number above it a treated one.
        """
        return 2 * self.design + self.treated

    @cached_property
    def design(self) -> NDArray[np.intp]:
        """Which of the few probabilities a row had, from 0; 0 for all rows if they are many."""
        few = self.probabilities
        if len(few) <= 1:
            return np.zeros(len(self.treated), dtype=np.intp)
        return np.searchsorted(few, self.probability).astype(np.intp)

    @cached_property
    def inverse(self) -> Floats:
        """One over the probability of the arm that the row is in."""
        inverse: Floats = 1 / np.where(self.treated, self.probability, 1 - self.probability)
        return inverse

    def among(self, rows: Bools | NDArray[np.intp]) -> Assignment:
        """The assignment of some of the rows."""
        return Assignment(self.treated[rows], self.probability[rows], self.declared)
