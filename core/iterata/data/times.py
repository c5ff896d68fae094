"""The time of each row: a column of numbers, or of dates as numbers of days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api import types

from iterata.data.columns import require_finite, require_values
from iterata.data.refusals import in_column
from iterata.errors import DataError

if TYPE_CHECKING:
    from iterata.arrays import Floats

NANOSECONDS_PER_DAY = 86_400 * 10**9

_DAY = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"


def times(column: pd.Series, where: str) -> Floats:
    """The time of each row, `(n,)`: numbers as they are, dates and times of day in days since 1970.

    Whole numbers such as 20261128 are dates too: as numbers, the 1st would be 70 after the 31st.

    Raises:
        DataError: some are missing or infinite, or are neither numbers nor dates; `where` is the table.
    """
    require_values(column, "time", where)
    if types.is_numeric_dtype(column):
        numbers = column.to_numpy(np.float64)
        what, remedy = f"time column `{column.name}`", "correct the infinite values"
        numbers = require_finite(numbers, what, in_column(where, column.name), remedy)
        if not (numbers == np.floor(numbers)).all() or not are_days(numbers):
            return numbers
        column = column.astype(np.int64).astype(str)
    try:
        moments = pd.to_datetime(column, format="ISO8601", utc=True).to_numpy("datetime64[ns]")
    except (ValueError, TypeError):
        message = f"column `{column.name}` holds neither dates nor numbers"
        remedy = "write dates as YYYY-MM-DD, times of day as YYYY-MM-DDTHH:MM, or use numbers"
        raise DataError(message, remedy=remedy, where=in_column(where, column.name)) from None
    return moments.astype(np.int64) / NANOSECONDS_PER_DAY


def are_days(numbers: Floats) -> bool:
    """Whether all numbers are days, such as 20261128."""
    if numbers.min() < 19000101 or numbers.max() > 20991231:  # the range of such days
        return False
    days = pd.Series(np.unique(numbers)).astype(np.int64).astype(str)
    return len(days) > 1 and bool(days.str.fullmatch(_DAY).all())
