"""Ids of rows, units and groups, which are compared as text."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iterata.data.column_refusals import RoundedIds, SeveralIdSpellings
from iterata.data.plain_columns import EXACT, as_text

_WHOLE = r"[+-]?\d+(?:\.0)?"


def id_column(column: pd.Series, where: str, *, as_numbers: bool) -> pd.Series:
    """The ids of a column as text, without blanks around them.

    A whole number with `.0` is an id that another program took for a float: it is the same id without it.

    Args:
        column: the values as the source returned them.
        where: the name of the table.
        as_numbers: whether whole numbers may stay numbers, of which each is one id.

    Raises:
        DataError: two ids differ only in how they are written, or ids were rounded.
    """
    if as_numbers and isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu":
        return column
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        rounded = column[column.abs() >= EXACT]
        if not rounded.empty:
            raise RoundedIds(str(column.name), float(rounded.iloc[0]), where)
    written = as_text(column)
    if not isinstance(column.dtype, pd.StringDtype) and not pd.api.types.is_object_dtype(column.dtype):
        return written
    return _in_one_way(written, where)


def ids_as_text(ids: pd.Series) -> pd.Series:
    """Ids of `id_column` for a comparison with those of another table."""
    return as_text(ids)


def _in_one_way(written: pd.Series, where: str) -> pd.Series:
    ids = written
    if written.str.contains(r"^\s|\s$").any():
        ids = written.str.strip()
    if ids.str.endswith(".0").any() and ids.dropna().str.fullmatch(_WHOLE).all():
        ids = ids.str.removesuffix(".0")
    if ids is written:
        return written
    pairs = pd.DataFrame({"id": ids, "written": written}).dropna().drop_duplicates()
    same = pairs["written"][pairs["id"].duplicated(keep=False)]
    if not same.empty:
        first = pairs["id"][same.index[0]]
        one, other = pairs["written"][pairs["id"] == first].iloc[:2]
        raise SeveralIdSpellings(str(written.name), one, other, where)
    return ids
