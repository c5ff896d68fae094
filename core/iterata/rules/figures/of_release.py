"""What a rollout's result says differently from the deployment that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import Requirement
from iterata.lifecycle.release import specification
from iterata.rules.figures.advice import advice_faults
from iterata.rules.figures.fault import Fault, close, unequal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.deployment import Deployment, Phase
    from iterata.documents.models.proposal import Metrics
    from iterata.documents.models.split_test import OnlineMeasure
    from iterata.errors import FieldPath
    from iterata.results.rollout import MetricReading, PhaseUnits, RolloutResult

CODE, VERDICTS = "RES024", "RES023"

FALSE_ALARMS = 0.001
"""The rate of false alarms of the sample ratio over all looks."""

_EVERYBODY = 1.0


def faults(result: RolloutResult, deployment: Deployment, proposed: Metrics | None) -> Iterator[Fault]:
    """Differences from what the deployment declares, if the result is of it.

    Args:
        result: the result of a phase.
        deployment: the release.
        proposed: the metrics of the approved proposal; None if it cannot be read.
    """
    phase = next((phase for phase in deployment.phases if close(phase.share, result.phase)), None)
    if phase is None or result.spec_digest != specification(deployment):  # RES002 and REL005 tell
        return
    why = "deployment.md says"
    yield from unequal(CODE, ("alpha",), result.alpha, deployment.alpha, why)
    yield from unequal(CODE, ("hold", "days_needed"), result.hold.days_needed, phase.hold.days, why)
    yield from unequal(CODE, ("hold", "units_needed"), result.hold.units_needed, phase.hold.units, why)
    yield from unequal(CODE, ("requires",), result.requires, _required(deployment, phase), why)
    yield from _phase_faults(result, deployment)
    yield from _day_faults(result, phase)
    if proposed is not None and deployment.split_test is not None:
        yield from _metric_faults(result, deployment.split_test.metrics, proposed)
    yield from advice_faults(result, deployment.on)


def _required(deployment: Deployment, phase: Phase) -> Requirement:
    """What the phase must show."""
    if phase.requires is not None:
        return phase.requires
    compared = [other.share for other in deployment.phases if other.share < _EVERYBODY]
    return Requirement.GAIN if phase.share in compared[-1:] else Requirement.NO_HARM


def _phase_faults(result: RolloutResult, deployment: Deployment) -> Iterator[Fault]:
    """The result has every phase so far, and the sample ratio of each is the declared one."""
    declared = [phase.share for phase in deployment.phases if phase.share <= result.phase * (1 + 1e-6)]
    shares = [phase.share for phase in result.phases]
    if len(shares) != len(declared) or not all(map(close, shares, declared)):
        listed = ", ".join(f"{share:.10g}" for share in declared)
        yield Fault(CODE, ("phases",), f"must be the phases of {listed}, which deployment.md has")
        return
    looks = sum(phase.share < _EVERYBODY for phase in deployment.phases)
    for index, (phase, share) in enumerate(zip(result.phases, declared, strict=True)):
        expected = share if share < _EVERYBODY else 1 - deployment.holdout
        yield from _ratio_faults(phase, expected, looks, ("phases", index, "sample_ratio"))


def _ratio_faults(phase: PhaseUnits, expected: float, looks: int, place: FieldPath) -> Iterator[Fault]:
    ratio = phase.sample_ratio
    if ratio is None:
        if expected < _EVERYBODY and (phase.units.control or phase.units.treatment):
            yield Fault(CODE, place, "is missing, although the phase has a control group")
        return
    if not close(ratio.expected, expected):
        yield Fault(CODE, (*place, "expected"), f"is {ratio.expected:.7g}, but the phase has {expected:.7g}")
    limit = FALSE_ALARMS / max(looks, 1)
    if not close(ratio.limit, limit):
        yield Fault(CODE, (*place, "limit"), f"is {ratio.limit:.7g}, but {looks} looks make it {limit:.7g}")


def _day_faults(result: RolloutResult, phase: Phase) -> Iterator[Fault]:
    """The phase has no more whole days than there are between its start and its last row."""
    last = result.phases[-1].last_day if result.phases else None
    if phase.started is None or last is None:
        return
    if result.hold.days > (days := max((last - phase.started).days + 1, 0)):
        yield Fault(CODE, ("hold", "days"), f"is {result.hold.days}, but its rows end after {days} days")


def _metric_faults(
    result: RolloutResult, measures: dict[str, OnlineMeasure], proposed: Metrics
) -> Iterator[Fault]:
    """The result has every declared metric, the primary one first, with its role and margin."""
    names = [metric.name for metric in result.metrics]
    if sorted(names) != sorted(measures) or names[:1] != [proposed.primary]:
        listed = ", ".join(measures)
        yield Fault(CODE, ("metrics",), f"must be those of deployment.md, the primary one first: {listed}")
        return
    rails = {rail.name: rail for rail in proposed.guardrail}
    for index, metric in enumerate(result.metrics):
        place, measure, rail = ("metrics", index), measures[metric.name], rails.get(metric.name)
        is_rail = rail is not None and index > 0
        if (metric.role == "guardrail") is not is_rail:
            yield Fault(CODE, (*place, "role"), f"is {metric.role}, which is not its role in proposal.md")
        better = measure.better or (rail.better if rail is not None and is_rail else None)
        if better is not None:
            yield from unequal(CODE, (*place, "better"), metric.better, better, "the documents say")
        margin = measure.margin
        if margin is None and rail is not None and is_rail:
            margin = rail.margin
        yield from _margin_faults(metric, margin, place)


def _margin_faults(metric: MetricReading, margin: float | None, place: FieldPath) -> Iterator[Fault]:
    if margin is None:  # that of the primary metric may come from the expected gain
        return
    if metric.margin is None or not close(metric.margin, margin):
        shown = "missing" if metric.margin is None else f"{metric.margin:.7g}"
        yield Fault(CODE, (*place, "margin"), f"is {shown}, but the documents say {margin:.7g}")
