"""What a monitor's rows sum up to on each day, so that any window of days is a difference of two sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.enums import MonitorMeasure
from iterata.monitoring.intervals import Units

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.rows import MonitorRows

ROWS, OF, PER, OF_OF, OF_PER, PER_PER, LOW, HIGH, CUBE, CUBE_1, CUBE_2, CUBE_3 = range(12)
"""The columns of the sums of days: the number of rows, what is measured, its squares and products, for a
quantile the rows below `lower` and those not above `upper`, and the products of three. Of a count or a sum
`PER_PER` and `CUBE` are of the totals of days."""


class Scale(NamedTuple):
    """How numbers are shifted and scaled, so that no digits are lost when sums are subtracted."""

    ratio: float
    """The value over all rows; `of` is what exceeds it."""
    of: float
    per: float

    @classmethod
    def of_rows(cls, rows: MonitorRows) -> Scale:
        """The scale of some rows."""
        per = float(np.abs(rows.divisor).max()) or 1.0
        total = float((rows.divisor / per).sum())
        largest = float(np.abs(rows.of).max()) or 1.0
        ratio = float((rows.of / largest).sum()) / total * (largest / per) if total else 0.0
        spread = float(np.abs(rows.of / largest - ratio / largest * rows.divisor).max()) * largest
        return cls(ratio, spread or largest, per)

    def bound(self, bound: float) -> float:
        """A bound of the value on this scale."""
        return (bound - self.ratio) * (self.per / self.of)


def daily(monitor: Monitor, rows: MonitorRows, scale: Scale, change: float = 0.0) -> Floats:
    """The sums of each calendar day, from the first to the last; shape `(d, 12)`.

    Args:
        monitor: a monitor with dates.
        rows: its rows, all of them numbers.
        scale: as of the rows.
        change: by which part of its size what is measured rises in each row, below 0 if it drops.
    """
    days = np.zeros(len(rows.of), np.int64) if rows.days is None else rows.days
    index = days - days.min()
    of = rows.of if change == 0 else rows.of + change * np.abs(rows.of)
    if monitor.measure is MonitorMeasure.SHARE:
        of = np.clip(of, 0, 1)
    per = rows.divisor / scale.per
    if monitor.measure in (MonitorMeasure.COUNT, MonitorMeasure.SUM):
        moved, squares = of / scale.of, np.square(of / scale.of)
    elif monitor.measure is MonitorMeasure.SHARE:
        moved, squares = of, of
    else:
        moved = (of - scale.ratio * rows.divisor) / scale.of
        squares = np.square(moved)
    low = np.zeros(len(of)) if monitor.lower is None else (of < monitor.lower).astype(np.float64)
    high = np.zeros(len(of)) if monitor.upper is None else (of <= monitor.upper).astype(np.float64)
    cubes = (moved**3, moved**2 * per, moved * per**2, per**3)
    columns = (np.ones(len(of)), moved, per, squares, moved * per, np.square(per), low, high, *cubes)
    length = int(index.max()) + 1
    days = np.stack([np.bincount(index, column, length) for column in columns], axis=1)
    if monitor.measure in (MonitorMeasure.COUNT, MonitorMeasure.SUM):
        days[:, PER_PER], days[:, CUBE] = days[:, OF] ** 2, days[:, OF] ** 3
    return days.astype(np.float64)


def design_effect(rows: MonitorRows) -> tuple[float, float]:
    """How much larger the variance is because units have several rows, and the number of units per row."""
    if rows.units is None:
        return 1.0, 1.0
    units, count = Units.of_rows(rows), len(rows.of)
    total = float(rows.divisor.sum())
    ratio = float(rows.of.sum()) / total if total else 0.0
    within = float(np.square(rows.of - ratio * rows.divisor).sum())
    between = float(np.square(units.of - ratio * units.per).sum())
    return max(between / within, 1.0) if within else 1.0, len(units.of) / count
