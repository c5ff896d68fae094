"""Metric: a scorer of scikit-learn in the KPI's place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iterata.errors import DataError, at_field
from iterata.measure.kpi.by_rows import by_rows, weighted
from iterata.measure.metrics import METRICS, LabelledPredictions, column
from iterata.measure.weightings import ratio_of
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.arrays import Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.weightings import Measure, Weightings


def _mean(outcomes: Outcomes, values: Floats) -> Measure:
    return ratio_of(outcomes.counts * values, outcomes.counts)


def _absolute_error(outcomes: Outcomes, prediction: Floats) -> Measure:
    return _mean(outcomes, -np.abs(outcomes.target - prediction))


def _squared_error(outcomes: Outcomes, prediction: Floats) -> Measure:
    return _mean(outcomes, -np.square(outcomes.target - prediction))


def _root_of_squared_error(outcomes: Outcomes, prediction: Floats) -> Measure:
    squared = _squared_error(outcomes, prediction)

    def root(draws: Weightings) -> Floats:
        answer: Floats = -np.sqrt(-squared(draws))
        return answer

    return root


_ADDITIVE: dict[str, Callable[[Outcomes, Floats], Measure]] = {
    "neg_mean_absolute_error": _absolute_error,
    "neg_mean_squared_error": _squared_error,
    "neg_root_mean_squared_error": _root_of_squared_error,
}
"""Scorers that are means over rows, so that any number of rows is quick."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A scorer by its name; more is better. It is no amount, so it is never scaled to a period."""

    name: str
    of_numbers: bool

    adds_up: ClassVar[bool] = False
    budget: ClassVar[None] = None

    @property
    def random_meaning(self) -> str:
        """Which random model this is."""
        return f"the same forecast for every row: the {'mean' if self.of_numbers else 'base rate'}"

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The score of a column of predictions.

        Raises:
            DataError: it cannot judge such predictions.
        """
        if self.name in _ADDITIVE:
            return _ADDITIVE[self.name](outcomes, prediction)
        if self.name in METRICS:
            return self._of_yes_no(outcomes, prediction)
        from sklearn.metrics import get_scorer  # noqa: PLC0415  # slow to import

        scorer = get_scorer(self.name)
        target = outcomes.target if self.of_numbers else outcomes.positive.astype(int)
        said = prediction if self.of_numbers or scorer._response_method != "predict" else prediction > 0.5  # noqa: SLF001
        figure = weighted(scorer._score_func, target, said, **scorer._kwargs)  # noqa: SLF001
        sign = scorer._sign  # noqa: SLF001
        return by_rows(lambda line: sign * figure(line * outcomes.counts))

    def _of_yes_no(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        metric, told = METRICS[self.name], column(prediction)
        if not metric.suits(told) and not np.isin(prediction, (0, 1)).all():
            message = f"{self.name} judges {metric.needs}, and these are scores"
            raise DataError(
                message, remedy="give a probability from 0 to 1, or choose roc_auc", where=at_field("kpi")
            )
        return metric.prepare(LabelledPredictions(outcomes.positive, told, outcomes.weight))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """What happened, known beforehand."""
        return self.measure(outcomes, outcomes.target)

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The mean of what happens, for every row: what is known of rows without knowing the row."""
        return self.measure(outcomes, np.full(len(outcomes), outcomes.mean(outcomes.target)))

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """Nothing is drawn."""
        return None

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """A metric is not of actions."""
        return None

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """A metric is not of actions."""
        return None


def find(name: str, *, of_numbers: bool) -> Metric:
    """The scorer of a name.

    Raises:
        DataError: scikit-learn has none of it.
    """
    if name not in METRICS and name not in _ADDITIVE:
        from sklearn.metrics import get_scorer_names  # noqa: PLC0415  # slow to import

        names = get_scorer_names()
        if name not in names:
            guess = closest(name, names)
            remedy = f"did you mean {guess}?" if guess else "take one of get_scorer_names()"
            raise DataError(
                f"{name} is not a scikit-learn scorer", remedy=remedy, where=at_field("kpi.metric")
            )
    return Metric(name, of_numbers)
