"""Metric: a scorer of scikit-learn as the KPI."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iterata.errors import DataError, at_field
from iterata.measure import random_model
from iterata.measure.measures import Measure
from iterata.measure.metrics import METRICS, Needs
from iterata.measure.predictions import (
    LabelledPredictions,
    PredictionKind,
    can_evaluate,
    column,
    metric_measure,
)
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import SupportsFloat

    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.measure.outcomes import Outcomes


class PredictionsAreScores(DataError):
    """A metric of probabilities or decisions is asked to evaluate scores."""

    def __init__(self, metric: str, needs: Needs) -> None:
        remedy = "give a probability from 0 to 1, or choose roc_auc"
        super().__init__(
            f"{metric} evaluates {needs}, but the predictions are scores",
            remedy=remedy,
            where=at_field("kpi"),
        )


@dataclass(frozen=True, slots=True)
class MetricKpi:
    """A scorer by its name; more is better. It is not an amount, so it is not scaled to a period."""

    name: str
    of_numbers: bool
    """Whether it evaluates forecasts of numbers rather than yes / no predictions."""

    adds_up: ClassVar[bool] = False
    budget: ClassVar[None] = None

    @property
    def random_meaning(self) -> str:
        """The same forecast for every row, which one depends on the target."""
        return random_model.constant_meaning(of_numbers=self.of_numbers)

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The score of a column of predictions.

        Raises:
            DataError: the metric cannot evaluate such predictions.
        """
        metric = METRICS.get(self.name)
        if metric is None or metric.formula is None:
            return self._by_row_weights(outcomes, prediction)
        predictions = column(prediction)
        is_score = predictions.kind is PredictionKind.SCORE
        if is_score and not self.of_numbers and not can_evaluate(metric, predictions):
            raise PredictionsAreScores(metric.name, metric.needs)
        return metric_measure(metric.formula, LabelledPredictions(outcomes, predictions))

    def _by_row_weights(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The score by scikit-learn's own function, called once for every weighting."""
        from sklearn.metrics import get_scorer  # noqa: PLC0415  # slow to import

        scorer = get_scorer(self.name)
        target = outcomes.target if self.of_numbers else outcomes.positive.astype(int)
        decides = not self.of_numbers and scorer._response_method == "predict"  # noqa: SLF001
        score = _weighted(
            scorer._score_func,  # noqa: SLF001
            target,
            prediction > 0.5 if decides else prediction,
            scorer._kwargs,  # noqa: SLF001
        )
        sign = scorer._sign  # noqa: SLF001
        return Measure.of_row_weights(lambda weights: sign * score(weights * outcomes.counts))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The target values as predictions."""
        return self.measure(outcomes, outcomes.target)

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The mean of the target for every row: the best prediction without knowledge of the row."""
        return self.measure(outcomes, np.full(len(outcomes), outcomes.mean(outcomes.target)))

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """None: nothing is drawn."""
        return None

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """None: a metric has no actions."""
        return None

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """None: a metric has no actions."""
        return None


def _weighted(
    function: Callable[..., SupportsFloat],
    target: NDArray[np.generic],
    prediction: NDArray[np.generic],
    fixed: Mapping[str, object],
) -> Callable[[Floats], float]:
    """A scoring function as a function of the `(n,)` weights of the rows.

    A function with a parameter `sample_weight` gets them. For any other function, rows are repeated as often
    as they were drawn.
    """
    takes_weights = "sample_weight" in inspect.signature(function).parameters

    def score(weights: Floats) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about resamples of one class only, where the score is undefined
            if takes_weights:
                drawn = weights > 0
                value = function(target[drawn], prediction[drawn], sample_weight=weights[drawn], **fixed)
            else:
                rows = np.repeat(np.arange(len(weights)), np.rint(weights).astype(np.intp))
                value = function(target[rows], prediction[rows], **fixed)
        return float(value)

    return score


def metric_kpi(name: str, *, of_numbers: bool) -> MetricKpi:
    """The KPI of a scorer's name.

    Raises:
        DataError: scikit-learn has no such scorer.
    """
    if name not in METRICS:
        from sklearn.metrics import get_scorer_names  # noqa: PLC0415  # slow to import

        names = get_scorer_names()
        if name not in names:
            guess = closest(name, names)
            remedy = (
                f"did you mean {guess}?" if guess else "use a name from sklearn.metrics.get_scorer_names()"
            )
            message = f"{name} is not a scikit-learn scorer"
            raise DataError(message, remedy=remedy, where=at_field("kpi.metric"))
    return MetricKpi(name, of_numbers)
