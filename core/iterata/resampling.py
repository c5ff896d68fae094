"""The bootstrap, by unit: whole weightings of the rows at once, in pieces that fit into memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from iterata.kpi.base import Floats

CONFIDENCE = 0.95
CHUNK_BYTES = 64 * 2**20


def weights(
    rows: int, resamples: int, rng: np.random.Generator, units: NDArray[np.intp] | None = None
) -> Iterator[Floats]:
    """Yield `(r, rows)` weightings, `resamples` lines in all; each says how often a row was drawn.

    `units` are codes from 0 for the unit of each row; rows of one unit are drawn together, because they are not
    independent of each other. Without it, every row is a unit.
    """
    drawn = rows if units is None else int(units.max()) + 1
    size = max(1, CHUNK_BYTES // (8 * rows))
    for start in range(0, resamples, size):
        lines = min(size, resamples - start)
        picks = rng.integers(0, drawn, size=(lines, drawn))
        picks += np.arange(lines)[:, None] * drawn
        counts = np.bincount(picks.ravel(), minlength=lines * drawn).reshape(lines, drawn)
        yield (counts if units is None else counts[:, units]).astype(np.float64)


def bootstrap(
    figures: Callable[[Floats], Mapping[str, Floats]],
    rows: int,
    resamples: int,
    rng: np.random.Generator,
    units: NDArray[np.intp] | None = None,
) -> tuple[dict[str, float], dict[str, Floats]]:
    """Compute figures on the sample itself and on every resample.

    `figures` turns `(r, rows)` weights into named `(r,)` answers. All of them see the same resamples, so any
    difference or ratio of two of them is a paired one. Returns the sample's figures, and `(resamples,)` draws.
    """
    sample = {name: float(values[0]) for name, values in figures(np.ones((1, rows))).items()}
    pieces = [figures(each) for each in weights(rows, resamples, rng, units)]
    return sample, {name: np.concatenate([piece[name] for piece in pieces]) for name in sample}


def estimate(value: float, draws: Floats, confidence: float = CONFIDENCE) -> Estimate:
    """The figure with its percentile interval; draws that are not a number are left out."""
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(draws, [tail, 1 - tail])
    return Estimate(value=value, low=float(low), high=float(high))
