"""Rows of units summed up in this process, for sources that no engine sums up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.rollout.cells import ReleaseData
from iterata.rollout.reading import faults
from iterata.rollout.reading.cell_sums import CROSSED, CellSums
from iterata.rollout.reading.crossed import SHOWN_UNITS, Crossing, refuse_crossed
from iterata.rollout.reading.row_batches import batches_of
from iterata.rollout.reading.unit_rows import UnitRowReader
from iterata.rollout.reading.unit_totals import Units, UnitTotals

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats
    from iterata.data.sources.table import LoadedTable
    from iterata.rollout.reading.plan import ReadingPlan
    from iterata.rollout.reading.unit_rows import UnitRows

MICROSECONDS_PER_DAY = 86_400_000_000


def sum_table(plan: ReadingPlan, table: LoadedTable) -> ReleaseData:
    """The sums of a table with rows of units.

    Raises:
        DataError: the rows are not those of a split test as the document describes it.
    """
    reader = UnitRowReader(plan, table.where)
    sums = CellSums(plan, table.where)
    totals = UnitTotals(plan.quantities) if plan.spec.unit_id else None
    for batch in batches_of(plan, table, plan.columns):
        rows = reader.read(batch.raw, batch.rows)
        if totals is None:
            sums.add_units(groups_of(rows), rows.arm.astype(np.float64), rows.values)
        else:
            totals.add(rows)
    reader.finish()
    excluded = {} if totals is None else _add_units(plan, totals.units(), sums, table.where)
    cells, after = sums.cells()
    return ReleaseData(
        quantities=plan.quantities.labels,
        metrics=plan.quantities.metrics,
        cells=cells,
        excluded=excluded | after,
        digests={table.where: table.digest()},
        rows=reader.rows,
    )


def _add_units(plan: ReadingPlan, units: Units, sums: CellSums, where: str) -> dict[str, int]:
    """Add units to their groups; return how many were left out, by the reason."""
    crossed = int(units.crossed.sum())
    if crossed and plan.spec.crossed == "refuse":
        names = sorted(map(str, units.name[units.crossed]))[:SHOWN_UNITS]
        refuse_crossed(plan.spec, Crossing(crossed, len(units.arm), names), where)
    kept = ~units.crossed
    _check_before(plan, units, kept, where)
    groups = _unit_groups(units)
    sums.add_units(
        None if groups is None else groups[kept], units.arm[kept].astype(np.float64), units.values[kept]
    )
    return {CROSSED: crossed} if crossed else {}


def _check_before(plan: ReadingPlan, units: Units, kept: Bools, where: str) -> None:
    found = faults.Faults.none()
    for position, item in enumerate(plan.quantities.items):
        if item.before:
            missing = np.isnan(units.values[:, position]) & kept
            found.add(position, faults.WITHOUT_BEFORE, int(missing.sum()))
            changing = units.changing[:, position] & kept
            found.add(position, faults.CHANGING, int(changing.sum()))
    found.check(plan.quantities.items, len(units.arm), where)


def _unit_groups(units: Units) -> Floats | None:
    if units.time is not None:
        return np.floor_divide(units.time, MICROSECONDS_PER_DAY).astype(np.float64)
    return units.share


def groups_of(rows: UnitRows) -> Floats | None:
    """The day since 1970 of each row, or the share of its phase."""
    if rows.time is not None:
        return np.floor_divide(rows.time, MICROSECONDS_PER_DAY).astype(np.float64)
    return rows.share
