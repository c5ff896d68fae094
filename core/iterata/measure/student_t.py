"""Student's t distribution in plain Python: `check` tests p-values again, and loads no scipy."""

from __future__ import annotations

from functools import cache
from math import exp, inf, lgamma, log, log1p

_STEPS = 200
_TINY = 1e-300


def two_sided_p(t: float, freedom: float) -> float:
    """The probability of a value at least as far from 0 as `t`.

    >>> round(two_sided_p(2.262157, 9), 6)
    0.05
    """
    return _incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)


@cache
def quantile(p: float, freedom: float) -> float:
    """The positive value that is exceeded, on both sides together, with probability `p`.

    >>> round(quantile(0.05, 9), 6)
    2.262157
    """
    low, high = 0.0, 1.0
    while two_sided_p(high, freedom) > p:
        low, high = high, 2 * high
        if high == inf:
            return inf
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if two_sided_p(middle, freedom) > p else (low, middle)
    return (low + high) / 2


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function, by its continued fraction (Abramowitz and Stegun, 26.5.8)."""
    if not 0 < x < 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or _TINY)
    fraction = d
    for m in range(1, _STEPS):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / (1 + numerator * d or _TINY)
            c = 1 + numerator / c or _TINY
            fraction *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return front * fraction
