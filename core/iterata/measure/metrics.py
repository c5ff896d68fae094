"""Secondary metrics by scikit-learn's names, each under many weightings of the rows at once.

scikit-learn's own functions take one weighting a call. Here each metric is written over `(r, n)` weights, so
that thousands of resamples cost little more than one. Tests hold each of them to scikit-learn's scorer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.errors import RunError
from iterata.measure.score_order import ScoreOrder
from iterata.measure.weightings import Classes, ratio_of
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.arrays import Bools, Floats
    from iterata.errors import Location
    from iterata.measure.weightings import Measure


class PredictionKind(Enum):
    """What a column of predictions is."""

    SCORE = "score"
    """Any number; more is likelier. `decision_function` gives these."""
    DECISION = "decision"
    """0 or 1."""
    PROBABILITY = "probability"
    """From 0 to 1, and not only 0 and 1. `predict_proba` gives these."""


class PredictionColumn(NamedTuple):
    """A column of predictions and how to read it."""

    values: Floats
    sort: PredictionKind
    cut: float | None
    """Above it a row is predicted positive, as the estimator's `predict` does; none where there is no such
    point."""


@dataclass(frozen=True)
class LabelledPredictions:
    """A column of predictions beside what happened; what several metrics need of both is made once."""

    positive: Bools
    column: PredictionColumn
    weight: Floats | None = None
    """`(n,)`, what a row counts for to begin with; none where every row counts for 1."""

    @cached_property
    def ranking(self) -> ScoreOrder:
        """The rows in the order of the predictions."""
        return ScoreOrder(self.positive, self.column.values, self.weight)

    @cached_property
    def cells(self) -> Classes:
        """True and false positives, false and true negatives."""
        chosen = self.column.values > (self.column.cut or 0.0)
        return Classes(2 * (~chosen).view(np.uint8) + (~self.positive).view(np.uint8), 4, self.weight)


class Metric(NamedTuple):
    """A metric: which columns it can judge, and how."""

    suits: Callable[[PredictionColumn], bool]
    needs: str
    """What it can judge, in words."""
    prepare: Callable[[LabelledPredictions], Measure]


def prediction_kind(values: Floats) -> PredictionKind:
    """What a column of unknown origin seems to be: its values tell."""
    if not ((values >= 0) & (values <= 1)).all():
        return PredictionKind.SCORE
    return PredictionKind.DECISION if np.isin(values, (0, 1)).all() else PredictionKind.PROBABILITY


def column(values: Floats, sort: PredictionKind | None = None) -> PredictionColumn:
    """A column of predictions; without `sort`, as its values tell, and a mere score is cut nowhere."""
    if sort is None:
        sort = prediction_kind(values)
        return PredictionColumn(values, sort, None if sort is PredictionKind.SCORE else 0.5)
    return PredictionColumn(values, sort, 0.0 if sort is PredictionKind.SCORE else 0.5)


def metric(name: str, where: str | Location) -> Metric:
    """The metric of a scikit-learn scorer's name.

    Raises:
        RunError: there is none; `where` is the field of the plan.
    """
    if name in METRICS:
        return METRICS[name]
    from sklearn.metrics import get_scorer_names  # noqa: PLC0415  # only to tell why it is refused

    guess = closest(name, list(METRICS))
    remedy = f"did you mean {guess}? The choices are" if guess else "choose one of"
    why = (
        "does not judge yes / no predictions"
        if name in get_scorer_names()
        else "is not a scikit-learn scorer"
    )
    raise RunError(f"{name} {why}", remedy=f"{remedy} {', '.join(METRICS)}", where=where)


def _by_rank(curve: Callable[[ScoreOrder], Measure]) -> Metric:
    return Metric(lambda column: True, "any score", lambda labelled: curve(labelled.ranking))


def _by_cells(formula: Callable[[Floats, Floats, Floats, Floats], Floats]) -> Metric:
    """A metric of the weights of true and false positives, false and true negatives."""

    def prepare(labelled: LabelledPredictions) -> Measure:
        return lambda draws: formula(*draws.sums(labelled.cells))

    return Metric(lambda column: column.cut is not None, "decisions or probabilities", prepare)


def _by_loss(loss: Callable[[Floats, Floats], Floats]) -> Metric:
    """Minus the weighted mean of a loss per row."""

    def prepare(labelled: LabelledPredictions) -> Measure:
        losses = loss(labelled.positive.astype(np.float64), labelled.column.values)
        counts = np.ones(len(losses)) if labelled.weight is None else labelled.weight
        return ratio_of(-losses * counts, counts)

    return Metric(_is_probability, "probabilities", prepare)


def _is_probability(column: PredictionColumn) -> bool:
    return column.sort is PredictionKind.PROBABILITY


def _share(part: Floats, whole: Floats) -> Floats:
    """`part / whole`, and 0 of nothing, as scikit-learn's scorers have it."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _rate(part: Floats, whole: Floats) -> Floats:
    """`part / whole`, and not a number of nothing: a resample without such rows says nothing."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def log_loss(target_values: Floats, probability: Floats) -> Floats:
    """The log-loss of each row: `(n,)`; what happened is 1 or 0."""
    tiny = np.finfo(np.float64).eps  # as scikit-learn clips, so that one wrong certainty is not infinite
    losses: Floats = -np.log(
        np.clip(np.where(target_values > 0, probability, 1 - probability), tiny, 1 - tiny)
    )
    return losses


def _squared_error(target_values: Floats, probability: Floats) -> Floats:
    return np.square(target_values - probability)


def _correlation(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Floats:
    """Matthews' correlation of prediction and outcome."""
    spread = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return _share(tp * tn - fp * fn, spread)


METRICS: dict[str, Metric] = {
    "roc_auc": _by_rank(ScoreOrder.roc_auc),
    "average_precision": _by_rank(ScoreOrder.average_precision),
    "neg_log_loss": _by_loss(log_loss),
    "neg_brier_score": _by_loss(_squared_error),
    "accuracy": _by_cells(lambda tp, fp, fn, tn: (tp + tn) / (tp + fp + fn + tn)),
    "balanced_accuracy": _by_cells(lambda tp, fp, fn, tn: (_rate(tp, tp + fn) + _rate(tn, tn + fp)) / 2),
    "precision": _by_cells(lambda tp, fp, fn, tn: _share(tp, tp + fp)),
    "recall": _by_cells(lambda tp, fp, fn, tn: _share(tp, tp + fn)),
    "f1": _by_cells(lambda tp, fp, fn, tn: _share(2 * tp, 2 * tp + fp + fn)),
    "jaccard": _by_cells(lambda tp, fp, fn, tn: _share(tp, tp + fp + fn)),
    "matthews_corrcoef": _by_cells(_correlation),
}
"""scikit-learn's scorers that judge one column of yes / no predictions, by name."""
