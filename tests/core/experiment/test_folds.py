"""Stratified folds: test rows are never training rows, and units stay whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import RepeatedStratifiedKFold

from iterata.documents.models.splits import StratifiedFolds
from iterata.errors import DataError
from iterata.experiment.folds import make_folds
from iterata.experiment.splitters import SplitInputs, TooFewForFolds

if TYPE_CHECKING:
    from collections.abc import Callable


def test_stratified_folds_equal_those_of_scikit_learn(split: Callable[..., StratifiedFolds]) -> None:
    positive = np.arange(50) % 5 == 0
    ours = make_folds(split(folds=5, repeats=3, seed=11), SplitInputs(50, positive))
    theirs = RepeatedStratifiedKFold(n_splits=5, n_repeats=3, random_state=11).split(np.zeros(50), positive)
    for fold, (train, test) in zip(ours, theirs, strict=True):
        assert np.array_equal(fold.train, train)
        assert np.array_equal(fold.test, test)
    assert [(fold.repeat, fold.number) for fold in ours[4:6]] == [(1, 5), (2, 1)]


@settings(max_examples=30)
@given(
    folds=st.integers(2, 5),
    repeats=st.integers(1, 3),
    seed=st.integers(0, 1000),
    sizes=st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=30, max_size=60),
)
def test_units_stay_whole_and_every_row_is_predicted_once_per_repeat(
    folds: int, repeats: int, seed: int, sizes: list[tuple[int, bool]]
) -> None:
    unit = np.repeat(np.arange(len(sizes)), [size for size, _ in sizes])
    positive = np.repeat([outcome for _, outcome in sizes], [size for size, _ in sizes])
    plan = StratifiedFolds(kind="stratified_folds", folds=folds, repeats=repeats, seed=seed)
    try:
        folds_of_plan = make_folds(plan, SplitInputs(len(unit), positive, unit))
    except DataError:
        return
    for fold in folds_of_plan:
        assert not set(unit[fold.train]) & set(unit[fold.test])
        assert len(fold.train) + len(fold.test) == len(unit)
    for repeat in range(1, repeats + 1):
        tested = np.concatenate([fold.test for fold in folds_of_plan if fold.repeat == repeat])
        assert np.array_equal(np.sort(tested), np.arange(len(unit)))


def test_seed_makes_folds_repeatable_and_repeats_differ(
    split: Callable[..., StratifiedFolds],
) -> None:
    unit, positive = np.repeat(np.arange(40), 3), np.repeat(np.arange(40) % 4 == 0, 3)
    once, again = (
        make_folds(split(folds=4, repeats=2, seed=3), SplitInputs(120, positive, unit)) for _ in range(2)
    )
    assert all(np.array_equal(one.test, other.test) for one, other in zip(once, again, strict=True))
    assert not np.array_equal(once[0].test, once[4].test)


@pytest.mark.parametrize(
    ("positives", "rows_per_unit"), [(2, None), (1, None), (29, None), (6, 3)],
    ids=["two positive rows", "one positive row", "one negative row", "two positive units"],
)  # fmt: skip
def test_fewer_rows_of_an_outcome_than_folds_are_refused(
    split: Callable[..., StratifiedFolds], positives: int, rows_per_unit: int | None
) -> None:
    units = None if rows_per_unit is None else np.arange(30) // rows_per_unit
    with pytest.raises(TooFewForFolds):
        make_folds(split(folds=3), SplitInputs(30, np.arange(30) < positives, units))
