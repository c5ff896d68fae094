"""Metric: a scorer of scikit-learn as the KPI."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iterata.documents.models.enums import RandomModel
from iterata.errors import DataError, at_field
from iterata.measure import random_model
from iterata.measure.intervals import ROUNDING, without_rounding
from iterata.measure.measures import Measure
from iterata.measure.metric_formulas import blind_confusions
from iterata.measure.metrics import METRICS, ConfusionFormula, Needs
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
    from iterata.measure.metrics import Metric
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
    decides: bool = False
    """Whether it evaluates decisions, of which a blind choice makes as many as the status quo."""
    random_acts: RandomModel = RandomModel.STATUS_QUO_RATE
    """How many rows the random model predicts positive, for a metric of decisions."""

    adds_up: ClassVar[bool] = False
    budget: ClassVar[None] = None

    @property
    def random_meaning(self) -> str:
        """As many positive decisions as the status quo's; or the same forecast for every row."""
        if self.decides:
            by_status_quo = self.random_acts is RandomModel.STATUS_QUO_RATE
            return random_model.DECISIONS if by_status_quo else random_model.MEANINGS[self.random_acts]
        return random_model.constant_meaning(of_numbers=self.of_numbers)

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The score of a column of predictions.

        Raises:
            DataError: the metric cannot evaluate such predictions.
        """
        metric = METRICS.get(self.name)
        if metric is None or metric.formula is None:
            return self._by_row_weights(outcomes, prediction)
        return metric_measure(metric.formula, self._labelled(metric, outcomes, prediction))

    def _labelled(self, metric: Metric, outcomes: Outcomes, prediction: Floats) -> LabelledPredictions:
        predictions = column(prediction)
        is_score = predictions.kind is PredictionKind.SCORE
        if is_score and not self.of_numbers and not can_evaluate(metric, predictions):
            raise PredictionsAreScores(metric.name, metric.needs)
        return LabelledPredictions(outcomes, predictions)

    def _by_row_weights(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The score by scikit-learn's own function, called once for every weighting."""
        target = outcomes.target if self.of_numbers else outcomes.positive.astype(int)
        score = _weighted(self.name, target, prediction > 0.5 if self.decides else prediction)
        return Measure.of_row_weights(lambda weights: score(weights * outcomes.counts))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The target values as predictions."""
        return self.measure(outcomes, outcomes.target)

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The expectation of a blind choice.

        For a metric of decisions, of as many positives as the status quo predicts. Otherwise the mean of the
        target for every row: the best prediction without knowledge of the row.
        """
        if not self.decides:
            return self.measure(outcomes, np.full(len(outcomes), outcomes.mean(outcomes.target)))
        metric = METRICS.get(self.name)
        if metric is None or not isinstance(metric.formula, ConfusionFormula):
            return self._random_by_row_weights(outcomes, status_quo)
        confusion, figure = self._labelled(metric, outcomes, status_quo).confusion, metric.formula.figure

        def expected(sums: Floats) -> Floats:
            low, high = blind_confusions(sums, outcomes.rows)
            return without_rounding((figure(*low) + figure(*high)) / 2, ROUNDING)

        return Measure.of_sums(confusion, expected)

    def _random_by_row_weights(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The same by scikit-learn's own function, on one row for each cell of a confusion matrix."""
        positive, acted = outcomes.positive, status_quo > 0.5
        score = _weighted(self.name, np.array([1, 0, 1, 0]), np.array([True, True, False, False]))
        cells = np.stack([positive & acted, ~positive & acted, positive & ~acted, ~positive & ~acted])

        def expected(weights: Floats) -> float:
            confusions = blind_confusions(cells @ (weights * outcomes.counts)[:, None], outcomes.rows)
            return sum(score(outcomes.rows * matrix[:, 0]) for matrix in confusions) / 2

        return Measure.of_row_weights(expected)

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """The standard deviation of a single blind choice of decisions; None if nothing is drawn."""
        metric = METRICS.get(self.name)
        if metric is None or not isinstance(metric.formula, ConfusionFormula):
            return None
        confusion, figure = self._labelled(metric, outcomes, status_quo).confusion, metric.formula.figure

        def spread(sums: Floats) -> Floats:
            low, high = blind_confusions(sums, outcomes.rows)
            half: Floats = np.abs(figure(*high) - figure(*low)) / 2
            return half

        return Measure.of_sums(confusion, spread).on_sample(len(outcomes))

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """None: a metric has no actions."""
        return None

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """None: a metric has no actions."""
        return None


def _weighted(
    name: str, target: NDArray[np.generic], prediction: NDArray[np.generic]
) -> Callable[[Floats], float]:
    """A scorer of scikit-learn as a function of the `(n,)` weights of the rows; more is better.

    A function with a parameter `sample_weight` gets them. For any other function, rows are repeated as often
    as they were drawn.
    """
    from sklearn.metrics import get_scorer  # noqa: PLC0415  # slow to import

    scorer = get_scorer(name)
    function: Callable[..., SupportsFloat] = scorer._score_func  # noqa: SLF001
    fixed: Mapping[str, object] = scorer._kwargs  # noqa: SLF001
    sign: int = scorer._sign  # noqa: SLF001
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
        return sign * float(value)

    return score


def metric_kpi(name: str, *, of_numbers: bool) -> MetricKpi:
    """The KPI of a scorer's name.

    Raises:
        DataError: scikit-learn has no such scorer.
    """
    if name in METRICS:
        return MetricKpi(name, of_numbers, decides=METRICS[name].needs is Needs.DECISION)
    from sklearn.metrics import get_scorer, get_scorer_names  # noqa: PLC0415  # slow to import

    names = get_scorer_names()
    if name not in names:
        guess = closest(name, names)
        remedy = f"did you mean {guess}?" if guess else "use a name from sklearn.metrics.get_scorer_names()"
        message = f"{name} is not a scikit-learn scorer"
        raise DataError(message, remedy=remedy, where=at_field("kpi.metric"))
    by_predict = get_scorer(name)._response_method == "predict"  # noqa: SLF001
    return MetricKpi(name, of_numbers, decides=by_predict and not of_numbers)
