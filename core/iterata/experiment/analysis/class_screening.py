"""How well one column alone tells which of many classes is true: cheap figures on a sample of rows.

A column is judged like a model: the most frequent class of each of its values in one half of the units is
the answer in the other half. What counts is how many errors fewer it makes than the most frequent class of
all: the proportional reduction of error of Goodman and Kruskal (1954), their lambda.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from iterata.documents.models.enums import LeakSign
from iterata.experiment.analysis.leak_screening import (
    CHANCE,
    MIN_ROWS,
    MOST,
    NEARLY,
    Levels,
    Screening,
    around_mode,
    binned,
)
from iterata.results import LeakFigure

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.measure.outcomes import Outcomes

ROWS = 20_000
"""About how many rows are looked at, as many of each class as there are."""

FEWEST_OF_CLASS = 50
"""At most so many rows of a class are looked at although there are many classes."""

NEARLY_ALL_ERRORS = 0.95
"""From this reduction of error on, a column nearly tells the target."""


@dataclass(frozen=True)
class ClassScreening:
    """The rows on which columns are judged."""

    sample: Screening
    """`(m,)`; its target holds codes of classes."""
    classes: tuple[str, ...]

    @classmethod
    def of(cls, outcomes: Outcomes, units: NDArray[np.intp] | None, *, columns: int) -> ClassScreening:
        """A sample of rows, drawn with a fixed seed.

        Args:
            outcomes: of all rows, with classes.
            units: the unit of each row; None if every row is one.
            columns: how many columns are judged.
        """
        draw, target, weight = np.random.default_rng(0), outcomes.target, outcomes.counts
        classes = outcomes.classes or ()
        most = max(FEWEST_OF_CLASS, ROWS // max(len(classes), 1))
        parts = (np.flatnonzero((target == code) & (weight > 0)) for code in range(len(classes)))
        chosen = [part if len(part) <= most else draw.choice(part, most, replace=False) for part in parts]
        rows = np.sort(np.concatenate(chosen))
        of_row = np.arange(len(rows)) if units is None else np.unique(units[rows], return_inverse=True)[1]
        # a class of which some rows are left out counts as much as all of them
        left_out = np.bincount(target.astype(np.intp), weight, len(classes))
        taken = np.bincount(target[rows].astype(np.intp), weight[rows], len(classes))
        scaled = weight[rows] * (left_out / np.where(taken > 0, taken, 1))[target[rows].astype(np.intp)]
        sample = Screening(
            rows, target[rows], scaled, of_row, units is not None, binary=False, columns=columns
        )
        return cls(sample, classes)

    @cached_property
    def codes(self) -> NDArray[np.intp]:
        """The class of each row."""
        return self.sample.target.astype(np.intp)

    @cached_property
    def enough(self) -> bool:
        """Whether two classes have enough units, so that chance gives no sign."""
        units = np.unique(self.sample.units * len(self.classes) + self.codes) % len(self.classes)
        return int((np.bincount(units) >= MIN_ROWS).sum()) > 1

    @cached_property
    def shares(self) -> Floats:
        """The share of each class."""
        weights = np.bincount(self.codes, self.sample.weight, len(self.classes))
        shares: Floats = weights / weights.sum()
        return shares

    def levels(self, column: pd.Series) -> Levels:
        """The values of a column of numbers, dates or categories; of text, whether a telling word occurs."""
        return self.sample.levels(column)

    def figure(self, levels: Levels, name: str) -> LeakFigure:
        """How many errors fewer the values make than the most frequent class."""
        table = binned(levels)
        right = 0.0
        for part in (self.sample.half, ~self.sample.half):
            seen, others = self._table(table, part), self._table(table, ~part)
            best = (seen + 1e-9 * self.shares).argmax(axis=1)
            right += others[np.arange(len(best)), best].sum()
        return self._reduction(name, float(right / self.sample.weight.sum()))

    def answered(self, answers: Floats, name: str) -> LeakFigure:
        """The same for the answers of a model to all rows."""
        right = answers[self.sample.rows] == self.sample.target
        return self._reduction(name, float(np.average(right, weights=self.sample.weight)))

    def sign(self, levels: Levels, figure: LeakFigure) -> tuple[LeakSign, LeakFigure] | None:
        """The sign of a leak that a column gives, if any."""
        if self.sample.is_copy(levels._replace(ordered=False)):
            return LeakSign.COPY, figure
        filled = levels.codes > 0
        if 0 < filled.mean() < 1 and (gaps := self._told_by_gaps(filled, figure.name)):
            return LeakSign.GAPS, gaps
        if figure.value >= NEARLY_ALL_ERRORS:
            return LeakSign.COLUMN, figure
        around = around_mode(levels)
        mode = 1 if around is not levels else None  # of a good column, it may well be that of one class
        told = self._told_by_pure_values(around, figure.name, ignored=mode)
        return None if told is None else (LeakSign.COLUMN, told)

    def _reduction(self, name: str, right: float) -> LeakFigure:
        blind = float(self.shares.max())
        value = (right - blind) / max(1 - blind, 1e-12)
        return LeakFigure(name=name, measure="error_reduction", value=max(value, 0.0))

    def _table(self, levels: Levels, part: Bools) -> Floats:
        """The weight of the rows of each value and class: `(values, classes)`."""
        width = len(self.classes)
        cells = levels.codes[part].astype(np.intp) * width + self.codes[part]
        sums = np.bincount(cells, self.sample.weight[part], levels.size * width)
        return sums.reshape(-1, width).astype(np.float64)

    def _told_by_gaps(self, filled: Bools, name: str) -> LeakFigure | None:
        """The class that is nearly told by whether the column is filled in."""
        levels = Levels(filled.astype(np.intp) + 1, 3, ordered=False)
        by_class = self._table(levels, np.ones(len(filled), dtype=bool))[1:]
        others = by_class.sum(axis=1, keepdims=True) - by_class
        filled_in, elsewhere = (part[1] / np.maximum(part.sum(axis=0), 1e-12) for part in (by_class, others))
        auc = np.where(self._has_enough(), (1 + np.abs(filled_in - elsewhere)) / 2, 0.5)
        best = int(auc.argmax())
        if auc[best] >= NEARLY:
            value = float(auc[best])
            return LeakFigure(name=name, measure="roc_auc", value=value, of_class=self.classes[best])
        return self._told_by_pure_values(levels, name)

    def _told_by_pure_values(
        self, levels: Levels, name: str, *, ignored: int | None = None
    ) -> LeakFigure | None:
        """The class of which values tell most that no other class has, and not by chance."""
        width = len(self.classes)
        units = levels.codes.astype(np.intp)
        if self.sample.grouped:
            pairs = np.unique(units * len(self.sample.rows) + self.sample.units)
            units = pairs // len(self.sample.rows)
        sizes = np.bincount(units, minlength=levels.size)
        rows = np.bincount(levels.codes.astype(np.intp) * width + self.codes, minlength=levels.size * width)
        rows = rows.reshape(-1, width)
        needed = np.log(CHANCE / (self.sample.columns * levels.size * width)) / np.log(
            np.clip(self.shares, 1e-9, 0.999)
        )
        pure = (rows == rows.sum(axis=1, keepdims=True)) & (sizes[:, None] >= needed)
        if ignored is not None:
            pure[ignored] = False
        told = (rows * pure).sum(axis=0) / np.maximum(rows.sum(axis=0), 1)
        told = np.where(self._has_enough() & (self.shares <= 1 / 2), told, 0.0)
        best = int(told.argmax())
        if told[best] < MOST:
            return None
        return LeakFigure(
            name=name, measure="share_told", value=float(told[best]), of_class=self.classes[best]
        )

    def _has_enough(self) -> Bools:
        """Which classes have enough rows that a sign of them is not chance."""
        enough: Bools = np.bincount(self.codes, minlength=len(self.classes)) >= MIN_ROWS
        return enough
