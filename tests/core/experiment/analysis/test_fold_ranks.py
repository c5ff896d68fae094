"""Ranks within folds make scores of different models comparable."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata

from iterata.experiment.analysis.fold_ranks import fold_ranks, percentile_ranks
from iterata.experiment.folds import Fold


def test_ranks_are_those_of_scipy_with_ties_at_their_mean() -> None:
    score = np.random.default_rng(0).integers(0, 9, size=50).astype(float)
    assert percentile_ranks(score, np.ones(50)) == pytest.approx((rankdata(score) - 0.5) / 50)


def test_weight_of_a_row_equals_as_many_rows() -> None:
    score, counts = np.array([1.0, 5.0, 3.0]), np.array([1, 2, 3])
    repeated = percentile_ranks(np.repeat(score, counts), np.ones(6))
    first = np.cumsum(counts) - counts
    expected = [repeated[start : start + count].mean() for start, count in zip(first, counts, strict=True)]
    assert percentile_ranks(score, counts.astype(float)) == pytest.approx(expected)


def test_scale_of_a_fold_does_not_matter() -> None:
    """One model scores a thousand times as high as the other, in either repeat another one."""
    rng, rows = np.random.default_rng(1), np.arange(40)
    score = rng.normal(size=40)
    folds = [
        Fold(repeat, part + 1, rows[rows % 2 != part], rows[rows % 2 == part])
        for repeat in (1, 2)
        for part in (0, 1)
    ]
    scores = np.stack([np.where(rows % 2 == part, 1000 + 10 * score, score) for part in (0, 1)])
    first, second = fold_ranks(scores, folds, np.ones(40))
    assert first.tolist() == second.tolist()
    assert np.sort(first[::2]) == pytest.approx((np.arange(20) + 0.5) / 20)
