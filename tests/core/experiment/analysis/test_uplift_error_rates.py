"""How often verdicts are wrong if a treatment has no effect on anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import expit

from iterata.documents.models.enums import STATUS_QUO, Verdict
from iterata.documents.models.kpi import UpliftSpec
from iterata.documents.models.splits import StratifiedFolds
from iterata.experiment.analysis.learners import FoldComparison
from iterata.experiment.folds import make_folds
from iterata.experiment.splitters import SplitInputs
from iterata.measure.assignment import Assignment
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes

from .test_error_rates import ridge, verdict

if TYPE_CHECKING:
    from ....helpers.rates import Rates

KPI = UpliftSpec(kind="uplift", name="sales", unit="sales", budget=0.2, spend="forced")
ROWS = 500


def two_meta_learners(rng: np.random.Generator, signal: float) -> FoldComparison:
    """Two models for each arm, by ridge regressions on features that tell the outcome, and no effect."""
    features = rng.normal(size=(2, ROWS, 5))
    yes = rng.random(ROWS) < expit(-1.4 + signal * features.sum(axis=(0, 2)))
    treated = rng.permutation(ROWS) % 2 == 0
    split = StratifiedFolds(kind="stratified_folds", folds=5, seed=int(rng.integers(2**31)))
    folds = make_folds(split, SplitInputs(ROWS, yes, treated=treated))
    scores = np.empty((2, 1, ROWS))
    for fold in folds:
        for learner, own in enumerate(features):
            effects = [
                ridge(own[rows], yes[rows], own[fold.test])
                for arm in (treated, ~treated)
                for rows in [fold.train[arm[fold.train]]]
            ]
            scores[learner, 0, fold.test] = effects[0] - effects[1]
    outcomes = Outcomes(yes * 1.0, assignment=Assignment(treated, np.full(ROWS, 0.5), declared=True))
    scale = KpiScale.of(KPI, outcomes, rng.random(ROWS), None)
    return FoldComparison(scale, folds, {"a": scores[0], "b": scores[1]}, frozenset("ab"))


@pytest.mark.statistical
@pytest.mark.parametrize("signal", [0.0, 0.3])
def test_treatment_without_effect_rarely_decides_a_claim(rates: Rates, signal: float) -> None:
    rng, runs = np.random.default_rng(round(10 * signal)), 150
    comparisons = [two_meta_learners(rng, signal) for _ in range(runs)]
    tells = "that tell the outcome" if signal else "of noise"
    where = f"500 rows, no effect, features {tells}, uplift at 20 %, 5 stratified folds"
    for over, what in (
        ("b", "one of two estimates of an effect that is not there is called better or worse"),
        (STATUS_QUO, "an estimate of an effect that is not there is called better or worse than random"),
    ):
        decided = (verdict(comparison, "a", over) for comparison in comparisons)
        wrong = sum(found in (Verdict.SUPPORTED, Verdict.REFUTED) for found in decided)
        rates.record(what, where, wrong=wrong, of=runs)
