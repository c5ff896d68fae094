"""What tells rows apart, and what does not."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.data.sources.fingerprint import Fingerprint, of_rows

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-100, max_value=100),
    st.dates(),
)


def digest(*pieces: pd.DataFrame) -> str:
    """The digest of rows that come in pieces."""
    found = Fingerprint(pieces[0].columns)
    for piece in pieces:
        found.add(piece)
    return found.digest()


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12), st.randoms(), st.integers(0, 12))
def test_neither_order_nor_pieces_matter(rows: list[tuple[object, object]], random: object, at: int) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b"], dtype=object)
    shuffled = frame.sample(frac=1, random_state=len(rows))
    whole = digest(frame.infer_objects())
    assert whole == digest(shuffled[:at].infer_objects(), shuffled[at:].infer_objects())


@pytest.mark.parametrize(
    "alike",
    [
        [1, 1.0, True, np.int8(1), Decimal(1), Decimal("1.00")],
        [None, np.nan, pd.NA, pd.NaT],
        [0, 0.0, -0.0, False],
        [2**53 + 1, np.int64(2**53 + 1)],
        [0.5, Decimal("0.5"), np.float32(0.5)],
    ],
)
def test_what_is_the_same_value_counts_as_such(alike: list[object]) -> None:
    cells = [of_rows(pd.DataFrame({"a": [each]}, dtype=object)) for each in alike]
    assert len({int(each[0]) for each in cells}) == 1


def test_what_differs_is_told_apart() -> None:
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
    cells = [int(of_rows(pd.DataFrame({"a": [each]}, dtype=object))[0]) for each in different]
    assert len(set(cells)) == len(different)


def test_columns_are_told_apart_and_so_is_how_often_a_row_comes() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [2, 1]})
    assert digest(frame) != digest(frame.rename(columns={"a": "c"}))
    assert digest(frame[:1]) != digest(frame[:1].rename(columns={"a": "b", "b": "a"})[["a", "b"]])
    assert digest(frame) != digest(frame, frame)
    assert digest(frame[:1], frame[:1]) != digest(frame[1:], frame[1:])


def test_a_moment_is_the_same_in_any_zone_and_unit() -> None:
    utc = pd.to_datetime(["2026-03-01 12:00", None], utc=True)
    ways = [
        pd.Series(utc),
        pd.Series(utc.tz_convert("Europe/Berlin")),
        pd.Series(utc.tz_localize(None)),
        pd.Series(utc.tz_localize(None)).astype("datetime64[ns]"),
    ]
    assert len({digest(pd.DataFrame({"a": way})) for way in ways}) == 1
