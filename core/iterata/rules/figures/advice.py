"""Whether the advice of a rollout's result follows from its own figures: it is derived once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import Advice, Requirement
from iterata.rules.figures.fault import Fault, unequal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.deployment import OnHealth
    from iterata.results.rollout import HealthProblem, MetricReading, RolloutResult

CODE = "RES023"

_KEPT = ("better", "not_worse")


class Derived(NamedTuple):
    """What the figures advise."""

    advice: Advice
    health: list[tuple[HealthProblem, Advice]]


def advice_faults(result: RolloutResult, on: OnHealth | None = None) -> Iterator[Fault]:
    """An advice, or problems, that do not follow from the figures.

    Args:
        result: the result of a phase.
        on: what each problem means; None if nobody can tell any more, as of an earlier release.
    """
    derived = derive(result, on)
    found = [(entry.problem, entry.reaction) for entry in result.health]
    if found != derived.health:
        yield Fault(CODE, ("health",), f"is {_named(found)}, but its figures show {_named(derived.health)}")
    yield from unequal(CODE, ("advice",), result.advice, derived.advice, "by its figures it is")


def derive(result: RolloutResult, on: OnHealth | None = None) -> Derived:
    """The advice by the figures of a result: the first problem, what is awaited, what is shown."""
    problems = _problems(result)
    hold = result.hold
    waits = hold.days < (hold.days_needed or 0) or hold.units < (hold.units_needed or 0)
    if not problems and not waits and not _is_shown(result):
        problems = ["inconclusive"]
    health = [(problem, _reaction(problem, result, on)) for problem in problems]
    health.sort(key=lambda entry: (entry[0] != "sample_ratio", entry[1] is not Advice.REVERT))
    if health:
        return Derived(health[0][1], health)
    return Derived(Advice.HOLD if waits or hold.approval_needed else Advice.ADVANCE, [])


def _problems(result: RolloutResult) -> list[HealthProblem]:
    last = result.phases[-1] if result.phases else None
    has_control = result.phase < 1 or (last is not None and last.sample_ratio is not None)
    if last is None or not last.units.treatment or (has_control and not last.units.control):
        return ["no_data"]
    found: list[HealthProblem] = []
    if any(phase.sample_ratio.is_off for phase in result.phases if phase.sample_ratio is not None):
        found.append("sample_ratio")
    found += ["guardrail" for metric in _guardrails(result) if metric.state == "worse"]
    if result.metrics[0].state == "worse":
        found.append("harm")
    return found


def _is_shown(result: RolloutResult) -> bool:
    """Whether the primary metric shows what is required, and every guardrail is kept."""
    primary = result.metrics[0].state
    is_enough = primary == "better" if result.requires is Requirement.GAIN else primary in _KEPT
    return is_enough and all(metric.state in _KEPT for metric in _guardrails(result))


def _guardrails(result: RolloutResult) -> list[MetricReading]:
    return [metric for metric in result.metrics if metric.role == "guardrail"]


def _reaction(problem: HealthProblem, result: RolloutResult, on: OnHealth | None) -> Advice:
    if problem == "harm":
        return Advice.REVERT
    if on is not None:
        return Advice(getattr(on, problem).value)
    return next((entry.reaction for entry in result.health if entry.problem == problem), Advice.HOLD)


def _named(health: list[tuple[HealthProblem, Advice]]) -> str:
    return ", ".join(f"{problem} ({advice})" for problem, advice in health) or "no problem"
