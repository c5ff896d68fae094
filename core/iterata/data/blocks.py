"""Blocks of consecutive time: the units of rows that depend on the rows before them.

Sales of today resemble those of yesterday. Resampled row by row, 95 % intervals of such rows cover 68 % (with
an autocorrelation of .5) or 50 % (of .8). Resampled in blocks that are longer than their memory, they keep
the level.
"""

from __future__ import annotations

from math import ceil, floor, sqrt
from typing import TYPE_CHECKING

import numpy as np

from iterata.data.times import times

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from iterata.arrays import Floats

PREFIX = "blocks of "
"""How the name of units that are blocks begins."""

MIN_BLOCKS = 10
"""With fewer distinct times than twice this, each is a block of its own."""


def block_numbers(column: pd.Series, length: float, where: str) -> NDArray[np.int64]:
    """The number of the block that each row is in, `(n,)`; the first begins at 0, or at the start of 1970.

    Raises:
        DataError: the column holds neither dates nor numbers, or some are missing.
    """
    return np.floor(times(column, where) / length).astype(np.int64)


def blocks_in_words(column: str, length: float) -> str:
    """What the blocks of a column are.

    >>> blocks_in_words("day", 14)
    'blocks of 14 in day'
    """
    return f"{PREFIX}{length:g} in {column}"


def consecutive_in_words(column: str, size: int) -> str:
    """What blocks of so many consecutive times are.

    >>> consecutive_in_words("day", 8)
    'blocks of 8 consecutive values of day'
    """
    return (
        f"{PREFIX}{size:,} consecutive values of {column}" if size > 1 else f"{PREFIX}one value of {column}"
    )


def consecutive_blocks(moments: Floats) -> tuple[NDArray[np.intp], int]:
    """Blocks of equally many consecutive times: the block of each row, `(n,)`, and the times of a block.

    A block has as many distinct times as there are blocks: `sqrt(n)` of `n`, and there are at least
    `MIN_BLOCKS`. Shorter ones would cut through the memory of the series; longer ones would leave too few
    blocks to see how much these differ.
    """
    distinct, position = np.unique(moments, return_inverse=True)
    count = len(distinct)
    size = max(1, min(ceil(sqrt(count)), floor(count / MIN_BLOCKS)))
    return position // size, size
