"""How rows are binned for each kind of KPI, so that one row can represent all rows of a bin.

Rows share a bin if they share the group of their unit, their outcome (if it is yes or no) and a *level* of
the bin key. A bin keeps the mean of one number per row, and a prediction with the same KPI represents it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.kpi import ForecastCostSpec, MetricSpec, OutcomeValueSpec, TargetingSpec
from iterata.measure.kpi.metric import PredictionsAreScores
from iterata.measure.metric_formulas import newsvendor_loss
from iterata.measure.metrics import METRICS, ConfusionFormula, CurveFormula, LossFormula, Needs
from iterata.measure.score_levels import far_ranks

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.arrays import Floats
    from iterata.documents.models.kpi import KpiSpec
    from iterata.measure.metrics import Metric

LEVELS = 200
"""Levels of equally many rows."""

ORDER_LEVELS = 400
"""The same for a figure that depends on the order of the rows only."""

BEST_POSITIVES, OTHER_POSITIVES = 320, 320
"""Additional levels for such a figure: the best scores of positive rows, and scores of further ones."""

CUTOFF_LEVELS, CUTOFF_WIDTH = 100, 12.0
"""Additional levels around the cutoff of a budget, and how far they reach in standard deviations of its rank:
as far as the sample and its resamples can move the cutoff. Further levels reach as far as units can."""


class Binning(NamedTuple):
    """Which rows share a bin, and which prediction represents them. Columns are `(n,)`."""

    key: Callable[[Floats, Floats], Floats]
    """From target values and predictions to the bin key."""
    edges: Floats | Callable[[Floats, Floats], Floats]
    """The upper ends of the levels of the key; or a function that finds them from a random sample of keys and
    one of the keys of positive rows."""
    summary: Callable[[Floats, Floats], Floats]
    """From target values and predictions to the number of which a bin keeps the mean."""
    prediction: Callable[[Floats, Floats], Floats]
    """From the mean target values and mean summaries of bins to predictions with the same KPI."""
    binary: bool = True
    """Whether rows of different outcomes are in different bins."""


def binning(kpi: KpiSpec, share: float) -> Binning | None:
    """How rows are binned for a KPI with a budget of this share of the rows; None if every row is needed."""
    match kpi:
        case OutcomeValueSpec():
            return _by_prediction(np.array([np.nextafter(kpi.threshold, -np.inf)]))
        case TargetingSpec():
            return _by_prediction(lambda sample, _: _quantiles_around(share, sample))
        case ForecastCostSpec():
            return _by_amount(
                lambda target_values, prediction: newsvendor_loss(
                    target_values - prediction, kpi.under, kpi.over
                ),
                lambda target_values, cost: target_values - cost / kpi.under,  # short by what costs as much
            )
        case MetricSpec():
            return _of_metric(METRICS[kpi.metric]) if kpi.metric in METRICS else None
        case _:
            return None


def _of_metric(metric: Metric) -> Binning | None:
    match metric.formula:
        case CurveFormula():
            return _by_prediction(_edges_at_positives)
        case ConfusionFormula():
            return _by_prediction(np.array([0.5]))
        case LossFormula() as formula if metric.needs is Needs.NUMBER:
            return _by_amount(formula.loss, lambda target_values, mean: target_values - formula.inverse(mean))
        case LossFormula() as formula:
            return _by_probability_loss(metric, formula)
        case _:
            return None


def _prediction(target_values: Floats, prediction: Floats) -> Floats:
    return prediction


def _target(target_values: Floats, prediction: Floats) -> Floats:
    return target_values


def _by_prediction(edges: Floats | Callable[[Floats, Floats], Floats]) -> Binning:
    return Binning(_prediction, edges, _prediction, lambda target_values, mean: mean)


def _by_probability_loss(metric: Metric, formula: LossFormula) -> Binning:
    """All rows of one outcome share a bin, and the probability with their mean loss represents them."""

    def loss(target_values: Floats, probability: Floats) -> Floats:
        if not ((probability >= 0) & (probability <= 1)).all():
            raise PredictionsAreScores(metric.name, metric.needs)
        return formula.loss(target_values, probability)

    def prediction(target_values: Floats, mean: Floats) -> Floats:
        return np.abs(target_values - formula.inverse(mean))

    return Binning(
        lambda target_values, probability: np.zeros(len(probability)), np.zeros(0), loss, prediction
    )


def _by_amount(
    loss: Callable[[Floats, Floats], Floats], prediction: Callable[[Floats, Floats], Floats]
) -> Binning:
    return Binning(_target, _quantiles_and_widths, loss, prediction, binary=False)


def _quantiles(sample: Floats, ranks: Floats) -> Floats:
    return np.unique(np.quantile(sample, np.clip(ranks, 0, 1), method="inverted_cdf"))


def _quantiles_around(share: float, sample: Floats) -> Floats:
    """Levels of equally many rows, and more of them around the cutoff of a budget.

    Rows that are never acted upon, whose score is minus infinity, are a level of their own.
    """
    reach = CUTOFF_WIDTH * np.sqrt(share * (1 - share) / len(sample))
    near = np.linspace(1 - share - reach, 1 - share + reach, CUTOFF_LEVELS)
    ranks = np.concatenate(
        [np.linspace(0, 1, LEVELS), near, far_ranks(1 - share, max(reach, 1 / len(sample)))]
    )
    return np.union1d(-np.inf, _quantiles(sample, ranks))


def _edges_at_positives(sample: Floats, positives: Floats) -> Floats:
    """Levels of equally many rows, and the scores of positive rows: such a figure changes only there."""
    scores = np.unique(positives)[::-1]
    further = np.geomspace(BEST_POSITIVES, max(len(scores), BEST_POSITIVES), OTHER_POSITIVES // 2)
    even = np.linspace(BEST_POSITIVES, max(len(scores), BEST_POSITIVES), OTHER_POSITIVES // 2)
    at = np.concatenate([np.arange(BEST_POSITIVES), further, even]).astype(np.intp)
    own = scores[np.unique(np.minimum(at, len(scores) - 1))] if len(scores) else scores
    return np.union1d(_quantiles(sample, np.linspace(0, 1, ORDER_LEVELS)), own)


def _quantiles_and_widths(sample: Floats, _: Floats) -> Floats:
    """Levels of equally many rows, and levels of equal width, because the few extreme values differ most."""
    wide = np.linspace(sample.min(), sample.max(), LEVELS)
    return np.union1d(_quantiles(sample, np.linspace(0, 1, LEVELS)), wide)
