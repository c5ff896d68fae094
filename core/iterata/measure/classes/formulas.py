"""Formulas of metrics of several classes. The table in `iterata.measure.classes.metrics` names them.

A metric of answers depends on the right answers of each class, `hits` `(classes, r)`; on how often each
answer is given, `(answers, r)`, the person last; and on the classes that are true, `(classes, r)`.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from iterata.measure.measures import Measure, combine, mean_of, weighted_mean
from iterata.measure.metric_formulas import rate, share
from iterata.measure.score_order import ScoreOrder

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.arrays import Floats
    from iterata.measure.metrics import ClassProbabilities

    Answers = Callable[[Floats, Floats, Floats], Floats]
    """From right answers, answers and true classes to `(r,)` figures."""

STEP = 1e-4
"""How far a share is moved for the slope of a metric."""


def accuracy(hits: Floats, given: Floats, true: Floats) -> Floats:
    """The share of right answers."""
    shares: Floats = hits.sum(axis=0) / true.sum(axis=0)
    return shares


def balanced_accuracy(hits: Floats, given: Floats, true: Floats) -> Floats:
    """The mean recall of the classes that have rows, as scikit-learn computes it."""
    recalls = rate(hits, true)
    occurs = ~np.isnan(recalls)
    return rate(np.where(occurs, recalls, 0.0).sum(axis=0), occurs.sum(axis=0).astype(np.float64))


def matthews(hits: Floats, given: Floats, true: Floats) -> Floats:
    """The correlation of answers and classes (Gorodkin 2004); the person is an answer of its own."""
    rows = true.sum(axis=0)
    both = (true * given[: len(true)]).sum(axis=0)
    spread = (rows**2 - (given**2).sum(axis=0)) * (rows**2 - (true**2).sum(axis=0))
    return share(hits.sum(axis=0) * rows - both, np.sqrt(spread.clip(0)))


_OF_CLASS: dict[str, Callable[[Floats, Floats, Floats], tuple[Floats, Floats]]] = {
    "precision": lambda hits, given, true: (hits, given),
    "recall": lambda hits, given, true: (hits, true),
    "f1": lambda hits, given, true: (2 * hits, given + true),
    "jaccard": lambda hits, given, true: (hits, given + true - hits),
}
"""The numerator and the denominator of a figure of one class."""


def averaged(name: str, average: str, hits: Floats, given: Floats, true: Floats) -> Floats:
    """The average of a figure over the classes: `macro`, `micro` or `weighted`."""
    part, whole = _OF_CLASS[name](hits, given[: len(true)], true)
    if average == "micro":
        return share(part.sum(axis=0), whole.sum(axis=0))
    figures = share(part, whole)
    if average == "macro":
        return np.asarray(figures.mean(axis=0))
    return share((figures * true).sum(axis=0), true.sum(axis=0))


def blind(figure: Answers, given: Floats, true: Floats, rows: int, *, in_total: bool) -> Floats:
    """The expectation of a metric of answers that are shuffled among the rows: `(r,)`.

    It is the mean of the metric with one standard deviation fewer and more of the right answers: exact for a
    metric that is linear in them, as all of our table but jaccard are, and otherwise to second order.

    Args:
        figure: the metric.
        given: `(answers, r)`, the weight of each answer.
        true: `(classes, r)`, that of each class.
        rows: how many rows there are, or are represented.
        in_total: whether the metric depends on the number of right answers in all classes together.
    """
    given, true = given / given.sum(axis=0), true / true.sum(axis=0)
    of_class = given[: len(true)]
    hits = of_class * true
    if in_total:
        size = _sd_of_hits(given, true, rows) / len(true)
        sd = np.broadcast_to(size, hits.shape)
    else:
        limits = np.minimum(hits, np.minimum(of_class - hits, true - hits))
        sd = np.sqrt(hits * (1 - of_class) * (1 - true) / max(rows - 1, 1)).clip(0, limits.clip(0))
    expected: Floats = (figure(hits - sd, given, true) + figure(hits + sd, given, true)) / 2
    return expected


def _sd_of_hits(given: Floats, true: Floats, rows: int) -> Floats:
    """The standard deviation of the share of right answers, if answers are shuffled: `(r,)`.

    Hoeffding's formula, as in `iterata.measure.kpi.class_value`, for the value 1 of a right answer.
    """
    of_class = given[: len(true)]
    both = (of_class * true).sum(axis=0)
    variance = both - (of_class * true**2).sum(axis=0) - (of_class**2 * true).sum(axis=0) + both**2
    return np.asarray(np.sqrt(variance.clip(0) / max(rows - 1, 1)))


def slopes(figure: Answers, given: Floats, true: Floats) -> Floats:
    """How much a metric grows with the right answers of each class, where answers are blind: `(classes,)`."""
    given, true = given[:, None] / given.sum(), true[:, None] / true.sum()
    hits = given[: len(true)] * true
    found = np.empty(len(true))
    for code in range(len(true)):
        step = np.zeros_like(hits)
        step[code] = STEP
        found[code] = (figure(hits + step, given, true) - figure(hits - step, given, true)).item() / (
            2 * STEP
        )
    return found


def neg_log_loss(predictions: ClassProbabilities) -> Measure:
    """Minus the mean log-loss."""
    return weighted_mean(-_log_losses(predictions), predictions.outcomes.counts)


def d2_log_loss(predictions: ClassProbabilities) -> Measure:
    """The log-loss as a share of that of the class shares, subtracted from 1."""

    def entropy(sums: Floats) -> Floats:
        shares = sums / sums.sum(axis=0)
        surprise: Floats = -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=0)
        return surprise

    null = Measure.of_sums(predictions.outcomes.by_class, entropy)
    return combine(
        lambda minus_loss, of_shares: 1 + rate(minus_loss, of_shares), neg_log_loss(predictions), null
    )


def _log_losses(predictions: ClassProbabilities) -> Floats:
    """The log-loss of each row: `(n,)`; clipped like in scikit-learn."""
    tiny = np.finfo(np.float64).eps
    losses: Floats = -np.log(np.clip(_of_true_class(predictions), tiny, 1 - tiny))
    return losses


def neg_brier_score(predictions: ClassProbabilities) -> Measure:
    """Minus the mean squared error of the probabilities, added up; half of it for two classes."""
    probabilities = predictions.probabilities
    squares = (probabilities**2).sum(axis=1) - 2 * _of_true_class(predictions) + 1
    if probabilities.shape[1] == 2:
        squares = squares / 2
    return weighted_mean(-squares, predictions.outcomes.counts)


def top_2_accuracy(predictions: ClassProbabilities) -> Measure:
    """The share of rows whose class is one of the two most likely; of ties the last classes count."""
    probabilities, true = predictions.probabilities, predictions.outcomes.by_class.code
    order = np.argsort(probabilities, axis=1, kind="stable")[:, ::-1]
    among = (order[:, :2] == true[:, None]).any(axis=1)
    return weighted_mean(among.astype(np.float64), predictions.outcomes.counts)


def roc_auc(predictions: ClassProbabilities, of_pairs: bool, weighted: bool) -> Measure:  # noqa: FBT001
    """The mean area under the curve of each class against all others, or of each pair of classes.

    It is not defined for a resample in which a class is missing. Of pairs: Hand and Till, 2001.
    """
    parts = _of_pairs(predictions) if of_pairs else _of_classes(predictions)
    if not weighted:
        return combine(lambda *areas: np.mean(areas, axis=0), *(area for _, area in parts))

    def mean(*figures: Floats) -> Floats:
        sizes, areas = np.split(np.stack(figures), 2)
        return np.asarray((sizes * areas).sum(axis=0) / sizes.sum(axis=0))

    by_class = predictions.outcomes.by_class
    sizes = [Measure.of_sums(by_class, partial(_size_of, codes)) for codes, _ in parts]
    return combine(mean, *sizes, *(area for _, area in parts))


def _size_of(codes: tuple[int, ...], sums: Floats) -> Floats:
    return np.asarray(sums[list(codes)].sum(axis=0))


def _of_classes(predictions: ClassProbabilities) -> list[tuple[tuple[int, ...], Measure]]:
    """The area under the curve of each class against all others."""
    outcomes, probabilities = predictions.outcomes, predictions.probabilities
    return [
        ((code,), ScoreOrder(outcomes.target == code, probabilities[:, code], outcomes.weight).roc_auc())
        for code in range(probabilities.shape[1])
    ]


def _of_pairs(predictions: ClassProbabilities) -> list[tuple[tuple[int, ...], Measure]]:
    """The area under the curve of each pair of classes, among their rows: the mean of both directions."""
    outcomes, probabilities = predictions.outcomes, predictions.probabilities
    pairs: list[tuple[tuple[int, ...], Measure]] = []
    for pair in combinations(range(probabilities.shape[1]), 2):
        rows = np.isin(outcomes.target, pair)
        weight = None if outcomes.weight is None else outcomes.weight[rows]
        areas = [
            ScoreOrder(outcomes.target[rows] == code, probabilities[rows, code], weight).roc_auc().among(rows)
            for code in pair
        ]
        pairs.append((pair, mean_of(areas)))
    return pairs


def _of_true_class(predictions: ClassProbabilities) -> Floats:
    """The probability of the true class of each row: `(n,)`."""
    true = predictions.outcomes.by_class.code
    chosen: Floats = predictions.probabilities[np.arange(len(true)), true]
    return chosen
