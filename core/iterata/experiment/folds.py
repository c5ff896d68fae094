"""Keeps the rows a model is judged on apart from those it learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)

from iterata.documents.models.splits import GroupFolds, HoldOut, StratifiedFolds, TimeOrdered
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Codes, Floats

    Rows = NDArray[np.intp]
    Split = StratifiedFolds | GroupFolds | TimeOrdered | HoldOut
    Parts = tuple[Rows, Rows]


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


class SplitInputs(NamedTuple):
    """What a split may go by; every array is `(rows,)`."""

    rows: int
    labels: NDArray[Any] | None = None
    """The class of every row, where outcomes are classes: each part of a split shall hold some of all."""
    unit: Rows | None = None
    """A number per row, the same for rows of one unit; none where every row is a unit."""
    group: Rows | None = None
    """Likewise what a split keeps together, where that is more than a unit."""
    time: Floats | None = None
    """When a row was, in days or in the column's own unit."""
    chosen: Bools | None = None
    """The rows an author set apart to be predicted."""

    def among(self, rows: Rows) -> SplitInputs:
        """The same of some of the rows."""
        some: Any = {
            name: value[rows] for name, value in self._asdict().items() if isinstance(value, np.ndarray)
        }
        return self._replace(rows=len(rows), **some)

    @property
    def together(self) -> Rows | None:
        """What stays on one side: groups, or else units; none for single rows."""
        return self.unit if self.group is None else self.group


_BOTH_OUTCOMES: dict[type, str] = {
    StratifiedFolds: "take fewer folds, or another seed: few units hold most of the rows of one outcome",
    GroupFolds: "take fewer folds, another seed, or a `column` of more groups: few hold both outcomes",
    TimeOrdered: "raise `learn_first`, so that the first window learns from rows of both outcomes",
    HoldOut: "hold out rows of both outcomes, and leave some of both to learn from",
}
"""What to do about a part of one outcome only."""


def draw(split: Split, grounds: SplitInputs, where: str) -> list[Fold]:
    """The folds of a plan, in order.

    They are scikit-learn's, with the same seed: `RepeatedStratifiedKFold` (`StratifiedGroupKFold` where a
    unit has several rows), `GroupKFold` (`KFold` for single rows), `TimeSeriesSplit` over rows in the order
    of time, `StratifiedShuffleSplit` (`GroupShuffleSplit`). Rows of one moment are never parted.

    Args:
        split: what the plan says.
        grounds: what it goes by.
        where: the field of the plan to blame.

    Raises:
        DataError: the rows cannot be divided so, or a part would hold rows of one outcome only.
    """
    folds = list(_DRAWN[type(split)](split, grounds, where))
    for fold in folds:
        both = isinstance(split, StratifiedFolds | HoldOut)  # windows and groups are judged together
        for part in (fold.train, fold.test) if both else (fold.train,):
            if grounds.labels is not None and len(np.unique(grounds.labels[part])) < 2:
                remedy = _BOTH_OUTCOMES[type(split)]
                raise DataError(f"{fold} has rows of one outcome only", remedy=remedy, where=where)
    return folds


def within(split: Split, grounds: SplitInputs, fold: Fold, *, parts: int, seed: int) -> list[Fold]:
    """Divides a fold's training rows once more, by the same rules, to choose parameters among them.

    Args:
        split: what the plan says.
        grounds: what it goes by.
        fold: whose training rows; the positions that come back count within these.
        parts: into how many folds, at most.
        seed: makes it repeatable.

    Raises:
        DataError: the training rows cannot be divided.
    """
    inner = grounds.among(fold.train)
    if isinstance(split, TimeOrdered):
        return _as_many_windows(split, inner, parts)
    inner = inner._replace(unit=inner.together, group=None)
    if inner.labels is None:
        return draw(GroupFolds(kind="group_folds", folds=parts, seed=seed), inner, "")
    fitting = max(2, min(parts, *(count for _, count in _counts(inner))))
    return draw(StratifiedFolds(kind="stratified_folds", folds=fitting, seed=seed), inner, "")


def predicted(folds: list[Fold], rows: int) -> Bools | None:
    """Which rows are predicted, `(rows,)`; none where all are."""
    found = np.zeros(rows, dtype=bool)
    for fold in folds:
        found[fold.test] = True
    return None if found.all() else found


def keep_whole(group: Codes, folds: list[Fold], where: str) -> None:
    """Refuse folds that tear apart what is ranked against each other; `group` numbers it, `(rows,)`.

    Raises:
        DataError: rows of one group are predicted by several models, whose scores cannot be compared.
    """
    for repeat in {fold.repeat for fold in folds}:
        parts = [np.unique(group[fold.test]) for fold in folds if fold.repeat == repeat]
        torn = int((np.unique(np.concatenate(parts), return_counts=True)[1] > 1).sum())
        if torn:
            message = f"{torn:,} of the KPI's groups would be predicted by several models"
            remedy = (
                "take group_folds by the group's column; or one hold-out; or groups that lie in one window"
            )
            raise DataError(message, remedy=remedy, where=where)


def in_words(split: Split, grounds: SplitInputs, unit: str) -> str:
    """A split as pages name it, beginning with a figure or a noun; `unit` is the column that names units."""
    together = getattr(split, "column", None) or unit
    whole = "" if grounds.together is None else f" of whole units ({together})"
    match split:
        case StratifiedFolds():
            return f"{split.folds} stratified folds{whole}{_times(split.repeats)}"
        case GroupFolds():
            return f"{split.folds} folds{whole}{_times(split.repeats)}"
        case TimeOrdered():
            gap = f", {split.gap:g} before each of them left out" if split.gap else ""
            windows = "1 window" if split.folds == 1 else f"{split.folds} windows"
            return f"{windows} in the order of {split.column}, each predicted from what was before it{gap}"
        case HoldOut():
            drawn = f"{split.share:.0%} of the rows" if split.share else f"the rows where {split.rows}"
            return f"a hold-out of {drawn}{whole if split.share else ''}"


def _times(repeats: int) -> str:
    return f", {repeats} times" if repeats > 1 else ""


def _stratified(split: StratifiedFolds, grounds: SplitInputs, where: str) -> Iterator[Fold]:
    if grounds.labels is None:
        raise DataError("the target has no classes to spread", remedy="take group_folds", where=where)
    unit, noun = grounds.unit, "rows" if grounds.unit is None else "units"
    for name, count in _counts(grounds):
        if count < split.folds:
            remedy = f"take at most {count} folds" if count > 1 else "use more data"
            message = f"{count} {name} {noun} cannot be spread over {split.folds} folds"
            raise DataError(message, remedy=remedy, where=where)
    kind = StratifiedKFold if unit is None else StratifiedGroupKFold
    yield from _repeated(split, lambda splitter: splitter.split(_rows(grounds), grounds.labels, unit), kind)


def _grouped(split: GroupFolds, grounds: SplitInputs, where: str) -> Iterator[Fold]:
    together = grounds.together
    _whole_units(grounds.unit, grounds.group, where)
    count = grounds.rows if together is None else len(np.unique(together))
    if count < split.folds:
        remedy = f"take at most {count} folds" if count > 1 else "use more data"
        noun = "rows" if together is None else "groups"
        raise DataError(f"{count} {noun} make no {split.folds} folds", remedy=remedy, where=where)
    kind = KFold if together is None else GroupKFold
    yield from _repeated(split, lambda splitter: splitter.split(_rows(grounds), groups=together), kind)


def _repeated(
    split: StratifiedFolds | GroupFolds, parts: Callable[[Any], Iterator[Parts]], kind: type[Any]
) -> Iterator[Fold]:
    random = np.random.RandomState(split.seed)  # shared by the repeats, as RepeatedStratifiedKFold does
    for repeat in range(1, split.repeats + 1):
        drawn = parts(kind(n_splits=split.folds, shuffle=True, random_state=random))
        yield from (Fold(repeat, number, train, test) for number, (train, test) in enumerate(drawn, 1))


def _ordered(split: TimeOrdered, grounds: SplitInputs, where: str) -> Iterator[Fold]:
    if grounds.time is None:
        raise DataError("there is no time to go by", remedy="name a column of times", where=where)
    time, rows = grounds.time, grounds.rows
    learned = rows // (split.folds + 1) if split.learn_first is None else round(rows * split.learn_first)
    size = (rows - learned) // split.folds if split.learn_first else rows // (split.folds + 1)
    first = [max(0, rows - number * size) for number in range(split.folds, 0, -1)]
    cuts: Floats = np.sort(time)[first] if size else time[:0]
    if not size or (np.diff([time.min(), *cuts]) <= 0).any():
        remedy = "take fewer folds, or a column that tells moments apart more finely"
        raise DataError(f"too few moments for {split.folds} windows", remedy=remedy, where=where)
    for number, (begin, end) in enumerate(zip(cuts, [*cuts[1:], np.inf], strict=True), 1):
        train = np.flatnonzero(time < begin - split.gap)
        if not len(train):
            remedy = "take a smaller gap, or learn from more rows first (`learn_first`)"
            raise DataError(f"window {number} has nothing to learn from", remedy=remedy, where=where)
        yield Fold(1, number, train, np.flatnonzero((time >= begin) & (time < end)))


def _as_many_windows(split: TimeOrdered, grounds: SplitInputs, parts: int) -> list[Fold]:
    """As many windows as the rows allow: a short past has few moments."""
    for folds in range(parts, 1, -1):
        try:
            return draw(split.model_copy(update={"folds": folds, "learn_first": None}), grounds, "")
        except DataError:
            continue
    return draw(split.model_copy(update={"folds": 1, "learn_first": None}), grounds, "")


def _held_out(split: HoldOut, grounds: SplitInputs, where: str) -> Iterator[Fold]:
    if grounds.chosen is not None:
        test, train = np.flatnonzero(grounds.chosen), np.flatnonzero(~grounds.chosen)
        if not len(test) or not len(train):
            message = f"{'no' if not len(test) else 'every'} row is to be predicted"
            raise DataError(message, remedy="correct the expression", where=where)
        _whole_units(grounds.unit, grounds.chosen, where)
    else:
        options: Any = {"n_splits": 1, "test_size": split.share, "random_state": split.seed}
        classes = grounds.labels if grounds.unit is None else None
        kind = StratifiedShuffleSplit if classes is not None else GroupShuffleSplit
        unit = np.arange(grounds.rows) if grounds.unit is None else grounds.unit
        by = {"y": classes} if classes is not None else {"groups": unit}
        try:
            ((train, test),) = kind(**options).split(_rows(grounds), **by)
        except ValueError:
            remedy = "take another share, or more data"
            raise DataError(
                "too few rows to hold such a share out and learn from the others", remedy=remedy, where=where
            ) from None
    yield Fold(1, 1, np.sort(train), np.sort(test))


_DRAWN: dict[type, Callable[[Any, SplitInputs, str], Iterator[Fold]]] = {
    StratifiedFolds: _stratified,
    GroupFolds: _grouped,
    TimeOrdered: _ordered,
    HoldOut: _held_out,
}


def _whole_units(unit: Rows | None, side: NDArray[Any] | None, where: str) -> None:
    """Refuse a division in which a unit's rows lie on several sides."""
    if unit is None or side is None:
        return
    pairs = len(np.unique(np.stack([unit, side.astype(np.intp)]), axis=1).T)
    if pairs > (units := len(np.unique(unit))):
        message = f"{pairs - units:,} times a unit's rows lie in several parts, so models would know it"
        remedy = "divide whole units; or take time_ordered, if units are to be predicted from their own past"
        raise DataError(message, remedy=remedy, where=where)


def _counts(grounds: SplitInputs) -> list[tuple[str, int]]:
    """How many units, or rows, each class has; yes / no classes are called positive and negative."""
    labels = np.asarray(grounds.labels)
    counted = np.arange(grounds.rows) if grounds.unit is None else grounds.unit
    classes = np.unique(labels)[::-1]
    names = {True: "positive", False: "negative"} if labels.dtype == bool else {}
    return [(names.get(each.item(), str(each)), len(np.unique(counted[labels == each]))) for each in classes]


def _rows(grounds: SplitInputs) -> NDArray[Any]:
    return np.zeros(grounds.rows)
