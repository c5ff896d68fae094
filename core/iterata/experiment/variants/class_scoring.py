"""Asks a fitted classifier of many classes for the answers and the probabilities of rows.

An estimator learns the classes under the names that the data have, as whole numbers if all of them are. What
its columns mean is what `classes_` says; it is never guessed. A class that is absent from the training rows
has probability 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, SupportsFloat

import numpy as np

from iterata.experiment.variants.base import rounded
from iterata.experiment.variants.refusals import (
    ClassesMissing,
    LabelOfNoClass,
    NotADistribution,
    NotProbabilities,
    ProbabilityOfNoNumber,
    WrongShape,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

    from iterata.arrays import Floats

TOLERANCE = 1e-6
"""How far outside 0 to 1 rounding may take a probability; it is then clipped."""

SUM_TOLERANCE = 0.01
"""How far from 1 the probabilities of a row may sum to, as rounded ones do; they are then divided by it."""


def learned_labels(classes: Sequence[str]) -> NDArray[np.generic]:
    """What an estimator learns, `(K,)`: the names of the classes; integers if all are whole numbers.

    >>> learned_labels(["0", "1", "7"]).tolist(), learned_labels(["1", "two"]).tolist()
    ([0, 1, 7], ['1', 'two'])
    """
    if all(name.lstrip("-").isdecimal() and str(int(name)) == name for name in classes):
        return np.array([int(name) for name in classes])
    return np.array(classes, dtype=object)


def class_scoring(
    model: BaseEstimator, features: pd.DataFrame, classes: Sequence[str]
) -> tuple[Floats, Floats | None]:
    """The code of the likeliest class of each row, `(n,)`, and the probabilities of all classes, `(n, K)`.

    Args:
        model: the fitted classifier.
        features: the rows.
        classes: of the whole table, in their order; a code is a position in it.

    Returns:
        No probabilities if the estimator gives none: `predict` decides then.

    Raises:
        RunError: it cannot be told what the numbers of the estimator mean.
    """
    rows = len(features)
    if hasattr(model, "predict_proba"):
        values = model.predict_proba(features)
        labels = _labels(model, "predict_proba")
        probabilities = distribution(_by_class(values, labels, classes, rows, "predict_proba"))
        return probabilities.argmax(axis=1).astype(np.float64), probabilities
    if hasattr(model, "predict"):
        return _answers(model.predict(features), classes, rows), None
    scores = np.asarray(model.decision_function(features), dtype=np.float64)
    if scores.ndim == 1:  # above 0 speaks for the second class
        scores = np.stack([-scores, scores], axis=1)
    labels = _labels(model, "decision_function")
    by_class = _by_class(scores, labels, classes, rows, "decision_function", absent=-np.inf)
    return by_class.argmax(axis=1).astype(np.float64), None


def distribution(values: Floats) -> Floats:
    """Probabilities `(n, K)` whose rows sum to 1, rounded.

    Raises:
        RunError: they are not finite numbers from 0 to 1, or do not sum to about 1.
    """
    if (missing := ~np.isfinite(values)).any():
        raise ProbabilityOfNoNumber(int(missing.sum()))
    if (outside := (values < -TOLERANCE) | (values > 1 + TOLERANCE)).any():
        raise NotProbabilities(float(values[outside][0]))
    sums = values.sum(axis=1)
    if (wrong := np.abs(sums - 1) > SUM_TOLERANCE + TOLERANCE).any():
        raise NotADistribution(float(sums[wrong][0]))
    clipped = np.clip(values, 0, 1)
    return rounded(clipped / clipped.sum(axis=1, keepdims=True))


def class_positions(labels: Sequence[object], classes: Sequence[str]) -> NDArray[np.intp]:
    """The position of each label among the classes; `3`, `3.0` and `"3"` are the same label.

    Raises:
        LabelOfNoClass: a label is no class.
    """
    position = {name: number for number, name in enumerate(classes)}
    texts = [label_text(label) for label in labels]
    for label, text in zip(labels, texts, strict=True):
        if text not in position:
            raise LabelOfNoClass(label, classes)
    return np.array([position[text] for text in texts], dtype=np.intp)


def label_text(label: object) -> str:
    """The name of the class that an estimator or a program means.

    >>> label_text(3.0), label_text("3"), label_text(np.str_("spam")), label_text(2.5)
    ('3', '3', 'spam', '2.5')
    """
    if isinstance(label, SupportsFloat) and not isinstance(label, str | bool | np.bool_):
        number = float(label)
        return str(int(number)) if number.is_integer() else str(label)
    return str(label)


def _labels(model: BaseEstimator, method: str) -> list[object]:
    labels = getattr(model, "classes_", None)
    if labels is None:
        raise ClassesMissing(method)
    return list(labels)


def _by_class(
    values: object, labels: list[object], classes: Sequence[str], rows: int, method: str, absent: float = 0.0
) -> Floats:
    """A column for each class of the table, from one for each label of the estimator."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (rows, len(labels)):
        raise WrongShape(method, array.shape, rows, columns=len(labels))
    by_class = np.full((rows, len(classes)), absent)
    by_class[:, class_positions(labels, classes)] = array
    return by_class


def _answers(values: object, classes: Sequence[str], rows: int) -> Floats:
    labels = np.asarray(values)
    if labels.shape not in {(rows,), (rows, 1)}:
        raise WrongShape("predict", labels.shape, rows)
    distinct, codes = np.unique(labels.reshape(-1), return_inverse=True)
    return class_positions(list(distinct), classes)[codes].astype(np.float64)
