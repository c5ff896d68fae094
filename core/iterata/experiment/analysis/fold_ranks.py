"""Ranks within folds, which make the scores of models that were fitted on different folds comparable.

Each fold's model has its own scale. Pooled, the scores would rank whole folds against each other: tuning that
chooses another penalty in one fold moves all its rows up or down, and on noise a fold with few positives gets
the higher scores, because more of them were in its training rows (Forman and Scholz, 2010).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.arrays import Floats
    from iterata.experiment.folds import Fold


def fold_ranks(scores: Floats, folds: Sequence[Fold], counts: Floats) -> Floats:
    """The percentile rank of each score within its fold, from 0 to 1: `(repeats, n)`.

    Args:
        scores: `(repeats, n)`, out of fold.
        folds: of all repeats.
        counts: `(n,)`, what each row counts for.
    """
    ranks = np.full(scores.shape, np.nan)
    for fold in folds:
        line = fold.repeat - 1
        ranks[line, fold.test] = percentile_ranks(scores[line, fold.test], counts[fold.test])
    return ranks


def percentile_ranks(score: Floats, counts: Floats) -> Floats:
    """The weight of the rows with a lower score, and half of that of the equal ones, as a share: `(n,)`.

    >>> percentile_ranks(np.array([3.0, 1.0, 3.0, 9.0]), np.ones(4)).tolist()
    [0.5, 0.125, 0.5, 0.875]
    """
    levels, level = np.unique(score, return_inverse=True)
    size = np.bincount(level, counts, len(levels))
    ranks: Floats = ((np.cumsum(size) - size / 2) / size.sum())[level]
    return ranks
