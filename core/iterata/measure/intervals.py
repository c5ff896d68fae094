"""Percentile intervals of figures and shares, from bootstrap replicates or Monte Carlo draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Codes, Floats
    from iterata.measure.outcomes import Outcomes

CONFIDENCE = 0.95

ROUNDING = 1e-9
"""A difference below this share of the largest figure is floating-point rounding."""

UNDEFINED_AT_MOST = 0.025
"""A figure has no interval if it is undefined in more than this proportion of the replicates.

As many could lie beyond either end of a 95 % interval."""

UNDEFINED_EFFECTS_AT_MOST = 0.05
"""The same for a treatment effect, which is undefined where an arm has no row among the chosen."""

FEWEST = 10
"""The fewest positive and the fewest negative units from which a figure has an interval.

In our simulations of percentile intervals (`docs/trust.md`), those of 5 positives miss the truth three times
as often as they say, and mostly on one side; from 10 on they miss it at most twice as often."""


def needed(outcomes: Outcomes, units: NDArray[np.intp] | None = None) -> int:
    """How many more units with the rarer outcome are needed for intervals; 0 if there are enough.

    Units that have a positive row are counted, not rows: positives of one unit are not independent. A group
    of ranked rows is a unit. If outcomes are amounts, all units count alike. Of classes, the units count that
    have a row of another class than the most frequent one.

    Args:
        outcomes: the observed outcomes of rows.
        units: `(n,)`, the independent unit of each row; None if every row is one.
    """
    if outcomes.group is not None:
        independent = outcomes.group if units is None else units
        return max(0, FEWEST - _count(independent, outcomes.positive))
    if outcomes.classes is not None:
        others = [outcomes.target != code for code in range(len(outcomes.classes))]
        return max(0, FEWEST - min(_count(units, rows) for rows in others))
    if not outcomes.is_binary:
        return max(0, FEWEST - _count(units, np.ones(len(outcomes), dtype=bool)))
    counts = [_count(units, rows) for rows in (outcomes.positive, ~outcomes.positive)]
    return max(0, FEWEST - min(counts))


def _count(units: Codes | None, rows: Bools) -> int:
    """How many units have one of the rows of a mask."""
    return int(np.count_nonzero(rows)) if units is None else len(np.unique(units[rows]))


def percentile_interval(
    replicates: Floats, confidence: float = CONFIDENCE, *, undefined_at_most: float = UNDEFINED_AT_MOST
) -> tuple[float, float] | None:
    """The central `confidence` part of the replicates; None if too many of them are NaN."""
    if np.isnan(replicates).mean() > undefined_at_most:
        return None
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(replicates, [tail, 1 - tail])
    return float(low), float(high)


def upper_bound(replicates: Floats, confidence: float = CONFIDENCE) -> float | None:
    """The upper end of the one-sided percentile interval; None as for `estimate`."""
    ends = percentile_interval(replicates)
    if ends is None or has_no_width(*ends):
        return None
    return float(np.nanquantile(replicates, confidence))


def has_no_width(low: float, high: float) -> bool:
    """Whether an interval says nothing: every resample gave the same figure."""
    return high - low <= ROUNDING * max(abs(low), abs(high))


def estimate(
    value: float,
    replicates: Floats,
    *,
    extend: bool = False,
    known: bool = False,
    undefined_at_most: float = UNDEFINED_AT_MOST,
) -> Estimate:
    """A figure with its percentile interval.

    It has no interval if it is undefined in too many replicates, or the same in all of them: resamples of a
    few rows can all agree by chance.

    Args:
        value: the figure.
        replicates: `(r,)`, the figure on each resample; NaN where it is undefined.
        extend: widen the interval to include `value`. It is for draws of assumptions: if the likely value is
            at an end of its range, the figure can lie outside the central 95 % of the draws.
        known: the figure can be the same in every resample for a reason, as that of the perfect model.
        undefined_at_most: in which share of the replicates it may be undefined.
    """
    ends = percentile_interval(replicates, undefined_at_most=undefined_at_most)
    if ends is None or (has_no_width(*ends) and not (known or extend)):
        return Estimate(value=value)
    low, high = (min(ends[0], value), max(ends[1], value)) if extend else ends
    return Estimate(value=value, low=low, high=high)


def share_estimate(
    sample: tuple[float, float],
    replicates: tuple[Floats, Floats],
    *,
    rounding: float = 0.0,
    extend: bool = False,
    known: bool = False,
) -> Estimate | None:
    """The estimate of a share, from a `(part, whole)` pair of figures and their replicates.

    A share is undefined where the whole is at most `rounding`. Returns None if it is undefined on the sample,
    or in more of the replicates than `UNDEFINED_AT_MOST` although both figures are defined.
    """
    value, shares = float(_share(*sample, rounding)), _share(*replicates, rounding)
    if np.isnan(value):
        return None
    defined = ~np.isnan(replicates[0]) & ~np.isnan(replicates[1])
    if np.isnan(shares[defined]).sum() > UNDEFINED_AT_MOST * len(shares):
        return None
    return estimate(value, shares, extend=extend, known=known)


def _share(part: Floats | float, whole: Floats | float, rounding: float) -> Floats:
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    undefined = np.full(whole.shape, np.nan)
    shares: Floats = np.divide(part, whole, out=undefined, where=whole > rounding)
    return shares


def without_rounding(difference: Floats, rounding: Floats | float) -> Floats:
    """The difference, and 0 where it is not larger than what rounding can cause."""
    return np.where(np.abs(difference) <= rounding, 0.0, difference)


def between(
    found: Estimate, intervals: Sequence[tuple[float, float] | None], pick: Callable[[Iterable[float]], float]
) -> Estimate:
    """The estimate whose ends are picked from those of some intervals; as found if these are missing."""
    ends = [interval for interval in intervals if interval is not None]
    if found.interval is None or not ends or len(ends) < len(intervals):
        return found
    low, high = (pick(end) for end in zip(*ends, strict=True))
    return Estimate(value=found.value, low=min(low, found.value), high=max(high, found.value))
