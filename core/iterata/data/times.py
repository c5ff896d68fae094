"""When rows were: a column of numbers or of dates as numbers that grow with time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api import types

from iterata.errors import DataError

if TYPE_CHECKING:
    from iterata.arrays import Floats

NANOSECONDS = 86_400 * 10**9
"""In a day."""


def times(column: pd.Series[Any], where: str) -> Floats:
    """Numbers as they are, dates and times of day in days: `(n,)`.

    Raises:
        DataError: some are missing, or are neither numbers nor dates; `where` is the file.
    """
    if gaps := int(column.isna().sum()):
        message = f"the time {column.name} is missing in {gaps:,} of {len(column):,} rows"
        raise DataError(message, remedy="find out when these rows were, or leave them out", where=where)
    if types.is_numeric_dtype(column):
        numbers = column.to_numpy(np.float64)
        if not np.isfinite(numbers).all():
            raise DataError(
                f"the time {column.name} is infinite in some rows", remedy="correct it", where=where
            )
        return numbers
    try:
        moments = pd.to_datetime(column, format="ISO8601", utc=True).to_numpy("datetime64[ns]")
    except (ValueError, TypeError):
        remedy = "write dates as YYYY-MM-DD, with the time after a T if need be, or make numbers of them"
        raise DataError(f"the column {column.name} holds no times", remedy=remedy, where=where) from None
    return moments.astype(np.int64) / NANOSECONDS
