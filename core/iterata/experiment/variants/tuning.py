"""The criterion by which parameters are chosen inside each training fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from sklearn.metrics import get_scorer, make_scorer, mean_pinball_loss, roc_auc_score

from iterata.documents.models.kpi import ForecastCostSpec, MetricSpec
from iterata.experiment.variants.estimator_types import EstimatorType
from iterata.experiment.variants.scoring import classification
from iterata.measure.metrics import Needs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    import numpy as np
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
