"""The table of metrics: every metric equals scikit-learn's under every weighting, and one entry is enough."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import average_precision_score, get_scorer, get_scorer_names, roc_auc_score

from iterata.documents.models.enums import OutcomeKind, RankingMeasure
from iterata.documents.models.kpi import MetricSpec, outcome_of
from iterata.errors import RunError, at_field
from iterata.kpi import describe
from iterata.lift import expected_lift
from iterata.measure.binning import binning
from iterata.measure.metrics import (
    METRICS,
    RANKING_METRICS,
    ConfusionFormula,
    Metric,
    Needs,
    binary_metrics,
    metric_meaning,
)
from iterata.measure.outcomes import Outcomes
from iterata.measure.predictions import (
    LabelledPredictions,
    PredictionKind,
    binary_metric,
    can_evaluate,
    column,
    metric_measure,
)
from iterata.measure.score_order import ScoreOrder
from iterata.measure.weightings import RowByRow

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats
    from iterata.measure.predictions import PredictionColumn

    from ...helpers.golden import Golden


class Given(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A classifier whose only feature is its prediction, so that a scorer evaluates a given column."""

    classes_ = np.array([0, 1])

    def predict_proba(self, features: Any) -> Any:
        return np.column_stack([1 - features[:, 0], features[:, 0]])

    def predict(self, features: Any) -> Any:
        return (features[:, 0] > 0.5).astype(int)

    def __sklearn_is_fitted__(self) -> bool:
        return True


def measure_of(name: str, positive: Bools, predictions: PredictionColumn, weights: Floats) -> Floats:
    formula = METRICS[name].formula
    assert formula is not None
    return metric_measure(formula, LabelledPredictions(Outcomes.of(positive), predictions))(
        RowByRow.of(weights)
    )


@st.composite
def weighted_rows(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    """Outcomes, probabilities with many ties, and integer weights that keep both outcomes."""
    rows = draw(st.integers(2, 40))
    positive = np.array(draw(st.lists(st.booleans(), min_size=rows, max_size=rows)))
    positive[:2] = True, False
    values = st.sampled_from([0.0, 0.05, 0.2, 0.5, 0.51, 0.7, 0.95, 1.0])
    score = np.array(draw(st.lists(values, min_size=rows, max_size=rows)))
    lines = draw(st.integers(1, 4))
    counts = st.lists(st.integers(0, 4), min_size=rows * lines, max_size=rows * lines)
    weights = np.array(draw(counts), dtype=float).reshape(lines, rows)
    weights[:, :2] += 1
    return positive, score, weights


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
@pytest.mark.parametrize("name", binary_metrics())
@settings(max_examples=30, deadline=None)
@given(rows=weighted_rows())
def test_metric_equals_the_scorer_of_its_name(name: str, rows: tuple[Any, Any, Any]) -> None:
    positive, score, weights = rows
    ours = measure_of(name, positive, column(score, PredictionKind.PROBABILITY), weights)
    scorer = get_scorer(name)
    theirs = [scorer(Given(), score[:, None], positive.astype(int), sample_weight=line) for line in weights]
    assert ours == pytest.approx(theirs, abs=1e-12, rel=1e-12)


@settings(max_examples=80, deadline=None)
@given(rows=weighted_rows(), scale=st.floats(0.1, 1e6), shift=st.floats(-1e3, 1e3))
def test_curves_equal_scikit_learns_for_any_score_and_weights(
    rows: tuple[Any, Any, Any], scale: float, shift: float
) -> None:
    positive, score, weights = rows
    score, weights = score * scale + shift, weights * 0.37
    order, weightings = ScoreOrder(positive, score), RowByRow.of(weights)
    areas = [roc_auc_score(positive, score, sample_weight=line) for line in weights]
    precisions = [average_precision_score(positive, score, sample_weight=line) for line in weights]
    assert order.roc_auc()(weightings) == pytest.approx(areas, abs=1e-12)
    assert order.average_precision()(weightings) == pytest.approx(precisions, abs=1e-12)


def test_curve_of_a_resample_with_one_outcome_is_nan() -> None:
    order = ScoreOrder(np.array([True, False, False]), np.array([0.3, 0.2, 0.1]))
    weightings = RowByRow.of(np.array([[1.0, 1, 1], [0, 2, 1], [3, 0, 0]]))
    assert order.roc_auc()(weightings) == pytest.approx([1, np.nan, np.nan], nan_ok=True)
    assert order.average_precision()(weightings) == pytest.approx([1, np.nan, 1], nan_ok=True)


@pytest.mark.parametrize(
    ("values", "evaluated"),
    [
        ([0.2, 0.9], {Needs.SCORE, Needs.DECISION, Needs.PROBABILITY}),
        ([0, 1], {Needs.SCORE, Needs.DECISION}),
        ([3, 7], {Needs.SCORE}),
        ([-0.1, 0.5], {Needs.SCORE}),
    ],
)
def test_predictions_are_evaluated_by_the_metrics_that_suit_them(
    values: list[float], evaluated: set[Needs]
) -> None:
    predictions = column(np.array(values, dtype=float))
    assert {metric.needs for metric in METRICS.values() if can_evaluate(metric, predictions)} == evaluated


def test_decision_function_has_its_threshold_at_zero() -> None:
    predictions = column(np.array([-0.01, 0.01, 2.0]), PredictionKind.SCORE)
    positive = np.array([False, True, False])
    assert measure_of("accuracy", positive, predictions, np.ones((1, 3))) == pytest.approx([2 / 3])
    assert not can_evaluate(METRICS["neg_log_loss"], predictions)


@pytest.mark.parametrize("name", ["roc_acu", "neg_mean_squared_error", "adjusted_rand_score", "happiness"])
def test_metric_of_other_predictions_is_refused(name: str, golden: Golden) -> None:
    location = at_field("plan.metrics.secondary[0].metric")
    with pytest.raises(RunError) as refused:
        binary_metric(name, location)
    assert refused.value.location == location
    golden.check(f"metric_{name}", str(refused.value))


class TestTable:
    @pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
    def test_every_entry_is_consistent(self, metric: Metric) -> None:
        spec = MetricSpec(kind="metric", name="n", unit="u", metric=metric.name)
        assert metric.name in get_scorer_names()
        assert metric.meaning
        assert metric.target is outcome_of(spec), "documents tell targets by scikit-learn's names"
        assert metric.formula or metric.needs is Needs.NUMBER
        assert (binning(spec, 1.0) is None) is (metric.formula is None)

    def test_every_ranking_measure_of_a_plan_has_an_entry(self) -> None:
        assert set(RANKING_METRICS) == set(RankingMeasure)
        assert all(metric_meaning(f"{name}_at_3") for name in RANKING_METRICS)

    @pytest.mark.parametrize("name", ["no_such_metric", "<b>_at_3"])
    def test_unknown_metric_has_no_meaning(self, name: str) -> None:
        assert metric_meaning(name) == ""

    def test_table_is_read_without_numpy(self) -> None:
        code = "import sys, iterata.measure.metrics; print('numpy' in sys.modules)"
        process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert process.stdout.strip() == "False"


class TestAddedMetric:
    """An entry in the table is all that a new metric needs."""

    POSITIVE = np.arange(40) % 4 == 0
    SCORE = np.where(np.arange(40) < 20, 0.8, 0.1)

    @pytest.fixture(autouse=True)
    def _specificity(self, monkeypatch: pytest.MonkeyPatch) -> None:
        metric = Metric(
            "specificity",
            "the share of negatives that are predicted",
            Needs.DECISION,
            ConfusionFormula(lambda tp, fp, fn, tn: tn / (tn + fp)),
        )
        monkeypatch.setitem(METRICS, "specificity", metric)

    def test_added_metric_has_a_meaning(self) -> None:
        assert metric_meaning("specificity") == "the share of negatives that are predicted"

    def test_added_metric_is_available_for_yes_no_predictions(self) -> None:
        assert binary_metric("specificity", "").target is OutcomeKind.YES_NO
        with pytest.raises(RunError) as refused:
            binary_metric("specifity", "")
        assert "specificity" in refused.value.remedy

    def test_added_metric_can_be_the_kpi_of_a_lift(self) -> None:
        lift = expected_lift(
            self.POSITIVE, self.SCORE, describe("metric", metric="specificity"), resamples=200
        )
        assert lift.scale.status_quo.value == pytest.approx(0.5)
        assert lift.scale.perfect.value == 1

    def test_rows_can_be_binned_for_an_added_metric(self) -> None:
        bins = binning(describe("metric", metric="specificity"), 1.0)
        assert bins is not None
        assert np.asarray(bins.edges).tolist() == [0.5]

    def test_added_metric_can_be_a_secondary_metric(self) -> None:
        predictions = column(self.SCORE, PredictionKind.PROBABILITY)
        assert measure_of("specificity", self.POSITIVE, predictions, np.ones((1, 40))) == pytest.approx([0.5])
