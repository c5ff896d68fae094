"""What the cells of a database's rows are: numbers, texts or moments, whatever a driver returns."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from iterata.data.queries.sql_refusals import InexactNumbers, MixedColumn, UnreadableCells
from iterata.data.refusals import NestedColumn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

EXACT = 2.0**53
"""Whole numbers below this one are exact as floats."""

_NUMBERS = (int, float, Decimal)
_NESTED = (dict, list, set, tuple, np.ndarray)
_WITHOUT_TEXT = (bytes, bytearray, memoryview, timedelta)


def as_frame(records: Sequence[Sequence[object]], names: Sequence[str], where: str) -> pd.DataFrame:
    """The rows of a driver as a frame; a column holds one kind of values.

    Raises:
        DataError: a column holds several kinds of values, or values that are no number, text or moment.
    """
    columns = zip(*records, strict=True)
    cells = (np.fromiter(column, dtype=object, count=len(records)) for column in columns)
    return pd.DataFrame(
        {name: _column(values, name, where) for name, values in zip(names, cells, strict=True)}
    )


def require_exact(column: pd.Series, where: str) -> pd.Series:
    """A column of whole numbers: as integers if there are no gaps.

    Raises:
        InexactNumbers: they are floats by now, and too large to be exact.
    """
    if column.dtype.kind != "f":
        return column
    values = column.to_numpy()
    if (np.abs(values) >= EXACT).any():
        raise InexactNumbers(str(column.name), where)
    return column if np.isnan(values).any() else column.astype(np.int64)


def of_one_kind(batches: Iterable[pd.DataFrame], where: str) -> Iterator[pd.DataFrame]:
    """The same batches, after checking that a column holds the same kind of values in all of them.

    Raises:
        MixedColumn: such as numbers in one batch, and texts in the next one.
        InexactNumbers: whole numbers of one batch cannot be floats, as which others hold gaps or decimals.
    """
    examples: dict[str, dict[str, object]] = {}
    large: set[str] = set()
    floats: set[str] = set()
    for batch in batches:
        for name, column in batch.items():
            seen = examples.setdefault(str(name), {})
            seen |= _example(column)
            if len(seen) > 1:
                raise MixedColumn(str(name), list(seen.values()), where)
            if column.dtype.kind in "iu" and max(-int(column.min()), int(column.max())) >= EXACT:
                large.add(str(name))
            if column.dtype.kind == "f":
                floats.add(str(name))
        for name in large & floats:
            raise InexactNumbers(name, where)
        yield batch


def _example(column: pd.Series) -> dict[str, object]:
    """A value of a column by its kind; empty if all are missing."""
    place = column.first_valid_index()
    if place is None:
        return {}
    value = column.loc[place]
    if isinstance(value, bool | np.bool_):
        return {"true or false": value}
    return {{"M": "moment", "O": "text"}.get(column.dtype.kind, "number"): value}


def _column(cells: NDArray[np.object_], name: str, where: str) -> pd.Series:
    types = set(map(type, cells)) - {type(None)}
    if types <= {str}:
        return pd.Series(cells, name=name)
    if types == {bool}:
        return pd.Series(cells if pd.isna(cells).any() else cells.astype(bool), name=name)
    if all(issubclass(of_type, _NUMBERS) and of_type is not bool for of_type in types):
        return _numbers(cells, name, where)
    if all(issubclass(of_type, date) for of_type in types):
        return _moments(cells, name, where)
    return _texts(cells, types, name, where)


def _numbers(cells: NDArray[np.object_], name: str, where: str) -> pd.Series:
    gaps = pd.isna(cells)
    try:
        if not gaps.any() and all(map(int.__instancecheck__, cells)):
            return pd.Series(cells.astype(np.int64), name=name)
        values = np.where(gaps, np.nan, cells).astype(np.float64)
    except OverflowError:
        raise InexactNumbers(name, where) from None
    if any(_is_whole(cells[row]) for row in np.flatnonzero(np.abs(values) >= EXACT)):
        raise InexactNumbers(name, where)
    return pd.Series(values, name=name)


def _is_whole(cell: object) -> bool:
    """Whether a number is of a type that holds it exactly, and has no decimals."""
    return isinstance(cell, int) or (isinstance(cell, Decimal) and cell.as_tuple().exponent == 0)


def _moments(cells: NDArray[np.object_], name: str, where: str) -> pd.Series:
    examples = {getattr(cell, "tzinfo", None) is not None: cell for cell in cells if cell is not None}
    if len(examples) > 1:
        raise MixedColumn(name, list(examples.values()), where)
    return pd.to_datetime(pd.Series(cells, name=name), utc=True in examples).dt.as_unit("us")


def _texts(cells: NDArray[np.object_], types: set[type], name: str, where: str) -> pd.Series:
    """Cells of another type, of which each value has one spelling, such as UUIDs and times of day.

    Raises:
        DataError: the cells have no spelling, or are of several types.
    """
    if any(issubclass(of_type, _NESTED) for of_type in types):
        raise NestedColumn(name, where)
    if len(types) > 1:
        examples = {type(cell): cell for cell in cells if cell is not None}
        raise MixedColumn(name, list(examples.values()), where)
    (of_type,) = types
    if issubclass(of_type, _WITHOUT_TEXT):
        raise UnreadableCells(name, of_type.__name__, where)
    return pd.Series([None if cell is None else str(cell) for cell in cells], dtype=object, name=name)
