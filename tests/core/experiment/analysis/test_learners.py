"""Learners compared over folds: a published example, independent references, and false positive rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student
from sklearn.datasets import make_moons
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold, StratifiedKFold
from sklearn.svm import SVC
from statsmodels.stats.multitest import multipletests

from iterata.documents.models.kpi import TargetingSpec
from iterata.documents.models.period import Period
from iterata.experiment.analysis.learners import (
    CORRELATION,
    MAX_FREEDOM,
    FoldComparison,
    corrected_t_test,
    learner_results,
)
from iterata.experiment.folds import Fold
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.multiplicity import false_discovery, holm
from iterata.measure.outcomes import Outcomes

from .comparisons import outcome_value

if TYPE_CHECKING:
    from iterata.arrays import Floats

    from ....helpers.rates import Rates


@pytest.fixture(scope="module")
def kernels() -> dict[str, Floats]:
    """scikit-learn's example of comparing models of a grid search: the ROC AUC of each kernel by fold."""
    features, target = make_moons(noise=0.352, random_state=1, n_samples=100)
    grid = [
        {"kernel": ["linear"]},
        {"kernel": ["poly"], "degree": [3]},
        {"kernel": ["rbf"]},
    ]
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    search = GridSearchCV(SVC(random_state=0), grid, scoring="roc_auc", cv=folds).fit(features, target)
    names = ("linear", "poly3", "rbf")
    splits = [f"split{number}_test_score" for number in range(100)]
    return {name: np.array([search.cv_results_[key][at] for key in splits]) for at, name in enumerate(names)}


@pytest.mark.parametrize(
    ("other", "t", "one_sided"), [("linear", 0.7503126954, 0.2274229710), ("poly3", 1.657, None)]
)
def test_t_test_equals_the_example_of_scikit_learn(
    kernels: dict[str, Floats], other: str, t: float, one_sided: float | None
) -> None:
    tested = corrected_t_test(kernels["rbf"] - kernels[other], 90, 10)
    assert tested is not None
    error = tested.difference / t
    assert tested.high - tested.difference == pytest.approx(1.984216952 * error, rel=5e-4)
    if one_sided is not None:
        assert tested.p / 2 == pytest.approx(one_sided, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_equals_that_of_statsmodels(p: list[float]) -> None:
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1].tolist())


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_false_discovery_rate_equals_that_of_statsmodels(p: list[float]) -> None:
    adjusted = false_discovery([None, *p])
    assert adjusted[0] is None
    assert adjusted[1:] == pytest.approx(multipletests(p, method="fdr_bh")[1].tolist())


def test_fewer_than_five_folds_have_no_t_test() -> None:
    gains = np.array([0.3, 0.1, 0.2, 0.4, 0.1])
    assert corrected_t_test(gains[:4], 80, 20) is None
    assert corrected_t_test(gains, 80, 20) is not None


@pytest.mark.parametrize("gain", [0.0, 0.5, 0.1 + 0.2])
def test_folds_with_the_same_difference_say_nothing_about_chance(gain: float) -> None:
    """Up to rounding: 0.1 + 0.2 is not 0.3 in floating-point numbers."""
    gains = np.full(5, gain)
    gains[0] = np.round(gain, 12)
    assert corrected_t_test(gains, 80, 20) is None


def test_cautious_test_takes_more_covariance_and_fewer_degrees_of_freedom() -> None:
    """By hand, with folds of unequal size."""
    gains, counts = np.random.default_rng(0).normal(0.1, 1, size=20), np.arange(1, 21)
    share = counts / counts.sum()
    mean, folds = share @ gains, 1 / np.square(share).sum()
    variance = (share @ np.square(gains - mean)) / (1 - 1 / folds)
    error = np.sqrt((1 / folds + CORRELATION * 10 / 190) * variance)
    tested = corrected_t_test(gains, 190, 10, by=0.5, counts=counts, cautious=True)
    assert tested is not None
    assert tested.p == pytest.approx(2 * student.sf(abs(mean - 0.5) / error, MAX_FREEDOM))
    assert (tested.low, tested.high) == pytest.approx(
        student.interval(0.95, MAX_FREEDOM, loc=mean, scale=error)
    )


def test_weights_of_equal_folds_change_nothing() -> None:
    gains = np.random.default_rng(0).normal(size=7)
    assert corrected_t_test(gains, 60, 10, counts=np.full(7, 3.0)) == pytest.approx(
        corrected_t_test(gains, 60, 10)
    )


def accuracy(features: Floats, target: Floats, train: Floats, test: Floats) -> float:
    """The accuracy of a nearest-centroid classifier."""
    centroids = [features[train][target[train] == outcome].mean(axis=0) for outcome in (0, 1)]
    distances = [np.square(features[test] - centroid).sum(axis=1) for centroid in centroids]
    return float(np.mean((distances[1] < distances[0]) == target[test]))


@pytest.mark.statistical
def test_false_positive_rate_of_equal_learners_is_at_most_the_level(rates: Rates) -> None:
    """Two learners that see only noise. A plain t-test over the same folds errs far more often."""
    rng, runs, corrected, plain = np.random.default_rng(5), 250, 0, 0
    target = np.arange(80) % 2
    folds = list(RepeatedStratifiedKFold(n_splits=5, n_repeats=4, random_state=0).split(target, target))
    for _ in range(runs):
        first, second = rng.normal(size=(2, 80, 2))
        gains = np.array([accuracy(first, target, *fold) - accuracy(second, target, *fold) for fold in folds])
        tested = corrected_t_test(gains, 64, 16)
        assert tested is not None
        corrected += tested.p < 0.05
        plain += abs(gains.mean()) / (gains.std(ddof=1) / np.sqrt(20)) > 2.093
    where = "80 rows, 5 folds repeated 4 times, corrected t"
    rates.record("one of two learners of noise is called better", where, wrong=corrected, of=runs)
    assert plain / runs > 0.2


def test_lower_cost_is_a_gain_of_the_learner() -> None:
    rng, rows = np.random.default_rng(4), 120
    positive = rng.random(rows) < 0.3
    cost = outcome_value("minimise", fp=1, fn=1)
    status_quo, better = np.zeros(rows), np.where(rng.random(rows) < 0.9, positive, ~positive).astype(float)
    kpi_scale = KpiScale.of(cost, Outcomes.of(positive), status_quo, None)
    parts = StratifiedKFold(5, shuffle=True, random_state=0).split(status_quo, positive)
    folds = [Fold(1, number, *part) for number, part in enumerate(parts, 1)]
    learners = learner_results(
        FoldComparison(kpi_scale, folds, {"better": better[None]}, frozenset({"better"})), ["better"]
    )
    wrong = [(positive[fold.test].sum(), (better != positive)[fold.test].sum()) for fold in folds]
    assert learners["better"].difference.value == pytest.approx(
        np.mean([rows / 24 * (by_status_quo - by_better) for by_status_quo, by_better in wrong])
    )
    assert learners["better"].difference.value > 0


def test_each_fold_is_measured_by_the_kpi_of_the_period() -> None:
    """Sales among the best-scored fifth of each fold, for a mailing of 1,000."""
    rng, rows = np.random.default_rng(9), 200
    positive, status_quo, better = rng.random(rows) < 0.3, rng.random(rows), rng.random((2, rows))
    better += positive
    parts = [
        (repeat, train, test)
        for repeat in (1, 2)
        for train, test in StratifiedKFold(4, shuffle=True, random_state=repeat).split(status_quo, positive)
    ]
    folds = [Fold(repeat, number % 4 + 1, *part) for number, (repeat, *part) in enumerate(parts)]
    spec = TargetingSpec(kind="targeting", name="sales", unit="policies", budget=0.2)
    kpi_scale = KpiScale.of(spec, Outcomes.of(positive), status_quo, Period(name="mailing", rows=1000))
    worse = np.stack([status_quo, 1 - status_quo])
    scores = {"better": better, "worse": worse, "read": better}
    comparison = FoldComparison(kpi_scale, folds, scores, frozenset({"better", "worse"}))
    assert list(learner_results(comparison, ["worse"])) == ["worse"]
    learners = learner_results(comparison, list(scores))
    assert list(learners) == ["better", "worse"]

    def sold(score: Floats, test: Floats) -> float:
        best = test[np.argsort(-score[test])[: len(test) // 5]]
        return 1000 * float(positive[best].sum()) / len(test)

    gains = [sold(better[repeat - 1], test) - sold(status_quo, test) for repeat, _, test in parts]
    expected = corrected_t_test(np.array(gains), 150, 50, cautious=True)
    assert expected is not None
    assert learners["better"].difference.value == pytest.approx(expected.difference, rel=1e-6)
    assert learners["better"].difference.low == pytest.approx(expected.low, rel=1e-6)
    assert learners["better"].p_holm == pytest.approx(2 * expected.p, rel=1e-6)
    over = [sold(better[repeat - 1], test) - sold(worse[repeat - 1], test) for repeat, _, test in parts]
    pair = comparison.test("better", "worse", by=20)
    by_twenty = corrected_t_test(np.array(over), 150, 50, by=20, cautious=True)
    assert by_twenty is not None
    assert (pair.difference, pair.test) == (pytest.approx(np.mean(over)), pytest.approx(by_twenty))
