"""Forecast cost: what a forecast costs that is too low or too high."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from iterata.measure import random_model
from iterata.measure.measures import weighted_mean
from iterata.measure.metric_formulas import newsvendor_loss

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.measure.measures import Measure
    from iterata.measure.outcomes import Outcomes


class _RandomForecasts(NamedTuple):
    """Costs if every row's forecast is drawn from the target values of all rows; arrays are `(n,)`."""

    as_target: Floats
    """The mean cost of forecasting this row."""
    as_forecast: Floats
    """The mean cost of forecasting a row with this row's target value."""
    variance: Floats
    """The variance of the cost of forecasting this row."""


@dataclass(frozen=True, slots=True)
class ForecastCost:
    """A price for every unit that the forecast is too low, and one for every unit that it is too high.

    This is the newsvendor's loss; less is better. The best single forecast for all rows is the quantile
    `under / (under + over)` of the target, so a forecast is evaluated by what its errors cost, not by their
    size.
    """

    under: float
    """What a unit costs that was needed and not forecast."""
    over: float
    """What a unit costs that was forecast and not needed."""

    adds_up: ClassVar[bool] = True
    budget: ClassVar[None] = None
    random_meaning: ClassVar[str] = random_model.FORECASTS

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The cost of these forecasts."""
        return weighted_mean(
            newsvendor_loss(outcomes.target - prediction, self.under, self.over), outcomes.counts
        )

    def perfect(self, outcomes: Outcomes) -> Measure:
        """Correct forecasts cost nothing."""
        return weighted_mean(np.zeros(len(outcomes)), outcomes.counts)

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The expected cost if every row's forecast is drawn from the target values of all rows.

        A row counts twice, as a target and as a forecast that other rows can draw. The figure of a resample
        is a first-order approximation, which ignores the interaction of a row with itself.
        """
        costs = self._random_forecasts(outcomes)
        values = costs.as_target + costs.as_forecast - outcomes.mean(costs.as_target)
        return weighted_mean(values, outcomes.counts)

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """The standard deviation of a single draw, in which the rows' forecasts are independent."""
        costs = self._random_forecasts(outcomes)
        return float(np.sqrt(outcomes.mean(costs.variance) / outcomes.rows))

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """None: a forecast is not an action."""
        return None

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """None: a forecast is not an action."""
        return None

    def _random_forecasts(self, outcomes: Outcomes) -> _RandomForecasts:
        """The costs of random forecasts, from cumulative sums over the sorted target values."""
        value = outcomes.target - outcomes.mean(outcomes.target)  # centered, so that squares stay small
        order = np.argsort(value)
        share = outcomes.counts[order] / outcomes.counts.sum()
        ranked = value[order]
        below, sum_below, squares_below = (np.cumsum(share * ranked**power) for power in (0, 1, 2))
        above, sum_above, squares_above = (sums[-1] - sums for sums in (below, sum_below, squares_below))
        mean_excess = ranked * below - sum_below  # over the values below it
        mean_shortfall = sum_above - ranked * above
        as_target, as_forecast = np.empty_like(value), np.empty_like(value)
        variance = np.empty_like(value)
        as_target[order] = self.under * mean_excess + self.over * mean_shortfall
        as_forecast[order] = self.under * mean_shortfall + self.over * mean_excess
        squared = self.under**2 * (ranked**2 * below - 2 * ranked * sum_below + squares_below)
        squared += self.over**2 * (ranked**2 * above - 2 * ranked * sum_above + squares_above)
        variance[order] = squared
        return _RandomForecasts(as_target, as_forecast, np.maximum(variance - as_target**2, 0))
