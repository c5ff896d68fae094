"""The table of metrics: what each one needs, how it is computed, and its description for readers.

A metric goes by the name of scikit-learn's scorer, and a higher value is always better. To add one, add an
entry to `METRICS`: plans, KPIs of kind `metric`, aggregated rows, messages and pages all read this table.

This module does not import numpy, because `check` and the site build need the descriptions only. The formulas
are in `iterata.measure.metric_formulas` and load on first use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from iterata.documents.models.enums import OutcomeKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from iterata.arrays import Floats
    from iterata.measure import metric_formulas as formulas
    from iterata.measure import ranked_rows as ranking
    from iterata.measure.measures import Measure
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.score_order import ScoreOrder

    AnswerFigure: TypeAlias = Callable[[Floats, Floats, Floats], Floats]
    """From the right answers of each class `(classes, r)`, the answers `(answers, r)` and the true classes
    `(classes, r)` to figures `(r,)`."""


class Lazy:
    """The functions of a module, which is imported when one of them is called."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Callable[..., object]:
        """The function of this name."""

        def call(*arguments: object) -> object:
            function: Callable[..., object] = getattr(import_module(self._module), name)
            return function(*arguments)

        return call


if not TYPE_CHECKING:
    formulas = Lazy("iterata.measure.metric_formulas")
    ranking = Lazy("iterata.measure.ranked_rows")


class Needs(StrEnum):
    """Which predictions a metric can evaluate, in the words of messages."""

    SCORE = "any score"
    """Any number that is higher for likelier positives."""
    DECISION = "decisions or probabilities"
    """Predictions with a threshold above which they are positive."""
    PROBABILITY = "probabilities"
    """From 0 to 1, and not only 0 and 1."""
    NUMBER = "forecasts of numbers"
    """In the unit of the target."""
    ANSWERS = "answers"
    """One of several classes, or the person."""
    CLASS_PROBABILITIES = "a probability of each class"
    """From 0 to 1, and 1 in total."""


@dataclass(frozen=True, slots=True)
class CurveFormula:
    """A figure of the order of rows by score."""

    measure: Callable[[ScoreOrder], Measure]


@dataclass(frozen=True, slots=True)
class ConfusionFormula:
    """A figure of the confusion matrix; arrays are `(r,)`."""

    figure: Callable[[Floats, Floats, Floats, Floats], Floats]
    """From true positives, false positives, false negatives and true negatives."""
    trials: Callable[[Floats, Floats, Floats, Floats], Floats] | None = None
    """How many rows the figure is a proportion of; None if it is no proportion."""


@dataclass(frozen=True, slots=True)
class LossFormula:
    """Minus the mean of a loss per row."""

    loss: Callable[[Floats, Floats], Floats]
    """From target values and predictions to losses, all `(n,)`."""
    inverse: Callable[[Floats], Floats]
    """From a loss to the absolute error that causes it, so that one row can represent several."""
    of_mean: Callable[[Floats], Floats] | None = None
    """A function of the mean loss; None for the mean itself."""


@dataclass(frozen=True, slots=True)
class AnswerFormula:
    """A figure of answers that are one of several classes."""

    figure: AnswerFigure
    trials: AnswerFigure | None = None
    """How many rows the figure is a proportion of; None if it is no proportion."""
    in_total: bool = False
    """Whether it depends on the number of right answers in all classes together."""


class ClassProbabilities(Protocol):
    """The probabilities of several classes, and the outcomes of the rows."""

    @property
    def outcomes(self) -> Outcomes:
        """The class of each row."""
        ...

    @property
    def probabilities(self) -> Floats:
        """The probability of each class: `(n, classes)`."""
        ...


@dataclass(frozen=True, slots=True)
class ProbabilityFormula:
    """A figure of the probabilities of several classes."""

    measure: Callable[[ClassProbabilities], Measure]


Formula: TypeAlias = "CurveFormula | ConfusionFormula | LossFormula | AnswerFormula | ProbabilityFormula"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric by the name of scikit-learn's scorer."""

    name: str
    meaning: str
    """What it measures, in a few words for a reader who has never heard of it."""
    needs: Needs
    formula: Formula | None = None
    """How it is computed for thousands of weightings at once, and how rows are binned. None, for metrics of
    numbers only, calls scikit-learn's function once for every weighting."""

    @property
    def target(self) -> OutcomeKind:
        """What the target holds."""
        kinds = {
            Needs.NUMBER: OutcomeKind.NUMBER,
            Needs.ANSWERS: OutcomeKind.CLASSES,
            Needs.CLASS_PROBABILITIES: OutcomeKind.CLASSES,
        }
        return kinds.get(self.needs, OutcomeKind.YES_NO)


_TABLE = (
    Metric(
        "roc_auc",
        "how often a positive ranks above a negative; 0.5 is random",
        Needs.SCORE,
        CurveFormula(lambda order: order.roc_auc()),
    ),
    Metric(
        "average_precision",
        "precision, averaged over the ranks of the positives",
        Needs.SCORE,
        CurveFormula(lambda order: order.average_precision()),
    ),
    Metric(
        "neg_log_loss",
        "minus the mean surprise at the outcomes",
        Needs.PROBABILITY,
        LossFormula(formulas.log_loss, formulas.inverse_log_loss),
    ),
    Metric(
        "neg_brier_score",
        "minus the mean squared error of probabilities",
        Needs.PROBABILITY,
        LossFormula(formulas.squared_error, formulas.square_root),
    ),
    Metric(
        "accuracy",
        "the share of correct predictions; positive is above 0.5",
        Needs.DECISION,
        ConfusionFormula(
            lambda tp, fp, fn, tn: (tp + tn) / (tp + fp + fn + tn),
            lambda tp, fp, fn, tn: tp + fp + fn + tn,
        ),
    ),
    Metric(
        "balanced_accuracy",
        "the mean recall of positives and negatives; positive is above 0.5",
        Needs.DECISION,
        ConfusionFormula(
            lambda tp, fp, fn, tn: (formulas.rate(tp, tp + fn) + formulas.rate(tn, tn + fp)) / 2
        ),
    ),
    Metric(
        "precision",
        "the share of positives among predicted positives; positive is above 0.5",
        Needs.DECISION,
        ConfusionFormula(lambda tp, fp, fn, tn: formulas.share(tp, tp + fp), lambda tp, fp, fn, tn: tp + fp),
    ),
    Metric(
        "recall",
        "the share of positives that are predicted; positive is above 0.5",
        Needs.DECISION,
        ConfusionFormula(lambda tp, fp, fn, tn: formulas.share(tp, tp + fn), lambda tp, fp, fn, tn: tp + fn),
    ),
    Metric(
        "f1",
        "the harmonic mean of precision and recall; positive is above 0.5",
        Needs.DECISION,
        ConfusionFormula(lambda tp, fp, fn, tn: formulas.share(2 * tp, 2 * tp + fp + fn)),
    ),
    Metric(
        "jaccard",
        "true positives as a share of all observed or predicted positives; positive is above 0.5",
        Needs.DECISION,
        ConfusionFormula(
            lambda tp, fp, fn, tn: formulas.share(tp, tp + fp + fn), lambda tp, fp, fn, tn: tp + fp + fn
        ),
    ),
    Metric(
        "matthews_corrcoef",
        "the correlation of predictions and outcomes; positive is above 0.5",
        Needs.DECISION,
        ConfusionFormula(formulas.matthews_correlation),
    ),
    Metric("r2", "the share of the variance that is explained", Needs.NUMBER),
    Metric(
        "neg_mean_absolute_error",
        "minus the mean distance between forecast and outcome",
        Needs.NUMBER,
        LossFormula(formulas.absolute_error, lambda loss: loss),
    ),
    Metric(
        "neg_mean_squared_error",
        "minus the mean squared distance between forecast and outcome",
        Needs.NUMBER,
        LossFormula(formulas.squared_error, formulas.square_root),
    ),
    Metric(
        "neg_root_mean_squared_error",
        "minus the typical distance between forecast and outcome; large errors weigh more",
        Needs.NUMBER,
        LossFormula(
            formulas.squared_error,
            formulas.square_root,
            formulas.square_root,
        ),
    ),
    Metric(
        "neg_median_absolute_error",
        "minus the median distance between forecast and outcome",
        Needs.NUMBER,
    ),
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in _TABLE}
"""The metrics that iterata computes or explains, by scikit-learn's names."""


def binary_metrics() -> list[str]:
    """The names of the metrics of yes / no predictions, in the order of the table."""
    return [metric.name for metric in METRICS.values() if metric.target is OutcomeKind.YES_NO]


@dataclass(frozen=True, slots=True)
class RankingMetric:
    """A metric of the first `k` rows of each group."""

    meaning: str
    """What it measures, with `{k}` for the number of rows."""
    gain: Callable[[ranking.RankedRows, int], Floats]
    """From ranked rows and `k` to `(n,)`: what a relevant row at each rank is worth."""
    first_only: bool = False
    """Whether only the first relevant row counts; otherwise every row counts by its relevance."""


RANKING_METRICS: dict[str, RankingMetric] = {
    "precision": RankingMetric("the share of relevant rows among the first {k}", ranking.precision_gain),
    "recall": RankingMetric("the share of relevant rows that are among the first {k}", ranking.recall_gain),
    "ndcg": RankingMetric("the gain of the first {k} as a share of the best order's gain", ranking.ndcg_gain),
    "hit_rate": RankingMetric(
        "how often a relevant row is among the first {k}",
        ranking.hit_gain,
        first_only=True,
    ),
    "reciprocal_rank": RankingMetric(
        "one over the rank of the first relevant row, if it is among the first {k}",
        ranking.reciprocal_rank_gain,
        first_only=True,
    ),
}
"""The measures of a KPI of kind `ranking`, by name; `ndcg_at_10` as a secondary metric."""


def metric_meaning(name: str) -> str:
    """What a metric measures, in a few words; empty for a name that is in neither table.

    >>> metric_meaning("ndcg_at_10")
    "the gain of the first 10 as a share of the best order's gain"
    """
    if name == "uplift_area":
        return "the area between the gain by depth and a straight line, a row"
    if depth := re.fullmatch(r"uplift_at_([0-9]+)_percent", name):
        return f"the difference between the arms among the best {depth[1]} %"
    at = re.fullmatch(r"(\w+)_at_([0-9]+)", name)
    if at and at[1] in RANKING_METRICS:
        return RANKING_METRICS[at[1]].meaning.format(k=at[2])
    return METRICS[name].meaning if name in METRICS else ""
