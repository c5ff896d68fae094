"""What every KPI can do: turn a column of predictions into one number, under many weightings of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.measure.measures import Measure
    from iterata.measure.outcomes import Outcomes


class Kpi(Protocol):
    """A KPI over labelled rows.

    Columns are `(n,)`, one entry per row. A figure is the KPI **per row** if the KPI adds up over rows
    (`adds_up`), and the KPI itself if it is a rate or a mean. It is in the KPI's unit, with tied scores at
    their expectation. The callers turn a KPI to minimise into utility, and scale it to a period; both happen
    in one place.
    """

    @property
    def adds_up(self) -> bool:
        """Whether twice as many rows make twice the KPI."""
        ...

    @property
    def random_meaning(self) -> str:
        """Which random model `random` is, in words for the page."""
        ...

    @property
    def budget(self) -> float | None:
        """The share of rows acted upon; None if the KPI has no budget."""
        ...

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The KPI of a column of predictions."""
        ...

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The KPI of a model that knows every outcome, and acts in the best way for the KPI's direction."""
        ...

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The expected KPI of a model that knows nothing about the rows."""
        ...

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """The standard deviation of the KPI of a single random draw on the sample; None if unknown."""
        ...

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """The KPI of acting on no row; None if the KPI has no actions."""
        ...

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """The KPI of acting on every row; None if the KPI has no actions, or a forced budget forbids it."""
        ...
