"""Planned looks at a split test: how much of the false positive rate each may spend, and its critical value.

Lan and DeMets (1983) spend the false positive rate as a function of the information so far, so neither the
number of looks nor their times need to be exact. Half of the rate is spent on each side. The critical values
follow by recursive integration (Armitage, McPherson and Rowe 1969), which is deterministic.
"""

from __future__ import annotations

from itertools import pairwise
from math import e, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

from scipy.optimize import brentq
from scipy.stats import norm

from iterata.measure.release.brownian import REACH, Path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iterata.measure.release.brownian import Crossing

    Spending = Callable[[float, float], float]
    """From an information fraction and the two-sided rate to the two-sided rate spent by then."""

LEAST = 1e-15
"""A look that may spend less on a side gets the quantile of its own rate, which spends even less."""


NEGLIGIBLE = 1e-3
"""A look that adds a smaller part to the information gets the quantile of its own rate, too."""


class PlannedLook(NamedTuple):
    """A look at the data, and when a difference is significant in it."""

    fraction: float
    """The information fraction at which the false positive rate is spent."""
    spent: float
    """The two-sided false positive rate of this look and the ones before."""
    critical: float
    """The critical value of |z|; infinite if the look may spend nothing."""


def obrien_fleming(fraction: float, alpha: float = 0.05) -> float:
    """The two-sided rate spent at an information fraction, in the form of O'Brien and Fleming.

    Each side spends `2 (1 - Phi(z / sqrt(fraction)))` with z the quantile `1 - alpha / 4`, so that it has
    spent `alpha / 2` at the end.

    >>> [round(obrien_fleming(fraction), 6) for fraction in (0.25, 0.5, 1)]
    [1.5e-05, 0.003051, 0.05]
    """
    if fraction <= 0:
        return 0.0
    return 4 * float(norm.sf(norm.isf(alpha / 4) / sqrt(min(fraction, 1.0))))


def pocock(fraction: float, alpha: float = 0.05) -> float:
    """The two-sided rate spent at an information fraction, in the form of Pocock: about as much at each look.

    >>> round(pocock(0.25), 6)
    0.017869
    """
    return alpha * log(1 + (e - 1) * min(max(fraction, 0.0), 1.0))


def planned_looks(
    information: Sequence[float],
    alpha: float = 0.05,
    spending: Spending = obrien_fleming,
    fractions: Sequence[float] | None = None,
) -> tuple[PlannedLook, ...]:
    """The critical values of looks at data that accumulate.

    Args:
        information: the information at each look, such as the inverse of the squared standard error, in any
            unit; it never shrinks. It decides how looks correlate.
        alpha: the two-sided false positive rate of all looks together, half of it on each side.
        spending: how the rate is spent; `obrien_fleming` or `pocock`.
        fractions: the information fraction at which each look spends; by default that of the last look. The
            fraction of a plan's last look is 1 whatever came before, so it spends the rest.

    Raises:
        ValueError: the information shrinks, or the first look has none.
    """
    times = _growing(information)
    at = [time / times[-1] for time in times] if fractions is None else [min(at, 1.0) for at in fractions]
    path, looks, before = Path(), [], 0.0
    for time, fraction in zip(times, at, strict=True):
        spent = max(spending(fraction, alpha), before)
        rate = (spent - before) / 2
        if time - path.time > NEGLIGIBLE * path.time:
            critical = _critical(path.crossing(time), rate)
            path = path.extended(time, -critical, critical)
        else:
            critical = _quantile(rate)
        looks.append(PlannedLook(fraction, spent, critical))
        before = spent
    return tuple(looks)


def _critical(crossing: Crossing, rate: float) -> float:
    """The value that z exceeds with this probability, if no earlier look was significant."""
    upper = _quantile(rate)  # without earlier looks; they only make crossing rarer
    if rate < LEAST or crossing.above(upper) >= rate * (1 - 1e-12):
        return upper
    return float(brentq(lambda z: crossing.above(z) - rate, -REACH, upper, xtol=1e-10))


def _quantile(rate: float) -> float:
    """The value that z exceeds with this probability; infinite for 0."""
    return float(norm.isf(rate)) if rate > 0 else float("inf")


def crossing_probabilities(
    information: Sequence[float], critical: Sequence[float], drift: float
) -> list[tuple[float, float]]:
    """The probabilities that each look is the first significant one: above, and below.

    Args:
        information: the information at each look, in any unit.
        critical: the critical value of |z| at each look.
        drift: the expectation of z at the last look.
    """
    times = _growing(information)
    path, chances = Path(drift / sqrt(times[-1])), []
    for time, limit in zip(times, critical, strict=True):
        if time <= path.time:  # the same data once more
            chances.append((0.0, 0.0))
            continue
        crossing = path.crossing(time)
        chances.append((crossing.above(limit), crossing.below(-limit)))
        path = path.extended(time, -limit, limit)
    return chances


def drift_for_power(information: Sequence[float], critical: Sequence[float], power: float = 0.8) -> float:
    """The expectation of z at the last look with which a gain is found in a share of all tests.

    The last look needs `(drift / (z[1 - alpha / 2] + z[power])) ** 2` as many units as a test with one look.
    """

    def missing(drift: float) -> float:
        return sum(above for above, _ in crossing_probabilities(information, critical, drift)) - power

    return float(brentq(missing, 0.0, 12.0, xtol=1e-8))


def inflation(information: Sequence[float], alpha: float = 0.05, power: float = 0.8) -> float:
    """How many times as many units the planned looks need at most, compared with one look at the end."""
    critical = [look.critical for look in planned_looks(information, alpha)]
    fixed = float(norm.isf(alpha / 2) + norm.ppf(power))
    return (drift_for_power(information, critical, power) / fixed) ** 2


def _growing(information: Sequence[float]) -> list[float]:
    times = [float(time) for time in information]
    if not times or times[0] <= 0 or any(after < before for before, after in pairwise(times)):
        raise ValueError(f"the information of looks must grow from more than 0, not {times}")
    return times
