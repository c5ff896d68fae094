"""Keeps the rows a model is judged on apart from those it learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from iterata.documents.proposal import StratifiedFolds
    from iterata.kpi.base import Bools

    Rows = NDArray[np.intp]


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


def draw(split: StratifiedFolds, positive: Bools, unit: Rows | None, where: str) -> list[Fold]:
    """The folds of a plan.

    Without units these are the folds of scikit-learn's `RepeatedStratifiedKFold` with the same seed. Where
    a unit has several rows they stay together, as in `StratifiedGroupKFold`.

    Args:
        split: what the plan says.
        positive: `(n,)`, the outcome of every row.
        unit: `(n,)`, a number per row, the same for rows of one unit; none if every row is a unit.
        where: the field of the plan to blame.

    Raises:
        DataError: a class has too few rows or units for so many folds.
    """
    _check(split, positive, unit, where)
    random = np.random.RandomState(split.seed)  # shared by the repeats, as RepeatedStratifiedKFold does
    folds = [
        fold for repeat in range(split.repeats) for fold in _once(split, positive, unit, random, repeat + 1)
    ]
    for fold in folds:
        for part in (fold.train, fold.test):
            if positive[part].all() or not positive[part].any():
                remedy = "take fewer folds, or another seed: few units hold most of the rows of one outcome"
                raise DataError(f"{fold} has rows of one outcome only", remedy=remedy, where=where)
    return folds


def _once(
    split: StratifiedFolds, positive: Bools, unit: Rows | None, random: np.random.RandomState, repeat: int
) -> Iterator[Fold]:
    kind = StratifiedKFold if unit is None else StratifiedGroupKFold
    splitter = kind(n_splits=split.folds, shuffle=True, random_state=random)
    parts = splitter.split(np.zeros(len(positive)), positive, unit)
    return (Fold(repeat, number, train, test) for number, (train, test) in enumerate(parts, 1))


def _check(split: StratifiedFolds, positive: Bools, unit: Rows | None, where: str) -> None:
    counted = np.arange(len(positive)) if unit is None else unit
    noun = "rows" if unit is None else "units"
    for outcome, name in ((True, "positive"), (False, "negative")):
        count = len(np.unique(counted[positive == outcome]))
        if count < split.folds:
            remedy = f"take at most {count} folds" if count > 1 else "use more data"
            message = f"{count} {name} {noun} cannot be spread over {split.folds} folds"
            raise DataError(message, remedy=remedy, where=where)
