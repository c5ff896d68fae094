"""The table of metrics for targets of several classes, by the names of scikit-learn's scorers.

Averages are over the classes of the whole table, and a class without rows counts 0, as scikit-learn has it
with `labels=` and `zero_division=0`. Otherwise a class that is missing in a resample would raise the average.
The answer that hands a row to a person is wrong, and no class of an average.

This module does not import numpy, as `iterata.measure.metrics` does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.measure.metrics import (
    METRICS,
    AnswerFormula,
    Lazy,
    Metric,
    Needs,
    ProbabilityFormula,
    metric_meaning,
)

if TYPE_CHECKING:
    from iterata.measure.classes import formulas
    from iterata.measure.measures import Measure
    from iterata.measure.metrics import AnswerFigure, ClassProbabilities
else:
    formulas = Lazy("iterata.measure.classes.formulas")

_AVERAGES = {
    "macro": "every class counts alike",
    "micro": "every row counts alike",
    "weighted": "classes count by their rows",
}

_MEANINGS = {
    "precision": "of the rows that get an answer, the share for which it is right",
    "recall": "of the rows of a class, the share that get the right answer",
    "f1": "the harmonic mean of precision and recall of a class",
    "jaccard": "right answers as a share of all rows that have the class or get it as an answer",
}


def _averaged(name: str) -> list[Metric]:
    def figure(average: str) -> AnswerFigure:
        return lambda hits, given, true: formulas.averaged(name, average, hits, given, true)

    return [
        Metric(
            f"{name}_{average}",
            f"{_MEANINGS[name]}; {meaning}",
            Needs.ANSWERS,
            AnswerFormula(figure(average), in_total=average == "micro"),
        )
        for average, meaning in _AVERAGES.items()
    ]


def _auc(name: str, meaning: str, *, of_pairs: bool = False, weighted: bool = False) -> Metric:
    def measure(predictions: ClassProbabilities) -> Measure:
        return formulas.roc_auc(predictions, of_pairs, weighted)

    return Metric(name, meaning, Needs.CLASS_PROBABILITIES, ProbabilityFormula(measure))


_TABLE = (
    Metric(
        "accuracy",
        "the share of right answers",
        Needs.ANSWERS,
        AnswerFormula(
            formulas.accuracy,
            lambda hits, given, true: true.sum(axis=0),
            in_total=True,
        ),
    ),
    Metric(
        "balanced_accuracy",
        "the share of right answers in a class, averaged over the classes",
        Needs.ANSWERS,
        AnswerFormula(formulas.balanced_accuracy),
    ),
    *_averaged("f1"),
    *_averaged("precision"),
    *_averaged("recall"),
    *_averaged("jaccard"),
    Metric(
        "matthews_corrcoef",
        "the correlation of answers and classes",
        Needs.ANSWERS,
        AnswerFormula(formulas.matthews, in_total=True),
    ),
    Metric(
        "neg_log_loss",
        "minus the mean surprise at the classes",
        Needs.CLASS_PROBABILITIES,
        ProbabilityFormula(formulas.neg_log_loss),
    ),
    Metric(
        "neg_brier_score",
        "minus the mean squared error of probabilities, added up over the classes",
        Needs.CLASS_PROBABILITIES,
        ProbabilityFormula(formulas.neg_brier_score),
    ),
    Metric(
        "d2_log_loss_score",
        "the share of the surprise that is avoided, compared with the share of each class",
        Needs.CLASS_PROBABILITIES,
        ProbabilityFormula(formulas.d2_log_loss),
    ),
    Metric(
        "top_k_accuracy",
        "the share of rows whose class is one of the two most likely",
        Needs.CLASS_PROBABILITIES,
        ProbabilityFormula(formulas.top_2_accuracy),
    ),
    _auc(
        "roc_auc_ovr",
        "how often a row of a class ranks above one of another; every class counts alike",
    ),
    _auc(
        "roc_auc_ovr_weighted",
        "how often a row of a class ranks above one of another; classes count by their rows",
        weighted=True,
    ),
    _auc(
        "roc_auc_ovo",
        "how often a row of a class ranks above one of a second class; every pair of classes counts alike",
        of_pairs=True,
    ),
    _auc(
        "roc_auc_ovo_weighted",
        "how often a row of a class ranks above one of a second class; pairs count by their rows",
        of_pairs=True,
        weighted=True,
    ),
)

CLASS_METRICS: dict[str, Metric] = {metric.name: metric for metric in _TABLE}
"""The metrics of answers and of probabilities of classes, by scikit-learn's names."""


def meaning(name: str, *, of_classes: bool = False) -> str:
    """What a metric of any target measures, in a few words; empty for a name that is in no table.

    Args:
        name: of the metric.
        of_classes: whether the target has several classes; `accuracy` is a metric of either.

    >>> meaning("accuracy", of_classes=True), meaning("roc_auc")
    ('the share of right answers', 'how often a positive ranks above a negative; 0.5 is random')
    """
    if name in CLASS_METRICS and (of_classes or name not in METRICS):
        return CLASS_METRICS[name].meaning
    return metric_meaning(name)
