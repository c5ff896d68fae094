"""Columns of predictions, and the metrics of such a column."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.errors import RunError
from iterata.measure.classes.metrics import CLASS_METRICS
from iterata.measure.measures import Measure, weighted_mean
from iterata.measure.metrics import (
    METRICS,
    AnswerFormula,
    ConfusionFormula,
    CurveFormula,
    Needs,
    ProbabilityFormula,
    binary_metrics,
)
from iterata.measure.score_order import ScoreOrder
from iterata.measure.weightings import Classes
from iterata.text import closest

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats
    from iterata.errors import Location
    from iterata.measure.metrics import Formula, Metric
    from iterata.measure.outcomes import Outcomes


FIRST_ROWS = 1000
"""Most columns are seen not to be constant in so many rows."""


class PredictionKind(Enum):
    """What the numbers in a column of predictions are."""

    SCORE = "score"
    """Any number; higher is likelier. The output of `decision_function`."""
    DECISION = "decision"
    """0 or 1."""
    PROBABILITY = "probability"
    """From 0 to 1, and not only 0 and 1. The output of `predict_proba`."""
    CLASS = "class"
    """The code of an answer: of a class, or of the person after all classes."""


class PredictionColumn(NamedTuple):
    """A column of predictions and how to read it."""

    values: Floats
    """`(n,)`."""
    kind: PredictionKind
    threshold: float | None
    """Above it a row is predicted positive, as the estimator's `predict` does; None if there is no
    threshold."""
    unstopped: Floats | None = None
    """`(n,)`, the values before those below `stop_below` were set to minus infinity; None if none were."""
    ranks: Floats | None = None
    """`(n,)`, what rows are ordered by instead of the scores; None for the scores. Scores of models that were
    fitted on different folds are not comparable, but their ranks within the folds are."""
    probabilities: Floats | None = None
    """`(n, classes)`, the probability of each class; None if they are not known."""

    @property
    def scores(self) -> Floats:
        """The values for metrics of all rows, whether the model acts upon them or not."""
        return self.values if self.unstopped is None else self.unstopped

    @property
    def order(self) -> Floats:
        """What metrics of all rows order them by: `(n,)`, higher comes first."""
        return self.scores if self.ranks is None else self.ranks

    @property
    def priority(self) -> Floats:
        """What a model that contacts some of the rows orders them by: `(n,)`; minus infinity for never."""
        if self.ranks is None:
            return self.values
        return self.ranks if self.unstopped is None else np.where(self.values > -np.inf, self.ranks, -np.inf)

    def among(self, rows: Bools) -> PredictionColumn:
        """The predictions of some of the rows; `rows` is an `(n,)` mask."""
        parts = (self.unstopped, self.ranks, self.probabilities)
        unstopped, ranks, probabilities = (part if part is None else part[rows] for part in parts)
        return self._replace(
            values=self.values[rows], unstopped=unstopped, ranks=ranks, probabilities=probabilities
        )


@dataclass(frozen=True)
class LabelledPredictions:
    """A column of predictions with the outcomes. What several metrics need of both is computed once."""

    outcomes: Outcomes
    column: PredictionColumn

    @cached_property
    def order(self) -> ScoreOrder:
        """The rows in the order of the predictions."""
        return ScoreOrder(self.outcomes.positive, self.column.order, self.outcomes.weight)

    @cached_property
    def confusion(self) -> Classes:
        """True positives, false positives, false negatives and true negatives."""
        predicted = self.column.scores > (self.column.threshold or 0.0)
        code = 2 * (~predicted).view(np.uint8) + (~self.outcomes.positive).view(np.uint8)
        return Classes(code, 4, self.outcomes.weight)

    @cached_property
    def hits(self) -> Classes:
        """The class of each row if the answer is right; after the classes, all wrong answers."""
        true = self.outcomes.by_class
        code = np.where(self.column.values == self.outcomes.target, true.code, true.width)
        return Classes(code.astype(np.min_scalar_type(true.width)), true.width + 1, self.outcomes.weight)

    @cached_property
    def answers(self) -> Classes:
        """The answer to each row; after the classes, the person."""
        width = self.outcomes.by_class.width + 1
        return Classes(self.column.values.astype(np.min_scalar_type(width)), width, self.outcomes.weight)

    @property
    def probabilities(self) -> Floats:
        """The probability of each class: `(n, classes)`."""
        if self.column.probabilities is None:
            raise TypeError("these predictions are answers without probabilities")
        return self.column.probabilities


def stopped(scores: Floats, stop_below: float | None) -> Floats:
    """Scores whose rows below a threshold are never acted upon: these become minus infinity."""
    return scores if stop_below is None else np.where(scores < stop_below, -np.inf, scores)


def prediction_kind(values: Floats) -> PredictionKind:
    """What the numbers of a column seem to be, from the values alone."""
    if not ((values >= 0) & (values <= 1)).all():
        return PredictionKind.SCORE
    return PredictionKind.DECISION if np.isin(values, (0, 1)).all() else PredictionKind.PROBABILITY


def column(values: Floats, kind: PredictionKind | None = None) -> PredictionColumn:
    """A column of predictions. Without `kind` the values decide, and scores have no threshold."""
    if kind is None:
        kind = prediction_kind(values)
        return PredictionColumn(values, kind, None if kind is PredictionKind.SCORE else 0.5)
    thresholds = {PredictionKind.SCORE: 0.0, PredictionKind.CLASS: None}
    return PredictionColumn(values, kind, thresholds.get(kind, 0.5))


def can_evaluate(metric: Metric, predictions: PredictionColumn) -> bool:
    """Whether the metric can evaluate a column of yes / no predictions, or of answers."""
    match metric.needs:
        case Needs.SCORE:
            return True
        case Needs.DECISION:
            return predictions.threshold is not None
        case Needs.PROBABILITY:
            return predictions.kind is PredictionKind.PROBABILITY
        case Needs.ANSWERS:
            return predictions.kind is PredictionKind.CLASS
        case Needs.CLASS_PROBABILITIES:
            return predictions.probabilities is not None
        case Needs.NUMBER:
            return False


def binary_metric(name: str, where: str | Location) -> Metric:
    """The metric of yes / no predictions with the name of a scikit-learn scorer.

    Raises:
        RunError: there is none; `where` is the field of the plan.
    """
    names = binary_metrics()
    if name in names:
        return METRICS[name]
    from sklearn.metrics import get_scorer_names  # noqa: PLC0415  # slow to import, and only for the message

    guess = closest(name, names)
    remedy = f"did you mean {guess}? The choices are" if guess else "choose one of"
    problem = "is not a scikit-learn scorer"
    if name in METRICS or name in get_scorer_names():
        problem = "is not a metric of yes / no predictions"
    raise RunError(f"{name} {problem}", remedy=f"{remedy} {', '.join(names)}", where=where)


def class_metric(name: str, where: str | Location) -> Metric:
    """The metric of answers of several classes with the name of a scikit-learn scorer.

    Raises:
        RunError: there is none; `where` is the field of the document.
    """
    if name in CLASS_METRICS:
        return CLASS_METRICS[name]
    guess = f"{name}_macro" if f"{name}_macro" in CLASS_METRICS else closest(name, list(CLASS_METRICS))
    remedy = f"did you mean {guess}? The choices are" if guess else "choose one of"
    message = f"{name} is not a metric of several classes"
    raise RunError(message, remedy=f"{remedy} {', '.join(CLASS_METRICS)}", where=where)


def metric_measure(formula: Formula, predictions: LabelledPredictions) -> Measure:
    """The figure of a metric for a column of predictions."""
    return _measure(formula, predictions).of_outcomes(predictions.outcomes)


def _measure(formula: Formula, predictions: LabelledPredictions) -> Measure:
    if isinstance(formula, CurveFormula):
        return formula.measure(predictions.order)
    if isinstance(formula, ConfusionFormula):
        figure, trials = formula.figure, formula.trials
        measure = Measure.of_sums(predictions.confusion, lambda sums: figure(*sums))
        if trials is None:
            return measure
        return measure.of_trials(Measure.of_sums(predictions.confusion, lambda sums: trials(*sums)))
    if isinstance(formula, AnswerFormula):
        return _of_answers(formula, predictions)
    if isinstance(formula, ProbabilityFormula):
        return formula.measure(predictions)
    outcomes, of_mean = predictions.outcomes, formula.of_mean
    score = weighted_mean(-formula.loss(outcomes.target, predictions.column.scores), outcomes.counts)
    return score if of_mean is None else score.map(lambda mean: -of_mean(-mean))


def _of_answers(formula: AnswerFormula, predictions: LabelledPredictions) -> Measure:
    parts = predictions.hits, predictions.answers, predictions.outcomes.by_class
    figure, trials = formula.figure, formula.trials
    measure = Measure.of_several_sums(lambda hits, given, true: figure(hits[:-1], given, true), *parts)
    if trials is None:
        return measure
    return measure.of_trials(
        Measure.of_several_sums(lambda hits, given, true: trials(hits[:-1], given, true), *parts)
    )


def is_constant(values: Floats) -> bool:
    """Whether all predictions are the same."""
    first = values[:FIRST_ROWS]
    return bool((first == values[0]).all() and (values == values[0]).all())
