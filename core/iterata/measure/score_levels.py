"""Levels of an order of rows: edges to which a cutoff can move, and the level of each row.

The place of a row is its negative score: the best row comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats

NEAR_LEVELS, NEAR_WIDTH = 64, 6.0
"""Levels around a cutoff, where resamples of rows can move it to; and how far these reach, in standard
deviations of its rank."""

FAR_RATIO = 1.05
"""Further levels, for resamples of whole units: each is this much further from the cutoff than the one
before."""

QUANTILE_SAMPLE = 50_000
"""Rows that are sampled to locate a rank."""

FAR_SAMPLE = 2**20
"""Rows that are sampled to place the further levels."""


def levels_to(place: Floats, ends: Floats, shared: Bools) -> NDArray[np.intp]:
    """Two levels for each of the ascending `ends`: the places before it, and the end itself.

    If the level of an end is `shared`, it includes the places before it.
    """
    at = np.searchsorted(ends, place, "left")
    at_end = np.append(shared, False)[at] | (place == np.append(ends, np.nan)[at])
    level: NDArray[np.intp] = 2 * at + at_end
    return level


def _near_ranks(share: float, rows: float) -> Floats:
    """The ranks, as shares of the rows, where resamples of rows can move a cutoff to."""
    reach = NEAR_WIDTH * np.sqrt(share * (1 - share) / rows)
    return np.append(np.linspace(share - reach, share + reach, NEAR_LEVELS), share)


def _far_ranks(share: float, rows: float) -> Floats:
    """Ranks from there to both ends, further and further from the cutoff."""
    return far_ranks(share, max(NEAR_WIDTH * np.sqrt(share * (1 - share) / rows), 1 / rows))


def far_ranks(share: float, first: float) -> Floats:
    """Ranks between 0 and 1 that are further than `first` from a share, and further and further from it."""
    steps = FAR_RATIO ** np.arange(1, max(2, int(np.ceil(np.log(1 / first) / np.log(FAR_RATIO))) + 1))
    ranks = share + np.concatenate([-first * steps, first * steps])
    inside: Floats = ranks[(ranks > 0) & (ranks < 1)]
    return inside


def near_edges(score: Floats, share: float) -> Floats:
    """The places where resamples of rows can move the cutoff of a `share` to, ascending; with the cutoff."""
    rows = len(score)
    ranks = _near_ranks(share, rows)
    at = np.unique(np.clip(np.ceil(ranks * rows).astype(np.intp) - 1, 0, rows - 1))
    first, last = at[0], at[-1]
    scores = order_statistics(score, int(rows - 1 - last), int(rows - 1 - first))
    return np.unique(-scores[last - at])


def far_edges(score: Floats, share: float) -> Floats:
    """The places at the far ranks, from a sample of the rows."""
    rows = len(score)
    sample = score if rows <= FAR_SAMPLE else score[np.random.default_rng(0).integers(0, rows, FAR_SAMPLE)]
    ordered = np.sort(-sample)
    return np.unique(ordered[(_far_ranks(share, rows) * len(ordered)).astype(np.intp)])


def weighted_edges(place: Floats, weight: Floats, share: float) -> Floats:
    """The places at the near and far ranks, by weight."""
    effective = float(weight.sum() ** 2 / (weight @ weight))
    ranks = np.append(_near_ranks(share, effective), _far_ranks(share, effective))
    order = np.argsort(place)
    reached = np.cumsum(weight[order])
    at = np.searchsorted(reached, np.clip(ranks, 0, 1) * reached[-1])
    return np.unique(place[order[np.minimum(at, len(place) - 1)]])


def levels_of(place: Floats, edges: Floats) -> NDArray[np.intp]:
    """A level for each of the ascending `edges`, and one for the places between two of them: `(n,)`."""
    return levels_to(place, edges, np.zeros(len(edges), dtype=bool))


def levels_near(score: Floats, edges: Floats) -> NDArray[np.uint16]:
    """The same levels of the places of scores; those of rows beyond the edges take one comparison each."""
    level: NDArray[np.uint16] = (score < -edges[-1]).astype(np.uint16) * np.uint16(2 * len(edges))
    inside = np.flatnonzero((score <= -edges[0]) & (score >= -edges[-1]))
    level[inside] = levels_of(-score[inside], edges)
    return level


def order_statistics(values: Floats, first: int, last: int) -> Floats:
    """The values from rank `first` to rank `last`, ascending.

    A random sample of the rows locates them, and only the values near there are sorted. If the sample misses
    them, all rows are partitioned.
    """
    rows = len(values)
    sample = np.sort(values[np.random.default_rng(0).integers(0, rows, QUANTILE_SAMPLE)])
    margin = NEAR_WIDTH * np.sqrt(QUANTILE_SAMPLE) / 2  # the sd of a sample rank is at most sqrt(n) / 2
    low = sample[max(0, int(first / rows * QUANTILE_SAMPLE - margin))]
    high = sample[min(QUANTILE_SAMPLE - 1, int(last / rows * QUANTILE_SAMPLE + margin))]
    below = np.count_nonzero(values < low)
    near = values[(values >= low) & (values <= high)]
    if below <= first and last < below + len(near):
        return np.sort(near)[first - below : last - below + 1]
    return np.sort(np.partition(values, (first, last))[first : last + 1])
