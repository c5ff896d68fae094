"""The column of times: numbers as they are, dates in days."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from iterata.data.times import times
from iterata.errors import DataError, Location


@pytest.mark.parametrize(
    ("values", "days"),
    [
        ([3, 1, 2], [3, 1, 2]),
        (["1970-01-02", "1970-01-01T12:00:00", "1970-02"], [1, 0.5, 31]),
        (pd.to_datetime(["1970-01-03", "1970-01-01"]), [2, 0]),
        (["1970-01-02T01:00:00+01:00", "1970-01-02T00:00:00Z"], [1, 1]),
    ],
    ids=["numbers", "dates", "timestamps", "time zones"],
)
def test_times_are_numbers_or_dates(values: Any, days: list[float]) -> None:
    assert times(pd.Series(values, name="day"), "") == pytest.approx(days)


@pytest.mark.parametrize(
    "values",
    [["soon", "later"], [1.0, None], [1.0, np.inf], ["2024-02-30"]],
    ids=["words", "missing", "infinite", "no such day"],
)
def test_column_without_times_is_refused(values: Any) -> None:
    with pytest.raises(DataError) as caught:
        times(pd.Series(values, name="day"), "data/rows.csv")
    assert caught.value.location._replace(row=None) == Location("data/rows.csv", data_column="day")


def test_dates_written_as_whole_numbers_are_days() -> None:
    days = times(pd.Series([20240131, 20240201, 20240301]), "d.csv")
    assert np.diff(days).tolist() == [1, 29]
    assert times(pd.Series([20240131, 20249999]), "d.csv").tolist() == [20240131, 20249999]
