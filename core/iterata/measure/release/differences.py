"""The difference of a metric between two arms, from moments: means, ratios, and both with CUPED.

Ratios by the delta method. CUPED (Deng, Xu, Kohavi and Walker 2013) takes an earlier measurement into
account: its coefficient comes from all units of both arms, as in tea-tasting. The variances are those of
samples, with n - 1; that of a proportion p is p (1 - p) / n.
"""

from __future__ import annotations

from math import exp, log, nan, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.measure.release.moments import Moments

FEWEST = 2
"""The fewest units of an arm that have a variance."""


class Difference(NamedTuple):
    """A metric in both arms: treatment minus control."""

    treatment_units: int
    control_units: int
    treatment: float
    control: float
    treatment_variance: float
    """The variance of the treatment's value, which falls with its units; NaN if it has fewer than two."""
    control_variance: float

    @property
    def difference(self) -> float:
        """The treatment's value minus the control's."""
        return self.treatment - self.control

    @property
    def variance(self) -> float:
        """The variance of the difference."""
        return self.treatment_variance + self.control_variance

    @property
    def standard_error(self) -> float:
        """The standard error of the difference."""
        return sqrt(self.variance)

    @property
    def z(self) -> float:
        """The difference in standard errors; NaN if no unit differs from another."""
        return self.difference / self.standard_error if self.variance > 0 else nan

    def interval(self, critical: float) -> tuple[float, float]:
        """The difference with as many standard errors on each side."""
        reach = critical * self.standard_error
        return self.difference - reach, self.difference + reach

    @property
    def relative(self) -> float:
        """The difference divided by the control's value; NaN if this is 0."""
        return self.difference / self.control if self.control else nan

    @property
    def relative_standard_error(self) -> float:
        """The standard error of the relative difference, by the delta method; NaN if the control is 0."""
        if not self.control:
            return nan
        ratio = self.treatment / self.control
        return sqrt(self.treatment_variance + ratio**2 * self.control_variance) / abs(self.control)

    def relative_interval(self, critical: float) -> tuple[float, float]:
        """The relative difference, with its interval on the scale of logarithms, as in tea-tasting.

        NaN if the values do not have one sign: then no ratio is meaningful.
        """
        if not self.treatment * self.control > 0:
            return nan, nan
        ratio = self.treatment / self.control
        reach = critical * self.relative_standard_error / ratio
        return exp(log(ratio) - reach) - 1, exp(log(ratio) + reach) - 1


def mean(treatment: Moments, control: Moments, of: int) -> Difference:
    """The difference of the means of a quantity, by its place among the quantities."""
    return _difference(treatment, control, _Linear(of), None)


def proportion(treatment: Moments, control: Moments, of: int) -> Difference:
    """The difference of the means of a quantity of 0 and 1; an arm needs one unit only."""
    arms = [(arm, float(arm.mean[of]) if arm.n_obs else nan) for arm in (treatment, control)]
    variances = [share * (1 - share) / arm.n_obs if arm.n_obs else nan for arm, share in arms]
    return Difference(treatment.n_obs, control.n_obs, arms[0][1], arms[1][1], variances[0], variances[1])


def ratio(treatment: Moments, control: Moments, of: int, per: int) -> Difference:
    """The difference of the ratios of two totals."""
    return _difference(treatment, control, _Linear(of, per), None)


def cuped(
    treatment: Moments,
    control: Moments,
    of: int,
    before: int,
    *,
    per: int | None = None,
    before_per: int | None = None,
) -> Difference:
    """The difference of means or ratios, adjusted for an earlier measurement.

    Args:
        treatment: the moments of the treated units.
        control: the moments of the others.
        of: the place of the quantity.
        before: the place of the earlier measurement.
        per: the place of the denominator, for a ratio.
        before_per: the place of the earlier measurement's denominator, if this is a ratio.
    """
    return _difference(treatment, control, _Linear(of, per), _Linear(before, before_per))


class _Linear(NamedTuple):
    """A mean, or a ratio of means."""

    of: int
    per: int | None = None

    def value(self, moments: Moments) -> float:
        top = float(moments.mean[self.of])
        if self.per is None:
            return top
        bottom = float(moments.mean[self.per])
        return top / bottom if bottom else nan

    def gradient(self, moments: Moments) -> Floats:
        """How the value moves with each mean."""
        gradient = np.zeros(len(moments.mean))
        gradient[self.of] = 1.0
        if self.per is not None:
            bottom = float(moments.mean[self.per]) or nan
            gradient[self.of] = 1 / bottom
            gradient[self.per] -= float(moments.mean[self.of]) / bottom**2
        return gradient


def _difference(treatment: Moments, control: Moments, metric: _Linear, before: _Linear | None) -> Difference:
    coefficient, centre = 0.0, 0.0
    if before is not None:
        coefficient = _theta(treatment, control, metric, before)
        centre = before.value(treatment.merged(control))
    arms = [_adjusted(arm, metric, before, coefficient, centre) for arm in (treatment, control)]
    (treated, treated_variance), (untreated, untreated_variance) = arms
    return Difference(
        treatment.n_obs, control.n_obs, treated, untreated, treated_variance, untreated_variance
    )


def _adjusted(
    arm: Moments, metric: _Linear, before: _Linear | None, coefficient: float, centre: float
) -> tuple[float, float]:
    """The adjusted value of an arm, and its variance."""
    if arm.n_obs == 0:
        return nan, nan
    value, gradient = metric.value(arm), metric.gradient(arm)
    if before is not None and coefficient:
        value -= coefficient * (before.value(arm) - centre)
        gradient = gradient - coefficient * before.gradient(arm)
    if arm.n_obs < FEWEST:
        return value, nan
    variance = _bilinear(gradient, arm.products, gradient) / (arm.n_obs - 1) / arm.n_obs
    return value, max(variance, 0.0)


def _theta(treatment: Moments, control: Moments, metric: _Linear, before: _Linear) -> float:
    everybody = treatment.merged(control)
    if everybody.n_obs < FEWEST:
        return 0.0
    of, earlier = metric.gradient(everybody), before.gradient(everybody)
    products = everybody.products
    spread = _bilinear(earlier, products, earlier)
    slope = _bilinear(of, products, earlier) / spread if spread > 0 else 0.0
    return slope if np.isfinite(slope) else 0.0


def _bilinear(left: Floats, products: Floats, right: Floats) -> float:
    """The form of both gradients; the products of quantities that neither uses may be missing (NaN)."""
    rows, columns = np.flatnonzero(left), np.flatnonzero(right)
    return float(left[rows] @ products[np.ix_(rows, columns)] @ right[columns])
