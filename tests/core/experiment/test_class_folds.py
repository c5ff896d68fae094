"""Folds of many classes: all of them in each fold, or a refusal before anything is trained."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from iterata.documents.models.splits import GroupFolds, HoldOut, StratifiedFolds, TimeOrdered
from iterata.errors import DataError
from iterata.experiment.folds import ClassNotLearned, inner_folds, make_folds, not_learned
from iterata.experiment.splitters import RareClass, SplitInputs, class_counts

CLASSES = ("a", "b", "c", "d")
CODES = np.random.default_rng(0).permutation(np.repeat(np.arange(4), (60, 30, 20, 10)))
INPUTS = SplitInputs(120, CODES, classes=CLASSES)
FOLDS = StratifiedFolds(kind="stratified_folds", folds=5, seed=3)


def test_folds_are_those_of_scikit_learn() -> None:
    ours = make_folds(FOLDS, INPUTS)
    theirs = StratifiedKFold(5, shuffle=True, random_state=np.random.RandomState(3)).split(CODES, CODES)
    for fold, (train, test) in zip(ours, theirs, strict=True):
        assert fold.train.tolist() == train.tolist()
        assert fold.test.tolist() == test.tolist()
        assert np.bincount(CODES[fold.test]).tolist() == [12, 6, 4, 2]


def test_units_are_whole() -> None:
    units = np.arange(120) // 3
    inputs = INPUTS._replace(units=units)
    splitter = StratifiedGroupKFold(5, shuffle=True, random_state=np.random.RandomState(3))
    theirs = splitter.split(CODES, CODES, units)
    assert [fold.test.tolist() for fold in make_folds(FOLDS, inputs)] == [test.tolist() for _, test in theirs]
    counts = {name: len(np.unique(units[code == CODES])) for code, name in enumerate(CLASSES)}
    assert class_counts(inputs) == counts


@pytest.mark.parametrize("rows", [1, 4])
def test_class_with_fewer_rows_than_folds_is_refused(rows: int) -> None:
    codes = np.concatenate([CODES[CODES < 3], np.full(rows, 3)])
    inputs = SplitInputs(len(codes), codes, classes=CLASSES)
    with pytest.raises(RareClass) as refused:
        make_folds(FOLDS, inputs)
    assert "d has" in refused.value.message
    if rows > 1:  # the fix works
        make_folds(FOLDS.model_copy(update={"folds": rows}), inputs)
    else:
        with pytest.raises(DataError):
            make_folds(HoldOut(kind="hold_out", share=0.3), inputs)


def test_class_of_one_large_unit_is_refused_because_a_fold_cannot_learn_it() -> None:
    units = np.where(CODES == 3, 40 + np.arange(120) % 5, np.arange(120) // 3)
    units = np.where((CODES == 3) & (np.cumsum(CODES == 3) > 5), 40, units)
    one = SplitInputs(
        120, np.where(CODES == 3, 3, CODES), units=np.where(CODES == 3, 40, units), classes=CLASSES
    )
    with pytest.raises(RareClass):
        make_folds(FOLDS, one)


def test_classes_that_other_splits_cannot_learn_are_named() -> None:
    late = np.sort(CODES)
    split = TimeOrdered(kind="time_ordered", column="day", folds=2, learn_first=0.6)
    inputs = SplitInputs(120, late, times=np.arange(120.0), classes=CLASSES)
    first, second = make_folds(split, inputs)
    assert [missing.name for missing in not_learned(first, inputs, split)] == ["c"]
    assert [missing.name for missing in not_learned(second, inputs, split)] == ["c", "d"][1:]
    groups = GroupFolds(kind="group_folds", folds=4)
    by_class = INPUTS._replace(column_groups=CODES)
    missing = [one for fold in make_folds(groups, by_class) for one in not_learned(fold, by_class, groups)]
    assert sorted(one.name for one in missing) == [*CLASSES]
    assert isinstance(missing[0], ClassNotLearned)
    rows = HoldOut(kind="hold_out", rows="part == 1")
    held = INPUTS._replace(held_out=CODES == 2)
    assert [one.rows for one in not_learned(*make_folds(rows, held), held, rows)] == [20]


def test_tuning_divides_rare_classes_as_far_as_they_go() -> None:
    codes = np.concatenate([CODES[CODES < 3], np.full(5, 3)])
    inputs = SplitInputs(len(codes), codes, classes=CLASSES)
    for fold in make_folds(FOLDS, inputs):
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of scikit-learn, about the rare class
            inner = inner_folds(FOLDS, inputs, fold, parts=5, seed=0)
        assert len(inner) == 5
        assert sorted(np.concatenate([part.test for part in inner])) == [*range(len(fold.train))]
