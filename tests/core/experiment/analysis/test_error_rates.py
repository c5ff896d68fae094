"""How often verdicts are wrong if there is nothing to find: learners of noise, drift, serial correlation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import binom

from iterata.data.blocks import consecutive_blocks
from iterata.documents.models.enums import STATUS_QUO, Verdict
from iterata.documents.models.kpi import ForecastCostSpec, MetricSpec, TargetingSpec
from iterata.documents.models.splits import GroupFolds, StratifiedFolds, TimeOrdered
from iterata.experiment.analysis.compare import compare
from iterata.experiment.analysis.evidence import Figure
from iterata.experiment.analysis.learners import FoldComparison
from iterata.experiment.analysis.sufficiency import MIN_DIFFERING
from iterata.experiment.analysis.verdict import claim_of_folds, claim_of_predictions
from iterata.experiment.folds import make_folds
from iterata.experiment.splitters import SplitInputs
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes
from iterata.measure.predictions import column

from .comparisons import compared, hypothesis

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.splits import Split

    from ....helpers.rates import Rates
    from .comparisons import MakePlan

TOP_FIFTH = TargetingSpec(kind="targeting", name="sales", unit="sales", budget=0.2)
AUC = MetricSpec(kind="metric", name="sales", unit="points", metric="roc_auc")
DECIDED = (Verdict.SUPPORTED, Verdict.REFUTED)


class Null(NamedTuple):
    """A case in which neither of two learners is better than the other."""

    where: str
    kpi: KpiSpec
    split: Split
    rows: int = 300
    columns: int = 8
    signal: float = 0.0
    base_rate: float = 0.2


def stratified(folds: int, repeats: int = 1) -> StratifiedFolds:
    return StratifiedFolds(kind="stratified_folds", folds=folds, repeats=repeats)


NULLS = [
    Null("300 rows, 20 % positive, targeting, 5 stratified folds", TOP_FIFTH, stratified(5)),
    Null("300 rows, 20 % positive, ROC AUC, 5 stratified folds", AUC, stratified(5)),
    Null("300 rows, 20 % positive, ROC AUC, 5 stratified folds, 5 times", AUC, stratified(5, 5)),
    Null("300 rows, 5 % positive, ROC AUC, 5 stratified folds", AUC, stratified(5), base_rate=0.05),
    Null(
        "200 rows, 20 % positive, ROC AUC, 20 folds of single rows",
        AUC,
        GroupFolds(kind="group_folds", folds=20),
        rows=200,
        columns=2,
    ),
    Null(
        "300 rows, features that tell as much, targeting, 5 stratified folds",
        TOP_FIFTH,
        stratified(5),
        signal=0.35,
    ),
]


def ridge(features: Floats, target: Bools, others: Floats) -> Floats:
    """The scores of a ridge regression."""
    mean = features.mean(axis=0)
    centered = features - mean
    gram = centered.T @ centered + np.eye(features.shape[1])
    scores: Floats = (others - mean) @ np.linalg.solve(gram, centered.T @ (target - target.mean()))
    return scores


def two_learners(rng: np.random.Generator, null: Null) -> FoldComparison:
    """Two ridge regressions on features of their own, and a random status quo."""
    features = rng.normal(size=(2, null.rows, null.columns))
    logit = np.log(null.base_rate / (1 - null.base_rate)) + null.signal * features.sum(axis=(0, 2))
    positive = rng.random(null.rows) < expit(logit)
    split = null.split.model_copy(update={"seed": int(rng.integers(2**31))})
    folds = make_folds(split, SplitInputs(null.rows, labels=positive))
    scores = np.empty((2, split.repeats, null.rows))
    for fold in folds:
        for learner, own in enumerate(features):
            predicted = ridge(own[fold.train], positive[fold.train], own[fold.test])
            scores[learner, fold.repeat - 1, fold.test] = predicted
    scale = KpiScale.of(null.kpi, Outcomes.of(positive), rng.random(null.rows), None)
    return FoldComparison(scale, folds, {"a": scores[0], "b": scores[1]}, frozenset("ab"))


def verdict(comparison: FoldComparison, variant: str, over: str) -> Verdict:
    pair = comparison.test(variant, over)
    claim = claim_of_folds(pair, 0, "" if pair.test else "folds")
    return claim.verdict(claim.p)


@pytest.mark.statistical
@pytest.mark.parametrize("null", NULLS, ids=lambda null: null.where)
def test_claims_about_equal_learners_are_rarely_decided(rates: Rates, null: Null) -> None:
    rng, runs = np.random.default_rng(len(null.where)), 200
    comparisons = [two_learners(rng, null) for _ in range(runs)]
    wrong = sum(verdict(comparison, "a", "b") in DECIDED for comparison in comparisons)
    rates.record("one of two equal learners is called better or worse", null.where, wrong=wrong, of=runs)
    if null.signal == 0:
        wrong = sum(verdict(comparison, "a", STATUS_QUO) in DECIDED for comparison in comparisons)
        what = "a learner of noise is called better or worse than a random status quo"
        rates.record(what, null.where, wrong=wrong, of=runs)


@pytest.mark.statistical
@pytest.mark.parametrize("repeats", [1, 5])
def test_folds_find_a_learner_that_is_better_than_random(rates: Rates, repeats: int) -> None:
    """ROC AUC .77 against .5. More repeats give more power."""
    rng, runs = np.random.default_rng(12), 100
    null = Null("", AUC, stratified(5, repeats), signal=0.35)
    found = sum(verdict(two_learners(rng, null), "a", STATUS_QUO) is Verdict.SUPPORTED for _ in range(runs))
    where = f"300 rows, 20 % positive, ROC AUC, 5 stratified folds{', 5 times' if repeats > 1 else ''}"
    what = "a learner with half of the features is called better than random"
    rates.power(what, where, detected=found, of=runs)


@pytest.mark.statistical
def test_drift_of_the_base_rate_is_no_gain(rates: Rates, plan: MakePlan) -> None:
    """From 5 % to 25 % positive: pooled over windows, a model of noise is supported in one of six cases."""
    rng, runs, rows = np.random.default_rng(3), 80, 900
    split = TimeOrdered(kind="time_ordered", column="day", folds=5)
    wrong, day = 0, np.arange(rows, dtype=np.float64)
    one_claim = plan(hypotheses=[hypothesis("noise")], resamples=200)
    for _ in range(runs):
        positive, features = rng.random(rows) < np.linspace(0.05, 0.25, rows), rng.normal(size=(rows, 3))
        score, window = np.full(rows, np.nan), np.zeros(rows, dtype=np.intp)
        for fold in make_folds(split, SplitInputs(rows, labels=positive, times=day)):
            level = positive[fold.train].mean()
            score[fold.test] = level + ridge(features[fold.train], positive[fold.train], features[fold.test])
            window[fold.test] = fold.number
        rows_predicted = window > 0
        outcomes = replace(Outcomes.of(positive[rows_predicted]), window=window[rows_predicted])
        status_quo = rng.random(len(outcomes))
        scale = KpiScale.of(TOP_FIFTH, outcomes, status_quo, None)
        columns = {STATUS_QUO: [column(status_quo)], "noise": [column(score[rows_predicted])]}
        units, _ = consecutive_blocks(day[rows_predicted])
        comparison = compare(one_claim, scale, columns, units=units, plan_segments=[], guardrail_masks={})
        wrong += comparison.hypotheses[0].verdict in DECIDED
    where = "900 rows, 5 % to 25 % positive, 5 windows of time"
    what = "a learner of noise is called better or worse than a random status quo"
    rates.record(what, where, wrong=wrong, of=runs)


def autoregressive(rng: np.random.Generator, rows: int, memory: float) -> Floats:
    """A series in which each value resembles the one before it."""
    series, value = np.empty(rows), 0.0
    for row, step in enumerate(rng.normal(scale=np.sqrt(1 - memory**2), size=rows + 50)):
        value = memory * value + step
        if row >= 50:
            series[row - 50] = value
    return series


@pytest.mark.statistical
@pytest.mark.parametrize(("memory", "at_most"), [(0.0, 0.05), (0.5, 0.1), (0.8, 0.1)])
def test_blocks_of_time_cover_the_difference_of_forecasts(
    rates: Rates, plan: MakePlan, memory: float, at_most: float
) -> None:
    """Two forecasts are wrong by a series; their costs are equal in the long run."""
    rng, runs, rows, missed = np.random.default_rng(5), 150, 465, 0
    cost = ForecastCostSpec(kind="forecast_cost", name="sales", unit="EUR", under=1, over=1)
    units, _ = consecutive_blocks(np.arange(rows, dtype=np.float64))
    one_claim = plan(hypotheses=[hypothesis("model")], resamples=300)
    for _ in range(runs):
        error = autoregressive(rng, rows, memory)
        predictions = {STATUS_QUO: 90 + error, "model": 90 - error}
        scale = KpiScale.of(cost, Outcomes(np.full(rows, 80.0)), predictions[STATUS_QUO], None)
        columns = {model: [column(values)] for model, values in predictions.items()}
        comparison = compare(one_claim, scale, columns, units=units, plan_segments=[], guardrail_masks={})
        ends = comparison.variants["model"].difference.interval
        assert ends is not None
        missed += not ends[0] <= 0 <= ends[1]
    where = f"465 days, autocorrelation {memory:g}, blocks of time"
    rates.record(
        "interval of a difference of costs misses the truth",
        where,
        wrong=missed,
        of=runs,
        at_most=at_most if at_most > 0.05 else None,
    )


@pytest.mark.parametrize("differing", [MIN_DIFFERING, 14, 19, 24, 40])
def test_claims_from_few_differing_rows_err_as_little_as_the_sign_test(differing: int) -> None:
    """Exact: every number of rows that favours one model, by its probability if neither is better."""
    drawn = np.random.default_rng(1).poisson(1, size=(4000, differing))
    wrong = 0.0
    for wins in range(differing + 1):
        gain = np.where(np.arange(differing) < wins, 1.0, -1.0)
        claim = claim_of_predictions(Figure(gain.sum(), drawn @ gain), 0, "", "")
        if claim.verdict(claim.p) is Verdict.SUPPORTED:
            wrong += binom.pmf(wins, differing, 0.5)
    assert wrong <= 0.035


@pytest.mark.parametrize(("wins", "losses"), [(4, 0), (9, 0), (5, 4)])
def test_few_differing_rows_are_too_few_to_tell(plan: MakePlan, wins: int, losses: int) -> None:
    """Both models contact 100 of 500 customers; few of those that only one contacts are positive."""
    positive = np.zeros(500, dtype=bool)
    positive[:50] = True
    status_quo, model = np.zeros(500), np.zeros(500)
    status_quo[:30] = model[:30] = 2
    model[30 : 30 + wins] = status_quo[40 : 40 + losses] = 1
    for score in (status_quo, model):
        score[50 : 50 + 100 - int((score > 0).sum())] = 1
    one_claim = plan(hypotheses=[hypothesis("model")])
    comparison = compared(one_claim, TOP_FIFTH, positive, {STATUS_QUO: status_quo, "model": model})
    (answer,), captured = comparison.hypotheses, comparison.variants["model"].captured_share
    assert captured is not None
    assert (captured.value, captured.interval) == (pytest.approx((wins - losses) / (20 - losses)), None)
    assert answer.difference.value == wins - losses
    assert (answer.verdict, answer.p, answer.difference.interval) == (Verdict.TOO_FEW, None, None)
    assert f"{MIN_DIFFERING - wins - losses} more" in answer.needed


def test_twelve_wins_are_enough_to_tell(plan: MakePlan) -> None:
    positive: Any = np.arange(500) < 60
    status_quo, model = np.zeros(500), np.zeros(500)
    status_quo[:30] = model[:30] = 2
    model[30:42] = 1
    status_quo[60:130] = 1
    model[60:118] = 1
    one_claim = plan(hypotheses=[hypothesis("model")])
    answer = compared(one_claim, TOP_FIFTH, positive, {STATUS_QUO: status_quo, "model": model}).hypotheses[0]
    assert answer.verdict is Verdict.SUPPORTED
