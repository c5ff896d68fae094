"""How many units a split test needs, and how many days of whole weeks that takes."""

from __future__ import annotations

from math import asin, ceil, sqrt
from typing import Literal, NamedTuple

from scipy.optimize import brentq
from scipy.stats import nct, norm, t

WEEK = 7

ProportionTest = Literal["pooled", "unpooled", "arcsine"]


class Duration(NamedTuple):
    """How long a split test takes."""

    days: int
    """The days until it has its units."""
    whole_weeks: int
    """The same in days, rounded up to whole weeks, so that every weekday counts alike."""


def units_for_means(
    effect: float,
    deviation: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    ratio: float = 1.0,
    use_t: bool = True,
) -> float:
    """The units of the treatment with which a difference of means is found, two-sided.

    Args:
        effect: the difference.
        deviation: the standard deviation of a unit in both arms.
        alpha: the two-sided false positive rate.
        power: how often the difference is found.
        ratio: the units of the control for each unit of the treatment.
        use_t: whether the test is Student's; otherwise the normal one, of which there is a closed form.
    """
    size = abs(effect) / deviation
    normal = (_quantile(alpha / 2) + _quantile(1 - power)) ** 2 * (1 + 1 / ratio) / size**2
    if not use_t:
        return normal

    def missing(units: float) -> float:
        return power_for_means(effect, deviation, units, alpha=alpha, ratio=ratio) - power

    fewest = 2.0 / (1 + ratio) + 1e-6
    return float(brentq(missing, max(fewest, normal / 4), normal * 4 + 20, xtol=1e-9))


def power_for_means(
    effect: float, deviation: float, units: float, *, alpha: float = 0.05, ratio: float = 1.0
) -> float:
    """How often Student's t-test finds a difference of means, two-sided; arguments as above."""
    freedom = units * (1 + ratio) - 2
    shift = abs(effect) / deviation * sqrt(units / (1 + 1 / ratio))
    critical = t.isf(alpha / 2, freedom)
    return float(nct.sf(critical, freedom, shift) + nct.cdf(-critical, freedom, shift))


def units_for_proportions(
    control: float,
    treatment: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    ratio: float = 1.0,
    test: ProportionTest = "pooled",
) -> float:
    """The units of the treatment with which a difference of proportions is found, two-sided.

    >>> round(units_for_proportions(0.5, 0.75, power=0.9), 4)
    76.7069

    Args:
        control: the proportion of the control.
        treatment: the proportion of the treatment.
        alpha: the two-sided false positive rate.
        power: how often the difference is found.
        ratio: the units of the control for each unit of the treatment.
        test: `pooled` has the variance of both arms together under the null hypothesis, as the chi-square
            test; `unpooled` has each arm's own; `arcsine` is Cohen's, as in statsmodels' `NormalIndPower`.
    """
    miss, wrong = _quantile(1 - power), _quantile(alpha / 2)
    if test == "arcsine":
        size = 2 * asin(sqrt(treatment)) - 2 * asin(sqrt(control))
        return (wrong + miss) ** 2 * (1 + 1 / ratio) / size**2
    own = sqrt(treatment * (1 - treatment) + control * (1 - control) / ratio)
    common = (treatment + ratio * control) / (1 + ratio)
    null = sqrt(common * (1 - common) * (1 + 1 / ratio)) if test == "pooled" else own
    return ((wrong * null + miss * own) / (treatment - control)) ** 2


def duration(units: float, units_per_day: float) -> Duration:
    """The days until both arms have their units.

    >>> duration(2 * units_for_proportions(0.1, 0.11), 2000)
    Duration(days=15, whole_weeks=21)

    Args:
        units: the units of both arms.
        units_per_day: how many units both arms get in a day.
    """
    days = max(ceil(units / units_per_day), 1)
    return Duration(days, ceil(days / WEEK) * WEEK)


def _quantile(probability: float) -> float:
    return float(norm.isf(probability))
