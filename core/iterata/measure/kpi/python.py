"""Python: a function of the project as the KPI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, SupportsFloat

import numpy as np

from iterata.errors import DataError
from iterata.measure import random_model
from iterata.measure.measures import Measure, mean_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    import pandas as pd
    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.measure.outcomes import Outcomes

    KpiFunction: TypeAlias = Callable[[pd.DataFrame, Floats | NDArray[np.object_], Floats], object]
    """`function(frame, prediction, sample_weight)`; project code may return anything."""


@dataclass(frozen=True, slots=True)
class PythonKpi:
    """`function(frame, prediction, sample_weight) -> float` over all rows; it returns the KPI itself, not per
    row.

    It is called once for every resample, so it should be fast. Of several classes it gets the names.
    """

    function: KpiFunction
    name: str
    """Where the function is, such as `kpis:margin`."""

    adds_up: ClassVar[bool] = False
    budget: ClassVar[None] = None
    random_meaning: ClassVar[str] = random_model.SHUFFLED

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The function's value for a column of predictions.

        Raises:
            DataError: the function raises, or returns no finite number; when the measure is evaluated.
        """
        return Measure.of_row_weights(
            lambda weights: self._call(outcomes, prediction, weights * outcomes.counts)
        )

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The target values as predictions."""
        return self.measure(outcomes, outcomes.target)

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The status quo's predictions assigned to rows at random; the mean over a few shuffles."""
        return mean_of([self.measure(outcomes, shuffled) for shuffled in _shuffles(status_quo)])

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """The standard deviation between these shuffles."""
        values = [self._call(outcomes, shuffled, outcomes.counts) for shuffled in _shuffles(status_quo)]
        return float(np.std(values, ddof=1))

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """None: only the function knows what an action is."""
        return None

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """None: only the function knows what an action is."""
        return None

    def _call(self, outcomes: Outcomes, prediction: Floats, weights: Floats) -> float:
        if outcomes.table is None:
            raise TypeError("outcomes of a KPI of kind python carry their columns")
        try:
            value = _number(self.function(outcomes.table, _as_answers(outcomes, prediction), weights))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a function of the project can raise anything
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            remedy = "correct the function; it is called as function(frame, prediction, sample_weight)"
            raise DataError(f"the KPI function raised {reason}", remedy=remedy, where=self.name) from None
        if not np.isfinite(value):
            remedy = "return a finite number for any weighting of the rows"
            raise DataError(f"the KPI function returned {value}", remedy=remedy, where=self.name)
        return value


def _as_answers(outcomes: Outcomes, prediction: Floats) -> Floats | NDArray[np.object_]:
    """The names of classes instead of their codes; predictions of other targets as they are."""
    if outcomes.classes is None:
        return prediction
    return np.array(outcomes.classes, dtype=object)[prediction.astype(np.intp)]


def _number(value: object) -> float:
    if not isinstance(value, SupportsFloat):
        raise TypeError(f"{type(value).__name__} is not a number")
    return float(value)


def _shuffles(prediction: Floats) -> list[Floats]:
    rng = np.random.default_rng(0)
    return [rng.permutation(prediction) for _ in range(random_model.SHUFFLES)]
