"""A digest of rows that does not depend on their order, nor on the batches in which they come.

The hash of a row depends on its values, not on the types in which a driver returns them: 1, 1.0 and true are
equal, and so are all representations of a missing value. The hashes are added up, because a database
guarantees no order; a row that occurs twice counts twice. Databases that store the same data in different
types, such as days as text, may have different digests.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

_MISSING = np.uint64(0x9E3779B97F4A7C15)
_FRACTION = np.uint64(0xC2B2AE3D27D4EB4F)
_MOMENT = np.uint64(0x165667B19E3779F9)
_NEXT_COLUMN = np.uint64(0x100000001B3)
"""Odd numbers without a pattern."""

_NUMBERS = (bool, int, float, Decimal, np.number, np.bool_)
_INTEGER_LIMIT = 2.0**63
"""From here on a number fits no integer of 64 bits."""


class RowDigest:
    """The digest of rows that are added batch by batch."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._columns, self._rows, self._sums = tuple(columns), 0, [0, 0]

    def over(self, batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        """The same batches; each is added when it is read."""
        for batch in batches:
            self.add(batch)
            yield batch

    def add(self, batch: pd.DataFrame) -> None:
        """Add some rows."""
        hashes = row_hashes(batch)
        self._rows += len(hashes)
        for index, values in enumerate((hashes, _scrambled(hashes ^ _FRACTION))):
            self._sums[index] = (self._sums[index] + int(values.sum(dtype=np.uint64))) % 2**64

    def digest(self) -> str:
        """`sha256:…` of the columns' names, the number of rows, and the sums of their hashes."""
        content = "\0".join([*self._columns, str(self._rows), *map(str, self._sums)])
        return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"


def row_hashes(frame: pd.DataFrame) -> Hashes:
    """The hash of each row, `(n,)`."""
    hashes = np.zeros(len(frame), dtype=np.uint64)
    for index in range(frame.shape[1]):
        hashes = _scrambled(hashes * _NEXT_COLUMN + _column_hashes(frame.iloc[:, index]))
    return hashes


def _column_hashes(column: pd.Series) -> Hashes:
    dtype = column.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        return _number_hashes(column.to_numpy())
    if isinstance(dtype, pd.DatetimeTZDtype) or (isinstance(dtype, np.dtype) and dtype.kind == "M"):
        return _moment_hashes(column)
    cells = column.to_numpy(dtype=object)
    if pd.api.types.infer_dtype(cells, skipna=True) in {"string", "empty"}:
        return _text_hashes(cells)
    numeric = np.fromiter((isinstance(cell, _NUMBERS) for cell in cells), dtype=bool, count=len(cells))
    hashes = np.empty(len(cells), dtype=np.uint64)
    hashes[numeric] = _number_hashes(_as_numbers(cells[numeric]))
    hashes[~numeric] = _text_hashes(_as_text(cells[~numeric]))
    return hashes


def _as_numbers(cells: NDArray[np.object_]) -> NDArray[np.generic]:
    """Integers without rounding, if all cells are whole numbers; else floats."""
    try:
        return cells.astype(np.int64) if all(cell == int(cell) for cell in cells) else cells.astype(float)
    except (OverflowError, ValueError):  # too large, infinite, or missing
        return cells.astype(float)


def _number_hashes(values: NDArray[np.generic]) -> Hashes:
    if values.dtype.kind != "f":
        return _scrambled(values.astype(np.int64).view(np.uint64))
    exact = values.astype(np.float64) + 0.0  # there is no negative zero
    hashes = _scrambled(exact.view(np.uint64) ^ _FRACTION)
    with np.errstate(invalid="ignore"):
        whole = (np.floor(exact) == exact) & (np.abs(exact) < _INTEGER_LIMIT)
    hashes[whole] = _scrambled(exact[whole].astype(np.int64).view(np.uint64))
    hashes[np.isnan(exact)] = _MISSING
    return hashes


def _moment_hashes(column: pd.Series) -> Hashes:
    moments = column.dt.as_unit("us")
    if moments.dt.tz is not None:
        moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    hashes = _scrambled(moments.to_numpy().view(np.uint64) ^ _MOMENT)
    hashes[column.isna().to_numpy()] = _MISSING
    return hashes


def _text_hashes(cells: NDArray[np.object_]) -> Hashes:
    missing = pd.isna(cells)
    hashes: Hashes = pd.util.hash_array(np.where(missing, "", cells), categorize=True)
    hashes[missing] = _MISSING
    return hashes


def _as_text(cells: NDArray[np.object_]) -> NDArray[np.object_]:
    """Cells that are not numbers, such as days, as text; None for missing cells."""
    missing = pd.isna(cells)
    return np.array([None if gap else str(cell) for cell, gap in zip(cells, missing, strict=True)], object)


def _scrambled(values: Hashes) -> Hashes:
    """Numbers in which every bit depends on all bits of the original."""
    return pd.util.hash_array(values, categorize=False)
