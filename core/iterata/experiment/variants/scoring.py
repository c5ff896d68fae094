"""Asks a fitted estimator for the predictions of rows.

Which column belongs to the positive class is what `classes_` says; it is never guessed. A model has learned
the classes 0 and 1, but it may keep them in another order, or under the names that the data have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, SupportsFloat

import numpy as np

from iterata.data.target_classes import is_equal
from iterata.experiment.variants.estimator_types import scoring_method
from iterata.experiment.variants.refusals import (
    ClassesMissing,
    ClassesUnknown,
    NotProbabilities,
    UnknownLabel,
    WrongShape,
)
from iterata.measure.predictions import PredictionKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

    from iterata.arrays import Floats
    from iterata.documents.models.rows import TargetValue
    from iterata.measure.metrics import Needs

TOLERANCE = 1e-6
"""How far outside 0 to 1 rounding may take a probability; it is then clipped."""


class Classes(NamedTuple):
    """The two classes of a fitted estimator, as it names them."""

    labels: Sequence[object]
    positive: int
    """The position of the positive class in `labels`."""

    @classmethod
    def of(cls, model: BaseEstimator, positive: Sequence[TargetValue]) -> Classes | None:
        """The classes that an estimator names; None if it names none.

        Args:
            model: the fitted estimator.
            positive: the positive values of the target in the data.

        Raises:
            ClassesUnknown: it is not certain which of them is the positive class.
        """
        labels = getattr(model, "classes_", None)
        if labels is None:
            return None
        labels = list(labels)
        found = [number for number, label in enumerate(labels) if is_positive(label, positive)]
        two = len(labels) == 2 and len(found) == 1  # classes, one of them positive
        if not two or not _is_negative(labels[1 - found[0]]):
            raise ClassesUnknown(labels)
        return cls(labels, found[0])


def is_positive(label: object, positive: Sequence[TargetValue]) -> bool:
    """Whether a label is the positive class: 1, true, or the positive value of the data.

    >>> is_positive(True, ["paid"]), is_positive("paid", ["paid"]), is_positive("open", ["paid"])
    (True, True, False)
    """
    return is_equal(label, True) or any(is_equal(label, value) for value in positive)  # noqa: FBT003


def _is_negative(label: object) -> bool:
    """Whether a label can be the negative class: a word, or 0 or -1, but not the 2 of 1 and 2."""
    is_number = isinstance(label, SupportsFloat) and not isinstance(label, str)
    return not is_number or is_equal(label, 0) or is_equal(label, -1)


def regression(model: BaseEstimator, features: pd.DataFrame) -> Floats:
    """The number that a regressor predicts for each row, `(n,)`.

    Raises:
        WrongShape: it does not predict one number per row.
    """
    return _one_column(model.predict(features), len(features), "predict")


def classification(
    model: BaseEstimator, features: pd.DataFrame, positive: Sequence[TargetValue], needs: Needs
) -> tuple[Floats, PredictionKind]:
    """The score of each row, `(n,)`, higher for likelier positives; and what kind of number it is.

    Args:
        model: the fitted classifier.
        features: the rows.
        positive: the positive values of the target in the data.
        needs: what the KPI needs.

    Raises:
        RunError: it cannot be told what the numbers of the estimator mean.
    """
    classes = Classes.of(model, positive)
    method = scoring_method(model, needs)
    if method == "predict_proba":
        return _probabilities(
            model.predict_proba(features), classes, len(features)
        ), PredictionKind.PROBABILITY
    if method == "decision_function":
        return _scores(model.decision_function(features), classes, len(features)), PredictionKind.SCORE
    return _decisions(model.predict(features), classes, positive, len(features)), PredictionKind.DECISION


def _probabilities(values: object, classes: Classes | None, rows: int) -> Floats:
    """The column of the positive class; a single column is that of the second class, as in scikit-learn."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 2 and array.shape == (rows, 2):  # a column per class
        if classes is None:
            raise ClassesMissing("predict_proba")
        array = array[:, classes.positive]
    else:
        array = _one_column(array, rows, "predict_proba")
        if classes is not None and classes.positive == 0:
            raise ClassesUnknown(classes.labels, one_column=True)
    outside = (array < -TOLERANCE) | (array > 1 + TOLERANCE)
    if outside.any():
        raise NotProbabilities(float(array[outside][0]))
    return np.clip(array, 0, 1)


def _scores(values: object, classes: Classes | None, rows: int) -> Floats:
    """Scores above 0 speak for the second class; of two columns, the difference does for the first."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 2 and array.shape == (rows, 2):  # a column per class
        if classes is None:
            raise ClassesMissing("decision_function")
        difference: Floats = array[:, classes.positive] - array[:, 1 - classes.positive]
        return difference
    array = _one_column(array, rows, "decision_function")
    return -array if classes is not None and classes.positive == 0 else array


def _decisions(values: object, classes: Classes | None, positive: Sequence[TargetValue], rows: int) -> Floats:
    """1 for the positive class and 0 for the other."""
    labels = np.asarray(values).reshape(-1)
    if len(labels) != rows:
        raise WrongShape("predict", np.shape(labels), rows)
    distinct, codes = np.unique(labels, return_inverse=True)
    known = set() if classes is None else {str(label) for label in classes.labels}
    positives = [is_positive(label, positive) for label in distinct]
    for label, is_one in zip(distinct, positives, strict=True):
        if not is_one and str(label) not in known and not is_equal(label, 0):
            raise UnknownLabel(label)
    decisions: Floats = np.array(positives, dtype=np.float64)[codes]
    return decisions


def _one_column(values: object, rows: int, method: str) -> Floats:
    """One number per row: `(n,)`, or a single column."""
    array: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    if array.shape not in {(rows,), (rows, 1)}:
        raise WrongShape(method, array.shape, rows)
    return array.reshape(rows)
