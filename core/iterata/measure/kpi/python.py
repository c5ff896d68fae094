"""Python: a function of the project in the KPI's place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from iterata.errors import DataError
from iterata.measure.kpi.by_rows import by_rows
from iterata.measure.weightings import mean_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from iterata.arrays import Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.weightings import Measure

SHUFFLES = 20
"""How many blind draws stand for all of them."""


@dataclass(frozen=True, slots=True)
class Python:
    """`function(frame, prediction, sample_weight) -> float`, over all rows; the KPI itself, not per row.

    It is called once for every resample, so that it should be quick.
    """

    function: Callable[..., Any]
    named: str

    adds_up: ClassVar[bool] = False
    budget: ClassVar[None] = None
    random_meaning: ClassVar[str] = f"the status quo's predictions shuffled, the mean of {SHUFFLES} draws"

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """What the function says of a column of predictions.

        Raises:
            DataError: the function raised, or gave no finite number.
        """
        table = outcomes.table
        return by_rows(lambda line: self._called(table, prediction, line * outcomes.counts))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """What happened, known beforehand."""
        return self.measure(outcomes, outcomes.target)

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The status quo's predictions handed out blindly; the mean over a few draws."""
        return mean_of([self.measure(outcomes, drawn) for drawn in _shuffled(status_quo)])

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """How far these draws stray."""
        drawn = [self._called(outcomes.table, each, outcomes.counts) for each in _shuffled(status_quo)]
        return float(np.std(drawn, ddof=1))

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """Only the function knows what an action is."""
        return None

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """Only the function knows what an action is."""
        return None

    def _called(self, table: pd.DataFrame | None, prediction: Floats, weight: Floats) -> float:
        try:
            found = float(self.function(table, prediction, weight))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a function of the project may raise what it likes
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            remedy = "correct the function; it is called as function(frame, prediction, sample_weight)"
            raise DataError(f"the KPI raised {reason}", remedy=remedy, where=self.named) from None
        if not np.isfinite(found):
            remedy = "return a finite number for any weighting of the rows"
            raise DataError(f"the KPI gave {found}", remedy=remedy, where=self.named)
        return found


def _shuffled(prediction: Floats) -> list[Floats]:
    rng = np.random.default_rng(0)
    return [rng.permutation(prediction) for _ in range(SHUFFLES)]
