"""Compares *learners*: would a gain remain if the models were trained again, on other rows?

The bootstrap of `evidence` is about these fitted predictions. Here a variant is fitted once per fold. Folds
share most of their training rows, so a plain t-test over folds rejects far too often: up to one time in three
if there is no difference. Nadeau and Bengio (2003) correct the variance for the shared rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.stats import t as student

from iterata.documents.models.enums import STATUS_QUO
from iterata.measure.intervals import CONFIDENCE, ROUNDING
from iterata.measure.multiplicity import holm
from iterata.results import Estimate, LearnerResult

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from iterata.arrays import Bools, Floats
    from iterata.experiment.folds import Fold
    from iterata.measure.kpi_scale import KpiScale

CORRELATION = 1.5
"""The covariance of two folds as a multiple of what Nadeau and Bengio assume. That of models that
have learned only noise is 1.2 to 1.3 times as large with one repeat, and larger with several, which add no
rows."""

MAX_FREEDOM = 9
"""The most degrees of freedom. More folds have smaller test sets and more common training rows, so that their
differences say less than as many independent ones would."""

MIN_FOLDS = 5
"""The fewest folds, in all repeats, that say how much folds differ: with 2 folds of few positives, both often
have the same difference by chance."""


class CorrectedTTest(NamedTuple):
    """The difference between two learners, with its corrected t-test."""

    difference: float
    """The mean over the folds."""
    low: float
    high: float
    p: float
    """Two-sided, of the difference from `by`."""
    folds: int


def corrected_t_test(
    differences: Floats,
    train: float,
    test: float,
    *,
    by: float = 0.0,
    counts: Floats | None = None,
    rounding: float = 0.0,
    cautious: bool = False,
) -> CorrectedTTest | None:
    """The corrected resampled t-test of Nadeau and Bengio (2003, equation 5, with the variance of section 3).

    Folds of unequal size count by their rows. Their number is then the effective one, `1 / sum(share ** 2)`.

    Args:
        differences: `(folds,)`, the gain of one learner over the other on the test rows of each fold.
        train: the average number of training rows of a fold.
        test: the average number of test rows of a fold.
        by: the difference that is tested against.
        counts: `(folds,)`, the test rows of each fold by weight; None if folds are of equal size.
        rounding: how much two equal differences can differ.
        cautious: whether models may have learned only noise (`CORRELATION`, `MAX_FREEDOM`).

    Returns:
        None for fewer than `MIN_FOLDS` folds, or if all differences are the same: both say nothing about
        chance.
    """
    if len(differences) < MIN_FOLDS:
        return None
    if np.ptp(differences) <= max(rounding, ROUNDING * np.abs(differences).max()):
        return None
    shares = np.full(len(differences), 1 / len(differences)) if counts is None else counts / counts.sum()
    mean, effective = float(shares @ differences), float(1 / (shares @ shares))
    variance = float(shares @ np.square(differences - mean)) / (1 - 1 / effective)
    common = (CORRELATION if cautious else 1.0) * test / train
    standard_error = float(np.sqrt((1 / effective + common) * variance))
    freedom = min(effective - 1, MAX_FREEDOM) if cautious else effective - 1
    margin = float(student.ppf((1 + CONFIDENCE) / 2, freedom)) * standard_error
    p = 2 * float(student.sf(abs(mean - by) / standard_error, freedom))
    return CorrectedTTest(mean, mean - margin, mean + margin, p, len(differences))


class PairTest(NamedTuple):
    """The comparison of two models over the folds."""

    difference: float
    """The mean over the folds in which both have the KPI; NaN if there are none."""
    test: CorrectedTTest | None
    """None if the folds are too few, or do not differ."""
    folds: int
    """In how many folds both have the KPI."""
    undefined: int
    """In how many they do not, as ROC AUC without a positive row."""


@dataclass(frozen=True)
class FoldComparison:
    """Models that were fitted once for each of the random folds, and others on the same folds."""

    kpi_scale: KpiScale
    """Of all rows."""
    folds: Sequence[Fold]
    """Of all repeats."""
    scores: Mapping[str, Floats]
    """`(repeats, n)` by variant."""
    fitted: frozenset[str]
    """The variants that were fitted anew for each fold, rather than read from a file."""
    rows: Bools | None = None
    """The rows that are compared, `(n,)`; None for all of them."""
    _kpis: dict[str, Floats] = field(default_factory=dict)

    def among(self, rows: Bools) -> FoldComparison:
        """The same comparison of some of the rows, as if they were all rows."""
        return replace(self, rows=rows, _kpis={})

    def decides(self, variant: str, over: str) -> bool:
        """Whether a difference between two models depends on the rows that one of them was fitted on."""
        return bool({variant, over} & self.fitted)

    def test(self, variant: str, over: str, by: float = 0.0) -> PairTest:
        """Test the gain of one model over another."""
        one, other = self._kpi(variant), self._kpi(over)
        gains = self.kpi_scale.sign * (one - other)
        defined = ~np.isnan(gains)
        counts, undefined = self._counts[defined], int((~defined).sum())
        if not defined.any():
            return PairTest(np.nan, None, 0, undefined)
        train, test = (
            float(np.mean([len(part) for part in parts]))
            for parts in zip(*((fold.train, fold.test) for fold in self.folds), strict=True)
        )
        rounding = ROUNDING * float(np.abs(np.stack([one, other])[:, defined]).max())
        tested = corrected_t_test(
            gains[defined], train, test, by=by, counts=counts, rounding=rounding, cautious=True
        )
        mean = float(counts @ gains[defined] / counts.sum())
        return PairTest(mean, tested, int(defined.sum()), undefined)

    @property
    def _counts(self) -> Floats:
        """The test rows of each fold by weight: `(folds,)`."""
        counts = self.kpi_scale.outcomes.counts
        if self.rows is not None:
            counts = np.where(self.rows, counts, 0.0)
        return np.array([counts[fold.test].sum() for fold in self.folds])

    def _kpi(self, model: str) -> Floats:
        """The KPI of a model in each fold, `(folds,)`, for the period; NaN where it is not defined."""
        if model not in self._kpis:
            self._kpis[model] = np.array([self._in_fold(model, fold) for fold in self.folds])
        return self._kpis[model]

    def _in_fold(self, model: str, fold: Fold) -> float:
        scale = self.kpi_scale
        rows = np.zeros(len(scale.outcomes), dtype=bool)
        rows[fold.test] = True
        if self.rows is not None:
            rows &= self.rows
        if not rows.any():
            return np.nan
        predictions = (
            scale.status_quo_predictions if model == STATUS_QUO else self.scores[model][fold.repeat - 1]
        )
        of_fold = scale.outcomes.sample(rows)
        with np.errstate(divide="ignore", invalid="ignore"):
            return scale.factor * scale.kpi.measure(of_fold, predictions[rows]).on_sample(len(of_fold))


def learner_results(comparison: FoldComparison, comparable: Collection[str]) -> dict[str, LearnerResult]:
    """Every fitted variant against the status quo. A variant that the folds say nothing about is left out.

    Args:
        comparison: the models in each fold.
        comparable: the variants for which the rows are not too few.
    """
    tests = {
        name: tested
        for name in comparison.scores
        if name in comparison.fitted
        and name in comparable
        and (tested := comparison.test(name, STATUS_QUO).test) is not None
    }
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
