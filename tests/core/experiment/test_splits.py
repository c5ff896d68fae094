"""Groups, time windows and hold-outs: nothing that a model is tested on is among its training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
)

from iterata.documents.models.splits import GroupFolds, HoldOut, StratifiedFolds, TimeOrdered, describe_split
from iterata.documents.models.variants import SklearnVariant
from iterata.errors import DataError
from iterata.experiment.folds import (
    Fold,
    OneArm,
    OneOutcome,
    OneOutcomeInArm,
    inner_folds,
    make_folds,
    predicted_rows,
)
from iterata.experiment.splitters import DividedUnits, SplitInputs, TooFewForFolds
from iterata.experiment.variants.estimator_types import EstimatorType
from iterata.experiment.variants.preprocess import numbers_and_categories
from iterata.experiment.variants.sklearn import SklearnProducer
from iterata.experiment.variants.tuning import RankingScorer, TuningCriterion

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.splits import Split

    from ...helpers.golden import Golden

POSITIVE = np.arange(60) % 3 == 0


def ordered(folds: int = 3, **more: Any) -> TimeOrdered:
    return TimeOrdered(kind="time_ordered", column="day", folds=folds, **more)


def grouped(folds: int = 3, **more: Any) -> GroupFolds:
    return GroupFolds(kind="group_folds", folds=folds, **more)


def same(ours: list[Fold], theirs: Any) -> bool:
    return all(
        np.array_equal(fold.train, train) and np.array_equal(fold.test, test)
        for fold, (train, test) in zip(ours, theirs, strict=True)
    )


def test_group_folds_equal_those_of_scikit_learn() -> None:
    group = np.arange(60) // 4
    rows = np.zeros(60)
    assert same(
        make_folds(grouped(seed=3), SplitInputs(60)), KFold(3, shuffle=True, random_state=3).split(rows)
    )
    theirs = GroupKFold(3, shuffle=True, random_state=3).split(rows, groups=group)
    assert same(make_folds(grouped(seed=3), SplitInputs(60, column_groups=group)), theirs)
    assert [str(fold) for fold in make_folds(grouped(repeats=2), SplitInputs(60))][3] == "fold 1 of repeat 2"


def test_hold_out_equals_that_of_scikit_learn_with_rows_in_order() -> None:
    split = HoldOut(kind="hold_out", share=0.25, seed=5)
    ((train, test),) = StratifiedShuffleSplit(1, test_size=0.25, random_state=5).split(POSITIVE, POSITIVE)
    assert same(make_folds(split, SplitInputs(60, POSITIVE)), [(np.sort(train), np.sort(test))])
    unit = np.arange(60) // 4
    ((train, test),) = GroupShuffleSplit(1, test_size=0.25, random_state=5).split(POSITIVE, groups=unit)
    assert same(make_folds(split, SplitInputs(60, POSITIVE, unit)), [(train, test)])


@pytest.mark.parametrize("folds", [1, 2, 5])
def test_time_windows_equal_those_of_scikit_learn(folds: int) -> None:
    time = np.random.default_rng(folds).permutation(60).astype(float)
    order = np.argsort(time)
    ours = make_folds(ordered(folds), SplitInputs(60, POSITIVE, times=time))
    if folds > 1:
        theirs = TimeSeriesSplit(folds).split(np.zeros(60))
        assert same(ours, [(np.sort(order[train]), np.sort(order[test])) for train, test in theirs])
    rows = predicted_rows(ours, 60)
    assert rows is not None
    assert rows.sum() == 60 // (folds + 1) * folds


@given(
    moments=st.lists(st.integers(0, 30), min_size=20, max_size=80),
    folds=st.integers(1, 5), gap=st.sampled_from([0.0, 1.0, 3.0]),
    first=st.none() | st.floats(0.1, 0.9), seed=st.integers(0, 99),
)  # fmt: skip
def test_training_rows_are_earlier_than_test_rows(
    moments: list[int], folds: int, gap: float, first: float | None, seed: int
) -> None:
    """Also inside a fold that tunes parameters."""
    time = np.array(moments, dtype=float)
    inputs = SplitInputs(len(time), np.random.default_rng(seed).random(len(time)) < 0.5, times=time)
    split = ordered(folds, gap=gap, learn_first=first)
    try:
        drawn = make_folds(split, inputs)
    except DataError:
        return
    before = -np.inf
    for fold in drawn:
        assert time[fold.train].max() + gap < time[fold.test].min() or gap == 0
        assert time[fold.train].max() < time[fold.test].min()
        assert time[fold.test].min() > before
        before = time[fold.test].max()
        try:
            inner = inner_folds(split, inputs, fold, parts=3, seed=0)
        except DataError:
            continue
        for part in inner:
            assert time[fold.train][part.train].max() < time[fold.train][part.test].min()
    assert sum(len(fold.test) for fold in drawn) == len(set(np.concatenate([fold.test for fold in drawn])))


@settings(max_examples=30)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=8, max_size=30), seed=st.integers(0, 99),
    split=st.sampled_from([grouped(), grouped(2, repeats=2), HoldOut(kind="hold_out", share=0.3)]),
)  # fmt: skip
def test_unit_is_never_in_training_and_test_rows(sizes: list[int], seed: int, split: Split) -> None:
    unit = np.repeat(np.arange(len(sizes)), sizes)
    labels = np.random.default_rng(seed).random(len(unit)) < 0.5
    inputs = SplitInputs(len(unit), labels, unit)
    try:
        drawn = make_folds(split, inputs)
        inner = [(fold, part) for fold in drawn for part in inner_folds(split, inputs, fold, parts=3, seed=0)]
    except DataError:
        return
    for fold in drawn:
        assert not set(unit[fold.train]) & set(unit[fold.test])
    for fold, part in inner:
        assert not set(unit[fold.train][part.train]) & set(unit[fold.train][part.test])


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_first_window_learns_from_the_given_share_of_rows(share: float) -> None:
    first, *_ = make_folds(ordered(3, learn_first=share), SplitInputs(60, times=np.arange(60.0)))
    assert len(first.train) == 60 * share


def test_inner_folds_keep_the_groups_of_the_column_whole() -> None:
    group = np.arange(60) // 4
    inputs = SplitInputs(60, POSITIVE, column_groups=group)
    for fold in make_folds(grouped(3), inputs):
        inner = group[fold.train]
        for part in inner_folds(grouped(3), inputs, fold, parts=3, seed=0):
            assert not set(inner[part.train]) & set(inner[part.test])


def test_gap_leaves_out_rows_whose_labels_are_not_known_yet() -> None:
    time = np.arange(60.0)
    first, second = make_folds(ordered(2, gap=10), SplitInputs(60, times=time))
    assert (time[first.train].max(), time[first.test].min()) == (9, 20)
    assert (time[second.train].max(), time[second.test].min()) == (29, 40)


def test_folds_of_a_campaign_are_stratified_by_arm_and_outcome() -> None:
    """As scikit-learn's with both as one label; inner folds as well, and arms alone for numbers."""
    treated = np.random.default_rng(2).random(90) < 0.3
    positive = np.arange(90) % 4 == 0
    split = StratifiedFolds(kind="stratified_folds", folds=3, seed=4)
    inputs = SplitInputs(90, positive, treated=treated)
    folds = make_folds(split, inputs)
    theirs = StratifiedKFold(3, shuffle=True, random_state=4).split(np.zeros(90), 2 * treated + positive)
    assert same(folds, theirs)
    of_numbers = make_folds(split, SplitInputs(90, treated=treated))
    for fold in [*folds, *of_numbers]:
        assert abs(treated[fold.test].mean() - treated.mean()) < 0.04
        for part in inner_folds(split, inputs, fold, parts=3, seed=0):
            cells = (2 * treated + positive)[fold.train][part.test]
            assert set(cells) == {0, 1, 2, 3}


def test_hold_out_of_a_campaign_keeps_the_share_of_treated_rows() -> None:
    treated = np.arange(60) % 6 < 2
    (fold,) = make_folds(
        HoldOut(kind="hold_out", share=0.5, seed=1), SplitInputs(60, POSITIVE, treated=treated)
    )
    assert treated[fold.test].sum() == 10


EARLY = np.arange(60) > 30
ALTERNATING = np.arange(60) % 2 == 0
HALF = SplitInputs(60, POSITIVE, held_out=np.arange(60) >= 30)
BY_ROWS, BY_SHARE = HoldOut(kind="hold_out", rows="x"), HoldOut(kind="hold_out", share=0.01)

IMPOSSIBLE: dict[str, tuple[Split, SplitInputs, type[DataError]]] = {
    "no control row before the last window": (
        ordered(3),
        SplitInputs(60, POSITIVE, times=np.arange(60.0), treated=np.arange(60) < 40),
        OneArm,
    ),
    "no treated row in a window": (
        ordered(3),
        SplitInputs(60, POSITIVE, times=np.arange(60.0), treated=(np.arange(60) < 40) & ALTERNATING),
        OneArm,
    ),
    "few treated units": (
        StratifiedFolds(kind="stratified_folds", folds=4),
        SplitInputs(60, POSITIVE, treated=np.arange(60) < 8),
        TooFewForFolds,
    ),
    "control rows of one outcome": (
        HoldOut(kind="hold_out", rows="x"),
        SplitInputs(60, ALTERNATING & EARLY, held_out=EARLY, treated=np.arange(60) % 4 < 2),
        OneOutcome,
    ),
    "control rows of one outcome to learn from": (
        HoldOut(kind="hold_out", rows="x"),
        SplitInputs(60, ALTERNATING, held_out=EARLY, treated=np.arange(60) % 4 != 1),
        OneOutcomeInArm,
    ),
    "few distinct times": (ordered(5), SplitInputs(60, times=np.arange(60) // 20.0), DataError),
    "few rows": (ordered(3), SplitInputs(2, times=np.arange(2.0)), DataError),
    "long gap": (ordered(2, gap=40), SplitInputs(60, times=np.arange(60.0)), DataError),
    "few positive units": (
        StratifiedFolds(kind="stratified_folds", folds=20),
        SplitInputs(60, EARLY, units=np.arange(60) // 3),
        TooFewForFolds,
    ),
    "few groups": (grouped(20), SplitInputs(60, column_groups=np.arange(60) // 10), TooFewForFolds),
    "units across groups": (
        grouped(3),
        SplitInputs(60, units=np.arange(60) // 3, column_groups=np.arange(60) % 2),
        DividedUnits,
    ),
    "number as target": (StratifiedFolds(kind="stratified_folds"), SplitInputs(60), DataError),
    "units across a hold-out": (BY_ROWS, HALF._replace(units=np.arange(60) // 4), DividedUnits),
    "no row held out": (BY_ROWS, HALF._replace(held_out=np.zeros(60, bool)), DataError),
    "every row held out": (BY_ROWS, HALF._replace(held_out=np.ones(60, bool)), DataError),
    "small share": (BY_SHARE, SplitInputs(60, POSITIVE), DataError),
    "window of one outcome": (ordered(2), SplitInputs(60, EARLY, times=np.arange(60.0)), OneOutcome),
    "group of one outcome": (grouped(2), SplitInputs(60, EARLY, column_groups=EARLY.astype(int)), OneOutcome),
    "hold-out without a positive row": (
        BY_ROWS,
        SplitInputs(60, EARLY, held_out=np.arange(60) < 10),
        OneOutcome,
    ),
    "hold-out of one outcome": (BY_ROWS, SplitInputs(60, EARLY, held_out=EARLY), OneOutcome),
}


@pytest.mark.parametrize(("split", "inputs", "refusal"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_impossible_split_is_refused(split: Split, inputs: SplitInputs, refusal: type[DataError]) -> None:
    with pytest.raises(refusal) as refused:
        make_folds(split, inputs)
    assert type(refused.value) is refusal


def test_wording_of_refused_splits(golden: Golden) -> None:
    messages = []
    for split, inputs, _ in IMPOSSIBLE.values():
        with pytest.raises(DataError) as refused:
            make_folds(split, inputs)
        messages.append(str(refused.value))
    golden.check("refused_splits", "\n".join(messages))


def test_unit_in_several_parts_is_counted_once() -> None:
    """Each of 20 units has a row in each of three groups."""
    inputs = SplitInputs(60, units=np.arange(60) // 3, column_groups=np.arange(60) % 3)
    with pytest.raises(DividedUnits, match=r"^20 units"):
        make_folds(grouped(3), inputs)


def test_selected_rows_are_predicted() -> None:
    (fold,) = make_folds(HoldOut(kind="hold_out", rows="x"), HALF)
    assert np.array_equal(fold.test, np.arange(30, 60))


@pytest.mark.parametrize(
    ("split", "unit", "words"),
    [
        (grouped(repeats=2), None, "3 folds, 2 times"),
        (grouped(column="region"), "customer", "3 folds of whole units (region)"),
        (ordered(), None, "3 windows in the order of day, each predicted from what was before it"),
        (ordered(1, gap=7), None, "1 window in the order of day, each predicted from what was before it, 7"),
        (HoldOut(kind="hold_out", share=0.25), None, "a hold-out of 25% of the rows"),
        (HoldOut(kind="hold_out", rows="year > 3"), None, "a hold-out of the rows where year > 3"),
    ],
)  # fmt: skip
def test_split_is_described(split: Split, unit: str | None, words: str) -> None:
    assert describe_split(split, unit).startswith(words)


@pytest.mark.parametrize(
    "split",
    [
        StratifiedFolds(kind="stratified_folds", folds=3, seed=1),
        ordered(2),
        HoldOut(kind="hold_out", share=0.3),
    ],
)
@pytest.mark.parametrize("preprocess", [True, False])
def test_test_rows_do_not_influence_the_model(
    customers: pd.DataFrame, tmp_path: Path, split: Split, preprocess: bool
) -> None:
    """Neither their outcomes, nor the features of other test rows: not through imputation, scaling,
    categories or tuning."""
    variant = SklearnVariant.model_validate(
        {
            "name": "v", "features": "all", "preprocess": preprocess, "params": {"max_iter": 5},
            "estimator": "sklearn.ensemble.HistGradientBoostingClassifier", "tune": {"max_depth": [1, 3]},
        }
        if not preprocess
        else {
            "name": "v", "features": "all", "tune": {"C": [0.01, 1]},
            "estimator": "sklearn.linear_model.LogisticRegression",
        }
    )  # fmt: skip
    columns = ["income", "age", "wealth", *(["town"] if preprocess else [])]
    positive = (customers["buys"] == "yes").to_numpy()
    time = np.arange(300.0)

    def scores(table: pd.DataFrame, outcomes: Any, folds: list[Fold]) -> Any:
        inputs = SplitInputs(300, outcomes, times=time)
        model = SklearnProducer(
            variant,
            tmp_path,
            numbers_and_categories(table, ""),
            outcomes.astype(int),
            EstimatorType.CLASSIFIER,
            TuningCriterion("", RankingScorer()),
            split,
            inputs,
            3,
        )
        return model(folds[0]).scores

    folds = make_folds(split, SplitInputs(300, positive, times=time))
    first, others = folds[0].test[0], np.setdiff1d(np.arange(300), folds[0].train)[1:]
    unchanged = scores(customers[columns], positive, folds)
    changed = customers[columns].copy()
    for column in columns:
        changed.loc[others, column] = "Elsewhere" if column == "town" else 1e6
    flipped = positive.copy()
    flipped[folds[0].test] = ~flipped[folds[0].test]
    assert others[0] != first
    assert scores(changed, flipped, folds)[0] == unchanged[0]
