"""Compares *learners*: would the difference come back if the models were trained anew, on other rows?

The bootstrap of `compare` is about these fitted predictions. Here a variant is fitted once per fold, and
folds share most of their training rows, so that a plain t-test over folds errs far too often: on null data it
may reject one time in three. Nadeau and Bengio (2003) put the variance right by what is shared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.stats import t as student

from iterata.measure.weightings import ObservedSample, Weightings
from iterata.results import Estimate, LearnerResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iterata.arrays import Floats
    from iterata.data.labelled_rows import LabelledRows
    from iterata.experiment.folds import Fold
    from iterata.experiment.splitters import Rows
    from iterata.measure.kpi_scale import KpiScale


class Resampled(NamedTuple):
    """What the folds say of a difference between two learners."""

    difference: float
    """The mean over the folds."""
    low: float
    high: float
    p: float
    """Two-sided: how often folds would differ so much if the learners did not."""
    folds: int


def compare(differences: Floats, train: float, test: float, confidence: float = 0.95) -> Resampled | None:
    """The corrected resampled t-test of Nadeau and Bengio (2003, equation 5, with the variance of section 3).

    Args:
        differences: `(folds,)`, what one learner has over the other on the test rows of each fold.
        train: how many rows a fold learns from, on average.
        test: how many it is judged on.
        confidence: of the interval.

    Returns:
        None of fewer than two folds, which cannot tell anything of chance.
    """
    folds = len(differences)
    if folds < 2:
        return None
    mean = float(np.mean(differences))
    error = float(np.sqrt((1 / folds + test / train) * np.var(differences, ddof=1)))
    reach = float(student.ppf((1 + confidence) / 2, folds - 1)) * error
    if error == 0:
        return Resampled(mean, mean, mean, float(mean == 0), folds)
    p = 2 * float(student.sf(abs(mean) / error, folds - 1))
    return Resampled(mean, mean - reach, mean + reach, p, folds)


def of_variants(
    kpi_scale: KpiScale, frame: LabelledRows, folds: Sequence[Fold], scores: Mapping[str, Floats]
) -> dict[str, LearnerResult]:
    """What the folds say of each variant against the status quo; nothing of fewer than two.

    A fold that has no such KPI, as ROC AUC where no row is positive, has nothing to say.

    Args:
        kpi_scale: knows the KPI and the period.
        frame: all rows.
        folds: drawn by chance, over all repeats.
        scores: `(repeats, n)` by variant.
    """
    judged = [np.isin(np.arange(frame.rows), fold.test) for fold in folds]
    outcomes = [frame.outcomes.among(rows) for rows in judged]

    def measured(predictions: Sequence[Floats]) -> Floats:
        return np.array(
            [
                kpi_scale.factor
                * kpi_scale.kpi.measure(truth, each)(Weightings(ObservedSample(len(truth)))).item()
                for truth, each in zip(outcomes, predictions, strict=True)
            ]
        )

    today = measured([frame.status_quo_prediction[rows] for rows in judged])
    train, test = (float(np.mean([len(part) for part in parts])) for parts in _sizes(folds))
    found = {}
    for name, each in scores.items():
        theirs = [each[fold.repeat - 1][rows] for fold, rows in zip(folds, judged, strict=True)]
        differences = kpi_scale.sign * (measured(theirs) - today)
        resampled = compare(differences[~np.isnan(differences)], train, test)
        if resampled is not None:
            found[name] = resampled
    adjusted = holm([each.p for each in found.values()])
    return {
        name: LearnerResult(
            difference=Estimate(value=each.difference, low=each.low, high=each.high),
            p=each.p,
            p_holm=p_holm,
            folds=each.folds,
        )
        for (name, each), p_holm in zip(found.items(), adjusted, strict=True)
    }


def _sizes(folds: Sequence[Fold]) -> tuple[list[Rows], list[Rows]]:
    return [fold.train for fold in folds], [fold.test for fold in folds]


def holm(p: Sequence[float]) -> list[float]:
    """p-values of several questions asked at once, so that the chance of any false alarm stays what it says.

    Holm (1979): the smallest is multiplied by how many there are, the next by one less, and none comes out
    below one before it.

    >>> [round(each, 2) for each in holm([0.01, 0.04, 0.03, 0.005])]
    [0.03, 0.06, 0.06, 0.02]
    """
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(np.asarray(p)[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(raised, 1)
    return adjusted.tolist()
