"""Sums of independent increments between bounds, by recursive integration.

Armitage, McPherson and Rowe (1969); Jennison and Turnbull, Group Sequential Methods (2000), chapter 19. The
sum at information t is `B(t) = z sqrt(t)`, normal with expectation `drift t` and variance `t`.
"""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

if TYPE_CHECKING:
    from iterata.arrays import Floats

REACH = 8.0
"""How many standard deviations of the sum are integrated; beyond lies less than 1e-15."""

PANEL, MOST_PANELS = 1.5, 350
"""The width of a panel of the grid, in standard deviations of the next increment; and the most panels."""

POSITIONS, WEIGHTS = np.polynomial.legendre.leggauss(10)
"""Gauss-Legendre nodes and weights on (-1, 1), for each panel."""


class Crossing:
    """Where the sum is at a look, if no earlier bound was crossed."""

    def __init__(self, nodes: Floats, mass: Floats, time: float, step: float, drift: float) -> None:
        self._expected = nodes + drift * step
        self._mass = mass
        self._root, self._scale = sqrt(time), sqrt(step)

    def above(self, z: float) -> float:
        """The probability that z is above a value now and was within the bounds before."""
        return float(self._mass @ ndtr((self._expected - z * self._root) / self._scale))

    def below(self, z: float) -> float:
        """The probability that z is below a value now and was within the bounds before."""
        return float(self._mass @ ndtr((z * self._root - self._expected) / self._scale))

    def density(self, sums: Floats) -> Floats:
        """The density of the sum at some values; without the paths that crossed a bound before."""
        deviations = (sums[:, None] - self._expected) / self._scale
        density: Floats = np.exp(-0.5 * deviations**2) @ self._mass / (self._scale * sqrt(2 * np.pi))
        return density


class Path:
    """The sum so far, within the bounds of all looks so far."""

    def __init__(self, drift: float = 0.0) -> None:
        self._drift = drift
        self.time = 0.0
        """The information of the last look."""
        self._limits = (0.0, 0.0)
        self._before: Crossing | None = None

    def crossing(self, time: float) -> Crossing:
        """The sum at the next look, of which the paths within all bounds so far are left."""
        step = time - self.time
        if self._before is None:
            return Crossing(np.zeros(1), np.ones(1), time, step, self._drift)
        low, high = self._limits
        panels = min(max(ceil((high - low) / (PANEL * sqrt(step))), 4), MOST_PANELS)
        half = (high - low) / panels / 2
        centres = low + half * np.arange(1, 2 * panels, 2)
        nodes = (centres[:, None] + half * POSITIONS).ravel()
        weights = np.tile(WEIGHTS * half, panels)
        return Crossing(nodes, self._before.density(nodes) * weights, time, step, self._drift)

    def extended(self, time: float, low: float, high: float) -> Path:
        """The path with one more look, whose bounds of z it did not cross."""
        path = Path(self._drift)
        centre, root = self._drift * time, sqrt(time)
        path.time = time
        path._before = self.crossing(time)
        lowest, highest = max(low * root, centre - REACH * root), min(high * root, centre + REACH * root)
        path._limits = (lowest, max(lowest, highest))
        return path
