"""A fitted classifier of many classes is asked which of its numbers belongs to which class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from iterata.experiment.variants.answers import AnswerRule
from iterata.experiment.variants.class_scoring import class_scoring, distribution, learned_labels
from iterata.experiment.variants.refusals import (
    ClassesMissing,
    LabelOfNoClass,
    NotADistribution,
    NotProbabilities,
    ProbabilityOfNoNumber,
    WrongShape,
)
from iterata.experiment.variants.tuning import AnswerScorer, LikelihoodScorer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iterata.errors import RunError

X, TARGET = load_wine(return_X_y=True, as_frame=True)
X = (X - X.mean()) / X.std()
CLASSES = ("barbera", "barolo", "grignolino")
Y = np.array(CLASSES, dtype=object)[TARGET]
LOGISTIC = LogisticRegression().fit(X, Y)


class Fake(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A fitted classifier with the methods that a test gives it."""

    def __init__(self, classes: Sequence[object] | None = None, **methods: Callable[[Any], Any]) -> None:
        if classes is not None:
            self.classes_ = classes
        for name, method in methods.items():
            setattr(self, name, method)


def fixed(*values: float) -> Callable[[Any], Any]:
    """The same numbers for each row."""
    return lambda rows: np.tile(values, (len(rows), 1))


def test_columns_are_put_in_the_order_of_the_classes() -> None:
    turned = Fake(list(LOGISTIC.classes_[::-1]), predict_proba=lambda x: LOGISTIC.predict_proba(x)[:, ::-1])
    for model in (LOGISTIC, turned):
        codes, probabilities = class_scoring(model, X, CLASSES)
        assert probabilities is not None
        assert probabilities == pytest.approx(LOGISTIC.predict_proba(X), abs=1e-8)
        assert np.array(CLASSES)[codes.astype(int)].tolist() == LOGISTIC.predict(X).tolist()


def test_class_that_was_not_learned_has_probability_0() -> None:
    some = Y != "barolo"
    codes, probabilities = class_scoring(LogisticRegression().fit(X[some], Y[some]), X, CLASSES)
    assert probabilities is not None
    assert set(codes) == {0.0, 2.0}
    assert probabilities[:, 1].tolist() == [0.0] * len(X)
    assert probabilities.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("labels", [[2, 10, 11], [2.0, 10.0, 11.0], ["2", "10", "11"]])
def test_labels_are_numbers_or_texts(labels: list[object]) -> None:
    codes, _ = class_scoring(Fake(labels, predict_proba=fixed(0.1, 0.7, 0.2)), X, ("10", "11", "2"))
    assert set(codes) == {0.0}
    assert learned_labels(("10", "11", "2")).tolist() == [10, 11, 2]
    assert learned_labels(("01", "2")).tolist() == ["01", "2"]


def test_without_probabilities_predict_or_decision_function_answers() -> None:
    machine = LinearSVC(random_state=0).fit(X, Y)
    codes, probabilities = class_scoring(machine, X, CLASSES)
    assert probabilities is None
    assert np.array(CLASSES)[codes.astype(int)].tolist() == machine.predict(X).tolist()
    scores = Fake(list(machine.classes_), decision_function=machine.decision_function)
    assert class_scoring(scores, X, CLASSES)[0].tolist() == codes.tolist()
    two = Fake(["grignolino", "barolo"], decision_function=lambda x: np.where(x.index < 3, 1.0, -1.0))
    assert class_scoring(two, X, CLASSES)[0][:5].tolist() == [1, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (Fake([*CLASSES], predict_proba=fixed(0.5, 0.5)), WrongShape),
        (Fake(None, predict_proba=fixed(0.5, 0.5, 0)), ClassesMissing),
        (Fake(["barbera", "barolo", "dolcetto"], predict_proba=fixed(0.5, 0.5, 0)), LabelOfNoClass),
        (Fake([0, 1, 2], predict_proba=fixed(0.5, 0.5, 0)), LabelOfNoClass),
        (Fake([*CLASSES], predict_proba=fixed(0.5, 0.2, 0.1)), NotADistribution),
        (Fake([*CLASSES], predict_proba=fixed(1.5, -0.5, 0)), NotProbabilities),
        (Fake([*CLASSES], predict_proba=fixed(0.5, np.nan, 0.5)), ProbabilityOfNoNumber),
        (Fake([*CLASSES], predict=lambda x: ["dolcetto"] * len(x)), LabelOfNoClass),
        (Fake([*CLASSES], predict=lambda _: ["barolo"]), WrongShape),
    ],
)
def test_what_is_not_certain_is_refused(model: Fake, kind: type[RunError]) -> None:
    with pytest.raises(kind):
        class_scoring(model, X, CLASSES)


def test_rounded_probabilities_are_brought_to_1() -> None:
    rounded = distribution(np.array([[0.33, 0.33, 0.33], [0.5, 0.5, 0.0]]))
    assert rounded.sum(axis=1) == pytest.approx(1)
    assert rounded[1].tolist() == [0.5, 0.5, 0.0]


def test_most_valuable_answer_has_the_highest_expected_value() -> None:
    worth = np.array([[5.0, -4, -10], [-2, 3, -6], [-3, -1, 8], [1, 1, 1]])
    probabilities = np.random.default_rng(0).dirichlet(np.ones(3), 500)
    codes = probabilities.argmax(axis=1).astype(float)
    answers = AnswerRule(worth, None, 3).answers(codes, probabilities)
    expected = [
        max(range(4), key=lambda a: sum(p * v for p, v in zip(row, worth[a], strict=True)))
        for row in probabilities
    ]
    assert answers.tolist() == expected
    handed = AnswerRule(None, 0.6, 3).answers(codes, probabilities)
    assert handed.tolist() == np.where(probabilities.max(axis=1) < 0.6, 3.0, codes).tolist()
    assert AnswerRule(worth, 0.6, 3).answers(codes, None).tolist() == codes.tolist()


def test_scorers_of_tuning_use_all_classes_of_the_table() -> None:
    features, labels = X.iloc[:70], Y[:70]  # two of the classes
    likelihood = LikelihoodScorer(CLASSES)(LOGISTIC, features, labels)
    rows = LOGISTIC.predict_proba(features)[np.arange(70), TARGET[:70]]
    assert likelihood == pytest.approx(np.log(rows).mean())
    machine = LinearSVC(random_state=0).fit(X, Y)
    weights = np.arange(1.0, 71)
    right = machine.predict(features) == labels
    assert LikelihoodScorer(CLASSES)(machine, features, labels, weights) == np.average(right, weights=weights)
    macro = AnswerScorer("recall_macro", CLASSES)(LOGISTIC, features, labels)
    assert macro == pytest.approx(2 / 3, abs=0.05)  # the absent class counts 0
    assert isinstance(features, pd.DataFrame)
