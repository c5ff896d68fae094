"""Forecast cost: what it costs to expect too little, or too much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iterata.measure.weightings import ratio_of

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.weightings import Measure


@dataclass(frozen=True, slots=True)
class ForecastCost:
    """A price for every unit short, and one for every unit in excess; less is better.

    The newsvendor's loss. The best single forecast for all rows is the quantile `under / (under + over)` of
    what happens, so a forecast is judged by what its errors cost and not by their size.
    """

    under: float
    """What a unit costs that was needed and not expected."""
    over: float
    """What a unit costs that was expected and not needed."""

    adds_up: ClassVar[bool] = True
    budget: ClassVar[None] = None
    random_meaning: ClassVar[str] = "forecasts drawn blindly from what happens"

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The cost of these forecasts."""
        return _mean(outcomes, self._cost(outcomes.target, prediction))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """Forecasts that come true cost nothing."""
        return _mean(outcomes, np.zeros(len(outcomes)))

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """Every row's forecast drawn from what happens in all rows, in expectation.

        Each row counts twice, as what is forecast and as a forecast that others may draw: the figure of a
        resample is taken to first order, which leaves out what the row does to itself.
        """
        as_outcome, as_forecast, _ = self._blindly(outcomes)
        return _mean(outcomes, as_outcome + as_forecast - outcomes.mean(as_outcome))

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """How far one blind draw strays: the rows' forecasts are drawn one by one."""
        _, _, variance = self._blindly(outcomes)
        return float(np.sqrt(outcomes.mean(variance) / outcomes.rows))

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """A forecast is no action to be left undone."""
        return None

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """A forecast is no action to be taken."""
        return None

    def best_constant(self, outcomes: Outcomes) -> tuple[float, float]:
        """The best single forecast for all rows, and its cost per row."""
        order = np.argsort(outcomes.target)
        reached = np.cumsum(outcomes.counts[order])
        at = np.searchsorted(reached, self.under / (self.under + self.over) * reached[-1])
        forecast = float(outcomes.target[order[min(at, len(order) - 1)]])
        return forecast, outcomes.mean(self._cost(outcomes.target, np.full(len(outcomes), forecast)))

    def _cost(self, target_values: Floats, forecast: Floats) -> Floats:
        short = target_values - forecast
        return np.where(short > 0, self.under * short, -self.over * short)

    def _blindly(self, outcomes: Outcomes) -> tuple[Floats, Floats, Floats]:
        """What a row costs on average as an outcome, and as a forecast; and the variance of the former.

        By sums over all rows below a row's own value, so in the time of a sort.
        """
        value = outcomes.target - outcomes.mean(outcomes.target)  # about 0, so that squares stay small
        order = np.argsort(value)
        share = outcomes.counts[order] / outcomes.counts.sum()
        ranked = value[order]
        below, sum_below, squares_below = (np.cumsum(share * ranked**power) for power in (0, 1, 2))
        above, sum_above, squares_above = (each[-1] - each for each in (below, sum_below, squares_below))
        is_above = ranked * below - sum_below  # how far it lies above the others, on average
        is_below = sum_above - ranked * above
        as_outcome, as_forecast = np.empty_like(value), np.empty_like(value)
        variance = np.empty_like(value)
        as_outcome[order] = self.under * is_above + self.over * is_below
        as_forecast[order] = self.under * is_below + self.over * is_above
        squared = self.under**2 * (ranked**2 * below - 2 * ranked * sum_below + squares_below)
        squared += self.over**2 * (ranked**2 * above - 2 * ranked * sum_above + squares_above)
        variance[order] = squared
        return as_outcome, as_forecast, np.maximum(variance - as_outcome**2, 0)


def _mean(outcomes: Outcomes, values: Floats) -> Measure:
    """The mean of a number per row, by what rows count for."""
    return ratio_of(outcomes.counts * values, outcomes.counts)
