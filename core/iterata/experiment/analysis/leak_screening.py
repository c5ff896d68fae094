"""How well one column alone tells the target: cheap figures on a sample of rows.

A column of categories, or of numbers in bins, is judged like a model: the mean outcome of each value in one
half of the units predicts the other half. So a column with a value of its own in each row tells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype, is_string_dtype

from iterata.documents.models.enums import LeakSign
from iterata.experiment.analysis.telling_word import telling_word
from iterata.experiment.variants.preprocess import MISSING
from iterata.results import LeakFigure

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Codes, Floats

NEARLY = 0.98
"""From this AUC or rank correlation on, a column nearly tells the target."""

MOST = 0.5
"""Values of a column that occur with one outcome only count if they tell this share of it."""

CHANCE = 1e-3
"""How likely a value may have only one outcome by chance, in any column."""

MIN_ROWS = 15
"""Of each outcome, in units: below it chance alone can give these figures."""

ROWS = 10_000
"""How many rows of each outcome are looked at."""

FEW = 10
"""Numbers with at most this many values count as categories."""

BINS = 64
"""Into how many bins numbers are divided."""


class Levels(NamedTuple):
    """The values of a column in the sampled rows, as numbers from 0."""

    codes: Codes
    """`(m,)`; 0 is a gap."""
    size: int
    """One more than the largest number."""
    ordered: bool
    """Whether larger codes are larger numbers."""


@dataclass(frozen=True)
class Screening:
    """The rows on which columns are judged, `(m,)` each."""

    rows: NDArray[np.intp]
    target: Floats
    weight: Floats
    units: NDArray[np.intp]
    grouped: bool
    """Whether a unit may have several rows."""
    binary: bool
    columns: int
    """How many columns are judged."""

    @classmethod
    def of(
        cls, target: Floats, weight: Floats, units: NDArray[np.intp] | None, *, binary: bool, columns: int
    ) -> Screening:
        """A sample of rows: at most `ROWS` of each outcome, or of all, drawn with a fixed seed."""
        draw = np.random.default_rng(0)
        masks = (target > 0, target <= 0) if binary else (np.isfinite(target),)
        parts = (np.flatnonzero(mask & (weight > 0)) for mask in masks)
        rows = np.sort(np.concatenate([_some(part, draw) for part in parts]))
        of_row = np.arange(len(rows)) if units is None else np.unique(units[rows], return_inverse=True)[1]
        return cls(rows, target[rows], weight[rows], of_row, units is not None, binary, columns)

    @cached_property
    def positive(self) -> Bools:
        """Which rows have a positive outcome."""
        return self.target > 0

    @cached_property
    def enough(self) -> bool:
        """Whether there are enough units of each outcome, so that chance gives no sign."""
        parts = (self.positive, ~self.positive) if self.binary else (np.ones(len(self.rows), dtype=bool),)
        return all(len(np.unique(self.units[part])) >= MIN_ROWS for part in parts)

    @cached_property
    def half(self) -> Bools:
        """Half of the units, by a hash of their number."""
        hashes = self.units.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        return (hashes >> np.uint64(63)).astype(bool)

    @cached_property
    def target_levels(self) -> Levels:
        """The values of the target."""
        return levels_of_numbers(self.target)

    @cached_property
    def target_ranks(self) -> Floats:
        """The rank of each row's target."""
        return _ranks(self.target_levels)

    def levels(self, column: pd.Series) -> Levels:
        """The values of a column of numbers, dates or categories; of text, whether a telling word occurs."""
        some = column.iloc[self.rows]
        if is_string_dtype(some.dtype):
            codes, words = telling_word(some, self.target)
            return Levels(codes, max(words, 3), ordered=True)  # chance counts every word that was tried
        if is_datetime64_any_dtype(some):
            some = (some - some.min()).dt.total_seconds()
        elif not is_numeric_dtype(some) and some.dtype != "category":
            some = some.astype("category")
        if some.dtype == "category":
            values, codes = list(some.cat.categories), some.cat.codes.to_numpy().astype(np.intp) + 1
            if MISSING in values:
                codes[codes == values.index(MISSING) + 1] = 0
            return Levels(codes, len(values) + 1, ordered=False)
        return levels_of_numbers(some.to_numpy(dtype=np.float64, na_value=np.nan))

    def figure(self, levels: Levels, name: str) -> LeakFigure:
        """How well the values tell the target: the AUC, or the rank correlation of numbers."""
        told = [self._told_by_halves(binned(levels))]
        if levels.ordered:
            told.append(self._told_by_order(levels))
        return self._named(name, max(told))

    def scored(self, scores: Floats, name: str) -> LeakFigure:
        """How well the scores of all rows tell the target."""
        return self._named(name, self._told_by_order(levels_of_numbers(scores[self.rows])))

    def sign(self, levels: Levels, figure: LeakFigure) -> tuple[LeakSign, LeakFigure] | None:
        """The sign of a leak that a column gives, if any."""
        if self.is_copy(levels):
            return LeakSign.COPY, figure
        filled = Levels((levels.codes > 0).astype(np.intp) + 1, 3, ordered=False)
        if 0 < (levels.codes > 0).mean() < 1 and (gaps := self._told(filled, figure.name)):
            return LeakSign.GAPS, gaps
        if figure.value >= NEARLY:
            return LeakSign.COLUMN, figure
        told = self._told_by_pure_values(around_mode(levels)) if self.binary else 0
        if told >= MOST:
            return LeakSign.COLUMN, LeakFigure(name=figure.name, measure="share_told", value=told)
        return None

    def _named(self, name: str, value: float) -> LeakFigure:
        return LeakFigure(name=name, measure="roc_auc" if self.binary else "rank_correlation", value=value)

    def _told(self, levels: Levels, name: str) -> LeakFigure | None:
        """How well gaps tell whether the outcome is positive, if they nearly do."""
        if not self.positive.any() or self.positive.all():
            return None
        auc = self._auc_by_halves(levels)
        if auc >= NEARLY:
            return LeakFigure(name=name, measure="roc_auc", value=auc)
        told = self._told_by_pure_values(levels)
        return LeakFigure(name=name, measure="share_told", value=told) if told >= MOST else None

    def is_copy(self, levels: Levels) -> bool:
        """Whether each value stands for one outcome, and each outcome for one value."""
        target = self.target_levels
        used, codes = np.unique(levels.codes, return_inverse=True)
        if len(used) < 2 or len(used) != target.size - 1 or used[0] == 0:  # two outcomes
            return False
        places = target.codes - 1
        if levels.ordered:
            same = np.array_equal(codes, places) or np.array_equal(codes, len(used) - 1 - places)
        else:
            same = len(np.unique(codes * np.intp(len(used)) + places)) == len(used)
        return same and (levels.ordered or len(used) <= len(self.rows) / MIN_ROWS)

    def _told_by_order(self, levels: Levels) -> float:
        if not self.binary:
            return abs(_correlation(_ranks(levels), self.target_ranks, self.weight))
        auc = _auc(*self._weights_by(levels, slice(None)))
        return max(auc, 1 - auc)

    def _told_by_halves(self, levels: Levels) -> float:
        if self.binary:
            return self._auc_by_halves(levels)
        predicted = np.empty(len(self.rows))
        for part in (self.half, ~self.half):
            weight = _sums(levels.codes[part], self.weight[part], levels.size)
            sums = _sums(levels.codes[part], self.weight[part] * self.target_ranks[part], levels.size)
            mean = sums.sum() / max(weight.sum(), 1e-12)
            predicted[~part] = ((sums + mean) / (weight + 1))[levels.codes[~part]]
        return _correlation(_ranks(levels_of_numbers(predicted)), self.target_ranks, self.weight)

    def _auc_by_halves(self, levels: Levels) -> float:
        """The mean AUC of the mean outcome of each value in one half of the units, in the other half."""
        halves = [self._weights_by(levels, part) for part in (self.half, ~self.half)]
        aucs = []
        for (seen_negative, seen), (negative, positive) in (halves, halves[::-1]):
            prior = seen.sum() / max(seen.sum() + seen_negative.sum(), 1e-12)
            order = (seen + prior) / (seen + seen_negative + 1)
            _, place = np.unique(order, return_inverse=True)
            aucs.append(_auc(_sums(place, negative, levels.size), _sums(place, positive, levels.size)))
        return float(np.mean(aucs))

    def _weights_by(self, levels: Levels, part: Bools | slice) -> tuple[Floats, Floats]:
        """The weight of the negative and of the positive rows of each value."""
        codes, weight, positive = levels.codes[part], self.weight[part], self.positive[part]
        return (
            _sums(codes, weight * ~positive, levels.size),
            _sums(codes, weight * positive, levels.size),
        )

    def _told_by_pure_values(self, levels: Levels) -> float:
        """The share of the rarer outcome in values that have only this outcome, and not by chance."""
        rarer = self.positive if self.positive.mean() <= 1 / 2 else ~self.positive
        sizes = np.bincount(levels.codes, minlength=levels.size)
        if self.grouped:
            pairs = np.unique(levels.codes.astype(np.intp) * len(self.rows) + self.units)
            sizes = np.bincount(pairs // len(self.rows), minlength=levels.size)
        pure = np.bincount(levels.codes, ~rarer, levels.size) == 0
        needed = np.log(CHANCE / (self.columns * levels.size)) / np.log(max(rarer.mean(), 1e-9))
        return float(rarer[(pure & (sizes >= needed))[levels.codes]].sum() / max(rarer.sum(), 1))


def levels_of_numbers(values: Floats) -> Levels:
    """The values of a column of numbers, in their order; 0 is a gap."""
    gaps = np.isnan(values)
    unique, codes = np.unique(np.where(gaps, -np.inf, values), return_inverse=True)
    codes = codes + 1
    codes[gaps] = 0
    return Levels(codes, len(unique) + 1, ordered=True)


def _some(rows: NDArray[np.intp], draw: np.random.Generator) -> NDArray[np.intp]:
    return rows if len(rows) <= ROWS else draw.choice(rows, ROWS, replace=False)


def _sums(codes: Codes, values: Floats, size: int) -> Floats:
    """The sum of the values of each code."""
    return np.bincount(codes, values, size).astype(np.float64)


def around_mode(levels: Levels) -> Levels:
    """Many numbers as three values: a gap, the most frequent number, such as 0, and all others."""
    if not levels.ordered or levels.size <= FEW:
        return levels
    mode = np.bincount(levels.codes[levels.codes > 0]).argmax() if (levels.codes > 0).any() else 0
    return Levels(np.where(levels.codes == 0, 0, np.where(levels.codes == mode, 1, 2)), 3, ordered=True)


def binned(levels: Levels) -> Levels:
    """Numbers in bins of about as many rows."""
    if not levels.ordered or levels.size <= BINS:
        return levels
    ranks = _ranks(levels)
    bins = 1 + np.minimum(ranks * BINS // len(ranks), BINS - 1).astype(np.intp)
    return Levels(np.where(levels.codes == 0, 0, bins), BINS + 1, ordered=True)


def _ranks(levels: Levels) -> Floats:
    """The middle rank of each row."""
    counts = np.bincount(levels.codes, minlength=levels.size)
    ranks: Floats = (np.cumsum(counts) - counts / 2)[levels.codes]
    return ranks


def _auc(negative: Floats, positive: Floats) -> float:
    """The AUC of levels in their order, from the weight of the rows with each outcome; ties count half."""
    total = negative.sum() * positive.sum()
    if total <= 0:
        return 0.5
    below = np.cumsum(negative) - negative / 2
    return float((below * positive).sum() / total)


def _correlation(one: Floats, other: Floats, weight: Floats) -> float:
    one, other = (values - np.average(values, weights=weight) for values in (one, other))
    spread = np.sqrt((weight @ one**2) * (weight @ other**2))
    return float(weight @ (one * other) / spread) if spread > 0 else 0.0
