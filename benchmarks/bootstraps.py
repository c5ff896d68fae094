"""A bootstrap by iterata against a few resamples by hand, on the same rows.

Targets are multiples of the speed: 1,000 resamples in the time of 1,000 / 300 of the peer's.
"""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.pairs import Comparison

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.arrays import Codes

RESAMPLES = 1000
PAIRS = 5


def compare(
    what: str,
    peer: str,
    ours: Callable[[], object],
    theirs: Callable[[Codes], object],
    *,
    rows: int,
    times: int,
    peer_resamples: int,
) -> Comparison:
    """The ratio of our time for 1,000 resamples to the time that the target allows: at most 1.

    Args:
        what: the figure.
        peer: what the peer is.
        ours: all resamples by iterata.
        theirs: the figure of the peer for one resample, from the numbers of its rows.
        rows: how many rows there are.
        times: how many times as fast as the peer we are to be.
        peer_resamples: how many resamples of the peer are timed.
    """

    def plain() -> None:
        rng = np.random.default_rng(3)
        for _ in range(peer_resamples):
            theirs(rng.integers(0, rows, rows))

    ours()
    timed = [(_seconds(ours), _seconds(plain) / peer_resamples * RESAMPLES / times) for _ in range(PAIRS)]
    return Comparison(
        f"1,000 resamples: {what}",
        f"{peer}, over {times:,}",
        1.0,
        ours=median(one for one, _ in timed),
        theirs=median(other for _, other in timed),
        ratio=median(one / other for one, other in timed),
    )


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
