"""The scale that everything is placed on: random, status quo and perfect, in the KPI's unit and period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from iterata import results
from iterata.kpi import Kpi, from_spec, sign_of
from iterata.resampling import estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.documents.lift_spec import KpiSpec, Period
    from iterata.kpi.base import Bools, Floats
    from iterata.results import Estimate

HEADROOM = 1e-9
"""Less than this share of the KPI's size is no headroom, but a rounding."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """Measures columns of predictions in the KPI's unit and period."""

    kpi: Kpi
    spec: KpiSpec
    positive: Bools
    status_quo: Floats
    period: Period | None

    @classmethod
    def of(cls, spec: KpiSpec, positive: Bools, status_quo: Floats, period: Period | None) -> Ruler:
        """The ruler for a table of rows.

        Raises:
            DataError: the KPI's budget does not fit the table.
        """
        return cls(from_spec(spec, len(positive)), spec, positive, status_quo, period)

    @property
    def sign(self) -> float:
        """What turns a figure into utility."""
        return sign_of(self.spec)

    @property
    def period_rows(self) -> int:
        """How many rows the figures stand for."""
        return self.period.rows if self.period else len(self.positive)

    def measure(self, prediction: Floats, weights: Floats) -> Floats:
        """The KPI of a column of predictions, for the period; `(r,)`."""
        return self._scaled(self.kpi.of(self.positive, prediction, weights), weights)

    def bounds(self, weights: Floats) -> dict[str, Floats]:
        """The three models that need no training: `random`, `status_quo`, `perfect`, each `(r,)`."""
        return {
            "random": self._scaled(self.kpi.random(self.positive, self.status_quo, weights), weights),
            "status_quo": self.measure(self.status_quo, weights),
            "perfect": self._scaled(self.kpi.perfect(self.positive, weights), weights),
        }

    def _scaled(self, totals: Floats, weights: Floats) -> Floats:
        scaled: Floats = totals * self.period_rows / weights.sum(axis=1)
        return scaled

    def gain(self, ours: Floats | float, theirs: Floats | float) -> Floats:
        """How much better `ours` is than `theirs`: positive is better, whichever way the KPI points."""
        return np.asarray(self.sign * (np.asarray(ours) - np.asarray(theirs)))

    def share(self, part: Floats | float, whole: Floats | float) -> Floats:
        """`part` of `whole`, not a number where the whole is too small to be shared."""
        part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
        enough = np.abs(whole) > HEADROOM * max(1.0, float(np.max(np.abs(part), initial=0.0)))
        return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=enough)

    def share_estimate(self, sample: tuple[float, float], draws: tuple[Floats, Floats]) -> Estimate | None:
        """The estimate of a share `(part, whole)`; none where the sample leaves nothing to share."""
        value = float(self.share(*sample))
        return None if np.isnan(value) else estimate(value, self.share(*draws))

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
