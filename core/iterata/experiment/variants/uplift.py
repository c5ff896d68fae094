"""Estimates of the effect of a treatment by estimators of scikit-learn, or any with its interface."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.model_selection import ParameterGrid

from iterata.documents.models.enums import UpliftMethod
from iterata.experiment.folds import inner_folds
from iterata.experiment.variants.meta_learners import MetaLearner, meta_learner, with_treatment
from iterata.experiment.variants.parameters import sample_weight_parameter
from iterata.experiment.variants.refusals import UnequalArms, WeightsNotAccepted
from iterata.experiment.variants.sklearn import MAX_TUNING_FOLDS, SklearnProducer
from iterata.measure.assignment import Assignment
from iterata.measure.outcomes import Outcomes
from iterata.measure.uplift.curve import GainCurve

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.variants import Parameter
    from iterata.experiment.folds import Fold
    from iterata.measure.predictions import PredictionKind

ROUNDING = 1e-12
"""How far the probability of a treatment may be from 1/2 by rounding."""


class Treatment(NamedTuple):
    """Who was treated in the past campaign."""

    column: str
    """The column that says it; a model with the treatment as a feature gets it as 1 or 0."""
    treated: Bools
    """`(n,)`, of every row."""
    probability: Floats
    """`(n,)`, of the treatment of each row."""
    sign: float = 1.0
    """1 if more of the outcome is better, -1 if less is."""

    @property
    def has_equal_arms(self) -> bool:
        """Whether every row was as likely treated as not."""
        return bool((np.abs(self.probability - 0.5) < ROUNDING).all())

    def assignment(self, rows: NDArray[np.intp]) -> Assignment:
        """The assignment of some rows."""
        return Assignment(self.treated[rows], self.probability[rows], declared=False)

    def check_arms(self, classifier: BaseEstimator, origin: str) -> None:
        """Make sure that a classifier of the transformed outcome takes weights, if the arms are not equal.

        Raises:
            UnequalArms: it takes none.
        """
        if self.has_equal_arms:
            return
        try:
            sample_weight_parameter(classifier, origin)
        except WeightsNotAccepted:
            raise UnequalArms(origin) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpliftProducer(SklearnProducer):
    """A variant that estimates the effect on each row, by the method that the plan names.

    Its scores are effects in units of the outcome, turned so that more is better.
    """

    treatment: Treatment

    @property
    def _own_identity(self) -> dict[str, object]:
        treatment = self.treatment
        arms = (_digest(part) for part in (treatment.treated, treatment.probability))
        return {"uplift": [str(self.variant.uplift), treatment.column, treatment.sign, *arms]}

    def _predict(
        self, fold: Fold
    ) -> tuple[Floats, PredictionKind | None, dict[str, Parameter], Floats | None]:
        best = self._tuned(fold)
        model = self._learn(fold.train, best)
        effects = self.treatment.sign * model.predict(self.features.iloc[fold.test])
        return effects, None, self._as_planned(best), None

    def _learn(self, rows: NDArray[np.intp], params: dict[str, Parameter]) -> MetaLearner:
        """The meta-learner with these parameters, fitted on some rows."""
        features, treatment = self.features.iloc[rows], self.treatment
        learner = self._learner(features, params)
        fit_params = {}
        if self.weights is not None:
            name = sample_weight_parameter(learner.model, self.variant.origin)
            fit_params[name] = self.weights[rows]
        arms = treatment.treated[rows], treatment.probability[rows]
        return learner.fit(features, self.target[rows], *arms, fit_params)

    def _learner(self, features: pd.DataFrame, params: dict[str, Parameter]) -> MetaLearner:
        treatment, method = self.treatment, UpliftMethod(str(self.variant.uplift))
        if method is UpliftMethod.TREATMENT_AS_FEATURE:
            features = with_treatment(features, treatment.column, np.ones(len(features), dtype=bool))
        model = self._pipeline(features)
        weighs = method is UpliftMethod.TRANSFORMED_OUTCOME and is_classifier(model)
        name = None
        if weighs and not treatment.has_equal_arms:
            name = sample_weight_parameter(model, self.variant.origin)
        model = clone(model).set_params(**params)
        return meta_learner(method, model, self.positive, column=treatment.column, weight_parameter=name)

    def _tuned(self, fold: Fold) -> dict[str, Parameter]:
        """The values that give the largest area on inner folds; the first of several that do."""
        if not self.variant.tune:
            return {}
        inner = inner_folds(self.split, self.split_inputs, fold, parts=MAX_TUNING_FOLDS, seed=self.seed)
        candidates: list[dict[str, Parameter]] = list(ParameterGrid(self._grid))
        areas = [np.mean([self._area(fold, part, params) for part in inner]) for params in candidates]
        return candidates[int(np.argmax(areas))]

    def _area(self, fold: Fold, part: Fold, params: dict[str, Parameter]) -> float:
        """The area of a model that is fitted on one part of the training rows, on the other part."""
        train, test = fold.train[part.train], fold.train[part.test]
        treatment, weights = self.treatment, self.row_weights
        effects = treatment.sign * self._learn(train, params).predict(self.features.iloc[test])
        outcomes = Outcomes(
            self.target[test].astype(np.float64),
            None if weights is None else weights[test],
            assignment=treatment.assignment(test),
        )
        return GainCurve(outcomes, effects, treatment.sign).area().on_sample(len(test))


def _digest(values: NDArray[np.generic]) -> str:
    return hashlib.sha256(values.tobytes()).hexdigest()
