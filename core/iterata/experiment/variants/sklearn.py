"""Makes predictions with an estimator of scikit-learn, or with its interface."""

from __future__ import annotations

import hashlib
import inspect
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_limits

from iterata.errors import IterataError, RunError
from iterata.execution.project_code import fingerprint, project_frame, said
from iterata.experiment.folds import inner_folds
from iterata.experiment.variants.base import Prediction, rounded
from iterata.experiment.variants.estimators import Answers, build, packages, scoring_method
from iterata.experiment.variants.preprocess import MODEL, pipeline
from iterata.measure.metrics import PredictionKind

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.documents.models.splits import Split
    from iterata.documents.models.variants import SklearnVariant
    from iterata.experiment.folds import Fold
    from iterata.experiment.splitters import SplitInputs
    from iterata.experiment.variants.tuning import Tuning

TUNING_FOLDS = 5
"""Into how many parts tuning divides the training rows, at most."""


@dataclass(frozen=True, slots=True)
class SklearnProducer:
    """A variant of the plan, ready to be fitted on any fold.

    It travels to other processes as a description: the estimator is made there, so that a project's own
    classes need not be known to whoever unpacks it.
    """

    variant: SklearnVariant
    project: Path
    """The folder a factory is found in."""
    features: pd.DataFrame
    """Plain columns, of every row."""
    target: NDArray[Any]
    """What happened, `(n,)`: 1 or 0, or a number."""
    answers: Answers
    tuning: Tuning
    split: Split
    split_inputs: SplitInputs
    """What the split goes by; tuning divides the training rows by the same rules."""
    seed: int

    @property
    def alone(self) -> bool:
        """Fits are side by side, a core each."""
        return False

    @property
    def identity(self) -> dict[str, Any]:
        """Everything its predictions depend on: what the plan says, and the code behind it."""
        estimator = build(self.variant, self.seed, self.project, self.answers)
        versions = {
            name: str(getattr(sys.modules[name], "__version__", ""))
            for name in packages(estimator, self.project)
        }
        tuned = [self.variant.tune, self.split.model_dump(), self.tuning.words, TUNING_FOLDS]
        return {
            "estimator": self.variant.origin,
            "params": self.variant.params,
            "tune": tuned if self.variant.tune else None,
            "preprocess": self.variant.preprocess,
            "columns": list(self.features.columns),
            "seed": self.seed,
            "packages": versions,
            "source": fingerprint(self.project) if self.variant.factory else _source(type(estimator)),
        }

    def __call__(self, fold: Fold) -> Prediction:
        """Fit on the training rows and score the test rows.

        One thread a fit: folds are what runs side by side, and sums must not depend on how many do.

        Raises:
            RunError: the estimator raised, or its scores are not numbers.
        """
        began = time.perf_counter()
        with warnings.catch_warnings(record=True) as caught, threadpool_limits(limits=1):
            warnings.simplefilter("always")
            try:
                fitted, tuned = self._fit(fold)
                scores, sort = _score(fitted, self.features.iloc[fold.test], self.answers)
            except (IterataError, KeyboardInterrupt):
                raise
            except BaseException as error:  # an estimator may raise what it likes: libraries in Rust do
                raise RunError(said(error, self.project), remedy=self._remedy(error)) from None
        if scores.shape != fold.test.shape:
            message = f"{len(scores)} scores came back for {len(fold.test)} rows"
            raise RunError(message, remedy="mend the estimator: it gives each row one score")
        if not np.isfinite(scores).all():
            remedy = "change its parameters: the fit did not come to an end it can score with"
            raise RunError(f"{np.sum(~np.isfinite(scores))} scores are not numbers", remedy=remedy)
        warned = dict.fromkeys(_one_line(each) for each in caught)
        return Prediction(rounded(scores), sort, tuned, tuple(warned), time.perf_counter() - began)

    def _remedy(self, error: BaseException) -> str:
        """What may help: the project's own code is mended there, anything else by another plan."""
        if project_frame(error, self.project):
            return "mend it there, commit it, and run again"
        gaps = "NaN" in str(error) and not self.variant.preprocess
        first = "let `preprocess: true` fill the gaps, or " if gaps else ""
        return f"{first}change its parameters or its features; in an approved plan that takes an amendment"

    def _fit(self, fold: Fold) -> tuple[Any, dict[str, Any]]:
        features, target = self.features.iloc[fold.train], self.target[fold.train]
        estimator = build(self.variant, self.seed, self.project, self.answers)
        model = pipeline(estimator, features, preprocess=self.variant.preprocess)
        if not self.variant.tune:
            return model.fit(features, target), {}
        grid = {f"{MODEL}__{name}": values for name, values in self.variant.tune.items()}
        inner = inner_folds(self.split, self.split_inputs, fold, parts=TUNING_FOLDS, seed=self.seed)
        parts = [(part.train, part.test) for part in inner]
        search = GridSearchCV(model, grid, scoring=self.tuning.scoring, cv=parts, error_score="raise")
        search.fit(features, target)
        return search, {name.removeprefix(f"{MODEL}__"): value for name, value in search.best_params_.items()}


def _source(made_by: type) -> str:
    """A digest of the file that defines a class; empty where there is none to read."""
    source = inspect.getsourcefile(made_by)
    return hashlib.sha256(Path(source).read_bytes()).hexdigest() if source else ""


def _score(fitted: Any, features: pd.DataFrame, answers: Answers) -> tuple[Floats, PredictionKind | None]:
    if answers is Answers.NUMBERS:
        return np.asarray(fitted.predict(features), dtype=np.float64), None
    if scoring_method(fitted) == "predict_proba":
        return np.asarray(fitted.predict_proba(features), dtype=np.float64)[:, 1], PredictionKind.PROBABILITY
    return np.asarray(fitted.decision_function(features), dtype=np.float64), PredictionKind.SCORE


def _one_line(warning: warnings.WarningMessage) -> str:
    if isinstance(warning.message, Warning):
        return said(warning.message)
    return str(warning.message)
