"""Three classes of wine, from scikit-learn: a rule as the status quo, and models fitted on the other half."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

if TYPE_CHECKING:
    from iterata.arrays import Floats

VALUES = [[5.0, -4.0, -10.0], [-2.0, 3.0, -6.0], [-3.0, -1.0, 8.0]]
"""What an answer is worth, by answer and truth."""

BY_ANSWER = {str(answer): {str(c): value for c, value in enumerate(row)} for answer, row in enumerate(VALUES)}
"""The same as a document writes it."""

CLASSES = ("0", "1", "2")


class Wine(NamedTuple):
    """The odd rows; every column is `(89,)`."""

    target: Floats
    status_quo: Floats
    """A rule of two columns."""
    tree: Floats
    """The answers of a tree that is fitted on the even rows."""
    probabilities: Floats
    """`(89, 3)`, of a logistic regression that is fitted on the even rows."""
    even: Floats
    """The classes of the even rows."""
    weight: Floats
    """1, 2, 3, 1, 2, 3, ... along the rows."""


@cache
def wine() -> Wine:
    """The rows that the reference numbers are about."""
    data = load_wine()
    odd = np.arange(len(data.target)) % 2 == 1
    fitted, asked = data.data[~odd], data.data[odd]
    column = dict(zip(data.feature_names, asked.T, strict=True))
    rich = np.where(column["proline"] >= 755, 0, 2)
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(fitted, data.target[~odd])
    logistic = make_pipeline(StandardScaler(), LogisticRegression(C=1, tol=1e-10, max_iter=10_000))
    return Wine(
        target=data.target[odd].astype(float),
        status_quo=np.where(column["color_intensity"] <= 3.6, 1, rich).astype(float),
        tree=tree.predict(asked).astype(float),
        probabilities=logistic.fit(fitted, data.target[~odd]).predict_proba(asked),
        even=data.target[~odd],
        weight=np.resize([1.0, 2.0, 3.0], int(odd.sum())),
    )
