"""Percentile intervals of figures and shares, from bootstrap replicates or Monte Carlo draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.results import Estimate

if TYPE_CHECKING:
    from iterata.arrays import Floats

CONFIDENCE = 0.95

ROUNDING = 1e-9
"""A difference below this share of the largest figure is floating-point rounding."""

UNDEFINED_AT_MOST = 0.025
"""A share has no interval if it is undefined in more than this proportion of the replicates."""


def percentile_interval(replicates: Floats, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The central `confidence` part of the replicates; NaN is left out."""
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(replicates, [tail, 1 - tail])
    return float(low), float(high)


def upper_bound(replicates: Floats, confidence: float = CONFIDENCE) -> float:
    """The upper end of the one-sided percentile interval; NaN is left out."""
    return float(np.nanquantile(replicates, confidence))


def estimate(value: float, replicates: Floats, *, extend: bool = False) -> Estimate:
    """A figure with its percentile interval; replicates that are NaN are left out.

    `extend` widens the interval to include `value`. It is for draws of assumptions: if the likely value is at
    an end of its range, the figure can lie outside the central 95 % of the draws.
    """
    low, high = percentile_interval(replicates)
    if extend:
        low, high = min(low, value), max(high, value)
    return Estimate(value=value, low=low, high=high)


def share_estimate(
    sample: tuple[float, float],
    replicates: tuple[Floats, Floats],
    *,
    rounding: float = 0.0,
    extend: bool = False,
) -> Estimate | None:
    """The estimate of a share, from a `(part, whole)` pair of figures and their replicates.

    A share is undefined where the whole is at most `rounding`. Returns None if it is undefined on the sample,
    or in more of the replicates than `UNDEFINED_AT_MOST`.
    """
    value, shares = float(_share(*sample, rounding)), _share(*replicates, rounding)
    if np.isnan(value) or np.isnan(shares).mean() > UNDEFINED_AT_MOST:
        return None
    return estimate(value, shares, extend=extend)


def _share(part: Floats | float, whole: Floats | float, rounding: float) -> Floats:
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    undefined = np.full(whole.shape, np.nan)
    shares: Floats = np.divide(part, whole, out=undefined, where=whole > rounding)
    return shares


def without_rounding(difference: Floats, rounding: Floats | float) -> Floats:
    """The difference, and 0 where it is not larger than what rounding can cause."""
    return np.where(np.abs(difference) > rounding, difference, 0.0)
