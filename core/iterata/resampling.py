"""The bootstrap, by unit: many weightings of the rows at once, in pieces that stay small.

Units (users, accounts) are drawn with replacement rather than rows, because rows of one unit resemble each
other: with ten rows a unit and an intraclass correlation of .2, 95 % intervals by row cover about 73 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from iterata.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

    from numpy.typing import NDArray

    from iterata.kpi.base import Floats

Name = TypeVar("Name", bound="Hashable")
"""What a figure is known by."""

CONFIDENCE = 0.95

CHUNK_ENTRIES = 2**19
"""Weights in one piece: 4 MB, which stays near the processor. A single line may be longer."""


def weights(
    rows: int, resamples: int, rng: np.random.Generator, units: NDArray[np.intp] | None = None
) -> Iterator[Floats]:
    """Yield `(r, rows)` weightings, `resamples` lines in all; each says how often a row was drawn.

    `units` holds the unit of each row, numbered from 0 without gaps; rows of one unit are drawn together.
    Without it, every row is a unit. How the draws are cut into pieces does not change them.
    """
    count = rows if units is None else int(units.max()) + 1
    size = max(1, CHUNK_ENTRIES // max(rows, count))
    for start in range(0, resamples, size):
        drawn = _draw(count, min(size, resamples - start), rng)
        yield (drawn if units is None else drawn[:, units]).astype(np.float64)


def _draw(count: int, lines: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """How often each of `count` units turns up in `count` draws, `lines` times over."""
    picks = rng.integers(0, count, size=(lines, count))
    picks += np.arange(lines)[:, None] * count  # one histogram counts every line apart
    return np.bincount(picks.ravel(), minlength=lines * count).reshape(lines, count)


def bootstrap(
    figures: Callable[[Floats], Mapping[Name, Floats]],
    rows: int,
    resamples: int,
    rng: np.random.Generator,
    units: NDArray[np.intp] | None = None,
) -> tuple[dict[Name, float], dict[Name, Floats]]:
    """Compute figures on the sample itself, and `(resamples,)` of each on its resamples.

    `figures` turns `(r, rows)` weights into named `(r,)` answers. All of them see the same resamples, so any
    difference or ratio of two of them is a paired one.
    """
    sample = {name: float(values[0]) for name, values in figures(np.ones((1, rows))).items()}
    pieces = [figures(each) for each in weights(rows, resamples, rng, units)]
    return sample, {name: np.concatenate([piece[name] for piece in pieces]) for name in sample}


def estimate(value: float, draws: Floats, confidence: float = CONFIDENCE) -> Estimate:
    """The figure with its percentile interval; draws that are not a number are left out."""
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(draws, [tail, 1 - tail])
    return Estimate(value=value, low=float(low), high=float(high))
