"""What a KPI can do: turn a column of predictions into one number, under many weightings of rows at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

Measure = Callable[[Floats], Floats]
"""From weights `(r, n)`, one line per resample, to one number per line `(r,)`."""


class Kpi(Protocol):
    """A KPI over yes / no outcomes.

    Shapes: `positive` and `prediction` are `(n,)`, one entry per row; `weights` is `(r, n)`, one line per
    resample (the sample itself is a line of ones), and every answer is `(r,)`, the KPI's **total** over the
    weighted rows, in its unit. Ties in a score are worth their expectation. Totals are raw: turning
    minimise into utility and scaling to a period happen once, in the callers.
    """

    @property
    def random_meaning(self) -> str:
        """Which of the random models `random` is, in words for the page."""
        ...

    @property
    def budget(self) -> float | None:
        """The share of rows acted upon, where the KPI has one."""
        ...

    def measure(self, positive: Bools, prediction: Floats) -> Measure:
        """The KPI of a column of predictions, with what no weighting changes (the sort) done once."""
        ...

    def of(self, positive: Bools, prediction: Floats, weights: Floats) -> Floats:
        """The KPI of a column of predictions: `measure` where it is needed only once."""
        ...

    def perfect(self, positive: Bools, weights: Floats) -> Floats:
        """The KPI of a model that knows every outcome, and acts as is best for the KPI's direction."""
        ...

    def random(self, positive: Bools, status_quo: Floats, weights: Floats) -> Floats:
        """The expected KPI of an uninformed choice as large as the budget, or as the status quo's."""
        ...

    def random_sd(self, positive: Bools, status_quo: Floats) -> float:
        """The standard deviation of the KPI of one uninformed draw on the sample itself."""
        ...

    def do_nothing(self, positive: Bools) -> float:
        """The KPI of leaving everybody alone."""
        ...

    def treat_all(self, positive: Bools) -> float | None:
        """The KPI of acting on everybody; none where a forced budget forbids it."""
        ...

    def acted_upon(self, prediction: Floats) -> Floats:
        """How surely each row is acted upon, from 0 to 1: ties at the edge of a budget share what is left."""
        ...
