"""Figures and intervals of a comparison: those of a direct computation, with the stated error rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from iterata.documents.models.enums import STATUS_QUO, Verdict
from iterata.measure.bootstrap import weights

from .comparisons import compared, hypothesis, outcome_value, secondary

if TYPE_CHECKING:
    from iterata.documents.models.kpi import TargetingSpec
    from iterata.results import Estimate

    from ....helpers.rates import Rates
    from .comparisons import Crowd, MakePlan


@pytest.mark.statistical
@pytest.mark.parametrize("kind", ["targeting", "outcome_value"])
def test_uninformative_models_are_rarely_called_better_or_worse(
    plan: MakePlan, sales: TargetingSpec, rates: Rates, kind: str
) -> None:
    """At most 2.5 % of models without information are called better, and as many worse, after Holm."""
    kpi: Any = sales if kind == "targeting" else outcome_value(tp=5, fp=-1)
    rng = np.random.default_rng(20)
    pairs = [(f"a{number}", f"b{number}") for number in range(4)]
    four_pairs = plan(hypotheses=[hypothesis(*pair) for pair in pairs], resamples=300)
    verdicts: list[Verdict] = []
    for _ in range(150):
        names = [STATUS_QUO, *(name for pair in pairs for name in pair)]
        noise = {name: rng.random(400) for name in names}
        comparison = compared(four_pairs, kpi, rng.random(400) < 0.2, noise)
        verdicts += [answer.verdict for answer in comparison.hypotheses]
    for verdict in (Verdict.SUPPORTED, Verdict.REFUTED):
        rates.record(
            f"model of noise is {verdict} against noise",
            f"{kind.replace('_', ' ')}, 400 rows, 20 % positive, predictions of a file, 4 hypotheses",
            wrong=verdicts.count(verdict),
            of=len(verdicts),
            nominal=0.025,
        )


def households(rng: np.random.Generator, units: int, rows_per_unit: int) -> tuple[Any, dict[str, Any], Any]:
    """Customers whose households are alike; one model knows the income, the other a noisy income."""
    unit = np.repeat(np.arange(units), rows_per_unit)
    income = rng.normal(size=units)[unit]
    noisy = income + rng.normal(size=units)[unit]
    positive = (rng.random(units) < expit(2 * income[::rows_per_unit] - 1))[unit]
    return positive, {STATUS_QUO: rng.random(len(unit)), "exact": income, "noisy": noisy}, unit


@pytest.mark.statistical
def test_intervals_cover_the_true_difference_if_units_are_resampled(
    plan: MakePlan, sales: TargetingSpec, rates: Rates
) -> None:
    """Resampling rows instead of units gives intervals that are too narrow."""
    rng = np.random.default_rng(7)
    positive, predictions, _ = households(rng, 1_000_000, 1)
    truth = hits_per_row(positive, predictions["exact"]) - hits_per_row(positive, predictions["noisy"])
    one_pair = plan(hypotheses=[hypothesis("exact", "noisy")], resamples=300)
    covered = {"unit": 0, "row": 0}
    runs, rows = 150, 600
    for _ in range(runs):
        positive, predictions, unit = households(rng, rows // 3, 3)
        for resampled, units in (("unit", unit), ("row", None)):
            comparison = compared(one_pair, sales, positive, predictions, units=units)
            difference = comparison.hypotheses[0].difference
            covered[resampled] += difference.low <= truth * rows <= difference.high
    what, where = "interval of the difference of two models misses the truth", "200 units of 3 equal rows"
    rates.record(what, where, wrong=runs - covered["unit"], of=runs)
    assert covered["row"] / runs < 0.9


def hits_per_row(positive: Any, score: Any) -> float:
    """Positive rows in the best-scored fifth, per row of the data."""
    return float(positive[np.argsort(-score)[: len(score) // 5]].sum() / len(score))


def best_fifth(positive: Any, score: Any, weights: Any) -> float:
    """The positive rows among the best-scored 100 of 500 weighted rows; rows tied at the edge share it."""
    rows = np.repeat(np.arange(500), weights.astype(int))
    edge = np.sort(score[rows])[::-1][99]
    above, tied = score[rows] > edge, score[rows] == edge
    return float(positive[rows][above].sum() + positive[rows][tied].mean() * (100 - above.sum()))


def assert_interval(estimate: Estimate | None, resampled: Any) -> None:
    assert estimate is not None
    assert (estimate.low, estimate.high) == pytest.approx(tuple(np.quantile(resampled, [0.025, 0.975])))


def test_figures_equal_a_direct_computation(plan: MakePlan, sales: TargetingSpec, crowd: Crowd) -> None:
    positive, predictions = crowd
    one_metric = plan(metrics=secondary("roc_auc"), hypotheses=[hypothesis("model")], resamples=200)
    model = compared(one_metric, sales, positive, predictions).variants["model"]
    resamples = np.concatenate(
        list(weights(500, one_metric.resamples, np.random.default_rng(one_metric.seed)))
    )
    repeats, status_quo = predictions["model"], predictions[STATUS_QUO]
    by_model = np.array(
        [np.mean([best_fifth(positive, repeat, line) for repeat in repeats]) for line in resamples]
    )
    by_status_quo = np.array([best_fifth(positive, status_quo, line) for line in resamples])
    potential = np.array([min(100, line[positive].sum()) for line in resamples]) - by_status_quo
    all_rows = np.ones(500)
    assert model.kpi.value == pytest.approx(
        np.mean([best_fifth(positive, repeat, all_rows) for repeat in repeats])
    )
    assert_interval(model.difference, by_model - by_status_quo)
    assert_interval(model.captured_share, (by_model - by_status_quo) / potential)
    areas = [
        np.mean([roc_auc_score(positive, repeat, sample_weight=line) for repeat in repeats])
        - roc_auc_score(positive, status_quo, sample_weight=line)
        for line in resamples
    ]
    assert_interval(model.metrics[0].difference, areas)


def test_hypothesis_may_compare_two_variants(plan: MakePlan, sales: TargetingSpec, crowd: Crowd) -> None:
    positive, predictions = crowd
    two_models = {**predictions, "first repeat": predictions["model"][:1]}
    comparison = compared(plan(hypotheses=[hypothesis("model", "first repeat")]), sales, positive, two_models)
    model, first = (comparison.variants[name].kpi.value for name in ("model", "first repeat"))
    assert model != first
    assert comparison.hypotheses[0].difference.value == pytest.approx(model - first)


def test_intervals_are_wider_if_rows_of_a_unit_resemble_each_other(
    plan: MakePlan, sales: TargetingSpec
) -> None:
    positive, predictions, unit = households(np.random.default_rng(7), 300, 5)
    one_pair = plan(hypotheses=[hypothesis("exact", "noisy")])
    width = {}
    for resampled, units in (("unit", unit), ("row", None)):
        difference = compared(one_pair, sales, positive, predictions, units=units).hypotheses[0].difference
        assert difference.interval is not None
        low, high = difference.interval
        width[resampled] = high - low
    assert width["unit"] > 1.5 * width["row"]


def test_metric_that_cannot_evaluate_the_status_quo_has_no_difference(
    plan: MakePlan, sales: TargetingSpec, crowd: Crowd
) -> None:
    log_loss = plan(metrics=secondary("neg_log_loss"), hypotheses=[hypothesis("model")])
    comparison = compared(log_loss, sales, *crowd)
    assert comparison.status_quo_metrics[0].value is None
    (metric,) = comparison.variants["model"].metrics
    assert metric.value is not None
    assert metric.difference is None


def test_smaller_figure_is_a_gain_if_the_kpi_is_minimised(plan: MakePlan) -> None:
    cost = outcome_value("minimise", fp=1, fn=1)
    positive = np.arange(200) % 4 == 0
    predictions = {STATUS_QUO: np.zeros(200), "right": positive.astype(float)}
    comparison = compared(plan(hypotheses=[hypothesis("right", by=10)]), cost, positive, predictions)
    right = comparison.variants["right"]
    assert (right.kpi.value, right.difference.value) == (0, 50)
    assert right.captured_share is not None
    assert right.captured_share.value == 1
    assert comparison.hypotheses[0].verdict == "supported"
