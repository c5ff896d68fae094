"""A fitted estimator is asked which of its numbers belongs to the positive class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC

from iterata.experiment.variants.refusals import (
    ClassesMissing,
    ClassesUnknown,
    NotProbabilities,
    UnknownLabel,
    WrongShape,
)
from iterata.experiment.variants.scoring import classification, regression
from iterata.measure.metrics import Needs
from iterata.measure.predictions import PredictionKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iterata.errors import RunError

X, Y = load_breast_cancer(return_X_y=True, as_frame=True)
X = X[["mean radius", "mean texture"]]
LOGISTIC, MACHINE = LogisticRegression().fit(X, Y), LinearSVC(random_state=0).fit(X, Y)
PROBABILITIES, SCORES = LOGISTIC.predict_proba(X)[:, 1], MACHINE.decision_function(X)


class Fake(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A fitted classifier with the methods that a test gives it."""

    def __init__(self, classes: Sequence[object] | None = None, **methods: Callable[[Any], Any]) -> None:
        if classes is not None:
            self.classes_ = classes
        for name, method in methods.items():
            setattr(self, name, method)


def scored(
    model: Any, *, positive: Sequence[Any] = (1,), needs: Needs = Needs.SCORE
) -> tuple[list[float], PredictionKind]:
    values, kind = classification(model, X, positive, needs)
    assert values.shape == (len(X),)
    return values.tolist(), kind


def refused(model: Any, kind: type[RunError], needs: Needs = Needs.SCORE) -> None:
    with pytest.raises(kind):
        classification(model, X, (1,), needs)


def both_columns(rows: Any) -> Any:
    return LOGISTIC.predict_proba(rows)


def turned(rows: Any) -> Any:
    return LOGISTIC.predict_proba(rows)[:, ::-1]


class TestProbabilities:
    @pytest.mark.parametrize(
        ("classes", "predict_proba", "positive"),
        [
            ([0, 1], both_columns, (1,)),
            ([1, 0], turned, (1,)),
            (np.array([1.0, 0.0]), turned, (1,)),
            ([-1, 1], both_columns, (1,)),
            ([False, True], both_columns, (1,)),
            ([True, False], turned, (1,)),
            (["0", "1"], both_columns, (1,)),
            (["1", "0"], turned, (1,)),
            (["no", "yes"], both_columns, (1,)),
            (["paid", "open"], turned, ("paid",)),
            (["open", "paid"], both_columns, ("paid", "Paid")),
        ],
    )
    def test_classes_decide_which_column_is_positive(
        self, classes: Any, predict_proba: Any, positive: Any
    ) -> None:
        model = Fake(classes, predict_proba=predict_proba)
        assert scored(model, positive=positive) == (PROBABILITIES.tolist(), PredictionKind.PROBABILITY)

    @pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
    @pytest.mark.parametrize("classes", [None, [0, 1]])
    def test_single_column_is_that_of_the_positive_class(self, shape: Any, classes: Any) -> None:
        model = Fake(classes, predict_proba=lambda rows: LOGISTIC.predict_proba(rows)[:, 1].reshape(shape))
        assert scored(model)[0] == PROBABILITIES.tolist()

    def test_frame_of_columns_is_accepted(self) -> None:
        model = Fake([1, 0], predict_proba=lambda rows: pd.DataFrame(turned(rows), columns=["a", "b"]))
        assert scored(model)[0] == PROBABILITIES.tolist()

    def test_rounding_above_1_is_clipped(self) -> None:
        model = Fake(predict_proba=lambda rows: np.full(len(rows), 1 + 1e-9))
        assert set(scored(model)[0]) == {1.0}

    @pytest.mark.parametrize("classes", [["good", "bad"], [0, 1, 2], [1, 2], [1, True], [], [0]])
    def test_classes_that_do_not_tell_are_refused(self, classes: Any) -> None:
        refused(Fake(classes, predict_proba=both_columns), ClassesUnknown)

    def test_single_column_of_turned_classes_is_refused(self) -> None:
        refused(Fake([1, 0], predict_proba=lambda rows: turned(rows)[:, 1]), ClassesUnknown)

    def test_columns_without_classes_are_refused(self) -> None:
        refused(Fake(predict_proba=both_columns), ClassesMissing)

    def test_percentages_are_refused(self) -> None:
        refused(Fake([0, 1], predict_proba=lambda rows: 100 * both_columns(rows)), NotProbabilities)

    @pytest.mark.parametrize("shape", [(3,), (len(X), 3), (2, len(X)), (len(X), 1, 2)])
    def test_other_shapes_are_refused(self, shape: Any) -> None:
        refused(Fake([0, 1], predict_proba=lambda _: np.zeros(shape)), WrongShape)


class TestScores:
    @pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
    def test_score_speaks_for_the_second_class(self, shape: Any) -> None:
        def scores(rows: Any) -> Any:
            return MACHINE.decision_function(rows).reshape(shape)

        positive = Fake([0, 1], decision_function=scores)
        negative = Fake([1, 0], decision_function=lambda rows: -scores(rows))
        assert scored(positive) == scored(negative) == (SCORES.tolist(), PredictionKind.SCORE)

    def test_two_columns_are_compared(self) -> None:
        def columns(rows: Any) -> Any:
            return np.stack([MACHINE.decision_function(rows), np.zeros(len(rows))], axis=1)

        assert scored(Fake([1, 0], decision_function=columns))[0] == SCORES.tolist()
        assert scored(Fake([0, 1], decision_function=columns))[0] == (-SCORES).tolist()
        refused(Fake(decision_function=columns), ClassesMissing)

    def test_scores_are_not_compared_with_a_threshold(self) -> None:
        """`predict` decides where the KPI has a threshold and the estimator has no probabilities."""
        decisions = (SCORES > 0).astype(float).tolist()
        assert scored(MACHINE, needs=Needs.DECISION) == (decisions, PredictionKind.DECISION)


class TestDecisions:
    @pytest.mark.parametrize(
        ("classes", "labels"),
        [
            (None, np.array([1, 0])),
            ([0, 1], np.array([1.0, 0.0])),
            ([1, 0], np.array([True, False])),
            (["no", "yes"], np.array(["yes", "no"], dtype=object)),
            (["bad", "1"], np.array(["1", "bad"])),
        ],
    )
    def test_label_of_the_positive_class_is_1(self, classes: Any, labels: Any) -> None:
        radius = (X["mean radius"] < 15).to_numpy()
        model = Fake(classes, predict=lambda _: np.where(radius, labels[0], labels[1]))
        assert scored(model) == (radius.astype(float).tolist(), PredictionKind.DECISION)

    @pytest.mark.parametrize("label", [0.3, 2, "maybe", -1])
    def test_anything_but_a_class_is_refused(self, label: Any) -> None:
        refused(Fake(predict=lambda rows: np.array([label] * len(rows))), UnknownLabel)

    def test_another_number_of_rows_is_refused(self) -> None:
        refused(Fake(predict=lambda rows: np.ones(3)), WrongShape)


class TestRegression:
    def test_single_column_is_accepted(self) -> None:
        flat, column = Ridge().fit(X, Y), Ridge().fit(X, Y.to_frame())
        assert regression(column, X).tolist() == pytest.approx(flat.predict(X).tolist())

    def test_several_numbers_per_row_are_refused(self) -> None:
        with pytest.raises(WrongShape):
            regression(Ridge().fit(X, np.stack([Y, Y], axis=1)), X)
