"""The scale that everything is placed on: random, status quo and perfect, in the KPI's unit and period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from iterata import results
from iterata.documents.models.kpi import OutcomeValueSpec
from iterata.measure.bootstrap import estimate
from iterata.measure.kpi import Kpi, from_spec, sign_of
from iterata.measure.weightings import Classes, ObservedSample, Weightings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.period import Period
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.weightings import Measure
    from iterata.results import Estimate

ROUNDING = 1e-9
"""A difference below this share of the largest figure is none."""

UNDEFINED_AT_MOST = 0.025
"""The share of resamples that may leave nothing to share before a share says nothing."""


@dataclass(frozen=True, slots=True)
class KpiScale:
    """Measures columns of predictions in the KPI's unit and period.

    A period has a fixed number of rows, so a KPI that adds up is the KPI per row times that number: resampled
    units may bring more or fewer rows than the sample has.
    """

    kpi: Kpi
    spec: KpiSpec
    outcomes: Outcomes
    status_quo: Floats | float
    """What is done today, row by row, or what it is known to come to."""
    period: Period | None
    bounds: Mapping[str, Measure]
    """The three models that need no training: `random`, `status_quo`, `perfect`."""
    _rounding: float
    """What may come of computing the same figure in two ways."""

    @classmethod
    def of(
        cls,
        spec: KpiSpec,
        outcomes: Outcomes,
        status_quo: Floats | float,
        period: Period | None,
        project: Path | None = None,
    ) -> KpiScale:
        """The ruler for a table of rows. A budget given as a number is a number of the period's rows.

        `project` is the folder whose code a KPI of kind `python` runs.

        Raises:
            DataError: the KPI's budget does not fit.
        """
        if isinstance(status_quo, float) and isinstance(
            spec, OutcomeValueSpec
        ):  # nobody knows whom it acts upon
            spec = spec.model_copy(update={"random": spec.random.without_status_quo})
        kpi = from_spec(spec, period.rows if period else outcomes.rows, project)
        return cls._of(kpi, spec, outcomes, status_quo, period)

    @classmethod
    def _of(
        cls, kpi: Kpi, spec: KpiSpec, outcomes: Outcomes, status_quo: Floats | float, period: Period | None
    ) -> KpiScale:
        bare = cls(kpi, spec, outcomes, status_quo, period, {}, 0.0)
        bounds = {
            "random": bare.scaled(kpi.random(outcomes, bare.today)),
            "status_quo": bare.measured_today(),
            "perfect": bare.scaled(kpi.perfect(outcomes)),
        }
        sample = Weightings(ObservedSample(len(outcomes)))
        with np.errstate(divide="ignore", invalid="ignore"):
            largest = max(float(abs(bound(sample)[0])) for bound in bounds.values())
        return replace(bare, bounds=bounds, _rounding=ROUNDING * largest)

    def within(self, rows: Bools) -> KpiScale:
        """The same ruler for some of the rows, as if they were all; it measures draws `among` them."""
        return self._of(self.kpi, self.spec, self.outcomes.among(rows), self.today[rows], self.period)

    @property
    def today(self) -> Floats:
        """What is done today, row by row; what happened, where only what it comes to is known."""
        return self.outcomes.target if isinstance(self.status_quo, float) else self.status_quo

    def measured_today(self) -> Measure:
        """The status quo's KPI, for the period."""
        if not isinstance(self.status_quo, float):
            return self.column(self.status_quo)
        known, anything = self.status_quo, Classes(np.zeros(len(self.outcomes), dtype=np.uint8), 1)
        return lambda draws: np.full(draws.sums(anything).shape[1], known)

    @property
    def sign(self) -> float:
        """What turns a figure into utility."""
        return sign_of(self.spec)

    @property
    def period_rows(self) -> int:
        """How many rows the figures stand for."""
        return self.period.rows if self.period else self.outcomes.rows

    @property
    def factor(self) -> float:
        """From a figure of the KPI to one of the period."""
        return float(self.period_rows) if self.kpi.adds_up else 1.0

    def column(self, prediction: Floats) -> Measure:
        """The KPI of a column of predictions, for the period."""
        return self.scaled(self.kpi.measure(self.outcomes, prediction))

    def scaled(self, measure: Measure) -> Measure:
        """A figure of the KPI as one of the period."""
        factor = self.factor
        return lambda draws: factor * measure(draws)

    def gain(self, ours: Floats | float, theirs: Floats | float) -> Floats:
        """How much better `ours` is than `theirs`: positive is better, whichever way the KPI points."""
        difference = self.sign * (np.asarray(ours) - np.asarray(theirs))
        return np.where(np.abs(difference) > self._rounding, difference, 0.0)

    def share_estimate(self, sample: tuple[float, float], draws: tuple[Floats, Floats]) -> Estimate | None:
        """The estimate of a share `(part, whole)`; none where there is nothing to share.

        That is so where the whole vanishes on the sample, or on more resamples than the interval leaves out.
        """
        value, shares = float(_share(*sample, self._rounding)), _share(*draws, self._rounding)
        if np.isnan(value) or np.isnan(shares).mean() > UNDEFINED_AT_MOST:
            return None
        return estimate(value, shares)

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
        estimates = {
            name: estimate(sample[name], draws[name]) for name in ("random", "status_quo", "perfect")
        }
        sd = self.kpi.random_sd(self.outcomes, self.today)
        if sd is not None and self.kpi.adds_up:
            # one draw is a draw of a whole period, so its spread grows with the root of the period's size
            sd *= float(np.sqrt(self.outcomes.rows * self.period_rows))
        return results.Scale(
            random=results.RandomModel(
                expectation=estimates["random"], sd_of_one_draw=sd, meaning=self.kpi.random_meaning
            ),
            status_quo=estimates["status_quo"],
            status_quo_label=label,
            perfect=estimates["perfect"],
            do_nothing=self._reference(self.kpi.do_nothing(self.outcomes)),
            treat_all=self._reference(self.kpi.treat_all(self.outcomes)),
        )

    def _reference(self, figure: float | None) -> float | None:
        return None if figure is None else self.factor * figure


def _share(part: Floats | float, whole: Floats | float, least: float) -> Floats:
    """`part` of `whole`, not a number where the whole is not above `least`."""
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    undefined = np.full(whole.shape, np.nan)
    shares: Floats = np.divide(part, whole, out=undefined, where=whole > least)
    return shares
