"""Figures of a rollout's result that contradict each other."""

from __future__ import annotations

from math import isclose, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from iterata.measure.release.information import information
from iterata.measure.release.non_inferiority import shown_at_look
from iterata.rules.figures.advice import advice_faults
from iterata.rules.figures.estimates import interval_faults_of
from iterata.rules.figures.fault import Fault, close, differs, unequal
from iterata.rules.figures.looks import look_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.errors import FieldPath
    from iterata.results.parts import Estimate
    from iterata.results.rollout import Effect, MetricReading, PhaseUnits, RolloutResult

DERIVED, COUNTS, VERDICTS = "RES021", "RES022", "RES023"

FEW = 10
"""Expected units of an arm below which the sample ratio is tested exactly."""

FEWEST = 2
"""Units that an arm needs for a variance."""

_REACH = NormalDist().inv_cdf(0.975)
"""How many standard errors an interval of 95 % reaches at least to either side."""


def faults(result: RolloutResult) -> Iterator[Fault]:
    """All contradictions in the result of a phase."""
    yield from interval_faults_of(result)
    for index, phase in enumerate(result.phases):
        yield from _phase_faults(phase, ("phases", index))
    units = {phase.share: phase for phase in result.phases}
    for index, metric in enumerate(result.metrics):
        yield from _metric_faults(metric, units, ("metrics", index))
    yield from _part_faults(result)
    yield from look_faults(result)
    yield from _realised_faults(result)
    yield from advice_faults(result)


def _phase_faults(phase: PhaseUnits, place: FieldPath) -> Iterator[Fault]:
    """The sample ratio follows from the units."""
    ratio = phase.sample_ratio
    if ratio is None:
        return
    total = phase.units.treatment + phase.units.control
    planned = total * ratio.expected
    if 0 < planned < total:
        statistic = (phase.units.treatment - planned) ** 2 * (1 / planned + 1 / (total - planned))
        why = "from the units of both arms"
        yield from differs(
            DERIVED, (*place, "sample_ratio", "chi_square"), ratio.chi_square, statistic, why, total
        )
        if min(planned, total - planned) >= FEW:  # below it, the p-value is the binomial one
            p_value = 2 * NormalDist().cdf(-sqrt(ratio.chi_square))
            where = (*place, "sample_ratio", "p_value")
            yield from differs(DERIVED, where, ratio.p_value, p_value, "from the chi-square", ratio.limit)
    expected = ratio.p_value < ratio.limit
    yield from unequal(
        VERDICTS, (*place, "sample_ratio", "is_off"), ratio.is_off, expected, "by its p-value it is"
    )


def _metric_faults(
    metric: MetricReading, units: dict[float, PhaseUnits], place: FieldPath
) -> Iterator[Fault]:
    """Differences follow from the arms, the total from the phases, and the state from the interval."""
    for index, (_, effect) in enumerate(metric.phases):
        yield from _effect_faults(effect, (*place, "phases", index, 1))
    if metric.total is not None:
        yield from _effect_faults(metric.total, (*place, "total"))
        yield from _total_faults(metric, metric.total, units, (*place, "total", "difference", "value"))
        why, expected = "it is the difference over all phases", metric.total.difference.value
        for name in ("sequential", "always_valid", "non_inferiority"):
            estimate = getattr(metric, name)
            if estimate is not None:
                yield from differs(DERIVED, (*place, name, "value"), estimate.value, expected, why)
    yield from unequal(VERDICTS, (*place, "state"), metric.state, _state(metric), "by its interval it is")


def _effect_faults(effect: Effect, place: FieldPath) -> Iterator[Fault]:
    expected, why = effect.treatment - effect.control, "treatment minus control"
    sizes = (effect.treatment, effect.control)
    yield from differs(
        DERIVED, (*place, "difference", "value"), effect.difference.value, expected, why, *sizes
    )
    if effect.difference.interval is not None:
        low, high = effect.difference.interval
        half, least = (high - low) / 2, _REACH * effect.standard_error
        if half < least and not close(half, least, low, high):  # Welch's t reaches further
            message = f"reaches {half:.7g} to either side, less than {least:.7g} by its standard error"
            yield Fault(DERIVED, (*place, "difference"), message)


def _total_faults(
    metric: MetricReading, total: Effect, units: dict[float, PhaseUnits], place: FieldPath
) -> Iterator[Fault]:
    """The difference over all phases is their average, with the weights n1 n0 / (n1 + n0)."""
    known = [(units[share].units, effect) for share, effect in metric.phases if share in units]
    weights = [information(arms.treatment, arms.control) for arms, _ in known]
    if len(known) < len(metric.phases) or not sum(weights):
        yield Fault(COUNTS, place, "is of phases whose units are not in the result")
        return
    shares = [weight / sum(weights) for weight in weights]
    effects = [effect for _, effect in known]
    average = sum(share * effect.difference.value for share, effect in zip(shares, effects, strict=True))
    variance = sum(
        (share * effect.standard_error) ** 2 for share, effect in zip(shares, effects, strict=True)
    )
    sizes = (total.treatment, total.control)
    why = "the average of the phases, weighted by the sizes of their arms"
    yield from differs(DERIVED, place, total.difference.value, average, why, *sizes)
    error = (*place[:-2], "standard_error")
    yield from differs(DERIVED, error, total.standard_error, sqrt(variance), "from those of the phases")


def _state(metric: MetricReading) -> str:
    if metric.sequential is None:
        return "no_data"
    at_any_time = _advantage(metric, metric.always_valid)
    return shown_at_look(
        _advantage(metric, metric.sequential),
        _advantage(metric, metric.non_inferiority),
        metric.margin,
        harm=[] if at_any_time is None else [at_any_time],
        worse_beyond=(metric.margin or 0.0) if metric.role == "guardrail" else 0.0,
    )


def _advantage(metric: MetricReading, estimate: Estimate | None) -> tuple[float, float] | None:
    """The interval of a difference, turned so that positive is better; None if there is none."""
    if estimate is None or estimate.interval is None:
        return None
    sign = 1 if metric.better == "higher" else -1
    low, high = sorted(sign * end for end in estimate.interval)
    return low, high


def _realised_faults(result: RolloutResult) -> Iterator[Fault]:
    found = result.realised
    if found is None or found.potential_lift is None or found.share_of_potential is None:
        return
    expected = found.gain.value / found.potential_lift.value if found.potential_lift.value else None
    place = ("realised", "share_of_potential", "value")
    yield from differs(
        DERIVED, place, found.share_of_potential.value, expected, "the gain divided by the potential lift"
    )


def _part_faults(result: RolloutResult) -> Iterator[Fault]:
    """The result has its phases, each metric has those that can be compared, and the phase has its units."""
    shares = [phase.share for phase in result.phases]
    if not shares or not isclose(shares[-1], result.phase) or shares != sorted(set(shares)):
        yield Fault(COUNTS, ("phases",), "must be the phases so far, and end with the one of the result")
        return
    arms = result.phases[-1].units
    yield from unequal(COUNTS, ("hold", "units"), result.hold.units, arms.treatment + arms.control, "it has")
    comparable = [
        phase.share
        for phase in result.phases
        if phase.share < 1 and min(phase.units.treatment, phase.units.control) >= FEWEST
    ]
    for index, metric in enumerate(result.metrics):
        present = [share for share, _ in metric.phases]
        may_lack = metric.method not in ("mean", "proportion")  # a ratio of totals that are 0 is no figure
        if present != comparable and not (may_lack and set(present) < set(comparable)):
            yield Fault(COUNTS, ("metrics", index, "phases"), "must be those of the phases with both arms")
        for key in ("total", "sequential"):
            if (getattr(metric, key) is None) is not (not present):
                state = "is missing" if present else "has no phases that it could be of"
                yield Fault(COUNTS, ("metrics", index, key), state)
