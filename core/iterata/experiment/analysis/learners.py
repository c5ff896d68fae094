"""Compares *learners*: would a gain remain if the models were trained again, on other rows?

The bootstrap of `compare` is about these fitted predictions. Here a variant is fitted once per fold. Folds
share most of their training rows, so a plain t-test over folds rejects far too often: up to one time in three
if there is no difference. Nadeau and Bengio (2003) correct the variance for the shared rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.stats import t as student

from iterata.measure.intervals import CONFIDENCE
from iterata.results import Estimate, LearnerResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iterata.arrays import Bools, Floats
    from iterata.data.labelled_rows import LabelledRows
    from iterata.experiment.folds import Fold
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.outcomes import Outcomes


class CorrectedTTest(NamedTuple):
    """The difference between two learners, with its corrected t-test."""

    difference: float
    """The mean over the folds."""
    low: float
    high: float
    p: float
    """Two-sided."""
    folds: int


def corrected_t_test(
    differences: Floats, train: float, test: float, confidence: float = CONFIDENCE
) -> CorrectedTTest | None:
    """The corrected resampled t-test of Nadeau and Bengio (2003, equation 5, with the variance of section 3).

    Args:
        differences: `(folds,)`, the gain of one learner over the other on the test rows of each fold.
        train: the average number of training rows of a fold.
        test: the average number of test rows of a fold.
        confidence: of the interval.

    Returns:
        None for fewer than two folds, which say nothing about chance.
    """
    folds = len(differences)
    if folds < 2:
        return None
    mean = float(np.mean(differences))
    standard_error = float(np.sqrt((1 / folds + test / train) * np.var(differences, ddof=1)))
    margin = float(student.ppf((1 + confidence) / 2, folds - 1)) * standard_error
    if standard_error == 0:
        return CorrectedTTest(mean, mean, mean, float(mean == 0), folds)
    p = 2 * float(student.sf(abs(mean) / standard_error, folds - 1))
    return CorrectedTTest(mean, mean - margin, mean + margin, p, folds)


def compare_learners(
    kpi_scale: KpiScale, data: LabelledRows, folds: Sequence[Fold], scores: Mapping[str, Floats]
) -> dict[str, LearnerResult]:
    """Compare each variant with the status quo, over the folds.

    A fold on which the KPI is not defined, such as ROC AUC without a positive row, is left out. A variant
    with fewer than two folds has no result.

    Args:
        kpi_scale: measures the KPI, for the period.
        data: all rows.
        folds: drawn at random, over all repeats.
        scores: `(repeats, n)` by variant.
    """
    test_rows = [np.isin(np.arange(data.rows), fold.test) for fold in folds]
    outcomes = [data.outcomes.sample(rows) for rows in test_rows]
    status_quo = _kpi_by_fold(kpi_scale, outcomes, [data.status_quo_prediction[rows] for rows in test_rows])
    train = float(np.mean([len(fold.train) for fold in folds]))
    test = float(np.mean([len(fold.test) for fold in folds]))
    tests = {}
    for name, variant_scores in scores.items():
        by_fold = _kpi_by_fold(kpi_scale, outcomes, _scores_by_fold(variant_scores, folds, test_rows))
        gains = kpi_scale.sign * (by_fold - status_quo)
        tested = corrected_t_test(gains[~np.isnan(gains)], train, test)
        if tested is not None:
            tests[name] = tested
    return _with_holm(tests)


def _scores_by_fold(scores: Floats, folds: Sequence[Fold], test_rows: Sequence[Bools]) -> list[Floats]:
    return [scores[fold.repeat - 1][rows] for fold, rows in zip(folds, test_rows, strict=True)]


def _kpi_by_fold(kpi_scale: KpiScale, outcomes: Sequence[Outcomes], scores: Sequence[Floats]) -> Floats:
    """The KPI of each fold, `(folds,)`, for the period."""
    kpi, factor = kpi_scale.kpi, kpi_scale.factor
    return np.array(
        [
            factor * kpi.measure(of_fold, prediction).on_sample(len(of_fold))
            for of_fold, prediction in zip(outcomes, scores, strict=True)
        ]
    )


def _with_holm(tests: Mapping[str, CorrectedTTest]) -> dict[str, LearnerResult]:
    adjusted = holm([test.p for test in tests.values()])
    return {
        name: LearnerResult(
            difference=Estimate(value=test.difference, low=test.low, high=test.high),
            p=test.p,
            p_holm=p_holm,
            folds=test.folds,
        )
        for (name, test), p_holm in zip(tests.items(), adjusted, strict=True)
    }


def holm(p: Sequence[float]) -> list[float]:
    """p-values adjusted for multiple tests (Holm, 1979): they control the probability of any false positive.

    The smallest is multiplied by their number, the next by one less, and so on; none becomes smaller than one
    before it.

    >>> [round(adjusted, 2) for adjusted in holm([0.01, 0.04, 0.03, 0.005])]
    [0.03, 0.06, 0.06, 0.02]
    """
    order = np.argsort(p, kind="stable")
    increasing = np.maximum.accumulate(np.asarray(p)[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(increasing, 1)
    return adjusted.tolist()
