"""Predictions of an estimator of scikit-learn, or of any estimator with its interface."""

from __future__ import annotations

import hashlib
import inspect
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_limits

from iterata.documents.models.text import TUNED, TextSettings
from iterata.errors import IterataError, RunError
from iterata.execution.exceptions import exception_summary, project_frame
from iterata.execution.project_code import fingerprint
from iterata.experiment.folds import inner_folds
from iterata.experiment.variants.base import Prediction, rounded
from iterata.experiment.variants.class_scoring import class_scoring, learned_labels
from iterata.experiment.variants.estimator_types import SCORING_METHODS, EstimatorType
from iterata.experiment.variants.estimators import build_estimator, package_names
from iterata.experiment.variants.parameters import is_text_setting, plain_params, sample_weight_parameter
from iterata.experiment.variants.preprocess import (
    COLUMNS_STEP,
    MODEL_STEP,
    TEXT_STEP,
    model_pipeline,
    text_columns,
)
from iterata.experiment.variants.scoring import classification, regression
from iterata.measure.metrics import Needs
from iterata.measure.predictions import PredictionKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

    from iterata.arrays import Floats
    from iterata.documents.models.rows import TargetValue
    from iterata.documents.models.splits import Split
    from iterata.documents.models.variants import Parameter, SklearnVariant
    from iterata.experiment.folds import Fold
    from iterata.experiment.splitters import SplitInputs
    from iterata.experiment.variants.shared_matrices import SharedMatrices
    from iterata.experiment.variants.tuning import TuningCriterion

MAX_TUNING_FOLDS = 5
"""Into how many folds tuning divides the training rows, at most."""


@dataclass(frozen=True, slots=True)
class SklearnProducer:
    """A variant of the plan that can be fitted on any fold.

    Other processes receive this description and build the estimator themselves, so that classes of the
    project need not be importable where it is unpickled.
    """

    variant: SklearnVariant
    project: Path
    """The folder that holds a factory's module."""
    features: pd.DataFrame
    """Columns of numbers and categories, of every row."""
    target: NDArray[np.int64] | Floats
    """`(n,)`: 1 or 0, the code of a class, or numbers."""
    estimator_type: EstimatorType
    tuning: TuningCriterion
    split: Split
    split_inputs: SplitInputs
    """Of every row; tuning divides the training rows by the same rules as the plan."""
    seed: int
    positive: tuple[TargetValue, ...] = (1,)
    """The positive values of the target in the data; an estimator may name its classes so."""
    needs: Needs = Needs.SCORE
    """What the KPI needs of a classifier."""
    weights: Floats | None = None
    """`(n,)`: the `sample_weight` of each row, if the plan passes it to `fit`."""
    row_weights: Floats | None = None
    """`(n,)`: the weight of each row in every figure, and so in tuning; None if every row counts for 1."""
    classes: tuple[str, ...] | None = None
    """The classes of the whole table, which codes stand for; None if the target has no classes."""
    shared: SharedMatrices | None = None
    """Where matrices of text are kept for other variants and folds."""

    @property
    def runs_in_main_process(self) -> bool:
        """Fits run side by side, one per core."""
        return False

    @property
    def identity(self) -> dict[str, object]:
        """Everything that determines the predictions: what the plan says, and the code it names."""
        variant, estimator = self.variant, self._estimator()
        versions = {
            name: str(getattr(sys.modules[name], "__version__", ""))
            for name in package_names(estimator, self.project)
        }
        tuning = [
            variant.model_dump(mode="json")["tune"],
            self.split.model_dump(),
            self.tuning.label,
            MAX_TUNING_FOLDS,
            *([] if self.row_weights is None else [_digest(self.row_weights)]),
        ]
        return {
            **self._own_identity,
            "estimator": variant.origin,
            "params": plain_params(variant.params),
            "predicts": self._predicts(),
            "weights": None if self.weights is None else _digest(self.weights),
            "tune": tuning if variant.tune else None,
            "preprocess": variant.preprocess,
            **self._text_identity,
            "columns": list(self.features.columns),
            "seed": self.seed,
            "packages": versions,
            "source": fingerprint(self.project) if variant.factory else _source_digest(type(estimator)),
        }

    @property
    def _own_identity(self) -> dict[str, object]:
        """What determines the predictions of a subclass besides."""
        return {}

    def _predicts(self) -> list[object]:
        """What distinguishes the predictions; those of classes do not depend on the KPI."""
        if self.classes is not None:
            return ["classes", list(self.classes)]
        return [SCORING_METHODS.get(self.needs), list(self.positive)]

    @property
    def _text_identity(self) -> dict[str, object]:
        """Which columns are text, and what becomes of them; nothing if there are none."""
        texts = text_columns(self.features)
        settings = self.variant.text or TextSettings()
        return {"texts": texts, "text": settings.model_dump()} if texts else {}

    def __call__(self, fold: Fold) -> Prediction:
        """Fit on the training rows and score the test rows.

        A fit uses one thread: folds run side by side, and sums must not depend on the number of threads.

        Raises:
            RunError: the estimator raised an exception, or its scores are not numbers.
        """
        start = time.perf_counter()
        with warnings.catch_warnings(record=True) as recorded, threadpool_limits(limits=1):
            warnings.simplefilter("always")
            try:
                scores, kind, best_params, probabilities = self._predict(fold)
            except (IterataError, KeyboardInterrupt):
                raise
            except BaseException as error:  # an estimator may raise anything: libraries in Rust do
                raise RunError(exception_summary(error, self.project), remedy=self._remedy(error)) from None
        _check_scores(scores)
        messages = dict.fromkeys(_one_line(warning) for warning in recorded)
        seconds = time.perf_counter() - start
        return Prediction(rounded(scores), kind, best_params, tuple(messages), seconds, probabilities)

    def _predict(
        self, fold: Fold
    ) -> tuple[Floats, PredictionKind | None, dict[str, Parameter], Floats | None]:
        """The scores of the test rows, what they are, the parameters that tuning chose, and probabilities."""
        model, best_params = self._fit(fold)
        scores, kind, probabilities = self._score(model, fold)
        return scores, kind, best_params, probabilities

    def _estimator(self) -> BaseEstimator:
        return build_estimator(self.variant, self.seed, self.project, self.estimator_type)

    def _fit(self, fold: Fold) -> tuple[BaseEstimator, dict[str, Parameter]]:
        features, target = self.features.iloc[fold.train], self._learned(fold)
        model = self._pipeline(features)
        fit_params = self._fit_params(model, fold)
        if not self.variant.tune:
            return model.fit(features, target, **fit_params), {}
        inner = inner_folds(self.split, self.split_inputs, fold, parts=MAX_TUNING_FOLDS, seed=self.seed)
        cv = [(part.train, part.test) for part in inner]
        scoring = self.tuning.weighted(self.row_weights)
        search = GridSearchCV(model, self._grid, scoring=scoring, cv=cv, error_score="raise")
        search.fit(features, target, **fit_params)
        return search, self._as_planned(search.best_params_)

    def _pipeline(self, features: pd.DataFrame) -> BaseEstimator:
        """The unfitted pipeline to the estimator, for rows of these columns."""
        variant = self.variant
        return model_pipeline(
            self._estimator(),
            features,
            preprocess=variant.preprocess,
            text=variant.text,
            shared=self.shared,
        )

    @property
    def _grid(self) -> dict[str, list[Parameter]]:
        """The values to choose from, by the name of the parameter in the pipeline."""
        return {self._in_pipeline(name): values for name, values in self.variant.tune.items()}

    def _as_planned(self, params: Mapping[str, Parameter]) -> dict[str, Parameter]:
        """Chosen values, by the name of the parameter in the plan."""
        names = sorted(self.variant.tune) if params else []
        return {name: params[self._in_pipeline(name)] for name in names}

    def _in_pipeline(self, name: str) -> str:
        if is_text_setting(name, self.variant):
            return f"{COLUMNS_STEP}__{TEXT_STEP}__{name.removeprefix(TUNED)}"
        return f"{MODEL_STEP}__{name}"

    def _learned(self, fold: Fold) -> NDArray[np.generic]:
        """What the estimator learns of the training rows: outcomes, or the names of classes."""
        target = self.target[fold.train]
        return target if self.classes is None else learned_labels(self.classes)[target.astype(np.intp)]

    def _fit_params(self, model: BaseEstimator, fold: Fold) -> dict[str, Floats]:
        """The weights of the training rows, under the name by which the pipeline passes them on."""
        if self.weights is None:
            return {}
        return {sample_weight_parameter(model, self.variant.origin): self.weights[fold.train]}

    def _score(self, model: BaseEstimator, fold: Fold) -> tuple[Floats, PredictionKind | None, Floats | None]:
        features = self.features.iloc[fold.test]
        if self.classes is not None:
            codes, probabilities = class_scoring(model, features, self.classes)
            return codes, PredictionKind.CLASS, probabilities
        if self.estimator_type is EstimatorType.REGRESSOR:
            return regression(model, features), None, None
        return *classification(model, features, self.positive, self.needs), None

    def _remedy(self, error: BaseException) -> str:
        """An error in the project's code is corrected there; any other needs a different plan."""
        if project_frame(error, self.project):
            return "correct it there, commit, and run again"
        hint = ""
        if "NaN" in str(error) and not self.variant.preprocess:
            hint = "set `preprocess: true` to fill missing values, or "
        elif "string to float" in str(error) and not self.variant.preprocess and text_columns(self.features):
            hint = "set `preprocess: true`, so that text becomes TF-IDF, or "
        elif "dataframe" in str(error).lower() and self.variant.preprocess:
            hint = "set `preprocess: false`, so that its own pipeline gets the columns by name, or "
        return f"{hint}change its parameters or its features; an approved plan needs an amendment for it"


def _check_scores(scores: Floats) -> None:
    if not np.isfinite(scores).all():
        remedy = "change its parameters: the fit diverged"
        raise RunError(f"{np.sum(~np.isfinite(scores))} scores are not finite numbers", remedy=remedy)


def _digest(weights: Floats) -> str:
    return hashlib.sha256(weights.tobytes()).hexdigest()


def _source_digest(estimator_class: type) -> str:
    """A digest of the file that defines a class; empty if there is no such file."""
    source = inspect.getsourcefile(estimator_class)
    return hashlib.sha256(Path(source).read_bytes()).hexdigest() if source else ""


def _one_line(warning: warnings.WarningMessage) -> str:
    if isinstance(warning.message, Warning):
        return exception_summary(warning.message)
    return str(warning.message)
