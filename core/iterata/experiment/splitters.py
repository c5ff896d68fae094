"""Divides rows into training and test rows with scikit-learn's splitters, or says why that is impossible."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)

from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Codes, Floats
    from iterata.documents.models.splits import HoldOut, TimeOrdered

    Rows = NDArray[np.intp]
    """Positions of rows, or a number for each row."""

    Parts = tuple[Rows, Rows]
    """Positions of training rows and of test rows."""

Entry = TypeVar("Entry", bound=np.generic)


class SplitInputs(NamedTuple):
    """What a split needs to know of the rows; every array is `(n_rows,)`."""

    n_rows: int
    labels: Bools | Codes | None = None
    """Whether a row is positive, or the code of its class; None if the target is a number. Stratified parts
    hold some rows of each."""
    units: Rows | None = None
    """The independent unit of each row, as a number; None if every row is a unit."""
    column_groups: Rows | None = None
    """The value of the split's own `column`, as a number; None if the split names no such column."""
    times: Floats | None = None
    """The time of each row, in days or in the column's own unit."""
    held_out: Bools | None = None
    """The rows that a hold-out's expression selects for prediction."""
    treated: Bools | None = None
    """Whether a row was treated; None if the rows are not those of a campaign."""
    classes: tuple[str, ...] | None = None
    """The names of the classes that codes stand for; None if `labels` are no codes."""

    @property
    def strata(self) -> Codes | Bools | None:
        """What stratified parts hold alike: labels, arms, or the labels within the arms; None for neither."""
        if self.treated is None or self.labels is None:
            return self.labels if self.treated is None else self.treated
        return 2 * self.treated.astype(np.intp) + self.labels

    @property
    def groups(self) -> Rows | None:
        """The groups that are never divided: by the split's column, else by unit; None for single rows."""
        return self.units if self.column_groups is None else self.column_groups

    def take(self, rows: Rows) -> SplitInputs:
        """The inputs of some of the rows."""
        return SplitInputs(
            len(rows),
            None if self.labels is None else self.labels[rows],
            _take(self.units, rows),
            _take(self.column_groups, rows),
            _take(self.times, rows),
            _take(self.held_out, rows),
            _take(self.treated, rows),
            self.classes,
        )


def _take(values: NDArray[Entry] | None, rows: Rows) -> NDArray[Entry] | None:
    return None if values is None else values[rows]


class TooFewForFolds(DataError):
    """There are fewer rows, units or groups than folds."""

    def __init__(self, count: int, noun: str, folds: int) -> None:
        remedy = f"use at most {count} folds" if count > 1 else "use more data"
        super().__init__(f"{count} {noun} are too few for {folds} folds", remedy=remedy)


class RareClass(DataError):
    """A class has fewer rows or units than folds, so that a fold could not learn or test it."""

    def __init__(self, name: str, count: int, noun: str, folds: int) -> None:
        rows = noun if count > 1 else noun.removesuffix("s")
        use = f"use at most {count} folds, " if count > 1 else ""
        remedy = f"{use}join it with another class in the data, or leave its rows out of them"
        super().__init__(f"the class {name} has {count} {rows}, too few for {folds} folds", remedy=remedy)


class DividedUnits(DataError):
    """Rows of one unit are in several parts, so that models are tested on units they learned from."""

    def __init__(self, count: int) -> None:
        units = "1 unit has" if count == 1 else f"{count:,} units have"
        super().__init__(
            f"{units} rows in several parts, so models would be tested on units they know",
            remedy="divide whole units; or use time_ordered to predict units from their own past",
        )


def stratified(folds: int, inputs: SplitInputs, random: np.random.RandomState) -> Iterator[Parts]:
    """Folds with the same shares of classes, and of treated rows; whole units, if a unit has several rows.

    Raises:
        DataError: the target has no classes, or too few rows or units of one.
    """
    if inputs.strata is None:
        message = "stratified_folds needs a target of classes, and this one is a number"
        raise DataError(message, remedy="use group_folds")
    noun = "rows" if inputs.units is None else "units"
    for name, count in class_counts(inputs).items():
        if count < folds and inputs.classes is not None:
            raise RareClass(name, count, noun, folds)
        if count < folds:
            raise TooFewForFolds(count, f"{name} {noun}", folds)
    yield from _stratified(folds, inputs, random)


def stratified_as_possible(folds: int, inputs: SplitInputs, random: np.random.RandomState) -> Iterator[Parts]:
    """The same although a class has fewer rows than folds: a part may have none of them.

    It is for tuning within a fold, where rare classes are rarer still.
    """
    with warnings.catch_warnings():  # of the rare classes
        warnings.simplefilter("ignore", UserWarning)
        yield from list(_stratified(folds, inputs, random))


def _stratified(folds: int, inputs: SplitInputs, random: np.random.RandomState) -> Iterator[Parts]:
    splitter = StratifiedKFold if inputs.units is None else StratifiedGroupKFold
    divide = splitter(n_splits=folds, shuffle=True, random_state=random).split
    yield from divide(_features(inputs), inputs.strata, inputs.units)


def grouped(folds: int, inputs: SplitInputs, random: np.random.RandomState) -> Iterator[Parts]:
    """Folds of whole groups, or of single rows.

    Raises:
        DataError: there are fewer groups than folds, or a unit has rows in several groups.
    """
    _check_units_are_whole(inputs.units, inputs.column_groups)
    groups = inputs.groups
    count, noun = (inputs.n_rows, "rows") if groups is None else (len(np.unique(groups)), "groups")
    if count < folds:
        raise TooFewForFolds(count, noun, folds)
    splitter = KFold if groups is None else GroupKFold
    divide = splitter(n_splits=folds, shuffle=True, random_state=random).split
    yield from divide(_features(inputs), groups=groups)


def time_ordered(split: TimeOrdered, inputs: SplitInputs) -> Iterator[Parts]:
    """Windows in the order of time, each predicted from the rows before it.

    Raises:
        DataError: there are too few distinct times, or a window has no training rows.
    """
    times = inputs.times
    if times is None:
        raise ValueError("a time_ordered split needs the time of each row")
    starts = _window_starts(split, times)
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], np.inf], strict=True), 1):
        train = np.flatnonzero(times < start - split.gap)
        if not len(train):
            remedy = "use a smaller gap, or a larger share of rows before the first window (`learn_first`)"
            raise DataError(f"window {number} has no training rows", remedy=remedy)
        yield train, np.flatnonzero((times >= start) & (times < end))


def _window_starts(split: TimeOrdered, times: Floats) -> Floats:
    """The time at which each window begins: windows of equally many rows, the last of which end the data."""
    rows = len(times)
    learned = rows // (split.folds + 1) if split.learn_first is None else round(rows * split.learn_first)
    size = (rows - learned) // split.folds if split.learn_first else rows // (split.folds + 1)
    first = [max(0, rows - number * size) for number in range(split.folds, 0, -1)]
    starts: Floats = np.sort(times)[first] if size else times[:0]
    if not size or (np.diff([times.min(), *starts]) <= 0).any():
        message = f"the column {split.column} has too few distinct times for {split.folds} windows"
        raise DataError(message, remedy="use fewer folds, or a column with finer times")
    return starts


def hold_out(split: HoldOut, inputs: SplitInputs) -> Parts:
    """One division: by an expression, or at random with the same shares of the classes in both parts.

    Raises:
        DataError: one part is empty, or a unit has rows in both.
    """
    train, test = (
        _random_part(split, inputs) if inputs.held_out is None else _selected_part(inputs.held_out, inputs)
    )
    return np.sort(train), np.sort(test)


def _selected_part(held_out: Bools, inputs: SplitInputs) -> Parts:
    if held_out.all() or not held_out.any():
        message = f"the expression holds for {'every' if held_out.any() else 'no'} row"
        raise DataError(message, remedy="write one that holds for the rows to predict, and for no other")
    _check_units_are_whole(inputs.units, held_out)
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _random_part(split: HoldOut, inputs: SplitInputs) -> Parts:
    features, strata, units = _features(inputs), inputs.strata, inputs.units
    if inputs.classes is not None and units is None:
        _check_both_parts(inputs)
    options = {"n_splits": 1, "test_size": split.share, "random_state": split.seed}
    try:
        if strata is not None and units is None:
            ((train, test),) = StratifiedShuffleSplit(**options).split(features, strata)
        else:
            units = np.arange(inputs.n_rows) if units is None else units
            ((train, test),) = GroupShuffleSplit(**options).split(features, groups=units)
    except ValueError:
        message = f"{inputs.n_rows:,} rows are too few for a hold-out of {split.share:.0%}"
        raise DataError(message, remedy="use another share, or more data") from None
    return train, test


def _check_both_parts(inputs: SplitInputs) -> None:
    """Refuse a class with a single row, which cannot be learned and tested."""
    for name, count in class_counts(inputs).items():
        if count < 2:
            message = f"the class {name} has 1 row, which cannot be both learned and tested"
            remedy = "join it with another class in the data, or leave its row out of them"
            raise DataError(message, remedy=remedy)


def class_counts(inputs: SplitInputs) -> dict[str, int]:
    """How many units, or rows if every row is a unit, have rows of each class: positive and negative ones,
    treated and control, or both; or of each of many classes that occurs."""
    if inputs.classes is not None and inputs.labels is not None:
        return _many_class_counts(inputs.labels.astype(np.intp), inputs.classes, inputs.units)
    labels = np.zeros(inputs.n_rows, dtype=bool) if inputs.labels is None else inputs.labels
    units = np.arange(inputs.n_rows) if inputs.units is None else inputs.units
    if inputs.treated is None:
        return {name: len(np.unique(units[labels == label])) for name, label in _CLASSES.items()}
    classes = {"": True} if inputs.labels is None else _CLASSES
    return {
        f"{arm} {name}".strip(): len(np.unique(units[(inputs.treated == treated) & mask]))
        for arm, treated in ARMS.items()
        for name, label in classes.items()
        for mask in [labels == label if inputs.labels is not None else np.ones(inputs.n_rows, dtype=bool)]
    }


def _many_class_counts(codes: Rows, classes: tuple[str, ...], units: Rows | None) -> dict[str, int]:
    if units is not None:
        codes = np.unique(units.astype(np.intp) * len(classes) + codes) % len(classes)
    counts = np.bincount(codes, minlength=len(classes)).tolist()
    return {name: count for name, count in zip(classes, counts, strict=True) if count}


_CLASSES = {"positive": True, "negative": False}
ARMS = {"treated": True, "control": False}
"""The arms of a campaign, and whether their rows were treated."""


def _check_units_are_whole(units: Rows | None, part: Rows | Bools | None) -> None:
    if units is None or part is None:
        return
    pairs = np.unique(np.stack([units, part.astype(np.intp)]), axis=1)
    divided = int((np.unique(pairs[0], return_counts=True)[1] > 1).sum())
    if divided:
        raise DividedUnits(divided)


def _features(inputs: SplitInputs) -> Floats:
    """A placeholder for the features, which scikit-learn's splitters only count."""
    return np.zeros(inputs.n_rows)
