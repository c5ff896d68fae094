"""Rows that are sums over units already: the number of units, sums, and sums of squares and products."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.data.columns import finite_numbers
from iterata.data.refusals import in_column
from iterata.errors import DataError, Location
from iterata.measure.release.moments import Moments
from iterata.rollout.cells import ReleaseData
from iterata.rollout.reading.cell_sums import CellSums
from iterata.rollout.reading.linear import coefficients
from iterata.rollout.reading.row_batches import batches_of
from iterata.rollout.reading.unit_rows import UnitRowReader
from iterata.rollout.reading.unit_table import groups_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.data.sources.table import LoadedTable, Table
    from iterata.rollout.reading.plan import ReadingPlan
    from iterata.rollout.reading.quantities import Quantity

FIELD = "split_test.units"

ROUNDING = 1e-9
"""By how much sums may contradict each other because they were rounded."""


def columns_of_sums(plan: ReadingPlan) -> list[str]:
    """All columns that are read of summed data."""
    spec = plan.spec
    named = [*plan.columns, *([spec.units] if spec.units else []), *spec.squares.values()]
    return list(dict.fromkeys(named))


def require_sums(plan: ReadingPlan, table: Table) -> None:
    """Make sure that the table has the columns of the sums of squares and products.

    Raises:
        DataError: one is missing, or `squares` names what is no column of a metric.
    """
    used = set(plan.quantities.columns)
    for key, column in plan.spec.squares.items():
        table.require([column], f"split_test.squares.{key}")
        for name in _factors(key, used):
            table.require([name], f"split_test.squares.{key}")


def sum_summed(plan: ReadingPlan, table: LoadedTable) -> ReleaseData:
    """The sums of a table of sums.

    Raises:
        DataError: the rows are no sums of a split test as the document describes them.
    """
    spec = plan.spec
    sums = CellSums(plan, table.where)
    reader = UnitRowReader(plan, table.where, summed=True)
    seen: dict[tuple[float, int], int] = {}
    for batch in batches_of(plan, table, columns_of_sums(plan)):
        rows = reader.read(batch.raw, batch.rows)
        reader.finish(so_far=True)
        units = _units(batch.rows[str(spec.units)], table.where)
        exact = rows.share if rows.time is None else rows.time.astype(np.float64)
        _refuse_twice(plan, np.zeros(len(units)) if exact is None else exact, rows.arm, seen, table.where)
        groups = groups_of(rows)
        base = _Base(plan, batch.rows, units, table.where)
        for row, count in enumerate(units.astype(int).tolist()):
            if count:
                key = None if groups is None else float(groups[row])
                sums.add((key, int(rows.arm[row])), base.moments(row))
    reader.finish()
    cells, after = sums.cells()
    return ReleaseData(
        quantities=plan.quantities.labels,
        metrics=plan.quantities.metrics,
        cells=cells,
        excluded=after,
        digests={table.where: table.digest()},
        rows=reader.rows,
    )


class _Base:
    """The sums of the columns of some rows, from which those of quantities follow."""

    def __init__(self, plan: ReadingPlan, rows: pd.DataFrame, units: Floats, where: str) -> None:
        self._plan, self._where, self._units = plan, where, units
        self._factors = [coefficients(item) for item in plan.quantities.items]
        self._names = list(dict.fromkeys(name for found in self._factors for name in found))
        self._sums = {
            name: finite_numbers(rows[name], where, _field_of(plan.quantities.items, name))
            for name in self._names
        }
        self._products: dict[frozenset[str], Floats] = {}
        for key, column in plan.spec.squares.items():
            names = _factors(key, set(self._names))
            self._products[frozenset(names)] = finite_numbers(
                rows[column], where, f"split_test.squares.{key}"
            )
        self._check_at_least()

    def moments(self, row: int) -> Moments:
        """The moments of the units of a row."""
        n_obs = int(self._units[row])
        items, k = self._plan.quantities.items, len(self._plan.quantities.items)
        mean = np.array([self._total(factors, row) / n_obs for factors in self._factors])
        products = np.full((k, k), np.nan)
        for one, other in self._plan.quantities.pairs:
            total = self._product(items[one], items[other], self._factors[one], self._factors[other], row)
            centred = total - n_obs * mean[one] * mean[other]
            if one == other:
                centred = self._variation(items[one], centred, total, row)
            products[one, other] = products[other, one] = centred
        return Moments(n_obs, mean, products)

    def _total(self, factors: Mapping[str, float], row: int) -> float:
        return sum(factor * float(self._sums[name][row]) for name, factor in factors.items())

    def _product(
        self,
        one: Quantity,
        other: Quantity,
        left: Mapping[str, float],
        right: Mapping[str, float],
        row: int,
    ) -> float:
        return sum(
            factor * times * self._known(frozenset((name, second)), (one, other), row)
            for name, factor in left.items()
            for second, times in right.items()
        )

    def _known(self, names: frozenset[str], quantities: tuple[Quantity, Quantity], row: int) -> float:
        if names in self._products:
            return float(self._products[names][row])
        listed = sorted(names)
        if len(listed) == 2:
            message = f"the sum of products of the columns {listed[0]} and {listed[1]} is not known"
            key = f"{listed[0]} * {listed[1]}"
            remedy = f'add `"{key}": COLUMN` to `squares`, with the column of that sum of products'
            place = Location(field=("split_test", "metrics", quantities[0].metric, quantities[1].key))
            raise DataError(message, remedy=remedy, where=place)
        total, n_obs = float(self._sums[listed[0]][row]), float(self._units[row])
        if not (0 <= total <= n_obs and total == int(total)):
            message = (
                f"column `{listed[0]}` is {total:g} for {n_obs:,.0f} units in row {row + 1:,}, so it is no "
                "sum of 0 and 1, and its sum of squares is not known"
            )
            remedy = f"add `{listed[0]}: COLUMN` to `squares`, with the column of the sum of squares"
            place = in_column(self._where, listed[0], row + 1)
            raise DataError(message, remedy=remedy, where=place).about(quantities[0].field)
        return total

    def _variation(self, item: Quantity, centred: float, total: float, row: int) -> float:
        if centred < -ROUNDING * max(abs(total), 1.0):
            message = (
                f"the sum of squares of `{item.expression}` in row {row + 1:,} is smaller than its sum and "
                "the number of units allow"
            )
            remedy = "correct the sum of squares: it is the sum of each unit's total, squared"
            place = in_column(self._where, item.columns[0], row + 1)
            raise DataError(message, remedy=remedy, where=place).about("split_test.squares")
        return max(centred, 0.0)

    def _check_at_least(self) -> None:
        for item, factors in zip(self._plan.quantities.items, self._factors, strict=True):
            if item.at_least is None or item.at_least < 0:
                continue
            totals = sum(factor * self._sums[name] for name, factor in factors.items())
            low = np.flatnonzero(np.asarray(totals) < item.at_least * self._units)
            if len(low):
                message = (
                    f"`{item.key}: {item.expression}` is below {item.at_least:g} per unit in {len(low):,} of "
                    f"{len(self._units):,} rows"
                )
                remedy = "correct these rows, or remove `at_least` if such a value is right"
                place = in_column(self._where, item.columns[0], int(low[0]) + 1)
                field = f"split_test.metrics.{item.metric}.at_least"
                raise DataError(message, remedy=remedy, where=place).about(field)


def _units(column: pd.Series, where: str) -> Floats:
    units = finite_numbers(column, where, FIELD, minimum=0)
    broken = np.flatnonzero(units != np.floor(units))
    if len(broken):
        row = int(broken[0])
        message = f"column `{column.name}` is {units[row]:g} in row {row + 1:,}, which is no number of units"
        remedy = "name the column that counts the units of each row"
        raise DataError(message, remedy=remedy, where=in_column(where, column.name, row + 1)).about(FIELD)
    return units


def _refuse_twice(
    plan: ReadingPlan, key: Floats, arm: NDArray[np.int8], seen: dict[tuple[float, int], int], where: str
) -> None:
    """Refuse a second row of the same time, phase and arm: its units would count twice."""
    spec = plan.spec
    start = sum(seen.values())
    for row, group in enumerate(zip(key.tolist(), arm.tolist(), strict=True)):
        if group in seen:
            what = "day" if spec.date else "phase" if spec.phase else "arm"
            message = f"row {start + row + 1:,} has the same {what} and arm as an earlier row"
            remedy = "remove one of the two if it is a copy; if both count, add them up in a `query:`"
            column = spec.date or spec.phase or spec.arm.column
            place = in_column(where, column, start + row + 1)
            field = f"split_test.{'date' if spec.date else 'phase' if spec.phase else 'arm.column'}"
            raise DataError(message, remedy=remedy, where=place).about(field)
        seen[group] = 1


def _factors(key: str, used: set[str]) -> list[str]:
    """The columns of a sum of squares, `spend`, or of products, `spend * visits`."""
    if key in used or " * " not in key:
        return [key]
    return [part.strip() for part in key.split(" * ", 1)]


def _field_of(items: Sequence[Quantity], column: str) -> str:
    return next(item.field for item in items if column in item.columns)
