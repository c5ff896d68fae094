"""Classifiers and regressors: which of them a target needs, and what a classifier is asked for."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from sklearn.base import is_classifier, is_regressor

from iterata.measure.metrics import Needs

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

SCORING_METHODS: dict[Needs, tuple[str, ...]] = {
    Needs.SCORE: ("predict_proba", "decision_function", "predict"),
    Needs.DECISION: ("predict_proba", "predict"),
    Needs.PROBABILITY: ("predict_proba",),
}
"""The methods by which a classifier predicts rows, by what the KPI needs; the first one that it has is used.

A score is not compared with a threshold that is meant for probabilities: `predict` decides instead.
"""


class EstimatorType(Enum):
    """The type of estimator that a target needs, as scikit-learn's `estimator_type`."""

    CLASSIFIER = "classifier"
    """For a binary target."""
    REGRESSOR = "regressor"
    """For a target of numbers."""
    ANY = "classifier or regressor"
    """For the effect on a binary target: the mean of 1 and 0 is a probability."""

    @property
    def requirement(self) -> str:
        """What an estimator must be, in words."""
        return self.value

    @property
    def with_example(self) -> str:
        """The same, with an example."""
        example = "Ridge" if self is EstimatorType.REGRESSOR else "LogisticRegression"
        return f"{self.requirement}, such as sklearn.linear_model.{example}"

    def matches(self, estimator: BaseEstimator) -> bool:
        """Whether an estimator is of this type."""
        is_this = {EstimatorType.CLASSIFIER: is_classifier, EstimatorType.REGRESSOR: is_regressor}
        types = is_this.values() if self is EstimatorType.ANY else [is_this[self]]
        return any(is_type(estimator) for is_type in types)


def scoring_method(estimator: BaseEstimator, needs: Needs) -> str | None:
    """The method by which a classifier predicts rows; None if it has none that the KPI can use."""
    return next((method for method in SCORING_METHODS[needs] if hasattr(estimator, method)), None)
