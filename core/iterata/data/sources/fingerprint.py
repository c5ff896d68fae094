"""What tells rows from any others, in whatever order and in whatever pieces they come.

A row's hash is made of its values and not of how a driver packs them: 1, 1.0 and a true are the same, and so
are the several ways to say that a value is missing. The hashes are added up, because a database promises no
order; a row that comes twice counts twice. Databases that keep the same data in other types, such as days
as text, may tell them differently.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

_MISSING = np.uint64(0x9E3779B97F4A7C15)
_FRACTION = np.uint64(0xC2B2AE3D27D4EB4F)
_MOMENT = np.uint64(0x165667B19E3779F9)
_NEXT = np.uint64(0x100000001B3)
"""Odd numbers without a pattern; the last moves a row on from column to column."""

_NUMBERS = (bool, int, float, Decimal, np.number, np.bool_)
_WHOLE = 2.0**63
"""Beyond this a number fits no integer of 64 bits."""


class Fingerprint:
    """Adds up rows."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._columns, self._rows, self._sums = tuple(columns), 0, [0, 0]

    def over(self, pieces: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        """The same pieces, each added as it passes."""
        for piece in pieces:
            self.add(piece)
            yield piece

    def add(self, piece: pd.DataFrame) -> None:
        """Add some rows."""
        hashes = of_rows(piece)
        self._rows += len(hashes)
        for lane, values in enumerate((hashes, _mixed(hashes ^ _FRACTION))):
            self._sums[lane] = (self._sums[lane] + int(values.sum(dtype=np.uint64))) % 2**64

    def digest(self) -> str:
        """`sha256:…` of the columns' names, the number of rows and their sum."""
        said = "\0".join([*self._columns, str(self._rows), *map(str, self._sums)])
        return f"sha256:{hashlib.sha256(said.encode()).hexdigest()}"


def of_rows(frame: pd.DataFrame) -> Hashes:
    """A hash for each row: `(n,)`."""
    hashes = np.zeros(len(frame), dtype=np.uint64)
    for place in range(frame.shape[1]):
        hashes = _mixed(hashes * _NEXT + _of_cells(frame.iloc[:, place]))
    return hashes


def _of_cells(column: pd.Series[Any]) -> Hashes:
    dtype = column.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        return _of_numbers(column.to_numpy())
    if isinstance(dtype, pd.DatetimeTZDtype) or (isinstance(dtype, np.dtype) and dtype.kind == "M"):
        return _of_moments(column)
    cells = column.to_numpy(dtype=object)
    if pd.api.types.infer_dtype(cells, skipna=True) in {"string", "empty"}:
        return _of_text(cells)
    numeric = np.fromiter((isinstance(cell, _NUMBERS) for cell in cells), dtype=bool, count=len(cells))
    hashes = np.empty(len(cells), dtype=np.uint64)
    hashes[numeric] = _of_numbers(_as_numbers(cells[numeric]))
    hashes[~numeric] = _of_text(np.array([_said(cell) for cell in cells[~numeric]], dtype=object))
    return hashes


def _as_numbers(cells: NDArray[np.object_]) -> NDArray[Any]:
    """Whole numbers exactly, where all of them are."""
    try:
        return cells.astype(np.int64) if all(cell == int(cell) for cell in cells) else cells.astype(float)
    except (OverflowError, ValueError):  # too large, infinite, or missing
        return cells.astype(float)


def _of_numbers(values: NDArray[Any]) -> Hashes:
    if values.dtype.kind != "f":
        return _mixed(values.astype(np.int64).view(np.uint64))
    exact = values.astype(np.float64) + 0.0  # there is no negative zero
    hashes = _mixed(exact.view(np.uint64) ^ _FRACTION)
    with np.errstate(invalid="ignore"):
        whole = (np.floor(exact) == exact) & (np.abs(exact) < _WHOLE)
    hashes[whole] = _mixed(exact[whole].astype(np.int64).view(np.uint64))
    hashes[np.isnan(exact)] = _MISSING
    return hashes


def _of_moments(column: pd.Series[Any]) -> Hashes:
    moments = column.dt.as_unit("us")
    if moments.dt.tz is not None:
        moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    hashes = _mixed(moments.to_numpy().view(np.uint64) ^ _MOMENT)
    hashes[column.isna().to_numpy()] = _MISSING
    return hashes


def _of_text(cells: NDArray[np.object_]) -> Hashes:
    missing = pd.isna(cells)
    hashes: Hashes = pd.util.hash_array(np.where(missing, "", cells), categorize=True)
    hashes[missing] = _MISSING
    return hashes


def _said(cell: Any) -> str | None:
    """A value that is neither number nor text, such as a day, as text."""
    if isinstance(cell, str):
        return cell
    return None if pd.isna(cell) else str(cell)


def _mixed(values: Hashes) -> Hashes:
    """Every bit of a number spread over all of them."""
    return pd.util.hash_array(values, categorize=False)
