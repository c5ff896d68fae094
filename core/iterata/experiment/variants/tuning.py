"""What tuning goes by, inside each training fold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sklearn.metrics import make_scorer, mean_pinball_loss

from iterata.documents.models.kpi import ForecastCostSpec, MetricSpec
from iterata.experiment.variants.estimators import Answers

if TYPE_CHECKING:
    from iterata.documents.models.kpi import KpiSpec


class Tuning(NamedTuple):
    """How parameters are chosen."""

    words: str
    scoring: Any
    """A name or a scorer, for scikit-learn; more is better."""


def tuning(kpi: KpiSpec, answers: Answers) -> Tuning:
    """What suits a KPI, and what estimators answer.

    For yes or no it is ROC AUC, which judges the whole ranking, and so is far less noisy than anything that
    looks at the top of a small fold only. What a forecast costs is, but for a factor, the pinball loss of
    the quantile `under / (under + over)`. Degrees of relevance, and numbers that a function of the project
    judges, are learned as numbers.
    """
    if isinstance(kpi, ForecastCostSpec):
        at = kpi.under / (kpi.under + kpi.over)
        scorer = make_scorer(mean_pinball_loss, greater_is_better=False, alpha=at)
        return Tuning(f"pinball loss at {at:.4g}", scorer)
    if isinstance(kpi, MetricSpec) and kpi.of_numbers:
        return Tuning(kpi.metric, kpi.metric)
    if answers is Answers.NUMBERS:
        return Tuning("neg_mean_squared_error", "neg_mean_squared_error")
    return Tuning("roc_auc", "roc_auc")
