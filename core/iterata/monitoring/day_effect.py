"""How much larger the variance of a figure is because rows of one day, and days that follow, are alike.

Rows of one day share its weather and its prices, and so, in part, do the days after it. The interval from
rows alone is then too narrow. The sums of days tell by how much: their spread against that of rows (clusters
of days), and the correlation of neighbouring days (an autoregression of order 1, by which n days tell as much
as `n (1 - r) / (1 + r)` of them).

A change of the level looks like days that are alike. So three blocks of days tell it separately, the newest
and two before it, and the median of their effects counts: a change is in one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.enums import MonitorMeasure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.rows import MonitorRows

    Numbers = float | Floats

BLOCKS = 3
"""How many blocks of days tell it."""

FEWEST_DAYS = 14
"""Fewer days tell nothing; without any block of as many, the interval is the one of rows."""

HIGHEST = 0.95
"""A higher correlation is taken for this one: such days tell next to nothing about others."""

TOTALS = (MonitorMeasure.COUNT, MonitorMeasure.SUM)
MEASURES = (MonitorMeasure.SHARE, MonitorMeasure.MEAN, MonitorMeasure.RATIO)


class DayEffect(NamedTuple):
    """How much larger a variance is because days are alike; numbers, or arrays of several looks."""

    factor: Numbers
    """Against independent rows; at least 1."""
    alike: Numbers
    """Against independent days; at least 1."""
    days: Numbers
    """From how many days it is known."""

    def freedom(self, units: Numbers) -> Floats:
        """The degrees of freedom: those of days if they decide, at most those of units."""
        known = np.where(np.asarray(self.factor) > 1, np.minimum(units, self.days), units)
        return np.maximum(known, 2.0) - 1

    def at(self, looks: Bools) -> DayEffect:
        """That of some looks."""
        return DayEffect(*(np.asarray(part)[looks] for part in self))


NO_EFFECT = DayEffect(1.0, 1.0, 0.0)


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

    def effect(self, days: Numbers, row_squares: Numbers | None) -> DayEffect:
        """The effect of these days.

        Args:
            days: the number of days with rows.
            row_squares: the same as `squares` of independent units; None if days are the units.
        """
        days = np.asarray(days, np.float64)
        with np.errstate(all="ignore"):
            ratio, squares = self.ratio, self.squares()
            products = self.next_of_of - ratio * self.next_of_per + ratio**2 * self.next_per_per
            found = products / squares
            corrected = found + (2 + 4 * found) / days  # so few days show less of it than there is
            correlation = np.clip(np.nan_to_num(corrected), 0, HIGHEST)
            alike = np.where(days >= FEWEST_DAYS, (1 + correlation) / (1 - correlation), 1.0)
            clusters = 1.0 if row_squares is None else squares * days / (days - 1) / row_squares
            factor = np.where(days >= FEWEST_DAYS, clusters * alike, 1.0)
        return DayEffect(np.maximum(np.nan_to_num(factor, nan=1.0, posinf=1.0), 1.0), alike, days)


def products_of_days(of: Floats, per: Floats) -> list[Floats]:
    """The parts of `DayProducts` of each day; the last axis is days."""
    before_of, before_per = np.zeros_like(of), np.zeros_like(per)
    before_of[..., 1:], before_per[..., 1:] = of[..., :-1], per[..., :-1]
    crossed = of * before_per + per * before_of
    return [of, per, of * of, of * per, per * per, of * before_of, crossed, per * before_per]


def median(blocks: Sequence[DayEffect]) -> DayEffect:
    """The median of what blocks tell, the newest first; none if all have too few days."""
    known = np.stack([np.asarray(block.days) >= FEWEST_DAYS for block in blocks])

    def of(part: str) -> Floats:
        values = np.stack([np.broadcast_to(getattr(block, part), known.shape[1:]) for block in blocks])
        ordered = np.sort(np.where(known, values, np.inf), axis=0)
        count = known.sum(axis=0)
        places = (np.maximum(count - 1, 0) // 2, np.minimum(count // 2, len(blocks) - 1))
        low, high = (np.take_along_axis(ordered, place[np.newaxis], axis=0)[0] for place in places)
        return np.where(count > 0, low / 2 + high / 2, 1.0)

    return DayEffect(of("factor"), of("alike"), blocks[0].days)


def block_of(monitor: Monitor) -> int | None:
    """How many days tell it together; None for all."""
    return None if monitor.last_days is None else max(monitor.last_days, FEWEST_DAYS)


def day_effect(monitor: Monitor, rows: MonitorRows) -> DayEffect:
    """The effect of days on the variance of the figure of the newest rows; none without days."""
    if rows.days is None or monitor.measure not in MEASURES + TOTALS:
        return NO_EFFECT
    rows = rows.take(np.isfinite(rows.of) & np.isfinite(rows.divisor))
    if not len(rows.of):
        return NO_EFFECT
    scale, unit = float(np.abs(rows.of).max()) or 1.0, float(np.abs(rows.divisor).max()) or 1.0
    rows = rows._replace(of=rows.of / scale, per=rows.divisor / unit)
    found = median([_effect_of(monitor, part) for part in _blocks(monitor, rows)])
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


def _effect_of(monitor: Monitor, rows: MonitorRows) -> DayEffect:
    if rows.days is None:
        return NO_EFFECT
    index = rows.days - rows.days.min()
    of = np.bincount(index, rows.of).astype(np.float64)
    if monitor.measure in TOTALS:
        products = DayProducts(*(float(part.sum()) for part in products_of_days(of, np.ones(len(of)))))
        return products.effect(len(of), None)
    per = np.bincount(index, rows.divisor).astype(np.float64)
    products = DayProducts(*(float(part.sum()) for part in products_of_days(of, per)))
    unit_of, unit_per = rows.of_units()
    count = len(unit_of)
    if count < 2 or not products.per:
        return NO_EFFECT
    squares = float(np.square(unit_of - float(products.ratio) * unit_per).sum()) * count / (count - 1)
    return products.effect(int((np.bincount(index) > 0).sum()), squares)
