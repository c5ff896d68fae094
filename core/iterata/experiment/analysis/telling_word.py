"""The word of a column of text that tells the target best, by whether it occurs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import chi2, f_regression

if TYPE_CHECKING:
    import pandas as pd

    from iterata.arrays import Codes, Floats

FEWEST = 15
"""In how many rows a word must occur."""

CHARACTERS = 20_000
"""How much of each text is looked at."""

FEW = 50
"""A target with at most this many values is one of classes."""


def telling_word(texts: pd.Series, target: Floats) -> tuple[Codes, int]:
    """Whether the word occurs in each row, `(m,)`: 0 for an empty text, 1 if not, 2 if it does.

    Args:
        texts: of some rows; a missing text is empty.
        target: the outcome of each row, `(m,)`.

    Returns:
        The codes, and among how many words the word was chosen.
    """
    codes = (texts != "").to_numpy().astype(np.intp)
    vectorizer = CountVectorizer(binary=True, min_df=FEWEST)
    try:
        occurs = vectorizer.fit_transform(texts.str.slice(0, CHARACTERS))
    except ValueError:  # no word occurs often enough
        return codes, 0
    score = chi2 if len(np.unique(target)) <= FEW else f_regression
    with np.errstate(all="ignore"):
        told, _ = score(occurs.astype(np.float64), target)
    best = int(np.nan_to_num(told, nan=-1.0, posinf=np.inf).argmax())
    return codes + occurs[:, [best]].toarray().ravel().astype(np.intp), occurs.shape[1]
