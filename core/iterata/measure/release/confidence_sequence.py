"""Intervals that stay valid however often they are looked at, and whenever one stops.

Between the planned looks of a split test, and for guardrails and monitors that are read every day, an
interval of 95 % at each look would miss the truth in far more than 5 % of all tests. A confidence sequence
misses it at any time in at most 5 %. It is wider: at best about 1.5 times.
"""

from __future__ import annotations

from math import exp, inf, log, log1p, sqrt
from typing import NamedTuple

from scipy.optimize import minimize_scalar


def tuning(at: float, alpha: float = 0.05) -> float:
    """The mixture parameter rho for which the asymptotic sequence is narrowest, for variance 1.

    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Time-uniform central limit theory and asymptotic
    confidence sequences; the usual approximation. Divide it by the standard deviation for another variance.

    Args:
        at: the number of units, or the information, at which the interval is narrowest.
        alpha: how often the sequence may miss the truth at any time, on either side.
    """
    twice = -2 * log(alpha)
    return sqrt((twice + log1p(twice)) / at)


def critical_value(fraction: float, alpha: float = 0.05) -> float:
    """How many standard errors the asymptotic confidence sequence reaches to either side.

    >>> round(critical_value(1), 3), round(critical_value(0.1), 3)
    (3.035, 3.855)

    Args:
        fraction: the number of units, or the information, as a share of that at which the interval is
            narrowest; infinite at 0. The largest sample of the plan is a good choice.
        alpha: as for `tuning`.
    """
    if fraction <= 0:
        return inf
    spread = fraction * tuning(1.0, alpha) ** 2
    return sqrt(2 * (spread + 1) / spread * log(sqrt(spread + 1) / alpha))


class StudentMixture(NamedTuple):
    """A sequence for a coefficient of a linear model with normal errors, exact in small samples.

    Lindon, Ham, Tingley and Bojinov (2022), Anytime-valid linear models and regression adjusted causal
    inference in randomized experiments; the R package avlm.
    """

    n_obs: int
    coefficients: int
    """The number of coefficients of the model, the intercept included."""
    g: float
    """The precision of the mixture, in observations."""

    @classmethod
    def narrowest(cls, n_obs: int, coefficients: int, alpha: float = 0.05) -> StudentMixture:
        """The mixture whose interval is narrowest at this number of observations."""

        def width(log_g: float) -> float:
            return cls(n_obs, coefficients, exp(log_g)).critical(alpha)

        found = minimize_scalar(width, bounds=(log(1e-3), log(1e3 * n_obs)), method="bounded")
        return cls(n_obs, coefficients, exp(float(found.x)))

    @property
    def _freedom(self) -> int:
        return self.n_obs - self.coefficients

    @property
    def _ratio(self) -> float:
        return self.g / (self.g + self.n_obs)

    def critical(self, alpha: float = 0.05) -> float:
        """How many standard errors the sequence reaches to either side."""
        level = (self._ratio * alpha**2) ** (1 / (self._freedom + 1))
        return sqrt(self._freedom * (1 - level) / (level - self._ratio)) if level > self._ratio else inf

    def p_value(self, t: float) -> float:
        """The always valid p-value of a t statistic."""
        freedom, square = self._freedom, t**2 / self._freedom
        evidence = (freedom + 1) / 2 * (log1p(square) - log1p(self._ratio * square)) + log(self._ratio) / 2
        return min(1.0, exp(-evidence))
