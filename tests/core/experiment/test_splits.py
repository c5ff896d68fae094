"""Groups never straddle, time never runs backwards, and only what is predicted is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
)

from iterata.data.times import times
from iterata.documents.models.splits import GroupFolds, HoldOut, StratifiedFolds, TimeOrdered
from iterata.documents.models.variants import SklearnVariant
from iterata.errors import DataError
from iterata.experiment.folds import Fold, SplitInputs, draw, in_words, predicted, within
from iterata.experiment.variants.estimators import Answers
from iterata.experiment.variants.preprocess import plain
from iterata.experiment.variants.sklearn import SklearnProducer
from iterata.experiment.variants.tuning import Tuning

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.experiment.folds import Split

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


def test_single_rows_and_groups_fall_as_scikit_learn_lets_them() -> None:
    group = np.arange(60) // 4
    rows = np.zeros(60)
    assert same(
        draw(grouped(seed=3), SplitInputs(60), ""), KFold(3, shuffle=True, random_state=3).split(rows)
    )
    theirs = GroupKFold(3, shuffle=True, random_state=3).split(rows, groups=group)
    assert same(draw(grouped(seed=3), SplitInputs(60, group=group), ""), theirs)
    assert [str(fold) for fold in draw(grouped(repeats=2), SplitInputs(60), "")][3] == "fold 1 of repeat 2"


def test_a_hold_out_is_scikit_learns_with_its_rows_in_order() -> None:
    split = HoldOut(kind="hold_out", share=0.25, seed=5)
    ((train, test),) = StratifiedShuffleSplit(1, test_size=0.25, random_state=5).split(POSITIVE, POSITIVE)
    assert same(draw(split, SplitInputs(60, POSITIVE), ""), [(np.sort(train), np.sort(test))])
    unit = np.arange(60) // 4
    ((train, test),) = GroupShuffleSplit(1, test_size=0.25, random_state=5).split(POSITIVE, groups=unit)
    assert same(draw(split, SplitInputs(60, POSITIVE, unit), ""), [(train, test)])


@pytest.mark.parametrize("folds", [1, 2, 5])
def test_windows_are_those_of_scikit_learn_over_rows_in_the_order_of_time(folds: int) -> None:
    time = np.random.default_rng(folds).permutation(60).astype(float)
    order = np.argsort(time)
    ours = draw(ordered(folds), SplitInputs(60, POSITIVE, time=time), "")
    if folds > 1:
        theirs = TimeSeriesSplit(folds).split(np.zeros(60))
        assert same(ours, [(np.sort(order[train]), np.sort(order[test])) for train, test in theirs])
    rows = predicted(ours, 60)
    assert rows is not None
    assert rows.sum() == 60 // (folds + 1) * folds


@given(
    moments=st.lists(st.integers(0, 30), min_size=20, max_size=80),
    folds=st.integers(1, 5), gap=st.sampled_from([0.0, 1.0, 3.0]),
    first=st.none() | st.floats(0.1, 0.9), seed=st.integers(0, 99),
)  # fmt: skip
def test_time_never_runs_backwards(
    moments: list[int], folds: int, gap: float, first: float | None, seed: int
) -> None:
    """Whatever the moments, also inside a fold that tunes."""
    time = np.array(moments, dtype=float)
    grounds = SplitInputs(len(time), np.random.default_rng(seed).random(len(time)) < 0.5, time=time)
    split = ordered(folds, gap=gap, learn_first=first)
    try:
        drawn = draw(split, grounds, "")
    except DataError:
        return
    before = -np.inf
    for fold in drawn:
        assert time[fold.train].max() + gap < time[fold.test].min() or gap == 0
        assert time[fold.train].max() < time[fold.test].min()
        assert time[fold.test].min() > before
        before = time[fold.test].max()
        try:
            inner = within(split, grounds, fold, parts=3, seed=0)
        except DataError:
            continue
        for part in inner:
            assert time[fold.train][part.train].max() < time[fold.train][part.test].min()
    assert sum(len(fold.test) for fold in drawn) == len(set(np.concatenate([fold.test for fold in drawn])))


@given(
    sizes=st.lists(st.integers(1, 6), min_size=8, max_size=30), seed=st.integers(0, 99),
    split=st.sampled_from([grouped(), grouped(2, repeats=2), HoldOut(kind="hold_out", share=0.3)]),
)  # fmt: skip
def test_units_never_straddle_whatever_the_split(sizes: list[int], seed: int, split: Split) -> None:
    unit = np.repeat(np.arange(len(sizes)), sizes)
    labels = np.random.default_rng(seed).random(len(unit)) < 0.5
    grounds = SplitInputs(len(unit), labels, unit)
    try:
        drawn = draw(split, grounds, "")
        inner = [(fold, part) for fold in drawn for part in within(split, grounds, fold, parts=3, seed=0)]
    except DataError:
        return
    for fold in drawn:
        assert not set(unit[fold.train]) & set(unit[fold.test])
    for fold, part in inner:
        assert not set(unit[fold.train][part.train]) & set(unit[fold.train][part.test])


def test_labels_take_time_to_be_known() -> None:
    time = np.arange(60.0)
    first, second = draw(ordered(2, gap=10), SplitInputs(60, time=time), "")
    assert (time[first.train].max(), time[first.test].min()) == (9, 20)
    assert (time[second.train].max(), time[second.test].min()) == (29, 40)


HALF = SplitInputs(60, POSITIVE, chosen=np.arange(60) >= 30)


@pytest.mark.parametrize(
    ("split", "grounds", "message"),
    [
        (ordered(5), SplitInputs(60, time=np.arange(60) // 20.0), "too few moments for 5 windows"),
        (ordered(3), SplitInputs(2, time=np.arange(2.0)), "too few moments for 3 windows"),
        (ordered(2, gap=40), SplitInputs(60, time=np.arange(60.0)), "window 1 has nothing to learn from"),
        (ordered(2), SplitInputs(60, np.arange(60) > 30, time=np.arange(60.0)), "fold 1 of repeat 1 has rows"),
        (grouped(20), SplitInputs(60, group=np.arange(60) // 10), "6 groups make no 20 folds"),
        (grouped(3), SplitInputs(60, unit=np.arange(60) // 3, group=np.arange(60) % 2), "lie in several parts"),
        (HoldOut(kind="hold_out", rows="x"), HALF._replace(unit=np.arange(60) // 4), "lie in several parts"),
        (HoldOut(kind="hold_out", rows="x"), HALF._replace(chosen=np.zeros(60, bool)), "no row is to be"),
        (HoldOut(kind="hold_out", rows="x"), HALF._replace(chosen=np.ones(60, bool)), "every row is to be"),
        (HoldOut(kind="hold_out", share=0.01), SplitInputs(60, POSITIVE), "too few rows to hold such"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_divided_so_are_told(split: Split, grounds: SplitInputs, message: str) -> None:
    with pytest.raises(DataError, match=message) as refused:
        draw(split, grounds, "proposal.md: plan.split")
    assert refused.value.where == "proposal.md: plan.split"


EARLY = np.arange(60) > 30


@pytest.mark.parametrize(
    ("split", "grounds", "remedy"),
    [
        (ordered(2), SplitInputs(60, EARLY, time=np.arange(60.0)), "learn_first"),
        (grouped(2), SplitInputs(60, EARLY, group=(np.arange(60) > 30).astype(int)), "column"),
        (HoldOut(kind="hold_out", rows="x"), SplitInputs(60, EARLY, chosen=EARLY), "hold out rows of both"),
    ],
)
def test_a_part_of_one_outcome_is_mended_by_what_the_split_has(
    split: Split, grounds: SplitInputs, remedy: str
) -> None:
    with pytest.raises(DataError, match="rows of one outcome only") as refused:
        draw(split, grounds, "")
    assert remedy in refused.value.remedy


def test_rows_an_author_chose_are_predicted() -> None:
    (fold,) = draw(HoldOut(kind="hold_out", rows="x"), HALF, "")
    assert np.array_equal(fold.test, np.arange(30, 60))


@pytest.mark.parametrize(
    ("split", "unit", "words"),
    [
        (grouped(repeats=2), None, "3 folds, 2 times"),
        (grouped(column="region"), np.arange(60), "3 folds of whole units (region)"),
        (ordered(), None, "3 windows in the order of day, each predicted from what was before it"),
        (ordered(1, gap=7), None, "1 window in the order of day, each predicted from what was before it, 7"),
        (HoldOut(kind="hold_out", share=0.25), None, "a hold-out of 25% of the rows"),
        (HoldOut(kind="hold_out", rows="year > 3"), None, "a hold-out of the rows where year > 3"),
    ],
)  # fmt: skip
def test_a_split_in_words(split: Split, unit: Any, words: str) -> None:
    assert in_words(split, SplitInputs(60, unit=unit), "customer").startswith(words)


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ([3, 1, 2], [3, 1, 2]),
        (["1970-01-02", "1970-01-01T12:00:00", "1970-02"], [1, 0.5, 31]),
        (pd.to_datetime(["1970-01-03", "1970-01-01"]), [2, 0]),
        (["1970-01-02T01:00:00+01:00", "1970-01-02T00:00:00Z"], [1, 1]),
    ],
)
def test_moments_are_numbers_or_dates(written: Any, days: list[float]) -> None:
    assert times(pd.Series(written, name="day"), "") == pytest.approx(days)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (["soon", "later"], "the column day holds no times"),
        ([1.0, None], "the time day is missing in 1 of 2 rows"),
        ([1.0, np.inf], "the time day is infinite"),
        (["2024-02-30"], "holds no times"),
    ],
)
def test_moments_that_are_none_are_told(written: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        times(pd.Series(written, name="day"), "data/rows.csv")


@pytest.mark.parametrize(
    "split",
    [
        StratifiedFolds(kind="stratified_folds", folds=3, seed=1),
        ordered(2),
        HoldOut(kind="hold_out", share=0.3),
    ],
)
@pytest.mark.parametrize("preprocess", [True, False])
def test_nothing_of_the_rows_to_predict_reaches_the_model(
    customers: pd.DataFrame, tmp_path: Path, split: Split, preprocess: bool
) -> None:
    """Neither their outcomes, nor their features but for each row's own: not by filling gaps, scaling,
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
        grounds = SplitInputs(300, outcomes, time=time)
        model = SklearnProducer(
            variant,
            tmp_path,
            plain(table, ""),
            outcomes.astype(int),
            Answers.YES_OR_NO,
            Tuning("", "roc_auc"),
            split,
            grounds,
            3,
        )
        return model(folds[0]).scores

    folds = draw(split, SplitInputs(300, positive, time=time), "")
    first, others = folds[0].test[0], np.setdiff1d(np.arange(300), folds[0].train)[1:]
    honest = scores(customers[columns], positive, folds)
    spoilt = customers[columns].copy()
    for column in columns:
        spoilt.loc[others, column] = "Elsewhere" if column == "town" else 1e6
    told = positive.copy()
    told[folds[0].test] = ~told[folds[0].test]
    assert others[0] != first
    assert scores(spoilt, told, folds)[0] == honest[0]
