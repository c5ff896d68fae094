"""Makes predictions with a scikit-learn classifier."""

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
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_limits

from iterata.documents.proposal import StratifiedFolds
from iterata.errors import IterataError, RunError
from iterata.experiment.estimators import said, scoring_method
from iterata.experiment.folds import draw
from iterata.experiment.metrics import Sort
from iterata.experiment.preprocess import MODEL, pipeline
from iterata.experiment.producer import Prediction, rounded

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator

    from iterata.documents.proposal import Variant
    from iterata.experiment.folds import Fold, Rows
    from iterata.kpi.base import Bools, Floats

TUNED_BY = "roc_auc"
"""What tuning maximises inside each training fold. It judges the whole ranking, so it is far less noisy than
anything that looks at the top of a small fold only."""

TUNING_FOLDS = 5
"""Into how many parts tuning splits the training rows, at most."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """A variant of the plan, ready to be fitted on any fold."""

    variant: Variant
    estimator: BaseEstimator
    """Unfitted."""
    features: pd.DataFrame
    """Plain columns, of every row."""
    positive: Bools
    unit: Rows | None
    """A number per row, the same for rows of one unit; none if every row is a unit."""
    seed: int

    @property
    def identity(self) -> dict[str, Any]:
        """Everything its predictions depend on: what the plan says, and the code behind it."""
        made_by = type(self.estimator)
        source = inspect.getsourcefile(made_by)
        package = sys.modules[made_by.__module__.partition(".")[0]]
        return {
            "estimator": self.variant.estimator,
            "params": self.variant.params,
            "tune": [self.variant.tune, TUNED_BY, TUNING_FOLDS] if self.variant.tune else None,
            "columns": list(self.features.columns),
            "seed": self.seed,
            "package": str(getattr(package, "__version__", "")),
            "source": hashlib.sha256(Path(source).read_bytes()).hexdigest() if source else "",
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
                scores, sort = _score(fitted, self.features.iloc[fold.test])
            except IterataError:
                raise
            except Exception as error:  # an estimator may raise what it likes
                remedy = "change its parameters or its features in the plan"
                raise RunError(said(error), remedy=remedy) from None
        if not np.isfinite(scores).all():
            remedy = "change its parameters: the fit did not come to an end it can score with"
            raise RunError(f"{np.sum(~np.isfinite(scores))} scores are not numbers", remedy=remedy)
        warned = dict.fromkeys(_one_line(each) for each in caught)
        return Prediction(rounded(scores), sort, tuned, tuple(warned), time.perf_counter() - began)

    def _fit(self, fold: Fold) -> tuple[Any, dict[str, Any]]:
        features, positive = self.features.iloc[fold.train], self.positive[fold.train].astype(int)
        model = pipeline(clone(self.estimator), features)
        if not self.variant.tune:
            return model.fit(features, positive), {}
        grid = {f"{MODEL}__{name}": values for name, values in self.variant.tune.items()}
        parts = self._tuning_folds(fold)
        search = GridSearchCV(model, grid, scoring=TUNED_BY, cv=parts, error_score="raise")
        search.fit(features, positive)
        return search, {name.removeprefix(f"{MODEL}__"): value for name, value in search.best_params_.items()}

    def _tuning_folds(self, fold: Fold) -> list[tuple[Rows, Rows]]:
        positive = self.positive[fold.train]
        unit = None if self.unit is None else self.unit[fold.train]
        counted = np.arange(len(positive)) if unit is None else unit
        rarest = min(len(np.unique(counted[positive == outcome])) for outcome in (True, False))
        split = StratifiedFolds(
            kind="stratified_folds", folds=max(2, min(TUNING_FOLDS, rarest)), repeats=1, seed=self.seed
        )
        return [(part.train, part.test) for part in draw(split, positive, unit, "")]


def _score(fitted: Any, features: pd.DataFrame) -> tuple[Floats, Sort]:
    if scoring_method(fitted) == "predict_proba":
        return np.asarray(fitted.predict_proba(features), dtype=np.float64)[:, 1], Sort.PROBABILITY
    return np.asarray(fitted.decision_function(features), dtype=np.float64), Sort.SCORE


def _one_line(warning: warnings.WarningMessage) -> str:
    if isinstance(warning.message, Warning):
        return said(warning.message)
    return str(warning.message)
