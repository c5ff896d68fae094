"""The gain of the best of several variants, corrected for its having been chosen as the best.

Of several estimates, the largest is too high on average: chance helped it to win. If k variants are equally
good and their estimates are independent, it is too high by the expectation of the largest of k standard
normal variables, in standard errors (David and Nagaraja 2003, Order Statistics): .56 of two, 1.16 of five.

The estimates of one report share their rows, so they rise and fall together, and chance helps the best one
less (the inequality of Sudakov and Fernique): the correction is too large rather than too small. Variants
that are surely worse had no chance to win and do not count.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from iterata.results.parts import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

ALPHA = 0.05

Z = float(norm.isf(ALPHA / 2))


def corrected_gain(gains: Mapping[str, Estimate], chosen: str) -> Estimate | None:
    """The gain of the chosen variant after the correction, with an interval of at least 95 %.

    The standard errors are those of the intervals. The lower end holds for all variants at once (Šidák
    1967), so it holds for the one that was chosen; the upper end needs no correction.

    >>> gain = Estimate(value=3, low=1, high=5)
    >>> corrected_gain({"trees": gain, "linear": Estimate(value=2.5, low=0.5, high=4.5)}, "trees")
    Estimate(value=2.424286, low=0.7153005, high=5.0)

    Args:
        gains: the gain of each variant over the status quo, in utility.
        chosen: the name of the variant that was chosen.

    Returns:
        The corrected gain; None if there is only one variant, another has a higher gain, or an interval is
        missing: then it was not chosen for its figure, or the chance in it is not known.
    """
    intervals = [gain.interval for gain in gains.values()]
    known = [interval for interval in intervals if interval is not None]
    if chosen not in gains or len(known) < max(len(intervals), 2):
        return None
    values = np.array([gain.value for gain in gains.values()])
    errors = np.array([high - low for low, high in known]) / (2 * Z)
    best = list(gains).index(chosen)
    if values[best] < values.max() or errors[best] <= 0:
        return None
    ahead = values[best] - values
    rivals = int((ahead <= Z * np.hypot(errors[best], errors)).sum())
    value, error = float(values[best]), float(errors[best])
    simultaneous = float(norm.isf(1 - (1 - ALPHA / 2) ** (1 / len(values))))
    return Estimate(
        value=value - expected_largest(rivals) * error,
        low=value - max(simultaneous, expected_largest(rivals)) * error,
        high=value + Z * error,
    )


@lru_cache(maxsize=64)
def expected_largest(count: int) -> float:
    """The expectation of the largest of independent standard normal variables.

    >>> [round(expected_largest(count), 4) for count in (1, 2, 5, 10)]
    [0.0, 0.5642, 1.163, 1.5388]
    """
    points = np.linspace(-9, 9, 2001)  # the trapezoidal rule is exact to rounding for such densities
    weights = np.full(len(points), points[1] - points[0])
    density = count * norm.pdf(points) * norm.cdf(points) ** (count - 1)
    return abs(float(weights @ (points * density)))
