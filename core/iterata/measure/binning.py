"""What each kind of KPI needs of a row, so that rows alike in it can be counted as one.

Rows are alike that share the bucket of their unit, their outcome (if it is yes or no) and a *level* of what
they are told apart by. Of such rows a mean is kept, and a prediction that comes to the same stands for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.kpi import ForecastCostSpec, MetricSpec, OutcomeValueSpec, TargetingSpec
from iterata.errors import DataError, at_field
from iterata.measure.metrics import log_loss

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.arrays import Floats
    from iterata.documents.models.kpi import KpiSpec

LEVELS = 200
"""Levels of equally many rows."""

FINE_LEVELS = 1000
"""The same, where levels are all that a figure sees of an order."""

EDGE_LEVELS, EDGE_WIDTH = 100, 12.0
"""More of them around the edge of a budget, as far as chance in the sample and in resamples may move it, in
standard deviations."""


class Binning(NamedTuple):
    """Which rows are alike, and what stands for them. Columns are `(n,)`."""

    key: Callable[[Floats, Floats], Floats]
    """From outcomes and predictions to what levels are of."""
    edges: Floats | Callable[[Floats], Floats]
    """Where one level ends; or how to find it from a blind sample of `key`."""
    kept: Callable[[Floats, Floats], Floats]
    """From outcomes and predictions to what is averaged over a level."""
    prediction: Callable[[Floats, Floats], Floats]
    """From the mean outcomes of levels and the means kept to predictions that come to the same."""
    binary: bool = True


def alike(kpi: KpiSpec, share: float) -> Binning | None:
    """Which rows are alike to a KPI, `share` being what a budget reaches; none where each counts."""
    match kpi:
        case OutcomeValueSpec():
            return _by_prediction(np.array([np.nextafter(kpi.threshold, -np.inf)]))
        case TargetingSpec():
            return _by_prediction(lambda sample: _around(share, sample))
        case ForecastCostSpec():
            return _by_amount(
                lambda target_values, said: _cost(kpi, target_values - said),
                lambda target_values, cost: target_values - cost / kpi.under,  # short by what costs as much
            )
        case MetricSpec():
            return METRICS.get(kpi.metric)
        case _:
            return None


def _cost(kpi: ForecastCostSpec, short: Floats) -> Floats:
    return np.where(short > 0, kpi.under * short, -kpi.over * short)


def _prediction(target_values: Floats, said: Floats) -> Floats:
    return said


def _outcome(target_values: Floats, said: Floats) -> Floats:
    return target_values


def _by_prediction(edges: Floats | Callable[[Floats], Floats]) -> Binning:
    return Binning(_prediction, edges, _prediction, lambda target_values, mean: mean)


def _by_loss(loss: Callable[[Floats, Floats], Floats], undone: Callable[[Floats], Floats]) -> Binning:
    """A loss of probabilities: all rows of one outcome are alike, and miss it by what loses as much."""

    def kept(target_values: Floats, said: Floats) -> Floats:
        if not ((said >= 0) & (said <= 1)).all():
            remedy = "give a probability from 0 to 1, or choose roc_auc"
            raise DataError(
                "the metric judges probabilities, and these are scores", remedy=remedy, where=at_field("kpi")
            )
        return loss(target_values, said)

    def prediction(target_values: Floats, mean: Floats) -> Floats:
        return np.abs(target_values - undone(mean))

    return Binning(lambda target_values, said: np.zeros(len(said)), np.zeros(0), kept, prediction)


def _by_amount(
    kept: Callable[[Floats, Floats], Floats], prediction: Callable[[Floats, Floats], Floats]
) -> Binning:
    return Binning(_outcome, _spread, kept, prediction, binary=False)


def _ranks(sample: Floats, ranks: Floats) -> Floats:
    return np.unique(np.quantile(sample, np.clip(ranks, 0, 1), method="inverted_cdf"))


def _around(share: float, sample: Floats) -> Floats:
    """Levels of equally many rows, and more around the edge of a budget."""
    reach = EDGE_WIDTH * np.sqrt(share * (1 - share) / len(sample))
    near = np.linspace(1 - share - reach, 1 - share + reach, EDGE_LEVELS)
    return _ranks(sample, np.append(np.linspace(0, 1, LEVELS), near))


def _spread(sample: Floats) -> Floats:
    """Levels of equally many rows, and levels of equal width: the few far out differ most."""
    wide = np.linspace(sample.min(), sample.max(), LEVELS)
    return np.union1d(_ranks(sample, np.linspace(0, 1, LEVELS)), wide)


def _finely(sample: Floats) -> Floats:
    return _ranks(sample, np.linspace(0, 1, FINE_LEVELS))


_ORDER = _by_prediction(_finely)
_DECISION = _by_prediction(np.array([0.5]))
_SQUARED = _by_amount(
    lambda target_values, said: np.square(target_values - said),
    lambda target_values, mean: target_values - np.sqrt(mean),
)

METRICS: dict[str, Binning] = {
    "roc_auc": _ORDER,
    "average_precision": _ORDER,
    "neg_log_loss": _by_loss(log_loss, lambda mean: -np.expm1(-mean)),
    "neg_brier_score": _by_loss(lambda target_values, said: np.square(target_values - said), np.sqrt),
    **dict.fromkeys(
        ("accuracy", "balanced_accuracy", "precision", "recall", "f1", "jaccard", "matthews_corrcoef"),
        _DECISION,
    ),
    "neg_mean_absolute_error": _by_amount(
        lambda target_values, said: np.abs(target_values - said),
        lambda target_values, mean: target_values - mean,
    ),
    "neg_mean_squared_error": _SQUARED,
    "neg_root_mean_squared_error": _SQUARED,
}
"""The metrics that need no more of a row, by scikit-learn's names."""
