"""Metrics of several classes: equal to scikit-learn's, and what a blind choice reaches."""

from __future__ import annotations

import math
import warnings
from itertools import permutations
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn import metrics as theirs
from sklearn.dummy import DummyClassifier
from sklearn.metrics import get_scorer_names
from tests.helpers.wine import CLASSES, wine

from iterata.documents.models.kpi import MetricSpec
from iterata.errors import DataError, RunError, at_field
from iterata.kpi import describe
from iterata.measure.classes.metrics import CLASS_METRICS, meaning
from iterata.measure.kpi import from_spec
from iterata.measure.kpi.class_metric import ClassMetricKpi, NoProbabilities
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.metrics import METRICS, Needs
from iterata.measure.outcomes import Outcomes
from iterata.measure.predictions import (
    LabelledPredictions,
    PredictionColumn,
    PredictionKind,
    can_evaluate,
    class_metric,
    column,
    metric_measure,
)
from iterata.measure.weightings import RowByRow

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.measure.measures import Measure

OF_ANSWERS = [name for name, metric in CLASS_METRICS.items() if metric.needs is Needs.ANSWERS]
LINEAR = [name for name in OF_ANSWERS if not name.startswith("jaccard")]
"""Metrics that are linear in the right answers, if the numbers of answers are given."""


def answers(codes: Floats, probabilities: Floats | None = None) -> PredictionColumn:
    return column(codes, PredictionKind.CLASS)._replace(probabilities=probabilities)


def measured(name: str, outcomes: Outcomes, predictions: PredictionColumn) -> Measure:
    formula = class_metric(name, "").formula
    assert formula is not None
    return metric_measure(formula, LabelledPredictions(outcomes, predictions))


def sklearn_score(name: str, outcomes: Outcomes, predictions: PredictionColumn) -> float | None:
    """scikit-learn's figure with the classes of the whole table; None if it has none."""
    true, given_, probabilities = outcomes.target, predictions.values, predictions.probabilities
    labels = list(range(len(outcomes.classes or ())))
    weight: dict[str, Any] = {} if outcomes.weight is None else {"sample_weight": outcomes.weight}
    base, _, average = name.rpartition("_")
    if base in ("f1", "precision", "recall", "jaccard"):
        score = getattr(theirs, f"{base}_score")
        return float(score(true, given_, labels=labels, average=average, zero_division=0, **weight))
    of_answers = {
        "accuracy": theirs.accuracy_score,
        "balanced_accuracy": theirs.balanced_accuracy_score,
        "matthews_corrcoef": theirs.matthews_corrcoef,
    }
    if name in of_answers:
        return float(of_answers[name](true, given_, **weight))
    of_probabilities = {
        "neg_log_loss": (-1, theirs.log_loss),
        "neg_brier_score": (-1, theirs.brier_score_loss),
        "d2_log_loss_score": (1, theirs.d2_log_loss_score),
    }
    if name in of_probabilities:
        sign, function = of_probabilities[name]
        return sign * float(function(true, probabilities, labels=labels, **weight))
    if len(labels) < 3 or ("ovo" in name and weight):
        return None
    if name == "top_k_accuracy":
        return float(theirs.top_k_accuracy_score(true, probabilities, labels=labels, **weight))
    options = {"multi_class": name.split("_")[2], "average": "weighted" if average == "weighted" else "macro"}
    return float(theirs.roc_auc_score(true, probabilities, labels=labels, **options, **weight))


@st.composite
def predicted(draw: st.DrawFn) -> tuple[Outcomes, PredictionColumn]:
    classes = draw(st.integers(2, 4))
    row = st.tuples(
        st.integers(0, classes - 1),
        st.integers(0, classes),
        st.integers(1, 3),
        st.lists(st.integers(0, 4), min_size=classes, max_size=classes).filter(any),
    )
    rows = draw(st.lists(row, min_size=classes, max_size=12))
    true, given_, weight, raw = (list(part) for part in zip(*rows, strict=True))
    assume(len(set(true)) == classes)
    probabilities = np.array([np.array(line) / sum(line) for line in raw])
    weights = np.array(weight, dtype=float) if draw(st.booleans()) else None
    outcomes = Outcomes(np.array(true, dtype=float), weights, classes=tuple("abcd"[:classes]))
    return outcomes, answers(np.array(given_, dtype=float), probabilities)


@given(predicted())
@settings(max_examples=15)
def test_every_metric_equals_scikit_learns(case: tuple[Outcomes, PredictionColumn]) -> None:
    outcomes, predictions = case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in CLASS_METRICS:
            expected = sklearn_score(name, outcomes, predictions)
            if expected is not None:
                found = measured(name, outcomes, predictions).on_sample(len(outcomes))
                assert found == pytest.approx(expected, abs=1e-9), name


def test_every_metric_is_a_scorer() -> None:
    assert set(CLASS_METRICS) <= set(get_scorer_names())
    assert all(meaning(name, of_classes=True) for name in CLASS_METRICS)
    assert meaning("accuracy") == METRICS["accuracy"].meaning != meaning("accuracy", of_classes=True)


class TestReferenceNumbers:
    outcomes = Outcomes(wine().target, classes=CLASSES)
    weighted = Outcomes(wine().target, wine().weight, classes=CLASSES)
    names = ("accuracy", "balanced_accuracy", "f1_macro", "f1_weighted")

    def test_rule(self) -> None:
        found = [
            measured(name, self.outcomes, answers(wine().status_quo)).on_sample(89) for name in self.names
        ]
        assert found == pytest.approx([0.8426966292, 0.8473818646, 0.8387518142, 0.8452650805])

    def test_weighted_tree(self) -> None:
        found = [measured(name, self.weighted, answers(wine().tree)).on_sample(89) for name in self.names]
        assert found == pytest.approx([0.8474576271, 0.8536793372, 0.8493991989, 0.8499558734])

    def test_log_loss_of_probabilities_and_of_class_shares(self) -> None:
        logistic = answers(wine().tree, wine().probabilities)
        for outcomes, expected in ((self.outcomes, 0.08053315383), (self.weighted, 0.08083982948)):
            assert -measured("neg_log_loss", outcomes, logistic).on_sample(89) == pytest.approx(expected)
        kpi = ClassMetricKpi.of("neg_log_loss")
        assert -kpi.random(self.outcomes, wine().status_quo).on_sample(89) == pytest.approx(1.084911058)
        dummy = DummyClassifier(strategy="prior").fit(np.zeros((89, 1)), wine().even)
        prior = answers(wine().tree, dummy.predict_proba(np.zeros((89, 1))))
        assert -measured("neg_log_loss", self.outcomes, prior).on_sample(89) == pytest.approx(1.085259446)

    def test_class_that_vanishes_from_a_resample_counts_0(self) -> None:
        outcomes = Outcomes(np.array([0.0, 0, 1, 1, 2]), classes=CLASSES)
        measure = measured("f1_macro", outcomes, answers(np.array([0.0, 1, 1, 1, 2])))
        (found,) = measure(RowByRow.of(np.array([[2, 1, 1, 1, 0]])))
        assert found == pytest.approx(0.5333333333)


class TestBlindChoice:
    """The answers of the status quo, shuffled among the rows."""

    true = np.array([0.0, 0, 1, 1, 2, 2, 2])
    given = np.array([0.0, 1, 1, 1, 2, 3, 0])
    outcomes = Outcomes(true, classes=CLASSES)

    @pytest.mark.parametrize("name", OF_ANSWERS)
    def test_random_is_the_mean_of_all_shuffles(self, name: str) -> None:
        kpi = ClassMetricKpi.of(name)
        shuffles = set(permutations(self.given))
        scores = [kpi.measure(self.outcomes, np.array(order)).on_sample(7) for order in shuffles]
        close = {"abs": 1e-9} if name in LINEAR else {"abs": 0.02}
        assert kpi.random(self.outcomes, self.given).on_sample(7) == pytest.approx(fmean(scores), **close)
        near = {"abs": 1e-6} if name in LINEAR else {"rel": 0.15}
        assert kpi.random_sd(self.outcomes, self.given) == pytest.approx(float(np.std(scores)), **near)

    @pytest.mark.parametrize("name", [*CLASS_METRICS])
    def test_perfect_is_the_best_score(self, name: str) -> None:
        best = 0.0 if name in ("neg_log_loss", "neg_brier_score") else 1.0
        perfect = ClassMetricKpi.of(name).perfect(self.outcomes).on_sample(7)
        assert perfect == pytest.approx(best, abs=1e-12)

    @pytest.mark.parametrize("name", [name for name in CLASS_METRICS if name.startswith("roc")])
    def test_random_ranks_half_of_the_pairs(self, name: str) -> None:
        assert ClassMetricKpi.of(name).random(self.outcomes, self.given).on_sample(7) == pytest.approx(0.5)

    def test_person_is_a_wrong_answer_and_no_class(self) -> None:
        handed = np.where(self.given == 3, 3, self.true)
        right = measured("accuracy", self.outcomes, answers(handed)).on_sample(7)
        assert right == pytest.approx(6 / 7)
        recalls = [1, 1, 2 / 3]
        macro = measured("recall_macro", self.outcomes, answers(handed)).on_sample(7)
        assert macro == pytest.approx(fmean(recalls))

    def test_unknown_answers_of_the_status_quo_are_drawn_at_the_class_shares(self) -> None:
        spec = describe("metric", metric="accuracy", outcome="classes")
        scale = KpiScale.of(spec, self.outcomes, 0.5, None)
        shares = self.outcomes.class_shares
        assert scale.bounds["random"].on_sample(7) == pytest.approx(float(shares @ shares))


class TestDescriptions:
    @pytest.mark.parametrize(
        ("keys", "of_classes"),
        [
            ({"metric": "f1_macro"}, True),
            ({"metric": "roc_auc_ovr_weighted"}, True),
            ({"metric": "accuracy"}, False),
            ({"metric": "accuracy", "outcome": "classes"}, True),
            ({"metric": "f1_macro", "outcome": "yes_no"}, False),
            ({"metric": "roc_auc"}, False),
        ],
    )
    def test_name_of_the_scorer_tells_the_target(self, keys: Any, of_classes: bool) -> None:
        spec = describe("metric", **keys)
        assert isinstance(spec, MetricSpec)
        assert spec.of_classes is of_classes
        assert isinstance(from_spec(spec, 1), ClassMetricKpi) is of_classes

    def test_unknown_metric_is_refused(self) -> None:
        with pytest.raises(DataError) as caught:
            from_spec(describe("metric", metric="f1_macr", outcome="classes"), 1)
        assert caught.value.location == at_field("kpi.metric")
        with pytest.raises(RunError):
            class_metric("roc_auc", "")

    def test_answers_are_no_probabilities(self) -> None:
        outcomes = Outcomes(np.array([0.0, 1, 2]), classes=CLASSES)
        assert not can_evaluate(CLASS_METRICS["neg_log_loss"], answers(outcomes.target))
        with pytest.raises(NoProbabilities) as caught:
            ClassMetricKpi.of("neg_log_loss").measure(outcomes, outcomes.target)
        assert caught.value.location == at_field("kpi.metric")

    def test_area_is_not_defined_without_a_class(self) -> None:
        outcomes = Outcomes(np.array([0.0, 0, 1, 2]), classes=CLASSES)
        measure = measured("roc_auc_ovr", outcomes, answers(outcomes.target, np.eye(3)[[0, 0, 1, 2]]))
        (found,) = measure(RowByRow.of(np.array([[2, 1, 1, 0]])))
        assert math.isnan(found)
