"""Meta-learners: estimate the effect of a treatment on each row with estimators of the outcome.

Künzel, Sekhon, Bickel and Yu (2019) call two models a T-learner, and one model with the treatment as a
feature an S-learner. The transformed outcome is that of Athey and Imbens (2015): its expectation is the
effect. Its form for classifiers is that of Jaskowski and Jaroszewicz (2012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from sklearn.base import clone, is_classifier

from iterata.documents.models.enums import UpliftMethod
from iterata.experiment.variants.scoring import classification, regression
from iterata.measure.metrics import Needs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.rows import TargetValue

    Target = NDArray[np.int64] | Floats
    """`(n,)`: 1 or 0, or numbers."""


class MetaLearner:
    """What all of them have in common: an estimator of the outcome, which is cloned before it is fitted."""

    def __init__(self, model: BaseEstimator, positive: Sequence[TargetValue] = (1,)) -> None:
        """Args:
        model: the unfitted estimator, with its preprocessing.
        positive: the positive values of the target, by which a classifier may name its classes.
        """
        self.model = model
        self.positive = positive

    def fit(
        self,
        features: pd.DataFrame,
        target: Target,
        treated: Bools,
        probability: Floats,
        params: Mapping[str, Floats],
    ) -> Self:
        """Fit the models.

        Args:
            features: of the training rows.
            target: their outcome.
            treated: `(n,)`, whether a row was treated.
            probability: `(n,)`, of the treatment.
            params: what `fit` of the estimator gets, one number per row.
        """
        raise NotImplementedError

    def predict(self, features: pd.DataFrame) -> Floats:
        """The estimated effect of the treatment on each row, in units of the outcome: `(n,)`."""
        raise NotImplementedError

    def _outcome(self, model: BaseEstimator, features: pd.DataFrame) -> Floats:
        """The outcome that a fitted model expects of each row: a probability, or a number."""
        if is_classifier(model):
            return classification(model, features, self.positive, Needs.PROBABILITY)[0]
        return regression(model, features)


class TwoModels(MetaLearner):
    """One model for each arm; the effect is the difference of their predictions."""

    def fit(
        self,
        features: pd.DataFrame,
        target: Target,
        treated: Bools,
        probability: Floats,
        params: Mapping[str, Floats],
    ) -> Self:
        """Fit each model on the rows of its arm."""
        self.treated_, self.control_ = (
            clone(self.model).fit(features[arm], target[arm], **_rows(params, arm))
            for arm in (treated, ~treated)
        )
        return self

    def predict(self, features: pd.DataFrame) -> Floats:
        """The outcome if a row is treated, minus the outcome if it is not."""
        return self._outcome(self.treated_, features) - self._outcome(self.control_, features)


class TreatmentAsFeature(MetaLearner):
    """One model that gets the treatment as a feature; the effect is the difference of both counterfactuals.

    A linear model without interactions has the same effect for every row on its own scale, so that its order
    of rows is that of the outcome.
    """

    def __init__(
        self, model: BaseEstimator, positive: Sequence[TargetValue] = (1,), column: str = "treated"
    ) -> None:
        """Args:
        model: the unfitted estimator, with its preprocessing.
        positive: the positive values of the target.
        column: the name of the feature; 1 if a row was treated, else 0.
        """
        super().__init__(model, positive)
        self.column = column

    def fit(
        self,
        features: pd.DataFrame,
        target: Target,
        treated: Bools,
        probability: Floats,
        params: Mapping[str, Floats],
    ) -> Self:
        """Fit the model on the rows of both arms."""
        self.model_ = clone(self.model).fit(with_treatment(features, self.column, treated), target, **params)
        return self

    def predict(self, features: pd.DataFrame) -> Floats:
        """The outcome if a row is treated, minus the outcome if it is not."""
        ones = np.ones(len(features), dtype=bool)
        treated, control = (
            self._outcome(self.model_, with_treatment(features, self.column, arm)) for arm in (ones, ~ones)
        )
        return treated - control


class TransformedOutcome(MetaLearner):
    """One model of a number whose expectation is the effect.

    A regressor learns `Y (T - e) / (e (1 - e))`. A classifier learns whether a row is a treated positive or a
    control negative; in arms of equal weight the probability of that is (1 + effect) / 2.
    """

    def __init__(
        self,
        model: BaseEstimator,
        positive: Sequence[TargetValue] = (1,),
        weight_parameter: str | None = None,
    ) -> None:
        """Args:
        model: the unfitted estimator, with its preprocessing.
        positive: the positive values of the target.
        weight_parameter: under which name the classifier takes weights that make arms equal; None if arms
            are of equal weight.
        """
        super().__init__(model, positive)
        self.weight_parameter = weight_parameter

    def fit(
        self,
        features: pd.DataFrame,
        target: Target,
        treated: Bools,
        probability: Floats,
        params: Mapping[str, Floats],
    ) -> Self:
        """Fit the model on the transformed outcome."""
        if not is_classifier(self.model):
            transformed = target * (treated - probability) / (probability * (1 - probability))
            self.model_ = clone(self.model).fit(features, transformed, **params)
            return self
        if self.weight_parameter:
            arms = 0.5 / np.where(treated, probability, 1 - probability)
            params = {**params, self.weight_parameter: arms * params.get(self.weight_parameter, 1.0)}
        same = (np.asarray(target) > 0) == treated
        self.model_ = clone(self.model).fit(features, same.astype(np.int64), **params)
        return self

    def predict(self, features: pd.DataFrame) -> Floats:
        """The expected transformed outcome: the effect."""
        if not is_classifier(self.model):
            return regression(self.model_, features)
        return 2 * classification(self.model_, features, (1,), Needs.PROBABILITY)[0] - 1


def with_treatment(features: pd.DataFrame, column: str, treated: Bools) -> pd.DataFrame:
    """The features and the treatment, 1 or 0, as the last column."""
    return features.assign(**{column: treated.astype(np.float64)})


def meta_learner(
    method: UpliftMethod,
    model: BaseEstimator,
    positive: Sequence[TargetValue],
    *,
    column: str,
    weight_parameter: str | None,
) -> MetaLearner:
    """The meta-learner of a variant; arguments as for the classes."""
    match method:
        case UpliftMethod.TWO_MODELS:
            return TwoModels(model, positive)
        case UpliftMethod.TREATMENT_AS_FEATURE:
            return TreatmentAsFeature(model, positive, column)
        case UpliftMethod.TRANSFORMED_OUTCOME:
            return TransformedOutcome(model, positive, weight_parameter)


def _rows(params: Mapping[str, Floats], arm: Bools) -> dict[str, Floats]:
    return {name: values[arm] for name, values in params.items()}
