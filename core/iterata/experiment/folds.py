"""Folds: which rows a model learns from, and which rows it predicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.splits import GroupFolds, HoldOut, StratifiedFolds, TimeOrdered
from iterata.errors import DataError
from iterata.experiment import splitters
from iterata.experiment.splitters import ARMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.arrays import Bools, Codes
    from iterata.documents.models.splits import Split
    from iterata.experiment.splitters import Rows, SplitInputs


class Fold(NamedTuple):
    """One fold of one repeat; both count from 1."""

    repeat: int
    number: int
    train: Rows
    """Positions of the rows to learn from."""
    test: Rows
    """Positions of the rows to predict."""

    def __str__(self) -> str:
        return f"fold {self.number} of repeat {self.repeat}"


class ClassNotLearned(DataError):
    """A fold predicts rows of a class that its training rows do not have."""

    def __init__(self, name: str, fold: Fold, split: Split, rows: int) -> None:
        self.name, self.fold, self.rows = name, fold, rows
        super().__init__(
            f"{fold} learns from no row of the class {name}, and predicts {rows:,} of it",
            remedy=f"{_ALL_CLASSES[split.kind]}; or join the class with another in the data",
        )


class OneOutcome(DataError):
    """All rows that a fold learns from, or all that it predicts, have the same outcome."""

    def __init__(self, fold: Fold, part: str, split: Split) -> None:
        super().__init__(f"the {part} rows of {fold} have one outcome only", remedy=_both("outcome", split))


class OneArm(DataError):
    """All rows that a fold learns from, or all that it predicts, are of the same arm of a campaign."""

    def __init__(self, fold: Fold, part: str, split: Split, missing: str) -> None:
        remedy = _both("arm", split)
        if part == "test" and split.kind == "time_ordered":
            remedy = "use fewer folds, so that each window has rows of both arms"
        super().__init__(f"the {part} rows of {fold} have no {missing} row", remedy=remedy)


class OneOutcomeInArm(DataError):
    """All rows of one arm that a fold learns from have the same outcome."""

    def __init__(self, fold: Fold, split: Split, arm: str) -> None:
        message = f"the {arm} rows that {fold} learns from have one outcome only"
        super().__init__(message, remedy=f"{_both('outcome', split)}, in each arm")


_BOTH = {
    "stratified_folds": "use fewer folds or another seed: few units hold most of the rows of one {half}",
    "group_folds": "use fewer folds, another seed, or a `column` with more groups: few hold both {half}s",
    "time_ordered": "raise `learn_first`, so that the first window learns from rows of both {half}s",
    "hold_out": "hold out rows of both {half}s, and leave rows of both to learn from",
}
"""What helps, by the kind of split, if a part has one outcome or one arm."""


def _both(half: str, split: Split) -> str:
    return _BOTH[split.kind].format(half=half)


_ALL_CLASSES = {
    "stratified_folds": "use fewer folds or another seed: few units hold all rows of the class",
    "group_folds": "use fewer folds, another seed, or a `column` whose groups share the class",
    "time_ordered": "raise `learn_first`, so that the first window learns from rows of the class",
    "hold_out": "leave rows of the class to learn from",
}
"""What helps if a class is missing among the training rows."""


def make_folds(split: Split, inputs: SplitInputs) -> list[Fold]:
    """The folds of a plan, in order.

    They are scikit-learn's, with the same seed: `RepeatedStratifiedKFold` (`StratifiedGroupKFold` if a unit
    has several rows), `GroupKFold` (`KFold` for single rows), `TimeSeriesSplit` over rows in the order of
    time, `StratifiedShuffleSplit` (`GroupShuffleSplit`). Rows with the same time are never separated.

    Args:
        split: what the plan says.
        inputs: what the split needs to know of the rows.

    Raises:
        DataError: the rows cannot be divided like this, or a part would hold rows of one outcome, or of one
            arm, only.
    """
    folds = list(_folds(split, inputs))
    # windows and groups are compared together, and of many classes a part need not hold all
    has_both_parts = isinstance(split, StratifiedFolds | HoldOut) and inputs.classes is None
    for fold in folds:
        if isinstance(split, StratifiedFolds) or (isinstance(split, HoldOut) and split.share is not None):
            for missing in not_learned(fold, inputs, split):
                raise missing
        parts = {"training": fold.train, "test": fold.test} if has_both_parts else {"training": fold.train}
        for part, rows in parts.items():
            if inputs.labels is not None and len(np.unique(inputs.labels[rows])) < 2:
                raise OneOutcome(fold, part, split)
        _check_arms(fold, split, inputs)
    return folds


def _check_arms(fold: Fold, split: Split, inputs: SplitInputs) -> None:
    """Refuse a fold that learns from one arm or predicts one, or whose arms have one outcome each.

    An effect is a difference between arms, so the folds of any split need both.
    """
    if inputs.treated is None:
        return
    for part, rows in {"training": fold.train, "test": fold.test}.items():
        for arm, treated in ARMS.items():
            if not (inputs.treated[rows] == treated).any():
                raise OneArm(fold, part, split, arm)
    if inputs.labels is None:
        return
    for arm, treated in ARMS.items():
        labels = inputs.labels[fold.train][inputs.treated[fold.train] == treated]
        if len(np.unique(labels)) < 2:
            raise OneOutcomeInArm(fold, split, arm)


def not_learned(fold: Fold, inputs: SplitInputs, split: Split) -> Iterator[ClassNotLearned]:
    """The classes of a fold's test rows that its training rows lack: no model can answer with them."""
    if inputs.classes is None or inputs.labels is None:
        return
    width = len(inputs.classes)
    learned, tested = (
        np.bincount(inputs.labels[rows].astype(np.intp), minlength=width) for rows in (fold.train, fold.test)
    )
    for code in np.flatnonzero((learned == 0) & (tested > 0)):
        yield ClassNotLearned(inputs.classes[code], fold, split, int(tested[code]))


def _folds(split: Split, inputs: SplitInputs) -> Iterator[Fold]:
    match split:
        case StratifiedFolds() | GroupFolds():
            divide = splitters.stratified if isinstance(split, StratifiedFolds) else splitters.grouped
            # one random state for all repeats, as RepeatedStratifiedKFold has it
            random = np.random.RandomState(split.seed)
            for repeat in range(1, split.repeats + 1):
                parts = divide(split.folds, inputs, random)
                yield from (Fold(repeat, number, *part) for number, part in enumerate(parts, 1))
        case TimeOrdered():
            windows = enumerate(splitters.time_ordered(split, inputs), 1)
            yield from (Fold(1, number, *part) for number, part in windows)
        case HoldOut():
            yield Fold(1, 1, *splitters.hold_out(split, inputs))


def inner_folds(split: Split, inputs: SplitInputs, fold: Fold, *, parts: int, seed: int) -> list[Fold]:
    """Divide a fold's training rows once more, by the same rules, to choose parameters among them.

    Args:
        split: what the plan says.
        inputs: what the split needs to know of all rows.
        fold: whose training rows; positions in the result count within these.
        parts: how many folds, at most.
        seed: makes it repeatable.

    Raises:
        DataError: the training rows cannot be divided.
    """
    inner = inputs.take(fold.train)
    if isinstance(split, TimeOrdered):
        return _as_many_windows(split, inner, parts)
    inner = inner._replace(units=inner.groups, column_groups=None)
    if inner.strata is None:
        return make_folds(GroupFolds(kind="group_folds", folds=parts, seed=seed), inner)
    if inner.classes is not None:
        return _of_classes(inner, fold, parts, seed)
    folds = max(2, min(parts, *splitters.class_counts(inner).values()))
    return make_folds(StratifiedFolds(kind="stratified_folds", folds=folds, seed=seed), inner)


def _of_classes(inputs: SplitInputs, fold: Fold, parts: int, seed: int) -> list[Fold]:
    """As many parts as the most frequent class has rows or units; rarer classes lie in some of them."""
    folds = max(2, min(parts, max(splitters.class_counts(inputs).values())))
    try:
        divided = list(splitters.stratified_as_possible(folds, inputs, np.random.RandomState(seed)))
    except ValueError:
        message = f"the training rows of {fold} are too few to choose parameters among them"
        raise DataError(message, remedy="remove `tune`, or use more data") from None
    return [Fold(1, number, *part) for number, part in enumerate(divided, 1)]


def _as_many_windows(split: TimeOrdered, inputs: SplitInputs, parts: int) -> list[Fold]:
    """As many windows as the rows allow: a short past has few distinct times."""
    for folds in range(parts, 1, -1):
        try:
            return make_folds(split.model_copy(update={"folds": folds, "learn_first": None}), inputs)
        except DataError:
            continue
    return make_folds(split.model_copy(update={"folds": 1, "learn_first": None}), inputs)


def predicted_rows(folds: list[Fold], n_rows: int) -> Bools | None:
    """Which rows are predicted, `(n_rows,)`; None if all of them are."""
    predicted = np.zeros(n_rows, dtype=bool)
    for fold in folds:
        predicted[fold.test] = True
    return None if predicted.all() else predicted


def check_groups_are_whole(groups: Codes, folds: list[Fold]) -> None:
    """Refuse folds that divide what is ranked together; `groups` holds the group of each row, `(n_rows,)`.

    Raises:
        DataError: rows of one group are predicted by several models, whose scores cannot be compared.
    """
    for repeat in {fold.repeat for fold in folds}:
        parts = [np.unique(groups[fold.test]) for fold in folds if fold.repeat == repeat]
        divided = int((np.unique(np.concatenate(parts), return_counts=True)[1] > 1).sum())
        if divided:
            message = f"{divided:,} of the KPI's groups would be predicted by several models"
            remedy = "use group_folds with the group's column, one hold-out, or groups that lie in one window"
            raise DataError(message, remedy=remedy)
