"""The rows of each unit added up: its first time, its arm, and the totals of its quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.rollout.reading.quantities import Quantities
    from iterata.rollout.reading.unit_rows import UnitRows

MOST_ROWS = 4_000_000
"""Rows that are kept, beside one for each unit, before they are added up again."""


class Units(NamedTuple):
    """Units, one in each row of every array, `(n,)`."""

    name: NDArray[np.object_]
    """The value of their column."""
    arm: NDArray[np.int8]
    crossed: Bools
    """Whether a unit has rows in both arms."""
    time: NDArray[np.int64] | None
    """The time of the first row, in microseconds since 1970."""
    share: Floats | None
    """The smallest share of a phase that its rows name."""
    values: Floats
    """`(n, k)`: totals over the rows, and the value of quantities that were measured before."""
    changing: NDArray[np.bool_]
    """`(n, k)`: whether a quantity that was measured before differs between its rows."""


class UnitTotals:
    """Adds up the rows of units, batch by batch."""

    def __init__(self, quantities: Quantities) -> None:
        self._before = [item.before for item in quantities.items]
        self._parts: list[pd.DataFrame] = []
        self._rows = self._least = 0

    def add(self, rows: UnitRows) -> None:
        """Add some rows."""
        self._parts.append(self._reduced(self._frame(rows)))
        self._rows += len(self._parts[-1])
        if self._rows > 2 * self._least + MOST_ROWS:
            self._merge()

    def units(self) -> Units:
        """The units of all rows, in no particular order."""
        self._merge()
        if not self._parts:
            return self._none()
        frame = self._parts[0]
        k = len(self._before)
        values = np.column_stack([frame[f"value {j}"] for j in range(k)]) if k else np.empty((len(frame), 0))
        changing = np.zeros(values.shape, dtype=bool)
        for j in np.flatnonzero(self._before):
            changing[:, j] = (frame[f"value {j}"] != frame[f"most {j}"]) & frame[f"value {j}"].notna()
        low, high = frame["arm"].to_numpy(np.int8), frame["last arm"].to_numpy(np.int8)
        return Units(
            name=frame.index.to_numpy(dtype=object),
            arm=low,
            crossed=low != high,
            time=frame["time"].to_numpy(np.int64) if "time" in frame else None,
            share=frame["share"].to_numpy(np.float64) if "share" in frame else None,
            values=values.astype(np.float64),
            changing=changing,
        )

    def _frame(self, rows: UnitRows) -> pd.DataFrame:
        columns: dict[str, NDArray[np.generic]] = {"arm": rows.arm, "last arm": rows.arm}
        if rows.time is not None:
            columns["time"] = rows.time
        if rows.share is not None:
            columns["share"] = rows.share
        for j, before in enumerate(self._before):
            columns[f"value {j}"] = rows.values[:, j]
            if before:
                columns[f"most {j}"] = rows.values[:, j]
        return pd.DataFrame(columns, index=rows.unit)

    def _reduced(self, frame: pd.DataFrame) -> pd.DataFrame:
        how = {name: "min" for name in ("arm", "time", "share") if name in frame} | {"last arm": "max"}
        for j, before in enumerate(self._before):
            how[f"value {j}"] = "min" if before else "sum"
            if before:
                how[f"most {j}"] = "max"
        return frame.groupby(level=0, sort=False).agg(how)

    def _merge(self) -> None:
        if len(self._parts) > 1:
            self._parts = [self._reduced(pd.concat(self._parts))]
        self._rows = self._least = sum(map(len, self._parts))

    def _none(self) -> Units:
        k = len(self._before)
        empty = np.zeros(0)
        return Units(
            np.zeros(0, object), empty.astype(np.int8), empty.astype(bool), None, None,
            np.zeros((0, k)), np.zeros((0, k), dtype=bool),
        )  # fmt: skip
