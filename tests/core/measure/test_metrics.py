"""Every metric, under every weighting, is scikit-learn's own to the last digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import average_precision_score, get_scorer, roc_auc_score

from iterata.errors import RunError
from iterata.measure.metrics import METRICS, LabelledPredictions, PredictionKind, column, metric
from iterata.measure.score_order import ScoreOrder
from iterata.measure.weightings import weighed


class Told(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Predicts what it is told, so that scikit-learn's scorers judge a given column."""

    classes_ = np.array([0, 1])

    def predict_proba(self, told: Any) -> Any:
        return np.column_stack([1 - told[:, 0], told[:, 0]])

    def predict(self, told: Any) -> Any:
        return (told[:, 0] > 0.5).astype(int)

    def __sklearn_is_fitted__(self) -> bool:
        return True


@st.composite
def weighted_rows(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    """Outcomes, probabilities with many ties, and integer weights that leave both outcomes in."""
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
@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=30, deadline=None)
@given(rows=weighted_rows())
def test_each_metric_is_scikit_learns_scorer_of_that_name(name: str, rows: tuple[Any, Any, Any]) -> None:
    positive, score, weights = rows
    ours = METRICS[name].prepare(LabelledPredictions(positive, column(score, PredictionKind.PROBABILITY)))(
        weighed(weights)
    )
    scorer = get_scorer(name)
    theirs = [scorer(Told(), score[:, None], positive.astype(int), sample_weight=line) for line in weights]
    assert ours == pytest.approx(theirs, abs=1e-12, rel=1e-12)


@settings(max_examples=80, deadline=None)
@given(rows=weighted_rows(), scale=st.floats(0.1, 1e6), shift=st.floats(-1e3, 1e3))
def test_curves_hold_for_any_score_and_any_weights(
    rows: tuple[Any, Any, Any], scale: float, shift: float
) -> None:
    positive, score, weights = rows
    score, weights = score * scale + shift, weights * 0.37
    ranking = ScoreOrder(positive, score)
    areas = [roc_auc_score(positive, score, sample_weight=line) for line in weights]
    precisions = [average_precision_score(positive, score, sample_weight=line) for line in weights]
    assert ranking.roc_auc()(weighed(weights)) == pytest.approx(areas, abs=1e-12)
    assert ranking.average_precision()(weighed(weights)) == pytest.approx(precisions, abs=1e-12)


def test_a_resample_of_one_outcome_has_no_curve() -> None:
    ranking = ScoreOrder(np.array([True, False, False]), np.array([0.3, 0.2, 0.1]))
    weights = np.array([[1.0, 1, 1], [0, 2, 1], [3, 0, 0]])
    assert ranking.roc_auc()(weighed(weights)) == pytest.approx([1, np.nan, np.nan], nan_ok=True)
    assert ranking.average_precision()(weighed(weights)) == pytest.approx([1, np.nan, 1], nan_ok=True)


@pytest.mark.parametrize(
    ("values", "judged_by"),
    [
        ([0.2, 0.9], {"any score", "decisions or probabilities", "probabilities"}),
        ([0, 1], {"any score", "decisions or probabilities"}),
        ([3, 7], {"any score"}),
        ([-0.1, 0.5], {"any score"}),
    ],
)
def test_a_status_quo_is_judged_by_what_suits_it(values: list[float], judged_by: set[str]) -> None:
    told = column(np.array(values, dtype=float))
    assert {each.needs for each in METRICS.values() if each.suits(told)} == judged_by


def test_a_decision_function_is_cut_at_zero() -> None:
    told = column(np.array([-0.4, 0.3, 2.0]), PredictionKind.SCORE)
    positive = np.array([False, True, False])
    assert METRICS["accuracy"].prepare(LabelledPredictions(positive, told))(
        weighed(np.ones((1, 3)))
    ) == pytest.approx([2 / 3])
    assert not METRICS["neg_log_loss"].suits(told)


@pytest.mark.parametrize(
    ("name", "message", "remedy"),
    [
        ("roc_acu", "roc_acu is not a scikit-learn scorer", "did you mean roc_auc?"),
        ("neg_mean_squared_error", "does not judge yes / no predictions", "average_precision"),
        ("happiness", "happiness is not a scikit-learn scorer", "choose one of roc_auc"),
    ],
)
def test_an_unknown_metric_is_refused(name: str, message: str, remedy: str) -> None:
    with pytest.raises(RunError) as refused:
        metric(name, "plan.metrics.secondary[0].metric")
    assert message in refused.value.message
    assert remedy in refused.value.remedy
    assert refused.value.where == "plan.metrics.secondary[0].metric"
