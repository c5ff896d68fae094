"""The simulation of a declared rollout, under the gains that the assessment and the report expect."""

from __future__ import annotations

from math import ceil, inf, isfinite, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import Requirement
from iterata.errors import DataError, Location
from iterata.measure.release.information import ObservedPhase, timings
from iterata.measure.release.sample_size import duration, units_for_means
from iterata.measure.release.sequential import looks_of, non_inferiority_looks_of
from iterata.measure.release.simulate import (
    ADVANCED,
    HELD,
    REVERTED,
    SIMULATIONS,
    DeclaredPhase,
    Rollout,
    simulate,
)
from iterata.measure.release.spending import inflation
from iterata.results.rollout_simulation import RolloutSimulation, SimulatedEffect, SimulatedPhase
from iterata.rollout.requirement import EVERYBODY, required
from iterata.rollout.simulated_guardrails import simulated_guardrails

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.documents.models.deployment import Deployment
    from iterata.documents.models.proposal import Metrics
    from iterata.measure.release.information import Timing
    from iterata.measure.release.spending import PlannedLook
    from iterata.results.lift import LiftResult
    from iterata.results.rollout_simulation import SimulatedName
    from iterata.rollout.scale import Expectations

POWER = 0.8

PHASES = Location(field=("phases",))

LONGEST = 3650
"""The most days of a rollout that is simulated."""


class Traffic(NamedTuple):
    """What the assessment knows about units."""

    deviation: float
    """The standard deviation of what a unit adds to the KPI, times the factor from a unit to the period."""
    per_day: float
    """Units of both arms in a day."""


def simulated_rollout(
    deployment: Deployment, before: Expectations, proposed: Metrics | None, *, seed: int = 0
) -> RolloutSimulation:
    """Simulate the phases and looks of a deployment, before it begins or at any later time.

    A unit of the split test is taken as a row of the assessment: it varies as a row does, and as many come in
    a day. Of the metrics only the primary one is simulated.

    Args:
        deployment: the declared rollout.
        before: what is known of the variant.
        proposed: the metrics of the proposal; None if there is none.
        seed: makes the figures reproducible.

    Raises:
        DataError: the assessment does not say how much rows vary, or how many come in a day.
    """
    lift = _lift(before)
    traffic = _traffic(deployment, lift)
    margin = _margin(deployment, before, proposed)
    rollout = _declared(deployment, traffic, margin)
    effects = [_effect(rollout, name, gain, traffic, seed) for name, gain in _gains(before, lift, margin)]
    looks = _looks(rollout)
    phases = _phases(deployment, rollout, traffic, looks, before)
    known = (
        []
        if proposed is None
        else simulated_guardrails(
            deployment,
            before,
            proposed,
            [(phase.share, units) for phase, units in zip(rollout.phases, looks.units, strict=True)],
            looks.for_margin,
        )
    )
    named = {guardrail.name for guardrail in known}
    return RolloutSimulation(
        kpi=lift.kpi,
        alpha=rollout.alpha,
        units_per_day=traffic.per_day,
        margin=margin,
        deviation=traffic.deviation,
        phases=phases,
        effects=effects,
        days=sum(phase.days for phase in phases),
        most_units=_most_units(looks.timings, rollout.alpha),
        guardrails=[
            guardrail.name
            for guardrail in (proposed.guardrail if proposed else [])
            if guardrail.name not in named
        ],
        guardrail_looks=known,
        simulations=SIMULATIONS,
        seed=seed,
    )


def _lift(before: Expectations) -> LiftResult:
    lift = before.lift
    if lift is None or lift.split_test is None:
        message = "the expected lift does not tell how much the KPI varies from row to row"
        raise DataError(message, remedy="compute the expected lift again, from data or from assumptions")
    return lift


def _traffic(deployment: Deployment, lift: LiftResult) -> Traffic:
    """From the size of the split test, which follows from the variances of both arms."""
    test = lift.split_test
    assert test is not None  # noqa: S101  # see `_lift`
    gain = test.detected_gain
    if gain is None:
        gain = lift.good_model.gain if lift.good_model else 0.0
    normal = NormalDist()
    quantiles = normal.inv_cdf(1 - test.alpha / 2) + normal.inv_cdf(test.power)
    deviation = gain * sqrt(test.rows_per_arm / 2) / quantiles
    if test.days:
        return Traffic(deviation, 2 * test.rows_per_arm / test.days)
    known = [phase.hold for phase in deployment.phases if phase.hold.units and phase.hold.days]
    if not known:
        message = "the expected lift does not tell how many rows come in a day"
        remedy = "write `lift.period.days` in the assessment and compute the expected lift again"
        raise DataError(message, remedy=f"{remedy}, or give a phase both `units` and `days`", where=PHASES)
    units, days = sum(hold.units or 0 for hold in known), sum(hold.days or 0 for hold in known)
    return Traffic(deviation, units / days)


def _margin(deployment: Deployment, before: Expectations, proposed: Metrics | None) -> float | None:
    """The acceptable loss in the KPI of a period, as the evaluation takes it."""
    measures = deployment.split_test.metrics if deployment.split_test else {}
    measure = measures.get(proposed.primary) if proposed else None
    if measure is not None and measure.margin is not None:
        return measure.margin * before.per_unit(measure)
    return before.expected_gain


def _declared(deployment: Deployment, traffic: Traffic, margin: float | None) -> Rollout:
    phases = [
        DeclaredPhase(
            phase.share,
            phase.hold.units,
            phase.hold.days,
            needs_gain=margin is None or required(deployment, phase) is Requirement.GAIN,
        )
        for phase in deployment.phases
        if phase.share < EVERYBODY
    ]
    if not phases:
        message = "every phase reaches everybody, so there is no control group to compare with"
        raise DataError(message, remedy="declare a phase with a `share` below 1", where=PHASES)
    tolerated = 0.0 if margin is None else margin / traffic.deviation
    rollout = Rollout(phases, traffic.per_day, deployment.alpha, tolerated)
    days = sum(rollout.days())
    if days > LONGEST:
        message = f"at {traffic.per_day:.4g} units a day, the declared phases take {days:,} days"
        raise DataError(message, remedy="lower `units` or `days` of their `hold`", where=PHASES)
    return rollout


def _gains(
    before: Expectations, lift: LiftResult, margin: float | None
) -> Iterator[tuple[SimulatedName, float]]:
    """The true gains to simulate, in utility and per period."""
    yield "no_effect", 0.0
    if margin:
        yield "loss_of_margin", -margin
    expected = {found.source: found.gain for found in before.gains}
    if "assessment" in expected:
        yield "assessment", expected["assessment"].value
    if (report := expected.get("report")) is not None:
        yield "report", report.value
        if report.interval is not None:
            yield "report_low", report.interval[0]
            yield "report_high", report.interval[1]
    if not expected:
        yield "half_of_potential", lift.potential_lift.value / 2


def _effect(
    rollout: Rollout, name: SimulatedName, gain: float, traffic: Traffic, seed: int
) -> SimulatedEffect:
    found = simulate(rollout, gain / traffic.deviation, seed=seed)
    return SimulatedEffect(
        name=name,
        gain=gain,
        advanced=found.share(ADVANCED),
        held=found.share(HELD),
        reverted=found.share(REVERTED),
        passed=found.passed(len(rollout.phases)),
        found_gain=float(found.found_gain.mean()),
        days=float(found.days.mean()),
    )


class Looks(NamedTuple):
    """The looks at the ends of the phases, if units come as the assessment says."""

    units: list[float]
    """Units of both arms in each phase."""
    timings: list[Timing]
    for_gain: tuple[PlannedLook, ...]
    for_margin: tuple[PlannedLook, ...]


def _looks(rollout: Rollout) -> Looks:
    units = [days * rollout.units_per_day for days in rollout.days()]
    observed = [
        ObservedPhase(round(count * phase.share), round(count * (1 - phase.share)), days)
        for count, phase, days in zip(units, rollout.phases, rollout.days(), strict=True)
    ]
    times = timings([phase.planned for phase in rollout.phases], observed)
    return Looks(units, times, looks_of(times, rollout.alpha), non_inferiority_looks_of(times, rollout.alpha))


def _most_units(times: Sequence[Timing], alpha: float) -> float | None:
    """How many times as many units the looks need as one look at the end; None without information."""
    known = [timing.information for timing in times if timing.information > 0]
    return inflation(known, alpha, POWER) if known else None


def _phases(
    deployment: Deployment, rollout: Rollout, traffic: Traffic, looks: Looks, before: Expectations
) -> list[SimulatedPhase]:
    decides = [
        gain if phase.needs_gain else kept
        for phase, gain, kept in zip(rollout.phases, looks.for_gain, looks.for_margin, strict=True)
    ]
    declared = [phase for phase in deployment.phases if phase.share < EVERYBODY]
    expected = (before.expected_gain or 0.0) / traffic.deviation
    units_needed = [
        _units_needed(expected if phase.needs_gain else rollout.margin, look.critical, phase.share)
        for phase, look in zip(rollout.phases, decides, strict=True)
    ]
    return [
        SimulatedPhase(
            share=phase.share,
            days=days,
            units=round(count),
            requires=required(deployment, phase),
            information=look.fraction,
            critical=look.critical if isfinite(look.critical) else None,
            detectable=_detectable(look.critical, time.information, traffic.deviation),
            units_needed=needed,
            days_needed=None if needed is None else duration(needed, traffic.per_day).whole_weeks,
        )
        for phase, days, count, look, time, needed in zip(
            declared, rollout.days(), looks.units, decides, looks.timings, units_needed, strict=True
        )
    ]


def _units_needed(effect: float, critical: float, share: float) -> int | None:
    """Units of both arms that show an effect, in standard deviations of a unit, in a look with this value."""
    if effect <= 0 or critical == inf:
        return None
    ratio = (1 - share) / share
    alpha = 2 * NormalDist().cdf(-critical)
    treated = units_for_means(effect, 1.0, alpha=alpha, power=POWER, ratio=ratio, use_t=False)
    return ceil(treated * (1 + ratio))


def _detectable(critical: float, known: float, deviation: float) -> float | None:
    if critical == inf or known <= 0:
        return None
    return (critical + NormalDist().inv_cdf(POWER)) * deviation / sqrt(known)
