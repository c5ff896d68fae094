"""Moments of units: all that leaves the engine that holds the rows, and all that an analysis needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.arrays import Floats


class Moments(NamedTuple):
    """The number, the means and the centred sums of products of some quantities over units."""

    n_obs: int
    mean: Floats
    """The mean of each quantity; shape `(k,)`."""
    products: Floats
    """The sums of products of deviations from the means; shape `(k, k)`."""

    @classmethod
    def of(cls, values: Floats) -> Moments:
        """The moments of units; `values` has the shape `(n, k)`."""
        mean = values.mean(axis=0) if len(values) else np.zeros(values.shape[1])
        deviations = values - mean
        return cls(len(values), mean, deviations.T @ deviations)

    @classmethod
    def empty(cls, quantities: int) -> Moments:
        """The moments of no units."""
        return cls(0, np.zeros(quantities), np.zeros((quantities, quantities)))

    def merged(self, other: Moments) -> Moments:
        """The moments of the units of both (Chan, Golub and LeVeque 1983)."""
        if self.n_obs == 0 or other.n_obs == 0:
            return self if other.n_obs == 0 else other
        n_obs = self.n_obs + other.n_obs
        difference = other.mean - self.mean
        mean = self.mean + difference * (other.n_obs / n_obs)
        between = np.outer(difference, difference) * (self.n_obs * other.n_obs / n_obs)
        return Moments(n_obs, mean, self.products + other.products + between)

    def select(self, positions: Sequence[int]) -> Moments:
        """The moments of some of the quantities, in the order of their positions."""
        chosen = list(positions)
        return Moments(self.n_obs, self.mean[chosen], self.products[np.ix_(chosen, chosen)])

    @property
    def covariance(self) -> Floats:
        """The sample covariances, with n - 1; shape `(k, k)`."""
        covariance: Floats = self.products / (self.n_obs - 1)
        return covariance
