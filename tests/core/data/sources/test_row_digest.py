"""Which differences between rows change their digest."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.data.sources.row_digest import RowDigest, row_hashes

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-100, max_value=100),
    st.dates(),
)


def digest(*batches: pd.DataFrame) -> str:
    """The digest of rows that come in batches."""
    rows = RowDigest(batches[0].columns)
    for batch in batches:
        rows.add(batch)
    return rows.digest()


@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12), st.integers(0, 2**32 - 1), st.integers(0, 12)
)
def test_digest_does_not_depend_on_order_and_batches(
    rows: list[tuple[object, object]], seed: int, split: int
) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b"], dtype=object)
    shuffled = frame.sample(frac=1, random_state=seed)
    whole = digest(frame.infer_objects())
    assert whole == digest(shuffled[:split].infer_objects(), shuffled[split:].infer_objects())


@pytest.mark.parametrize(
    "equal",
    [
        [1, 1.0, True, np.int8(1), Decimal(1), Decimal("1.00")],
        [None, np.nan, pd.NA, pd.NaT],
        [0, 0.0, -0.0, False],
        [2**53 + 1, np.int64(2**53 + 1)],
        [0.5, Decimal("0.5"), np.float32(0.5)],
    ],
)
def test_equal_values_of_different_types_have_the_same_hash(equal: list[object]) -> None:
    assert len({cell_hash(value) for value in equal}) == 1


def cell_hash(value: object) -> int:
    return int(row_hashes(pd.DataFrame({"a": [value]}, dtype=object))[0])


def test_different_values_have_different_hashes() -> None:
    different = [
        *[
            None,
            0,
            1,
            -1,
            0.1,
            2**53,
            2**53 + 1,
            2.0**64,
            np.inf,
            -np.inf,
            "",
            "1",
            "1.0",
            "None",
            "nan",
            "a",
        ],
        *[datetime.date(2026, 1, 1), datetime.date(2026, 1, 2)],
    ]
    assert len({cell_hash(value) for value in different}) == len(different)


def test_digest_depends_on_column_names_and_on_repeated_rows() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [2, 1]})
    assert digest(frame) != digest(frame.rename(columns={"a": "c"}))
    assert digest(frame[:1]) != digest(frame[:1].rename(columns={"a": "b", "b": "a"})[["a", "b"]])
    assert digest(frame) != digest(frame, frame)
    assert digest(frame[:1], frame[:1]) != digest(frame[1:], frame[1:])


def test_digest_of_a_moment_does_not_depend_on_time_zone_and_unit() -> None:
    utc = pd.to_datetime(["2026-03-01 12:00", None], utc=True)
    columns = [
        pd.Series(utc),
        pd.Series(utc.tz_convert("Europe/Berlin")),
        pd.Series(utc.tz_localize(None)),
        pd.Series(utc.tz_localize(None)).astype("datetime64[ns]"),
    ]
    assert len({digest(pd.DataFrame({"a": column})) for column in columns}) == 1
