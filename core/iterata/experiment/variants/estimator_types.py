"""Classifiers and regressors: which of them a target needs, and how a classifier scores rows."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from sklearn.base import is_classifier, is_regressor

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

SCORING_METHODS = ("predict_proba", "decision_function")
"""Methods by which a classifier scores rows; the first one that it has is used."""


class EstimatorType(Enum):
    """The type of estimator that a target needs, as scikit-learn's `estimator_type`."""

    CLASSIFIER = "classifier"
    """For a binary target; it must score rows."""
    REGRESSOR = "regressor"
    """For a target of numbers."""

    @property
    def requirement(self) -> str:
        """What an estimator must be, in words."""
        return "regressor" if self is EstimatorType.REGRESSOR else "classifier that scores rows"

    @property
    def with_example(self) -> str:
        """The same, with an example."""
        example = "Ridge" if self is EstimatorType.REGRESSOR else "LogisticRegression"
        return f"{self.requirement}, such as sklearn.linear_model.{example}"

    def matches(self, estimator: BaseEstimator) -> bool:
        """Whether an estimator is of this type."""
        if self is EstimatorType.REGRESSOR:
            return bool(is_regressor(estimator))
        return bool(is_classifier(estimator)) and scoring_method(estimator) is not None


def scoring_method(estimator: BaseEstimator) -> str | None:
    """The method by which a classifier scores rows; None if it has none."""
    return next((method for method in SCORING_METHODS if hasattr(estimator, method)), None)
