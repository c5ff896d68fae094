"""The criterion by which parameters are chosen inside each training fold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sklearn.metrics import make_scorer, mean_pinball_loss

from iterata.documents.models.kpi import ForecastCostSpec, MetricSpec
from iterata.experiment.variants.estimator_types import EstimatorType

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.documents.models.kpi import KpiSpec


class TuningCriterion(NamedTuple):
    """What tuning maximizes."""

    label: str
    """For people; recorded with the result."""
    scoring: str | Callable[..., float]
    """scikit-learn's `scoring`: a scorer or its name."""


def tuning_criterion(kpi: KpiSpec, estimator_type: EstimatorType) -> TuningCriterion:
    """The criterion that suits a KPI and a type of estimator.

    For a binary target it is ROC AUC: it evaluates the whole ranking, and is therefore far less noisy than
    the top of a small fold. The cost of a forecast is, up to a factor, the pinball loss at the quantile
    `under / (under + over)`. Degrees of relevance, and numbers that a function of the project evaluates, are
    learned as numbers, by their squared error.
    """
    if isinstance(kpi, ForecastCostSpec):
        quantile = kpi.under / (kpi.under + kpi.over)
        scorer = make_scorer(mean_pinball_loss, greater_is_better=False, alpha=quantile)
        return TuningCriterion(f"pinball loss at {quantile:.4g}", scorer)
    if isinstance(kpi, MetricSpec) and kpi.of_numbers:
        return TuningCriterion(kpi.metric, kpi.metric)
    if estimator_type is EstimatorType.REGRESSOR:
        return TuningCriterion("neg_mean_squared_error", "neg_mean_squared_error")
    return TuningCriterion("roc_auc", "roc_auc")
