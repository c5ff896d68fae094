"""Metric: a scorer of scikit-learn as the KPI."""

from __future__ import annotations

import inspect
import math
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
from iterata.text import closest, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import SupportsFloat

    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.measure.metrics import Metric
    from iterata.measure.outcomes import Outcomes


MAX_REASON = 200
"""How much of a scorer's own message is shown."""

SMALLEST_SHARE = 1e-6
"""The share of the target's mean size below which an error cannot be a percentage of it."""


class PredictionsAreScores(DataError):
    """A metric of probabilities or decisions is asked to evaluate scores."""

    def __init__(self, metric: str, needs: Needs) -> None:
        remedy = "give a probability from 0 to 1, or choose roc_auc"
        super().__init__(
            f"{metric} evaluates {needs}, but the predictions are scores",
            remedy=remedy,
            where=at_field("kpi"),
        )


class ScorerFailed(DataError):
    """A scorer cannot evaluate such numbers, as squared log error those below -1."""

    def __init__(self, metric: str, whose: str, reason: str) -> None:
        remedy = "choose a metric for such numbers, such as neg_mean_absolute_error, or correct the numbers"
        message = f"{metric} cannot evaluate {whose}: {reason}"
        super().__init__(message, remedy=remedy, where=at_field("kpi.metric"))


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
    strict: bool = True
    """Whether numbers that the scorer cannot evaluate are refused; otherwise their figure is not defined."""

    adds_up: ClassVar[bool] = False
    budget: ClassVar[None] = None

    @property
    def random_meaning(self) -> str:
        """As many positive decisions as the status quo's; or the same forecast for every row."""
        if self.decides:
            by_status_quo = self.random_acts is RandomModel.STATUS_QUO_RATE
            return random_model.DECISIONS if by_status_quo else random_model.MEANINGS[self.random_acts]
        return random_model.constant_meaning(of_numbers=self.of_numbers)

    def measure(self, outcomes: Outcomes, prediction: Floats, whose: str = "these predictions") -> Measure:
        """The score of a column of predictions; `whose` names them in messages.

        Raises:
            DataError: the metric cannot evaluate such predictions; of some, when the measure is evaluated.
        """
        metric = METRICS.get(self.name)
        if metric is None or metric.formula is None:
            return self._by_row_weights(outcomes, prediction, whose)
        return metric_measure(metric.formula, self._labelled(metric, outcomes, prediction))

    def _labelled(self, metric: Metric, outcomes: Outcomes, prediction: Floats) -> LabelledPredictions:
        predictions = column(prediction)
        is_score = predictions.kind is PredictionKind.SCORE
        if is_score and not self.of_numbers and not can_evaluate(metric, predictions):
            raise PredictionsAreScores(metric.name, metric.needs)
        return LabelledPredictions(outcomes, predictions)

    def _by_row_weights(self, outcomes: Outcomes, prediction: Floats, whose: str) -> Measure:
        """The score by scikit-learn's own function, called once for every weighting."""
        target = outcomes.target if self.of_numbers else outcomes.positive.astype(int)
        if outcomes.weight is not None and not takes_weights(self.name):
            raise ScorerFailed(self.name, "weighted rows", "it has no weights")
        self._check(target, prediction)
        score = _weighted(self.name, target, prediction > 0.5 if self.decides else prediction)

        def signed(weights: Floats) -> float:
            try:
                return score(weights * outcomes.counts)
            except Exception as error:  # a scorer raises whatever it likes about numbers
                if not self.strict or len(np.unique(target[weights > 0])) == 1 < len(np.unique(target)):
                    return math.nan  # a resample of one class has no such figure
                raise ScorerFailed(self.name, whose, one_line(str(error), MAX_REASON)) from None

        return Measure.of_row_weights(signed)

    def _check(self, target: NDArray[np.generic], prediction: Floats) -> None:
        """Refuse numbers from which the scorer computes something without meaning.

        Raises:
            DataError: a percentage of 0, or a threshold for scores that are no probabilities.
        """
        if self.of_numbers:
            size = np.abs(np.asarray(target, dtype=np.float64))
            tiny = int((size <= SMALLEST_SHARE * size.mean()).sum())
            if "percentage" in self.name and tiny and self.strict:
                raise ScorerFailed(self.name, "this target", f"it is 0, or almost, in {tiny:,} rows")
            return
        needs = metric_needs(self.name)
        if needs is not Needs.SCORE and ((prediction < 0) | (prediction > 1)).any():
            raise PredictionsAreScores(self.name, needs)

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The target values as predictions."""
        return self.measure(outcomes, outcomes.target, "the perfect forecast")

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The expectation of a blind choice.

        For a metric of decisions, of as many positives as the status quo predicts. Otherwise the mean of the
        target for every row: the best prediction without knowledge of the row.
        """
        if not self.decides:
            mean = np.full(len(outcomes), outcomes.mean(outcomes.target))
            return self.measure(outcomes, mean, "the mean of the target")
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
    weighted = takes_weights(name)

    def score(weights: Floats) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about resamples of one class only, where the score is undefined
            if weighted:
                drawn = weights > 0
                value = function(target[drawn], prediction[drawn], sample_weight=weights[drawn], **fixed)
            else:
                rows = np.repeat(np.arange(len(weights)), np.rint(weights).astype(np.intp))
                value = function(target[rows], prediction[rows], **fixed)
        return sign * float(value)

    return score


def takes_weights(name: str) -> bool:
    """Whether the scorer of scikit-learn of this name can weight rows."""
    from sklearn.metrics import get_scorer  # noqa: PLC0415  # slow to import

    return "sample_weight" in inspect.signature(get_scorer(name)._score_func).parameters  # noqa: SLF001


def metric_kpi(name: str, *, of_numbers: bool, strict: bool = True) -> MetricKpi:
    """The KPI of a scorer's name; unless `strict`, numbers that it cannot evaluate have no figure.

    Raises:
        DataError: scikit-learn has no such scorer.
    """
    if name in METRICS:
        decides = METRICS[name].needs is Needs.DECISION
        return MetricKpi(name, of_numbers, decides=decides, strict=strict)
    from sklearn.metrics import get_scorer, get_scorer_names  # noqa: PLC0415  # slow to import

    names = get_scorer_names()
    if name not in names:
        guess = closest(name, names)
        remedy = f"did you mean {guess}?" if guess else "use a name from sklearn.metrics.get_scorer_names()"
        message = f"{name} is not a scikit-learn scorer"
        raise DataError(message, remedy=remedy, where=at_field("kpi.metric"))
    by_predict = get_scorer(name)._response_method == "predict"  # noqa: SLF001
    return MetricKpi(name, of_numbers, decides=by_predict and not of_numbers, strict=strict)


def metric_needs(name: str) -> Needs:
    """Which predictions the scorer of this name evaluates."""
    if name in METRICS:
        return METRICS[name].needs
    from sklearn.metrics import get_scorer  # noqa: PLC0415  # slow to import

    method = get_scorer(name)._response_method  # noqa: SLF001
    return {"predict": Needs.DECISION, "predict_proba": Needs.PROBABILITY}.get(str(method), Needs.SCORE)
