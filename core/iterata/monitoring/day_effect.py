"""How much larger the variance of a figure is because rows of one day, and days that follow, are alike.

Rows of one day share its weather and its prices, and so, in part, do the days after it. The interval from
rows alone is then too narrow. The sums of days tell by how much: their spread against that of rows (clusters
of days), and the correlation r of neighbouring days, as of an autoregression of order 1 (Anderson 1971, The
Statistical Analysis of Time Series, section 8.2):

- the variance of a mean of n days is `V(r, n) = 1 + 2 sum((1 - k/n) r^k)` times that of independent days;
- the spread of n days around their own mean is smaller than that of all days, `1 - V(r, n) / n` of it;
- it has the degrees of freedom of `n (1 - r^2) / (1 + r^2)` independent days (Bayley and Hammersley 1946).

The chance of the rows of a day hides how much its level resembles that of the next: r is too small by the
part of the variance of days that is this chance (attenuation; Spearman 1904). Rows tell how large it is.

Blocks of days tell r separately, the newest and those before it, and the median counts: a change of the level
looks like days that are alike, and is in one of them. It is corrected for the bias of a short block (Marriott
and Pope 1954), and raised by its standard error as far as it is more than chance: the variance grows with r
so steeply that an r which is a little too small alarms for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.enums import MonitorMeasure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.rows import MonitorRows

    Numbers = float | Floats

BLOCKS = 12
"""How many blocks of days tell it at most."""

FEWEST_DAYS = 14
"""Fewer days tell nothing; without any block of as many, the interval is the one of rows."""

HIGHEST = 0.98
"""A higher correlation is taken for this one: such days tell next to nothing about others."""

LEAST_SPREAD = 0.05
"""The least part of the spread of all days that so few days are taken to show."""

TOTALS = (MonitorMeasure.COUNT, MonitorMeasure.SUM)
MEASURES = (MonitorMeasure.SHARE, MonitorMeasure.MEAN, MonitorMeasure.RATIO)


class DayEffect(NamedTuple):
    """How days differ beside their rows; numbers, or arrays of several looks."""

    clusters: Numbers
    """How much larger the variance of days is than independent rows make it."""
    correlation: Numbers
    """The correlation of neighbouring days without the chance of their rows, at least 0."""
    share: Numbers
    """The part of the variance of days that is so correlated; the rest is the chance of their rows."""
    window: Numbers
    """The number of days that the figure is of."""
    days: Numbers
    """From how many days this is known."""

    @property
    def factor(self) -> Floats:
        """How much larger the variance of the figure is than that of independent rows; at least 1."""
        variance = self._variance(self.window) / self._spread(self.window)
        factor: Floats = np.maximum(self.clusters * variance, 1.0)
        return factor

    def alike(self, days: Numbers) -> Floats:
        """How much larger the variance is than that of so many independent days, in the long run."""
        correlation = np.asarray(self.correlation)
        long_run = 1 + self.share * 2 * correlation / (1 - correlation)
        alike: Floats = long_run / self._spread(days)
        return alike

    def freedom(self, units: Numbers) -> Floats:
        """The degrees of freedom: those of the days that tell the effect, at most those of units."""
        squared = np.square(self.correlation)
        repeated = 1 + 2 * np.square(self.share) * squared / (1 - squared)
        independent = np.minimum(units, self.days) / repeated
        known: Floats = np.maximum(np.where(self.factor > 1, independent, units), 2.0)
        return known - 1

    def _spread(self, days: Numbers) -> Floats:
        """The part of the spread of all days that so many days show around their own mean."""
        with np.errstate(all="ignore"):
            shown = (1 - self._variance(days) / days) / (1 - 1 / np.asarray(days))
        return np.clip(np.nan_to_num(shown, nan=1.0, posinf=1.0, neginf=1.0), LEAST_SPREAD, 1.0)

    def _variance(self, days: Numbers) -> Floats:
        """How much larger the variance of a mean of so many days is than that of independent days."""
        r, n = np.asarray(self.correlation, np.float64), np.asarray(days, np.float64)
        correlated = (1 + r) / (1 - r) - 2 * r * (1 - r**n) / (n * (1 - r) ** 2)
        variance: Floats = 1 + self.share * (correlated - 1)
        return variance

    def at(self, looks: Bools) -> DayEffect:
        """That of some looks."""
        return DayEffect(*(np.asarray(part)[looks] for part in self))


NO_EFFECT = DayEffect(1.0, 0.0, 1.0, 1.0, 0.0)


class BlockEffect(NamedTuple):
    """The same as one block of days tells it; NaN if it has too few days."""

    clusters: Floats
    correlation: Floats
    """With the chance of the rows of each day."""
    of_days: Floats
    """The part of the variance of days that is not the chance of their rows."""
    days: Floats


UNKNOWN = BlockEffect(*(np.array(value) for value in (np.nan, np.nan, np.nan, 0.0)))


class DayProducts(NamedTuple):
    """Sums over days of products of what is measured and what it is divided by, on a day and on the next."""

    of: Numbers
    per: Numbers
    of_of: Numbers
    of_per: Numbers
    per_per: Numbers
    next_of_of: Numbers
    next_of_per: Numbers
    """Both ways round."""
    next_per_per: Numbers

    @property
    def ratio(self) -> Numbers:
        """The figure of all these days."""
        return self.of / self.per

    def squares(self) -> Numbers:
        """The sum of squares of what days exceed the figure by."""
        ratio = self.ratio
        return np.maximum(self.of_of - 2 * ratio * self.of_per + ratio**2 * self.per_per, 0)

    def effect(self, days: Numbers, row_squares: Numbers, units: Numbers | None = None) -> BlockEffect:
        """The effect in these days.

        Args:
            days: the number of days with rows.
            row_squares: the same as `squares` of independent units; of totals the sum of their squares, which
                it is if units come as they will.
            units: the number of units; None for totals, whose units are days.
        """
        days = np.asarray(days, np.float64)
        with np.errstate(all="ignore"):
            ratio, squares = self.ratio, self.squares()
            products = self.next_of_of - ratio * self.next_of_per + ratio**2 * self.next_per_per
            found = products / squares
            correlation = np.clip(np.nan_to_num(found + (2 + 4 * found) / days), 0, HIGHEST)
            clusters = np.nan_to_num(squares * days / (days - 1) / row_squares, nan=1.0, posinf=1.0)
            if units is None:
                of_days, clusters = np.where(clusters > 1, 1 - 1 / clusters, 1.0), np.ones_like(days)
            else:
                of_days = _of_days(clusters, units / days)
        is_known = days >= FEWEST_DAYS
        return BlockEffect(
            np.where(is_known, clusters, np.nan),
            np.where(is_known, correlation, np.nan),
            np.where(is_known, of_days, np.nan),
            days,
        )


def products_of_days(of: Floats, per: Floats) -> list[Floats]:
    """The parts of `DayProducts` of each day; the last axis is days."""
    before_of, before_per = np.zeros_like(of), np.zeros_like(per)
    before_of[..., 1:], before_per[..., 1:] = of[..., :-1], per[..., :-1]
    crossed = of * before_per + per * before_of
    return [of, per, of * of, of * per, per * per, of * before_of, crossed, per * before_per]


def combined(blocks: BlockEffect, window: Numbers) -> DayEffect:
    """What several blocks tell together; no effect if none has enough days.

    Args:
        blocks: arrays whose first axis is the blocks.
        window: the number of days that the figure is of.
    """
    is_known = np.isfinite(blocks.correlation)
    count, days = is_known.sum(axis=0), np.where(is_known, blocks.days, 0.0).sum(axis=0)
    correlation, clusters = _median(blocks.correlation, count, 0.0), _median(blocks.clusters, count, 1.0)
    with np.errstate(all="ignore"):
        error = np.sqrt((1 - correlation**2) / days)
        beyond_chance = np.clip(correlation * np.sqrt(days) - 1, 0, 1)
        raised = np.minimum(correlation + np.nan_to_num(error * beyond_chance, posinf=0.0), HIGHEST)
        of_days = _median(blocks.of_days, count, 1.0)
        of_days_error = (1 - of_days) * np.sqrt(2 / days)
        certain = np.clip(np.nan_to_num(of_days / of_days_error, nan=0.0, posinf=9.0) - 1, 0, 1)
        without_rows = np.minimum(np.nan_to_num(raised / (of_days + of_days_error)), HIGHEST)
        alike = raised + np.maximum(without_rows - raised, 0) * beyond_chance * certain
        share = np.where(alike > 0, raised / alike, 1.0)
    return DayEffect(clusters, alike, share, window, days)


def _of_days(clusters: Floats, units: Numbers) -> Floats:
    """The part of the variance of days that is not the chance of their rows; 1 with one unit a day.

    With m units a day, and days that add the share i to the variance of units, clusters are `1 + (m - 1) i`,
    and `m i` of that is the days'.
    """
    part: Floats = np.clip(units * (clusters - 1) / (units - 1) / clusters, 0, 1)
    return np.where(units > 1, part, 1.0)


def _median(values: Floats, count: NDArray[np.int64], default: float) -> Floats:
    """The median of those that are known."""
    ordered = np.sort(values, axis=0)  # NaN comes last
    places = (np.maximum(count - 1, 0) // 2, np.minimum(count // 2, len(values) - 1))
    low, high = (np.take_along_axis(ordered, place[np.newaxis], axis=0)[0] for place in places)
    return np.where(count > 0, (low + high) / 2, default)


def block_of(monitor: Monitor) -> int | None:
    """How many days tell it together; None for all."""
    return None if monitor.last_days is None else max(monitor.last_days, FEWEST_DAYS)


def day_effect(monitor: Monitor, rows: MonitorRows) -> DayEffect:
    """The effect of days on the variance of the figure of the newest rows; none without days."""
    if rows.days is None or monitor.measure not in MEASURES + TOTALS:
        return NO_EFFECT
    days, is_known = rows.days, np.isfinite(rows.of) & np.isfinite(rows.divisor)
    rows = rows.take(is_known)
    if not len(rows.of):
        return NO_EFFECT
    scale, unit = float(np.abs(rows.of).max()) or 1.0, float(np.abs(rows.divisor).max()) or 1.0
    rows = rows._replace(of=rows.of / scale, per=rows.divisor / unit)
    parts = [_effect_of(monitor, part) for part in _blocks(monitor, rows)]
    blocks = BlockEffect(*(np.array(values, np.float64) for values in zip(*parts, strict=True)))
    length = int(np.ptp(days[is_known])) + 1
    found = combined(blocks, min(monitor.last_days or length, length))
    return DayEffect(*(float(part) for part in found))


def _blocks(monitor: Monitor, rows: MonitorRows) -> Iterator[MonitorRows]:
    """The rows of each block of days, the newest first."""
    block, days = block_of(monitor), rows.days
    if block is None or days is None:
        yield rows
        return
    newest = int(days.max())
    for number in range(BLOCKS):
        last = newest - number * block
        in_block = (days > last - block) & (days <= last)
        if in_block.any():
            yield rows.take(in_block)


def _effect_of(monitor: Monitor, rows: MonitorRows) -> BlockEffect:
    if rows.days is None:
        return UNKNOWN
    index = rows.days - rows.days.min()
    of = np.bincount(index, rows.of).astype(np.float64)
    if monitor.measure in TOTALS:
        products = DayProducts(*(float(part.sum()) for part in products_of_days(of, np.ones(len(of)))))
        return products.effect(len(of), float(np.square(rows.of_units()[0]).sum()))
    per = np.bincount(index, rows.divisor).astype(np.float64)
    products = DayProducts(*(float(part.sum()) for part in products_of_days(of, per)))
    unit_of, unit_per = rows.of_units()
    count = len(unit_of)
    if count < 2 or not products.per:
        return UNKNOWN
    squares = float(np.square(unit_of - float(products.ratio) * unit_per).sum()) * count / (count - 1)
    return products.effect(int((np.bincount(index) > 0).sum()), squares, count)
