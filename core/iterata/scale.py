"""The scale that everything is placed on: random, status quo and perfect, in the KPI's unit and period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from iterata import results
from iterata.kpi import Kpi, from_spec, sign_of
from iterata.resampling import estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.documents.kpi_spec import KpiSpec
    from iterata.documents.lift_spec import Period
    from iterata.kpi.base import Bools, Floats, Measure
    from iterata.results import Estimate

ROUNDING = 1e-9
"""A difference below this share of the largest figure is none."""

UNDEFINED_AT_MOST = 0.025
"""The share of resamples that may leave nothing to share before a share says nothing."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """Measures columns of predictions in the KPI's unit and period.

    A period has a fixed number of rows, so a figure is the KPI per row times that number: resampled units
    may bring more or fewer rows than the sample has.
    """

    kpi: Kpi
    spec: KpiSpec
    positive: Bools
    status_quo: Floats
    period: Period | None
    _status_quo: Measure

    @classmethod
    def of(cls, spec: KpiSpec, positive: Bools, status_quo: Floats, period: Period | None) -> Ruler:
        """The ruler for a table of rows. A budget given as a number is a number of the period's rows.

        Raises:
            DataError: the KPI's budget does not fit.
        """
        kpi = from_spec(spec, period.rows if period else len(positive))
        return cls(kpi, spec, positive, status_quo, period, kpi.measure(positive, status_quo))

    def within(self, rows: Bools) -> Ruler:
        """The same ruler for some of the rows, as if they were the whole table."""
        positive, status_quo = self.positive[rows], self.status_quo[rows]
        ready = self.kpi.measure(positive, status_quo)
        return replace(self, positive=positive, status_quo=status_quo, _status_quo=ready)

    @property
    def sign(self) -> float:
        """What turns a figure into utility."""
        return sign_of(self.spec)

    @property
    def period_rows(self) -> int:
        """How many rows the figures stand for."""
        return self.period.rows if self.period else len(self.positive)

    def column(self, prediction: Floats) -> Measure:
        """The KPI of a column of predictions, for the period, made ready for many weightings."""
        total = self.kpi.measure(self.positive, prediction)
        return lambda weights: self._scaled(total(weights), weights)

    def measure(self, prediction: Floats, weights: Floats) -> Floats:
        """The KPI of a column of predictions, for the period; `(r,)`."""
        return self.column(prediction)(weights)

    def bounds(self, weights: Floats) -> dict[str, Floats]:
        """The three models that need no training: `random`, `status_quo`, `perfect`, each `(r,)`."""
        return {
            "random": self._scaled(self.kpi.random(self.positive, self.status_quo, weights), weights),
            "status_quo": self._scaled(self._status_quo(weights), weights),
            "perfect": self._scaled(self.kpi.perfect(self.positive, weights), weights),
        }

    def _scaled(self, totals: Floats, weights: Floats) -> Floats:
        scaled: Floats = totals * self.period_rows / weights.sum(axis=1)
        return scaled

    def gain(self, ours: Floats | float, theirs: Floats | float) -> Floats:
        """How much better `ours` is than `theirs`: positive is better, whichever way the KPI points."""
        difference = self.sign * (np.asarray(ours) - np.asarray(theirs))
        return np.where(np.abs(difference) > self._rounding(), difference, 0.0)

    def share_estimate(self, sample: tuple[float, float], draws: tuple[Floats, Floats]) -> Estimate | None:
        """The estimate of a share `(part, whole)`; none where there is nothing to share.

        That is so where the whole vanishes on the sample, or on more resamples than the interval leaves out.
        """
        least = self._rounding()
        value, shares = float(_share(*sample, least)), _share(*draws, least)
        if np.isnan(value) or np.isnan(shares).mean() > UNDEFINED_AT_MOST:
            return None
        return estimate(value, shares)

    def _rounding(self) -> float:
        """What may come of computing the same figure in two ways."""
        bounds = self.bounds(np.ones((1, len(self.positive))))
        return ROUNDING * max(float(abs(figure[0])) for figure in bounds.values())

    def described(self) -> results.Kpi:
        """The KPI as a result file names it."""
        return results.Kpi(
            name=self.spec.name,
            kind=self.spec.kind,
            unit=self.spec.unit,
            direction=self.spec.direction,
            period=self.period.name if self.period else "",
            period_rows=self.period_rows,
            budget=self.kpi.budget,
        )

    def scale(self, sample: Mapping[str, float], draws: Mapping[str, Floats], label: str) -> results.Scale:
        """The scale as a result file holds it, from what `bounds` gave on the sample and the resamples."""
        factor = self.period_rows / len(self.positive)
        estimates = {
            name: estimate(sample[name], draws[name]) for name in ("random", "status_quo", "perfect")
        }
        treat_all = self.kpi.treat_all(self.positive)
        # one draw is a draw of a whole period, so its spread grows with the root of the period's size
        sd = self.kpi.random_sd(self.positive, self.status_quo) * float(np.sqrt(factor))
        return results.Scale(
            random=results.Random(
                expectation=estimates["random"], sd_of_one_draw=sd, meaning=self.kpi.random_meaning
            ),
            status_quo=estimates["status_quo"],
            status_quo_label=label,
            perfect=estimates["perfect"],
            do_nothing=self.kpi.do_nothing(self.positive) * factor,
            treat_all=None if treat_all is None else treat_all * factor,
        )


def _share(part: Floats | float, whole: Floats | float, least: float) -> Floats:
    """`part` of `whole`, not a number where the whole is not above `least`."""
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    undefined = np.full(whole.shape, np.nan)
    shares: Floats = np.divide(part, whole, out=undefined, where=whole > least)
    return shares
