"""Columns of any source in the few types that have the same meaning everywhere.

A CSV file, a Parquet file, a database and a data frame return the same values in different types: decimals as
objects, categories as codes, days as `date`, true and false with gaps as objects. Here they become numbers
(NumPy integers, floats or booleans), moments (`datetime64`, in UTC without a zone) or text (pandas' `str`).
An empty text is a missing value, because a CSV file cannot tell the two apart.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api import types

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NUMBERS = (bool, int, float, Decimal, np.number, np.bool_)
_DATES = {"date", "datetime", "datetime64"}
"""The results of `pandas.api.types.infer_dtype` that mean days or moments."""

EXACT = 2.0**53
"""From here on a float does not represent every whole number."""


def plain(column: pd.Series) -> pd.Series:
    """The same values as numbers, moments or text."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _of_codes(column, plain(pd.Series(dtype.categories)))
    if isinstance(dtype, pd.ArrowDtype):
        return plain(column.astype(object))
    if isinstance(dtype, pd.StringDtype):
        return without_empty(column.astype("str"))
    if dtype.kind == "M":
        return _without_zone(column)
    if isinstance(dtype, np.dtype):
        return _of_objects(column) if dtype.kind == "O" else column
    return _of_extension(column) if dtype.kind in "biuf" else column


def without_empty(texts: pd.Series) -> pd.Series:
    """Texts, with empty ones missing."""
    empty = texts == ""
    return texts.mask(empty) if empty.any() else texts


def as_text(column: pd.Series) -> pd.Series:
    """Each value as it is written in a CSV file: `7` for 7 and 7.0, `true`, `2026-11-23`."""
    dtype = column.dtype
    if isinstance(dtype, pd.StringDtype):
        return without_empty(column.astype("str"))
    if isinstance(dtype, pd.CategoricalDtype):
        return _of_codes(column, as_text(pd.Series(dtype.categories)))
    if dtype.kind in "iu":
        return column.astype("str")
    if dtype.kind == "f" and isinstance(dtype, np.dtype):
        return _floats_as_text(column)
    cells = [None if gap else text_of(cell) for cell, gap in zip(column, column.isna(), strict=True)]
    return without_empty(pd.Series(cells, index=column.index, name=column.name, dtype="str"))


def text_of(cell: object) -> str:
    """One value as it is written in a CSV file."""
    if isinstance(cell, bool | np.bool_):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "backslashreplace")
    if isinstance(cell, float | Decimal | np.floating) and math.isfinite(cell) and cell == int(cell):
        return str(int(cell))
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


def _floats_as_text(column: pd.Series) -> pd.Series:
    values = column.to_numpy(np.float64)
    with np.errstate(invalid="ignore"):
        whole = (np.floor(values) == values) & (np.abs(values) < EXACT)
    texts = column.astype("str")
    texts[whole] = pd.Series(values[whole].astype(np.int64), index=column.index[whole]).astype("str")
    return texts


def _of_codes(column: pd.Series, values: pd.Series) -> pd.Series:
    codes = column.cat.codes.to_numpy()
    taken = values.array.take(codes, allow_fill=bool((codes < 0).any()))
    return plain(pd.Series(taken, index=column.index, name=column.name))


def _of_extension(column: pd.Series) -> pd.Series:
    """Numbers of pandas' nullable types; with gaps they become floats."""
    if column.isna().any():
        return pd.Series(column.to_numpy(np.float64, na_value=np.nan), column.index, name=column.name)
    name = "bool" if column.dtype.kind == "b" else column.dtype.name.lower()
    return column.astype(np.dtype(name))


def _without_zone(column: pd.Series) -> pd.Series:
    moments = column if column.dt.tz is None else column.dt.tz_convert("UTC").dt.tz_localize(None)
    return moments.dt.as_unit("us") if moments.dt.unit in ("s", "ms") else moments


def _of_objects(column: pd.Series) -> pd.Series:
    cells = column.to_numpy(dtype=object)
    kind = types.infer_dtype(cells, skipna=True)
    if kind == "string":
        return without_empty(column.astype("str"))
    if kind in _DATES:
        moments = pd.to_datetime(column, utc=True, errors="coerce")
        if moments.notna().sum() == column.notna().sum():
            return _without_zone(moments)
    missing = pd.isna(cells)
    if all(isinstance(cell, _NUMBERS) for cell in cells[~missing]):
        return _of_number_objects(column, cells, missing)
    return as_text(column)


def _of_number_objects(
    column: pd.Series, cells: NDArray[np.object_], missing: NDArray[np.bool_]
) -> pd.Series:
    present = cells[~missing]
    dtype: type = np.float64
    if len(present) and not missing.any():
        if all(isinstance(cell, bool | np.bool_) for cell in present):
            dtype = np.bool_
        elif all(isinstance(cell, int | np.integer) and abs(int(cell)) < 2**63 for cell in present):
            dtype = np.int64
    return pd.Series(np.where(missing, np.nan, cells).astype(dtype), column.index, name=column.name)
