"""The realised effect on the scale of the assessment, beside what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from iterata.measure.release.selection import corrected_gain
from iterata.results.parts import AMOUNTS, Estimate
from iterata.results.rollout import ExpectedGain, Realised

if TYPE_CHECKING:
    from iterata.documents.models.split_test import OnlineMeasure
    from iterata.results.experiment import ExperimentResult, VariantResult
    from iterata.results.lift import LiftResult
    from iterata.results.parts import Kpi


@dataclass(frozen=True)
class Expectations:
    """What was known of the variant before the release."""

    lift: LiftResult | None
    """The assessment's figures; None if there are none."""
    experiment: ExperimentResult | None
    """The report's figures; None if there are none."""
    variant: str

    @property
    def kpi(self) -> Kpi | None:
        """The KPI, with the period that figures are scaled to."""
        source = self.lift or self.experiment
        return source.kpi if source else None

    def per_unit(self, measure: OnlineMeasure) -> float:
        """What a difference of 1 of the primary metric is in the KPI of a period."""
        kpi = self.kpi
        rows = kpi.period_rows if kpi is not None and kpi.kind in AMOUNTS else 1
        return measure.worth * rows

    @property
    def gains(self) -> list[ExpectedGain]:
        """The expected gains: of the assessment's good model, and of the variant in the report."""
        good = self.lift.good_model if self.lift else None
        found = [] if good is None else [ExpectedGain(source="assessment", gain=Estimate(value=good.gain))]
        offline = self._offline
        if offline is not None and (factor := self._to_period()):
            found.append(ExpectedGain(source="report", gain=scaled(offline.difference, factor)))
        return found

    @property
    def corrected_gain(self) -> Estimate | None:
        """The report's gain, corrected for the variant having been chosen as the best of several.

        None if it was not, or the report is of another KPI.
        """
        if self.experiment is None or not (factor := self._to_period()):
            return None
        gains = {variant.name: variant.difference for variant in self.experiment.variants}
        corrected = corrected_gain(gains, self.variant)
        return None if corrected is None else scaled(corrected, factor)

    @property
    def _offline(self) -> VariantResult | None:
        variants = self.experiment.variants if self.experiment else []
        return next((variant for variant in variants if variant.name == self.variant), None)

    def _to_period(self) -> float:
        """The factor from the report's figures to those of the assessment; 0 if they are of another KPI."""
        kpi, offline = self.kpi, self.experiment.kpi if self.experiment else None
        if kpi is None or offline is None or not kpi.comparable_with(offline):
            return 0.0
        return kpi.period_rows / offline.period_rows if kpi.kind in AMOUNTS else 1.0

    @property
    def expected_gain(self) -> float | None:
        """The first expected gain above 0; None if there is none."""
        return next((found.gain.value for found in self.gains if found.gain.value > 0), None)

    def margin(self, measure: OnlineMeasure) -> float | None:
        """The expected gain in the unit of the primary metric; None if nothing is expected."""
        gain = self.expected_gain
        return None if gain is None else gain / self.per_unit(measure)


def realised(sequential: Estimate, sign: float, measure: OnlineMeasure, before: Expectations) -> Realised:
    """The effect on the KPI of a period, and its share of the potential lift.

    Args:
        sequential: the difference of the primary metric, with an interval that holds for all looks.
        sign: 1 if more of the metric is better, else -1.
        measure: how the primary metric is measured.
        before: what was known before the release.
    """
    gain = scaled(sequential, sign * before.per_unit(measure))
    potential = before.lift.potential_lift if before.lift else None
    return Realised(
        gain=gain,
        potential_lift=potential,
        share_of_potential=share(gain, potential) if potential else None,
        expected=before.gains,
        selection=before.corrected_gain,
    )


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """The figure and its interval times a number."""
    ends = estimate.interval
    if ends is None:
        return Estimate(value=estimate.value * factor)
    low, high = sorted(end * factor for end in ends)
    return Estimate(value=estimate.value * factor, low=low, high=high)


def share(gain: Estimate, potential: Estimate) -> Estimate | None:
    """The gain divided by the potential lift, with the uncertainty of both (Fieller 1954).

    They come from different data, so they are independent. None without a potential. Without an interval if
    either has none, or if the potential may be 0: then any share is possible.
    """
    if potential.value <= 0:
        return None
    value = gain.value / potential.value
    if gain.interval is None or potential.interval is None:
        return Estimate(value=value)
    gain_reach, potential_reach = _reach(gain), _reach(potential)
    spread = potential.value**2 - potential_reach**2
    if spread <= 0:
        return Estimate(value=value)
    product = gain.value * potential.value
    root = sqrt(max(product**2 - spread * (gain.value**2 - gain_reach**2), 0.0))
    return Estimate(value=value, low=(product - root) / spread, high=(product + root) / spread)


def _reach(estimate: Estimate) -> float:
    """Half of the interval."""
    low, high = estimate.interval or (estimate.value, estimate.value)
    return (high - low) / 2
