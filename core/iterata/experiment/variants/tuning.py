"""The criterion by which parameters are chosen inside each training fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import get_scorer, make_scorer, mean_pinball_loss, roc_auc_score

from iterata.documents.models.kpi import ForecastCostSpec, MetricSpec
from iterata.experiment.variants.class_scoring import class_positions, class_scoring
from iterata.experiment.variants.estimator_types import EstimatorType
from iterata.experiment.variants.scoring import classification
from iterata.measure.kpi.class_metric import ClassMetricKpi
from iterata.measure.kpi.metric import metric_needs
from iterata.measure.metrics import Needs
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

    from iterata.arrays import Floats
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.rows import TargetValue

    Scorer: TypeAlias = Callable[..., float]
    """`scorer(estimator, features, target, sample_weight=None)`, as those of scikit-learn."""


class TuningCriterion(NamedTuple):
    """What tuning maximizes."""

    label: str
    """For people; recorded with the result."""
    scorer: Scorer

    def weighted(self, weights: Floats | None) -> Scorer:
        """The scorer that weighs rows by the `(n,)` weights of the whole table, if there are any."""
        return self.scorer if weights is None else _Weighted(self.scorer, pd.Series(weights))


@dataclass(frozen=True, slots=True)
class _Weighted:
    scorer: Scorer
    weights: pd.Series

    def __call__(self, model: BaseEstimator, features: pd.DataFrame, target: NDArray[np.generic]) -> float:
        """The score of some rows; the index of `features` is their position in the table."""
        weights = self.weights[features.index].to_numpy()
        return self.scorer(model, features, target, sample_weight=weights)


@dataclass(frozen=True, slots=True)
class RankingScorer:
    """ROC AUC of the scores that the evaluation will use, which asks the estimator for its classes."""

    positive: Sequence[TargetValue] = (1,)
    needs: Needs = Needs.SCORE

    def __call__(
        self,
        model: BaseEstimator,
        features: pd.DataFrame,
        target: NDArray[np.generic],
        sample_weight: Floats | None = None,
    ) -> float:
        """The ROC AUC of a fitted classifier on some rows."""
        scores, _ = classification(model, features, self.positive, self.needs)
        return float(roc_auc_score(target, scores, sample_weight=sample_weight))


@dataclass(frozen=True, slots=True)
class LikelihoodScorer:
    """Minus the log-loss of the probabilities of classes; the accuracy of a classifier that gives none."""

    classes: tuple[str, ...]
    """Of the whole table."""

    def __call__(
        self,
        model: BaseEstimator,
        features: pd.DataFrame,
        target: NDArray[np.generic],
        sample_weight: Floats | None = None,
    ) -> float:
        """The score of a fitted classifier on some rows; `target` holds the labels that it learned."""
        codes, probabilities = class_scoring(model, features, self.classes)
        truth = _class_codes(target, self.classes)
        if probabilities is None:
            return float(np.average(codes == truth, weights=sample_weight))
        likelihood = probabilities[np.arange(len(truth)), truth]
        return float(np.average(np.log(np.maximum(likelihood, SMALLEST)), weights=sample_weight))


@dataclass(frozen=True, slots=True)
class AnswerScorer:
    """A metric of answers, over the classes of the whole table."""

    metric: str
    classes: tuple[str, ...]

    def __call__(
        self,
        model: BaseEstimator,
        features: pd.DataFrame,
        target: NDArray[np.generic],
        sample_weight: Floats | None = None,
    ) -> float:
        """The score of a fitted classifier on some rows; `target` holds the labels that it learned."""
        codes, _ = class_scoring(model, features, self.classes)
        truth = _class_codes(target, self.classes).astype(np.float64)
        outcomes = Outcomes(truth, sample_weight, classes=self.classes)
        return ClassMetricKpi.of(self.metric).measure(outcomes, codes).on_sample(len(truth))


def _class_codes(labels: NDArray[np.generic], classes: tuple[str, ...]) -> NDArray[np.intp]:
    distinct, inverse = np.unique(labels, return_inverse=True)
    return class_positions(list(distinct), classes)[inverse]


SMALLEST = float(np.finfo(np.float64).eps)
"""A likelihood below it counts as this, as in scikit-learn's log-loss."""

LIKELIHOOD = "neg_log_loss (accuracy without probabilities)"
"""What the scorer of classes measures."""


def class_criterion(kpi: KpiSpec, classes: tuple[str, ...]) -> TuningCriterion:
    """The criterion for a target of many classes.

    A metric of answers, such as macro F1, is its own criterion. For anything else it is the log-loss: it
    evaluates all probabilities, so that it is less noisy than the answers, and does not depend on the values
    of the KPI.
    """
    if isinstance(kpi, MetricSpec) and metric_needs(kpi.metric) is Needs.DECISION:
        return TuningCriterion(kpi.metric, AnswerScorer(kpi.metric, classes))
    return TuningCriterion(LIKELIHOOD, LikelihoodScorer(classes))


def tuning_criterion(
    kpi: KpiSpec,
    estimator_type: EstimatorType,
    scorer: RankingScorer | None = None,
) -> TuningCriterion:
    """The criterion that suits a KPI and a type of estimator.

    For a binary target it is ROC AUC: it evaluates the whole ranking, and is therefore far less noisy than
    the top of a small fold. The cost of a forecast is, up to a factor, the pinball loss at the quantile
    `under / (under + over)`. Degrees of relevance, and numbers that a function of the project evaluates, are
    learned as numbers, by their squared error.

    Args:
        kpi: the KPI.
        estimator_type: classifiers or regressors.
        scorer: how classifiers are scored; by default as for a target of 0 and 1.
    """
    if isinstance(kpi, ForecastCostSpec):
        quantile = kpi.under / (kpi.under + kpi.over)
        loss = make_scorer(mean_pinball_loss, greater_is_better=False, alpha=quantile)
        return TuningCriterion(f"pinball loss at {quantile:.4g}", loss)
    if isinstance(kpi, MetricSpec) and kpi.of_numbers:
        return TuningCriterion(kpi.metric, get_scorer(kpi.metric))
    if estimator_type is EstimatorType.REGRESSOR:
        return TuningCriterion("neg_mean_squared_error", get_scorer("neg_mean_squared_error"))
    return TuningCriterion("roc_auc", scorer or RankingScorer())
