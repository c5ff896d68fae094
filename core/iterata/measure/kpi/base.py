"""What a KPI can do: turn a column of predictions into one number, under many weightings of rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.weightings import Measure


class Kpi(Protocol):
    """A KPI over labelled rows.

    Columns are `(n,)`, one entry per row. A figure is the KPI **per row** where the KPI adds up over rows
    (`adds_up`), and the KPI itself where it is a rate or a mean; in its unit, ties in a score at their
    expectation. Figures are raw: turning minimise into utility and scaling to a period happen once, in the
    callers.
    """

    @property
    def adds_up(self) -> bool:
        """Whether twice as many rows make twice the KPI."""
        ...

    @property
    def random_meaning(self) -> str:
        """Which of the random models `random` is, in words for the page."""
        ...

    @property
    def budget(self) -> float | None:
        """The share of rows acted upon, where the KPI has one."""
        ...

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The KPI of a column of predictions."""
        ...

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The KPI of a model that knows every outcome, and acts as is best for the KPI's direction."""
        ...

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The expected KPI of a model that knows nothing of the rows."""
        ...

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """The standard deviation of the KPI of one uninformed draw on the sample; none where unknown."""
        ...

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """The KPI of leaving everybody alone; none where that means nothing."""
        ...

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """The KPI of acting on everybody; none where that means nothing, or a forced budget forbids it."""
        ...


class ActingKpi(Kpi, Protocol):
    """A KPI of models that act upon some rows and leave the others alone."""

    def acted_upon(self, prediction: Floats) -> Floats:
        """How surely each row is acted upon, from 0 to 1: ties at the edge of a budget share what is left."""
        ...
