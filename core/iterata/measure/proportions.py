"""Intervals of proportions that are the same in every resample.

If 0 of 20 rows are flagged, every resample has 0 of its rows flagged, and a bootstrap interval has no width.
The exact interval of Clopper and Pearson (1934) does not: up to 17 of 100 rows could be flagged. Replicates
from the distribution behind that interval take the place of those of the bootstrap, so that differences and
one-sided bounds follow from them as from any others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from iterata.arrays import Floats

AT_THE_VALUE = 0.05
"""The part of the replicates that equals the proportion, so that intervals of up to 95 % contain it."""


def exact_replicates(proportion: float, trials: float, resamples: int, rng: np.random.Generator) -> Floats:
    """`(resamples,)` replicates of a proportion of 0 or 1.

    Their percentile interval is that of Clopper and Pearson; a one-sided bound is the exact one.
    """
    uniform = rng.random(resamples)
    distance = np.where(uniform < AT_THE_VALUE, 0.0, -np.expm1(np.log1p(-uniform) / trials))
    replicates: Floats = np.abs(proportion - distance)
    return replicates
