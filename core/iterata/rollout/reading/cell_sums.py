"""Units summed up by phase, day and arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.data.refusals import in_column
from iterata.errors import DataError, Location
from iterata.measure.release.moments import Moments
from iterata.rollout.cells import Arm, Cell
from iterata.rollout.reading import phase_days
from iterata.rollout.reading.arm_values import ARMS
from iterata.rollout.reading.row_query import quoted_name, rows_where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from iterata.arrays import Floats
    from iterata.rollout.reading.plan import ReadingPlan

AFTER_THE_END = "units first exposed after the last phase ended"
CROSSED = "units with rows in both arms"

Key = tuple[float | int | None, int]
"""What a unit is grouped by: its day since 1970, or its phase's share; and the position of its arm."""


class CellSums:
    """Collects the moments of groups of units, and puts them into the cells of phases."""

    def __init__(self, plan: ReadingPlan, where: str) -> None:
        self._plan, self._where = plan, where
        self._groups: dict[Key, Moments] = {}

    def add(self, key: Key, moments: Moments) -> None:
        """Add the moments of some units of a group."""
        present = self._groups.get(key)
        self._groups[key] = moments if present is None else present.merged(moments)

    def add_units(self, days: Floats | None, arm: Floats, values: Floats) -> None:
        """Add units; `days` is the day since 1970 of each, or the share of its phase."""
        by = np.zeros(len(arm)) if days is None else days
        order = np.lexsort((arm, by))
        edges = np.flatnonzero((np.diff(by[order]) != 0) | (np.diff(arm[order]) != 0)) + 1
        for rows in np.split(order, edges) if len(order) else ():
            first = rows[0]
            self.add((None if days is None else float(by[first]), int(arm[first])), Moments.of(values[rows]))

    def cells(self) -> tuple[dict[Cell, Moments], dict[str, int]]:
        """The cells, and how many units were left out, by the reason.

        Raises:
            DataError: units were first exposed in the future, or in no phase; or a phase has only one arm.
        """
        needed = self._plan.quantities.needed()
        placed = self._placed_by_day() if self._plan.spec.date else self._placed_by_share()
        cells: dict[Cell, Moments] = {}
        after = 0
        for cell, moments in placed:
            if cell is None:
                after += moments.n_obs
                continue
            masked = moments._replace(products=np.where(needed, moments.products, np.nan))
            cells[cell] = masked if cell not in cells else cells[cell].merged(masked)
        self._check_arms(cells)
        ordered = sorted(cells, key=lambda cell: (cell.phase, str(cell.day), cell.arm))
        return {cell: cells[cell] for cell in ordered}, ({AFTER_THE_END: after} if after else {})

    def _placed_by_share(self) -> Iterable[tuple[Cell | None, Moments]]:
        shares = [phase.share for phase in self._plan.phases]
        for (value, arm), moments in self._groups.items():
            share = self._plan.only
            if value is not None:
                share = min(shares, key=lambda share: abs(share - value))
            yield Cell(share or 0.0, None, ARMS[arm]), moments

    def _placed_by_day(self) -> Iterable[tuple[Cell | None, Moments]]:
        begun = self._plan.begun
        keys = list(self._groups)
        days = np.array([int(day or 0) for day, _ in keys], dtype=np.int64)
        places = phase_days.phases_of_days(days, begun)
        by_place: dict[int, dict[int, int]] = {phase_days.BEFORE: {}, phase_days.BETWEEN: {}}
        for key, place in zip(keys, places.tolist(), strict=True):
            if place in by_place:
                day = int(key[0] or 0)
                by_place[place][day] = by_place[place].get(day, 0) + self._groups[key].n_obs
        self._check_days(by_place)
        for key, place in zip(keys, places.tolist(), strict=True):
            cell = None
            if place >= 0:
                cell = Cell(begun[place].share, phase_days.day_of(int(key[0] or 0)), ARMS[key[1]])
            yield cell, self._groups[key]

    def _check_days(self, by_place: Mapping[int, Mapping[int, int]]) -> None:
        if early := by_place[phase_days.BEFORE]:
            raise self._before_first(early)
        if between := by_place[phase_days.BETWEEN]:
            raise self._between(between)

    def _before_first(self, units: Mapping[int, int]) -> DataError:
        first = self._plan.begun[0]
        start, earliest = phase_days.day_of(first.start), phase_days.day_of(min(units))
        count = sum(units.values())
        message = (
            f"{count:,} units were first exposed before the first phase began on {start}, the first on "
            f"{earliest}"
        )
        remedy = (
            f"write `started: {earliest}` if the phase began then, or leave these rows out "
            f"{self._rows_where('{day} >= {start}', start=start)}"
        )
        place = Location(self._where, data_column=str(self._plan.spec.date))
        return DataError(message, remedy=remedy, where=place).about(f"phases[{first.position}].started")

    def _between(self, units: Mapping[int, int]) -> DataError:
        begun = self._plan.begun
        day = min(units)
        index = max(index for index, phase in enumerate(begun) if phase.start <= day)
        following = phase_days.day_of(begun[index + 1].start)
        end = phase_days.day_of((begun[index].end or day) + 1)
        count = sum(units.values())
        message = (
            f"{count:,} units were first exposed on days between two phases, the first on "
            f"{phase_days.day_of(day)}"
        )
        remedy = (
            f"write `ended: {following}` if the phase went on until the next one began, or leave the units "
            "of these days out "
            + self._rows_where("{day} < {end} OR {day} >= {start}", end=end, start=following)
        )
        place = Location(self._where, data_column=str(self._plan.spec.date))
        return DataError(message, remedy=remedy, where=place).about(f"phases[{begun[index].position}].ended")

    def _rows_where(self, condition: str, **days: date) -> str:
        """How to read only the rows of some days."""
        spec = self._plan.spec
        texts = {name: f"'{day}'" for name, day in days.items()}
        return rows_where(spec, condition.format(day=quoted_name(str(spec.date)), **texts))

    def _check_arms(self, cells: Mapping[Cell, Moments]) -> None:
        for share in sorted({cell.phase for cell in cells if cell.phase < 1}):
            for arm in ARMS:
                if not any(cell.phase == share and cell.arm is arm for cell in cells):
                    raise self._empty_arm(share, arm, cells)

    def _empty_arm(self, share: float, arm: Arm, cells: Mapping[Cell, Moments]) -> DataError:
        units = sum(moments.n_obs for cell, moments in cells.items() if cell.phase == share)
        message = (
            f"the phase of {share * 100:g} % has no unit of the {arm.value}, and {units:,} of the other arm"
        )
        remedy = (
            f"add the rows of the {arm.value} in this phase, or correct the days of `phases`: one arm alone "
            "shows no effect"
        )
        place = in_column(self._where, self._plan.spec.arm.column)
        return DataError(message, remedy=remedy, where=place).about(f"split_test.arm.{arm.value}")
