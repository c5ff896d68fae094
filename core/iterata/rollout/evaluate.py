"""The evaluation of a rollout up to a phase: from sums of units to a result with its advice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf, isclose, isfinite
from typing import TYPE_CHECKING

from iterata.documents.release_digest import digest_of_release
from iterata.measure.release.confidence_sequence import critical_value
from iterata.measure.release.information import ObservedPhase, PlannedPhase, timings
from iterata.measure.release.sequential import looks_of, non_inferiority_looks_of
from iterata.measure.sample_ratio import limit, sample_ratio
from iterata.results.rollout import ArmUnits, Look, PhaseUnits, RolloutResult, SampleRatio
from iterata.rollout.advice import PhaseEvidence, advise
from iterata.rollout.analysis import ArmMoments
from iterata.rollout.cells import Arm
from iterata.rollout.comparison import comparison
from iterata.rollout.hold import hold_state, is_met, last_whole_day
from iterata.rollout.metrics import not_measured, online_metrics, unmeasured_guardrails
from iterata.rollout.readings import reading, z_value
from iterata.rollout.requirement import EVERYBODY, required
from iterata.rollout.scale import realised

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from iterata.documents.models.deployment import Deployment, Phase
    from iterata.documents.models.enums import Requirement
    from iterata.documents.models.proposal import Metrics
    from iterata.documents.models.split_test import SplitTestSpec
    from iterata.measure.release.information import Timing
    from iterata.measure.release.spending import PlannedLook
    from iterata.results.parts import Provenance
    from iterata.results.rollout import HoldState, MetricReading
    from iterata.rollout.advice import Decision
    from iterata.rollout.cells import ReleaseData
    from iterata.rollout.readings import OnlineMetric
    from iterata.rollout.scale import Expectations


LATE_UNITS = 1.01
"""So many times its units a phase may have if a look is taken again, because some rows came late."""


@dataclass(frozen=True)
class Release:
    """A rollout up to a phase: what is declared, and the sums of its units."""

    deployment: Deployment
    data: ReleaseData
    share: float
    """The share of the phase that is evaluated; later ones are left out."""
    today: date
    earlier: RolloutResult | None = None
    """An earlier result of the same phase."""

    @property
    def spec(self) -> SplitTestSpec:
        """The description of the rows and the metrics."""
        assert self.deployment.split_test is not None  # noqa: S101  # the rows were read by it
        return self.deployment.split_test

    @cached_property
    def phase(self) -> Phase:
        """The phase that is evaluated."""
        return next(phase for phase in self.deployment.phases if phase.share == self.share)

    @cached_property
    def phases(self) -> list[Phase]:
        """The phases so far."""
        return [phase for phase in self.deployment.phases if phase.share <= self.share]

    @cached_property
    def arms(self) -> dict[float, ArmMoments]:
        """Both arms of each phase so far, by its share."""
        return {
            phase.share: ArmMoments(
                self.data.moments(phase.share, Arm.CONTROL), self.data.moments(phase.share, Arm.TREATMENT)
            )
            for phase in self.phases
        }

    @property
    def compared(self) -> dict[float, ArmMoments]:
        """The same of the phases that have a control group by design."""
        return {share: arms for share, arms in self.arms.items() if share < EVERYBODY}

    @cached_property
    def holds(self) -> dict[float, HoldState]:
        """What each phase so far waits for, by its share."""
        return {
            phase.share: hold_state(
                phase,
                self.data.days(phase.share),
                sum(arm.n_obs for arm in self.arms[phase.share]),
                self.today,
            )
            for phase in self.phases
        }

    @property
    def hold(self) -> HoldState:
        """What the phase waits for."""
        return self.holds[self.share]

    @cached_property
    def timings(self) -> list[Timing]:
        """The information at the end of each phase with a control group so far."""
        plan = [
            PlannedPhase(phase.share, phase.hold.units, phase.hold.days)
            for phase in self.deployment.phases
            if phase.share < EVERYBODY
        ]
        observed = [
            ObservedPhase(arms.treatment.n_obs, arms.control.n_obs, self.holds[share].days or None)
            for share, arms in self.compared.items()
        ]
        return timings(plan, observed)

    @cached_property
    def looks(self) -> list[tuple[PlannedLook, PlannedLook]]:
        """The looks so far: for a gain, and the same held against a margin."""
        alpha = self.deployment.alpha
        for_gain, for_margin = looks_of(self.timings, alpha), non_inferiority_looks_of(self.timings, alpha)
        return list(zip(for_gain, for_margin, strict=True))

    @property
    def requires(self) -> Requirement:
        """What the phase must show."""
        return required(self.deployment, self.phase)

    @property
    def is_look(self) -> bool:
        """Whether the phase has all days and units that it waits for, so that a look is planned."""
        return (self.share == EVERYBODY or is_met(self.hold)) and not self.units_since_look

    @property
    def last_compared(self) -> float:
        """The share of the last phase of the plan with a control group; 0 if there is none."""
        return max((phase.share for phase in self.deployment.phases if phase.share < EVERYBODY), default=0.0)

    @property
    def units_since_look(self) -> int:
        """The units after a look of the last phase with a control group that decided nothing; else 0.

        Few of them are rows that came late: then the look is taken again.
        """
        seen = None if self.earlier is None else self.earlier.undecided_at
        if seen is None or not 0 < self.last_compared <= self.share:
            return 0
        now = sum(arm.n_obs for arm in self.arms[self.last_compared])
        return now - seen if now > seen * LATE_UNITS else 0

    @property
    def always_valid(self) -> float:
        """How many standard errors the interval reaches that holds at any time.

        It is tuned for the information of the plan. If the last phase goes on, that is what its look had.
        """
        if not self.timings:
            return inf
        known, fraction = self.timings[-1]
        if added := self.units_since_look * self.last_compared * (1 - self.last_compared):
            fraction = known / (known - added) if known > added else fraction
        return critical_value(fraction, self.deployment.alpha)


def evaluate(
    release: Release, proposed: Metrics, before: Expectations, provenance: Provenance
) -> RolloutResult:
    """What the split test shows up to a phase, and what it advises.

    Args:
        release: what is declared, and the sums of its units.
        proposed: the metrics of the approved proposal.
        before: what was known before the release.
        provenance: where the result comes from.

    Raises:
        DataError: the primary metric is not measured.
        MissingPackage: tea-tasting is not installed.
    """
    spec = release.spec
    metrics = online_metrics(spec.metrics, proposed, release.data.metrics, before)
    primary, readings = metrics[0], _readings(release, metrics)
    units = _phase_units(release)
    decision = advise(_evidence(release, units, readings, unmeasured_guardrails(spec.metrics, proposed)))
    sequential = readings[0].sequential
    return RolloutResult(
        phase=release.share,
        spec_digest=digest_of_release(release.deployment),
        variant=release.deployment.variant,
        kpi=before.kpi,
        alpha=release.deployment.alpha,
        phases=units,
        metrics=readings,
        not_measured=not_measured(spec.metrics, proposed),
        looks=_looks(release, primary),
        excluded=dict(release.data.excluded),
        realised=None
        if sequential is None or before.kpi is None
        else realised(sequential, primary.sign, spec.metrics[primary.name], before),
        comparison=comparison(primary.columns, release.arms, release.deployment.holdout)
        if release.share == EVERYBODY
        else None,
        hold=release.hold.model_copy(update={"until": decision.until}) if decision.until else release.hold,
        requires=release.requires,
        undecided_at=_undecided_at(release, decision),
        health=decision.health,
        advice=decision.advice,
        reason=decision.reason,
        provenance=provenance,
    )


def _undecided_at(release: Release, decision: Decision) -> int | None:
    """The units of the last phase with a control group when its look decided nothing."""
    if release.units_since_look and release.earlier is not None:
        return release.earlier.undecided_at
    read = any(found.problem in ("inconclusive", "guardrail", "harm") for found in decision.health)
    return release.hold.units if release.share == release.last_compared and release.is_look and read else None


def _readings(release: Release, metrics: Sequence[OnlineMetric]) -> list[MetricReading]:
    """The readings of all metrics: of a planned look, or at any other time."""
    if not release.is_look or not release.looks:
        critical = release.always_valid
        for_margin = critical if release.units_since_look else None
        return [reading(metric, release.compared, critical, non_inferiority=for_margin) for metric in metrics]
    look, kept = release.looks[-1]
    return [
        reading(metric, release.compared, look.critical, release.always_valid, kept.critical)
        for metric in metrics
    ]


def _looks(release: Release, primary: OnlineMetric) -> list[Look]:
    """The looks so far, each at all units of its phase and of those before."""
    shares = list(release.compared)
    taken = shares if release.is_look else shares[:-1]
    found = []
    for at, (share, (look, kept)) in enumerate(zip(taken, release.looks, strict=False)):
        z = z_value(primary, {share: release.compared[share] for share in shares[: at + 1]})
        if z is not None and isfinite(look.critical):
            found.append(
                Look(
                    phase=share,
                    information=look.fraction,
                    spent=look.spent,
                    critical=look.critical,
                    non_inferiority_critical=kept.critical,
                    z=z,
                )
            )
    if release.units_since_look and release.earlier is not None:
        found += [look for look in release.earlier.looks if isclose(look.phase, shares[-1])]
    return found


def _phase_units(release: Release) -> list[PhaseUnits]:
    """The units of each phase so far, and whether its arms are as large as planned."""
    compared = sum(phase.share < EVERYBODY for phase in release.deployment.phases)
    found = []
    for share, arms in release.arms.items():
        days = release.data.days(share)
        planned = 1 - release.deployment.holdout if share == EVERYBODY else share
        found.append(
            PhaseUnits(
                share=share,
                units=ArmUnits(control=arms.control.n_obs, treatment=arms.treatment.n_obs),
                first_day=days[0] if days else None,
                last_day=days[-1] if days else None,
                sample_ratio=_sample_ratio(arms, planned, compared),
            )
        )
    return found


def _sample_ratio(arms: ArmMoments, planned: float, looks: int) -> SampleRatio | None:
    """The test of a phase; None if everybody is treated, or there are no units."""
    units = arms.treatment.n_obs, arms.control.n_obs
    if planned == EVERYBODY or not any(units):
        return None
    found = sample_ratio(units, (planned, 1 - planned))
    return SampleRatio(
        expected=planned,
        chi_square=found.chi_square,
        p_value=found.p_value,
        limit=limit(looks),
        is_off=found.is_off(looks),
    )


def _evidence(
    release: Release, units: list[PhaseUnits], readings: list[MetricReading], unmeasured: list[str]
) -> PhaseEvidence:
    """What the advice depends on; the sample ratio is that of the first phase in which it is off."""
    ratios = [phase.sample_ratio for phase in units if phase.sample_ratio is not None]
    arms = release.arms[release.share]
    days = release.data.days(release.share)
    has_control = release.share < EVERYBODY or release.deployment.holdout > 0
    return PhaseEvidence(
        share=release.share,
        has_units=bool(arms.treatment.n_obs and (arms.control.n_obs or not has_control)),
        sample_ratio=next((ratio for ratio in ratios if ratio.is_off), ratios[-1] if ratios else None),
        metrics=readings,
        requires=release.requires,
        hold=release.hold,
        unmeasured=unmeasured,
        on=release.deployment.on,
        information=release.timings[-1].information if release.timings else 0.0,
        last_day=last_whole_day(days, release.today) if days else None,
        is_last=release.share >= release.last_compared,
    )
