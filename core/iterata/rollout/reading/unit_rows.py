"""Rows of units as arrays: arm, time, phase and quantities of each row."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from iterata.data.column_refusals import with_column
from iterata.data.columns import column_values
from iterata.data.refusals import TextInsteadOfNumbers, in_column
from iterata.errors import DataError
from iterata.expressions.evaluate import evaluate
from iterata.expressions.parse import InvalidExpression
from iterata.rollout.reading import faults
from iterata.rollout.reading.arm_values import NO_ARM, arm_code, arm_codes, missing_arms
from iterata.rollout.reading.faults import Faults
from iterata.rollout.reading.local_times import LocalTimes, future, missing_times
from iterata.rollout.reading.phase_days import shares_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.rollout.reading.plan import ReadingPlan
    from iterata.rollout.reading.quantities import Quantity


class UnitRows(NamedTuple):
    """Some rows; every array is `(n,)`."""

    unit: pd.Series | None
    """The unit of each row; None if each row is one."""
    arm: NDArray[np.int8]
    """Positions in `ARMS`; `NO_ARM` for rows that `finish` refuses."""
    time: NDArray[np.int64] | None
    """Microseconds since 1970 on the team's clock; None without dates."""
    share: Floats | None
    """The share of the phase that a column names; None without such a column."""
    values: Floats
    """`(n, k)`: the quantities; undefined for summed data."""


class UnitRowReader:
    """Reads the rows of a table; what only all rows show is checked by `finish`."""

    def __init__(self, plan: ReadingPlan, where: str, *, summed: bool = False) -> None:
        self._plan, self._where, self._summed = plan, where, summed
        self._times = LocalTimes(plan.spec.date, plan.spec.time_zone, where) if plan.spec.date else None
        self._arms: Counter[object] = Counter()
        self._shares: Counter[float] = Counter()
        self._missing: Counter[str] = Counter()
        self._ahead, self._newest = 0, plan.today
        self.faults = Faults.none()
        self.rows = 0

    def read(self, raw: pd.DataFrame, rows: pd.DataFrame) -> UnitRows:
        """The arrays of a batch; faults are counted, and refused by `finish`.

        Raises:
            DataError: a value has the wrong type.
        """
        spec = self._plan.spec
        self.rows += len(rows)
        unit = rows[spec.unit_id] if spec.unit_id else None
        if unit is not None:
            self._missing["unit"] += int(unit.isna().sum())
        time = self._time(raw) if spec.date else None
        share = self._share(rows[spec.phase]) if spec.phase else None
        return UnitRows(unit, self._arm(rows[spec.arm.column]), time, share, self._values(rows))

    def finish(self, *, so_far: bool = False) -> None:
        """Refuse what all rows together show; call it after the last batch.

        Args:
            so_far: whether further batches follow, in which the other arm may be.

        Raises:
            DataError: rows have no arm, unit, time or phase, or their values cannot be added up.
        """
        spec, where = self._plan.spec, self._where
        if missing := self._missing["arm"]:
            raise missing_arms(spec.arm, missing, self.rows, where)
        arm_codes(spec.arm, self._arms, where, both=self._plan.needs_control and not so_far)
        if spec.date and (missing := self._missing["time"]):
            raise missing_times(spec, missing, self.rows, where)
        if spec.date and self._ahead:
            raise future(spec, self._newest, self._ahead, self._plan.today, where)
        for key, column in (("unit", spec.unit_id), ("phase", spec.phase)):
            if column and (missing := self._missing[key]):
                raise missing_keys(column, key, missing, self.rows, where)
        if spec.phase:
            shares_of(self._shares, self._plan.phases, spec.phase, where)
        self.faults.check(self._plan.quantities.items, self.rows, where)

    def _arm(self, series: pd.Series) -> NDArray[np.int8]:
        codes, values = pd.factorize(series)
        counts = np.bincount(codes[codes >= 0], minlength=len(values)).tolist()
        self._missing["arm"] += int((codes < 0).sum())
        self._arms.update(dict(zip(values, counts, strict=True)))
        if len(self._arms) > MOST_ARM_VALUES:
            arm_codes(self._plan.spec.arm, self._arms, self._where, both=False)
        arms = np.array([*(arm_code(self._plan.spec.arm, value) for value in values), NO_ARM], dtype=np.int8)
        return arms[codes]

    def _time(self, raw: pd.DataFrame) -> NDArray[np.int64] | None:
        if self._times is None:
            return None
        moments = self._times.read(raw[self._plan.spec.date])
        self._missing["time"] += int(np.isnat(moments).sum())
        ahead = moments >= np.datetime64(self._plan.first_day_ahead, "us")
        if ahead.any():
            self._ahead += int(ahead.sum())
            self._newest = max(self._newest, moments[ahead].max().astype("datetime64[D]").item())
        return moments.astype(np.int64)

    def _share(self, series: pd.Series) -> Floats:
        column = column_values(series)
        if column.dtype == object:
            example = next((text for text in column if text is not None), "")
            place = in_column(self._where, series.name)
            remedy = "write the share of each row's phase as a number, such as 0.1"
            raise TextInsteadOfNumbers(f"column `{series.name}`", example, place, remedy=remedy).about(
                "split_test.phase"
            )
        known = column[~np.isnan(column)]
        self._missing["phase"] += len(column) - len(known)
        values, counts = np.unique(known, return_counts=True)
        self._shares.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
        return column

    def _values(self, rows: pd.DataFrame) -> Floats:
        items = self._plan.quantities.items
        values = np.empty((len(rows), len(items)))
        if self._summed:
            return values
        for position, quantity in enumerate(items):
            values[:, position] = self._quantity(position, quantity, rows)
        return values

    def _quantity(self, position: int, quantity: Quantity, rows: pd.DataFrame) -> Floats:
        values = evaluated(quantity, rows, self._where)
        missing = np.isnan(values)
        may_be_missing = quantity.before and self._plan.spec.unit_id is not None
        if not may_be_missing:
            self.faults.add(position, faults.MISSING, int(missing.sum()))
        self.faults.add(position, faults.INFINITE, int(np.isinf(values).sum()))
        with np.errstate(invalid="ignore"):
            large = np.isfinite(values) & (np.abs(values) > faults.LARGEST)
            self._count(position, faults.TOO_LARGE, values, large)
            if quantity.at_least is not None:
                self._count(position, faults.TOO_LOW, values, values < quantity.at_least)
        return values

    def _count(self, position: int, fault: str, values: Floats, wrong: NDArray[np.bool_]) -> None:
        if wrong.any():
            self.faults.add(position, fault, int(wrong.sum()), f"{values[wrong][0]:g}")


MOST_ARM_VALUES = 100
"""With more values than this, the column is not the arm's."""


def evaluated(quantity: Quantity, rows: pd.DataFrame, where: str) -> Floats:
    """The value of a quantity in each row, `(n,)`; NaN if it is missing.

    Raises:
        DataError: it cannot be evaluated.
    """
    table = {name: column_values(rows[name]) for name in quantity.columns}
    for name, column in table.items():
        if column.dtype == object and quantity.expression.strip() == name:
            example = next((text for text in column if text is not None), None)
            if example is None:
                table[name] = np.full(len(column), np.nan)
                continue
            remedy = "name a column of numbers, or convert this one in the program that writes the data"
            place = in_column(where, name)
            raise TextInsteadOfNumbers(f"column `{name}`", example, place, remedy=remedy).about(
                quantity.field
            )
    try:
        return evaluate(quantity.expression, table, len(rows), quantity.location)
    except InvalidExpression as error:
        refusal = with_column(error, table)
        raise refusal.replace(location=refusal.location._replace(data=where)) from None


def missing_keys(column: str, key: str, missing: int, rows: int, where: str) -> DataError:
    """The refusal of rows without their unit or phase."""
    message = f"{key} column `{column}` is empty in {missing:,} of {rows:,} rows"
    remedy = f'fill it in, or leave these rows out with `WHERE "{column}" IS NOT NULL` in a `query:`'
    field = "split_test.unit_id" if key == "unit" else "split_test.phase"
    return DataError(message, remedy=remedy, where=in_column(where, column)).about(field)
