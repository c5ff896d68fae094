"""The release of an iteration: its phases, and its gain as expected, seen offline and realised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import isclose
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from iterata.documents.release_digest import digest_of_release
from iterata.documents.stage_models import valid_model
from iterata.knowledge.filled_in import without_prompts
from iterata.results import Estimate
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iterata.documents import Document
    from iterata.documents.models.deployment import EarlierRelease, Phase, Revert
    from iterata.knowledge.monitors import Monitoring
    from iterata.results import ExperimentResult, Kpi, LiftResult
    from iterata.results.rollout import Comparison, Effect, MetricReading, PhaseUnits, RolloutResult

T = TypeVar("T")


class PhaseView(NamedTuple):
    """A phase of a rollout, with what the newest result says about it."""

    phase: Phase
    units: PhaseUnits | None
    effect: Effect | None
    """The effect on the primary metric in this phase alone, in the unit of the metric."""
    gain: Estimate | None
    """The same on the scale of the release, in utility."""
    result: RolloutResult | None
    """The result that was written when this phase was evaluated."""


class Gains(NamedTuple):
    """The gain over the status quo in utility, at each time that it was told."""

    expected: Estimate | None = None
    """What a good model usually reaches, by the rule of thumb of the assessment."""
    offline: Estimate | None = None
    """The variant's figure in the report."""
    selected: Estimate | None = None
    """The same, corrected for the variant having been chosen as the best of several."""
    realised: Estimate | None = None
    """The split test up to the newest result, with an interval that allows for repeated looks."""
    share_of_potential: Estimate | None = None
    """The realised gain divided by the potential lift."""


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """The release of an iteration's variant."""

    document: Document
    variant: str
    phases: tuple[PhaseView, ...]
    newest: RolloutResult | None
    """The result of the latest phase that was evaluated."""
    kpi: Kpi | None
    """The KPI of `gains`; None if they are in the unit of the primary metric."""
    gains: Gains
    revert: Revert | None
    earlier: tuple[EarlierRelease, ...]
    """Releases of this iteration that were reverted before."""
    monitoring: Monitoring
    """The numbers that are watched."""
    is_outdated: bool
    """Whether the deployment has declared something else since the newest result."""

    @property
    def is_reverted(self) -> bool:
        """Whether the status quo is back."""
        return self.document.status is Status.REVERTED

    @property
    def is_live(self) -> bool:
        """Whether the variant reaches users now."""
        return self.document.status in (Status.ROLLING_OUT, Status.DEPLOYED)

    @property
    def measure_again(self) -> date | None:
        """The day on which the realised lift is measured once more; None if none is declared."""
        day = self.document.data.get("measure_again")
        try:
            return date.fromisoformat(day) if isinstance(day, str) else None
        except ValueError:
            return None

    @property
    def current(self) -> PhaseView | None:
        """The latest phase that was started; None before the first one."""
        return next((view for view in reversed(self.phases) if view.phase.started), None)

    @property
    def primary(self) -> MetricReading | None:
        """The newest reading of the primary metric."""
        return primary_of(self.newest) if self.newest else None

    @property
    def compared(self) -> tuple[Comparison, Estimate] | None:
        """What is compared when everybody is treated, with its gain in utility; None before."""
        if self.newest is None or self.newest.comparison is None:
            return None
        return self.newest.comparison, scaled(self.newest.comparison.effect, self.newest)

    @property
    def unit(self) -> str:
        """The unit of `gains`: of the KPI with its period, or the name of the primary metric."""
        if self.kpi is not None:
            return self.kpi.scaled_unit
        return self.primary.name if self.primary else ""


def release_of(
    document: Document,
    parts: tuple[Sequence[Phase], Revert | None, Sequence[EarlierRelease]],
    results: Mapping[float, RolloutResult],
    watched: Monitoring,
    lift: LiftResult | None,
    experiment: ExperimentResult | None,
) -> ReleaseView:
    """The release that a deployment describes.

    Args:
        document: the deployment, valid or not.
        parts: the valid parts of it: its phases, the revert and earlier releases.
        results: the results of its split test by the share of their phase.
        watched: its monitors.
        lift: the expected lift that applies to the iteration.
        experiment: the result of the iteration's experiment.
    """
    phases, revert, earlier = parts
    newest = results[max(results)] if results else None
    variant = newest.variant if newest else str(without_prompts(document.data.get("variant")) or "")
    kpi = newest.kpi if newest else lift.kpi if lift else experiment.kpi if experiment else None
    seen = newest if newest and _has_data(newest) else None
    return ReleaseView(
        document=document,
        variant=variant,
        phases=tuple(_phase(phase, newest, _at(phase.share, results)) for phase in phases),
        newest=newest,
        kpi=kpi if seen is None or seen.realised is not None else None,
        gains=_told(seen) if seen else _foretold(variant, kpi, lift, experiment),
        revert=revert,
        earlier=tuple(earlier),
        monitoring=watched,
        is_outdated=newest is not None and _is_outdated(document, newest),
    )


def _is_outdated(document: Document, result: RolloutResult) -> bool:
    declared = valid_model(document, Stage.DEPLOYMENT)
    return declared is not None and digest_of_release(declared) != result.spec_digest


def _has_data(result: RolloutResult) -> bool:
    primary = primary_of(result)
    return result.realised is not None or (primary is not None and primary.sequential is not None)


def primary_of(result: RolloutResult) -> MetricReading | None:
    """The reading of the primary metric; None if there is none."""
    return next((metric for metric in result.metrics if metric.role == "primary"), None)


def same_share(one: float, other: float) -> bool:
    """Whether both are the share of one phase; results have seven digits of it."""
    return isclose(one, other, rel_tol=1e-6)


def scaled(effect: Effect, result: RolloutResult) -> Estimate:
    """An effect on the primary metric as a gain in utility, on the scale of the result's realised gain."""
    return _times(effect.difference, _factor(result))


def _phase(phase: Phase, newest: RolloutResult | None, own: RolloutResult | None) -> PhaseView:
    primary = primary_of(newest) if newest else None
    effect = _at(phase.share, dict(primary.phases)) if primary else None
    units = _at(phase.share, {units.share: units for units in newest.phases}) if newest else None
    gain = scaled(effect, newest) if newest and effect else None
    return PhaseView(phase, units, effect, gain, own)


def _told(result: RolloutResult) -> Gains:
    """The gains as the newest result has them."""
    realised = result.realised
    if realised is None:
        primary = primary_of(result)
        seen = primary.sequential if primary else None
        return Gains(realised=_times(seen, _factor(result)) if seen else None)
    expected = {entry.source: entry.gain for entry in realised.expected}
    return Gains(
        expected=expected.get("assessment"),
        offline=expected.get("report"),
        selected=realised.selection,
        realised=realised.gain,
        share_of_potential=realised.share_of_potential,
    )


def _foretold(
    variant: str, kpi: Kpi | None, lift: LiftResult | None, experiment: ExperimentResult | None
) -> Gains:
    """The gains before the split test was read."""
    good = lift.good_model if lift else None
    variants = experiment.variants if experiment and kpi and experiment.kpi.on_same_scale_as(kpi) else []
    offline = next((entry.difference for entry in variants if entry.name == variant), None)
    return Gains(expected=Estimate(value=good.gain) if good else None, offline=offline)


def _factor(result: RolloutResult) -> float:
    """From a difference of the primary metric to a gain on the scale of the result, with its sign."""
    primary, realised = primary_of(result), result.realised
    if primary is None:
        return 1.0
    sign = 1.0 if primary.better == "higher" else -1.0
    seen = primary.sequential
    if realised is None or seen is None:
        return sign
    before, after = _size(seen), _size(realised.gain)
    return sign * after / before if before else sign


def _size(estimate: Estimate) -> float:
    """The width of the interval; the size of the figure if there is none."""
    ends = estimate.interval
    return ends[1] - ends[0] if ends and ends[1] > ends[0] else abs(estimate.value)


def _times(estimate: Estimate, factor: float) -> Estimate:
    ends = estimate.interval
    if ends is None:
        return Estimate(value=estimate.value * factor)
    low, high = sorted((ends[0] * factor, ends[1] * factor))
    return Estimate(value=estimate.value * factor, low=low, high=high)


def _at(share: float, by_share: Mapping[float, T]) -> T | None:
    return next((value for other, value in by_share.items() if same_share(other, share)), None)
