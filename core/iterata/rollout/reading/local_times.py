"""The time of each row on the team's clock, from which its day is taken."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pandas.api import types

from iterata.data.refusals import in_column
from iterata.errors import DataError
from iterata.rollout.reading.row_query import quoted_name, rows_where

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from iterata.documents.models.split_test import SplitTestSpec

    Moments64 = NDArray[np.datetime64]

FIELD = "split_test.date"

DAY = r"\d{4}-\d{2}-\d{2}"
TIME = r"[T ]\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?"
ZONE = r"(?:Z|[+-]\d{2}(?::?\d{2})?)"


class LocalTimes:
    """Reads the times of a table's rows, batch by batch: all have a zone, or none."""

    def __init__(self, column: str, time_zone: str | None, where: str) -> None:
        self._column, self._where = column, where
        self._zone = ZoneInfo(time_zone or "UTC")
        self._examples: dict[bool, str] = {}
        """A time with a zone, and one without."""

    def read(self, raw: pd.Series) -> Moments64:
        """The time of each row on the team's clock, `(n,)`; NaT if it is missing.

        A time with a zone is converted to the team's zone: on the day of a clock change, 23 or 25 hours have
        that day. A time without a zone is taken as it is written.

        Raises:
            DataError: a value is no day and no time, or only some of the times have a zone.
        """
        if types.is_datetime64_any_dtype(raw.dtype):
            moments = raw
            self._note(raw, zoned=raw.dt.tz is not None)
        elif types.is_numeric_dtype(raw) and raw.notna().any():
            raise self._no_time(raw[raw.notna()].iloc[0])
        else:
            moments = self._parsed(raw)
        if moments.dt.tz is not None:
            moments = moments.dt.tz_convert(self._zone).dt.tz_localize(None)
        return moments.to_numpy("datetime64[us]")

    def _parsed(self, raw: pd.Series) -> pd.Series:
        codes, values = pd.factorize(raw.astype(object))
        texts = pd.Series(list(map(str, values)), dtype="str").str.strip()
        empty = (texts == "").to_numpy(bool)
        zoned = texts.str.fullmatch(f"{DAY}{TIME}{ZONE}").to_numpy(bool)
        right = texts.str.fullmatch(f"{DAY}(?:{TIME})?").to_numpy(bool) | zoned | empty
        parsed = pd.to_datetime(texts.where(right & ~empty), format="ISO8601", utc=True, errors="coerce")
        wrong = np.flatnonzero(parsed.isna().to_numpy(bool) & ~empty)
        if len(wrong):
            raise self._no_time(texts.iloc[int(wrong[0])])
        for has_zone in (True, False):
            self._note(texts[(zoned if has_zone else ~zoned) & ~empty], zoned=has_zone)
        if not zoned.any():
            parsed = parsed.dt.tz_localize(None)
        taken = pd.api.extensions.take(parsed.array, codes, allow_fill=True)
        return pd.Series(taken)

    def _note(self, values: pd.Series, *, zoned: bool) -> None:
        known = values.first_valid_index()
        if known is None:
            return
        self._examples.setdefault(zoned, str(values.loc[known]))
        if len(self._examples) > 1:
            raise mixed_zones(self._column, self._examples, self._where)

    def _no_time(self, value: object) -> DataError:
        return no_time(self._column, value, self._where)


def mixed_zones(column: str, examples: dict[bool, str], where: str) -> DataError:
    """The refusal of times of which some have a zone: nobody knows what the others mean."""
    message = (
        f"column `{column}` has times with a zone, such as {examples[True]}, and without, such as "
        f"{examples[False]}"
    )
    remedy = "write the zone of every time, such as 2026-03-29T02:30:00+01:00, or of none"
    return _refusal(column, message, remedy, where)


def no_time(column: str, value: object, where: str) -> DataError:
    """The refusal of a value that is no day and no time."""
    message = f"column `{column}` holds {value}, which is not a day"
    remedy = (
        "write days as YYYY-MM-DD, times as YYYY-MM-DDTHH:MM:SS, with `Z` or `+01:00` if they have a zone"
    )
    return _refusal(column, message, remedy, where)


def missing_times(spec: SplitTestSpec, missing: int, rows: int, where: str) -> DataError:
    """The refusal of rows without a time."""
    column = str(spec.date)
    message = f"column `{column}` is empty in {missing:,} of {rows:,} rows"
    remedy = f"fill in the time, or leave these rows out {rows_where(spec, _is_given(column))}"
    return _refusal(column, message, remedy, where)


def _is_given(column: str) -> str:
    return f"{quoted_name(column)} IS NOT NULL"


def future(spec: SplitTestSpec, newest: date, rows: int, today: date, where: str) -> DataError:
    """The refusal of rows after today."""
    column = str(spec.date)
    message = f"column `{column}` has {rows:,} rows in the future, the last on {newest}; today is {today}"
    condition = f"{quoted_name(column)} < '{today + timedelta(days=1)}'"
    remedy = (
        "correct the times in the program that writes the data, or leave these rows out "
        f"{rows_where(spec, condition)}"
    )
    return _refusal(column, message, remedy, where)


def _refusal(column: str, message: str, remedy: str, where: str) -> DataError:
    return DataError(message, remedy=remedy, where=in_column(where, column)).about(FIELD)
