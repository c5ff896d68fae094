"""Rows a model is judged on are rows it never saw, and units never straddle that border."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import RepeatedStratifiedKFold

from iterata.documents.models.splits import StratifiedFolds
from iterata.errors import DataError
from iterata.experiment.folds import SplitInputs, draw

if TYPE_CHECKING:
    from collections.abc import Callable


def test_folds_are_those_of_scikit_learn(split: Callable[..., StratifiedFolds]) -> None:
    positive = np.arange(50) % 5 == 0
    ours = draw(split(folds=5, repeats=3, seed=11), SplitInputs(50, positive), "plan.split")
    theirs = RepeatedStratifiedKFold(n_splits=5, n_repeats=3, random_state=11).split(np.zeros(50), positive)
    for fold, (train, test) in zip(ours, theirs, strict=True):
        assert np.array_equal(fold.train, train)
        assert np.array_equal(fold.test, test)
    assert [(fold.repeat, fold.number) for fold in ours[4:6]] == [(1, 5), (2, 1)]


@given(
    folds=st.integers(2, 5),
    repeats=st.integers(1, 3),
    seed=st.integers(0, 1000),
    sizes=st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=30, max_size=60),
)
def test_no_unit_straddles_and_every_row_is_predicted_once_a_repeat(
    folds: int, repeats: int, seed: int, sizes: list[tuple[int, bool]]
) -> None:
    unit = np.repeat(np.arange(len(sizes)), [size for size, _ in sizes])
    positive = np.repeat([outcome for _, outcome in sizes], [size for size, _ in sizes])
    plan = StratifiedFolds(kind="stratified_folds", folds=folds, repeats=repeats, seed=seed)
    try:
        drawn = draw(plan, SplitInputs(len(unit), positive, unit), "plan.split")
    except DataError:
        return
    for fold in drawn:
        assert not set(unit[fold.train]) & set(unit[fold.test])
        assert len(fold.train) + len(fold.test) == len(unit)
    for repeat in range(1, repeats + 1):
        tested = np.concatenate([fold.test for fold in drawn if fold.repeat == repeat])
        assert np.array_equal(np.sort(tested), np.arange(len(unit)))


def test_the_same_seed_draws_the_same_folds_and_repeats_differ(
    split: Callable[..., StratifiedFolds],
) -> None:
    unit, positive = np.repeat(np.arange(40), 3), np.repeat(np.arange(40) % 4 == 0, 3)
    once, again = (
        draw(split(folds=4, repeats=2, seed=3), SplitInputs(120, positive, unit), "") for _ in range(2)
    )
    assert all(np.array_equal(one.test, other.test) for one, other in zip(once, again, strict=True))
    assert not np.array_equal(once[0].test, once[4].test)


@pytest.mark.parametrize(
    ("positives", "rows_per_unit", "message", "remedy"),
    [
        (2, None, "2 positive rows cannot be spread over 3 folds", "at most 2 folds"),
        (1, None, "1 positive rows cannot be spread over 3 folds", "more data"),
        (29, None, "1 negative rows cannot be spread over 3 folds", "more data"),
        (6, 3, "2 positive units cannot be spread over 3 folds", "at most 2 folds"),
    ],
)
def test_too_few_of_a_class_is_refused(
    split: Callable[..., StratifiedFolds],
    positives: int, rows_per_unit: int | None, message: str, remedy: str,
) -> None:  # fmt: skip
    unit = None if rows_per_unit is None else np.arange(30) // rows_per_unit
    with pytest.raises(DataError) as refused:
        draw(split(folds=3), SplitInputs(30, np.arange(30) < positives, unit), "proposal.md: plan.split")
    assert refused.value.message == message
    assert remedy in refused.value.remedy
    assert refused.value.where == "proposal.md: plan.split"
