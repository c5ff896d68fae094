"""Blocks of consecutive time as units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iterata.data.blocks import block_numbers, consecutive_blocks


@pytest.mark.parametrize(
    ("times", "size", "blocks"), [(465, 22, 22), (100, 10, 10), (30, 3, 10), (12, 1, 12), (3, 1, 3)]
)
def test_block_has_as_many_times_as_there_are_blocks(times: int, size: int, blocks: int) -> None:
    """At least 10 blocks, if there are as many times; rows of one time share a block."""
    moments = np.random.default_rng(0).permutation(np.repeat(np.arange(times) * 7.0, 2))
    codes, found = consecutive_blocks(moments)
    assert found == size
    assert len(np.unique(codes)) == blocks
    ordered = codes[np.argsort(moments, kind="stable")]
    assert (np.diff(ordered) >= 0).all()
    assert (ordered[::2] == ordered[1::2]).all()


def test_blocks_of_dates_are_counted_in_days() -> None:
    days = pd.Series(pd.date_range("2026-01-01", periods=30).strftime("%Y-%m-%d"), name="day")
    numbers = block_numbers(days, 10, "f.csv")
    assert sorted(np.unique(numbers, return_counts=True)[1].tolist())[-1] == 10
    assert block_numbers(pd.Series([0.0, 9.9, 10.0], name="week"), 10, "f.csv").tolist() == [0, 0, 1]
