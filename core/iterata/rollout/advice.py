"""What the result of a phase advises: advance, hold or revert, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.deployment import OnHealth
from iterata.documents.models.enums import Advice, Requirement
from iterata.results.rollout import Health, HoldState
from iterata.rollout.outlook import Outlook, Progress, Question, outlook
from iterata.text import number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from iterata.documents.models.enums import Reaction
    from iterata.results.parts import Estimate
    from iterata.results.rollout import HealthProblem, MetricReading, SampleRatio


@dataclass(frozen=True)
class PhaseEvidence:
    """Everything that the advice depends on."""

    share: float
    has_units: bool
    """Whether the phase has units; in both arms, if it has a control group."""
    sample_ratio: SampleRatio | None
    metrics: list[MetricReading]
    """The primary metric first."""
    requires: Requirement
    hold: HoldState
    unmeasured: list[str] = field(default_factory=list)
    """The guardrails of the proposal that the split test does not measure."""
    on: OnHealth = field(default_factory=OnHealth)
    information: float = 0.0
    """The information of all phases with a control group so far, in units; 0 if it is not known."""
    last_day: date | None = None
    """The last whole day with data."""
    is_last: bool = False
    """Whether no other phase with a control group follows, so that no planned look is left."""

    @property
    def primary(self) -> MetricReading:
        """The metric that decides."""
        return self.metrics[0]

    @property
    def guardrails(self) -> list[MetricReading]:
        """The metrics that must not get worse."""
        return [metric for metric in self.metrics if metric.role == "guardrail"]


class Decision(NamedTuple):
    """The advice, the reason in one sentence, and all problems in the order of their weight."""

    advice: Advice
    reason: str
    health: list[Health]
    until: date | None = None
    """The day on which the phase is expected to be decided; None if it is, or cannot be told."""


def advise(evidence: PhaseEvidence) -> Decision:
    """The advice: the first problem decides; without any, what the phase waits for; else the next step.

    Neither a lack of data nor an inconclusive result ever advances, and by default neither reverts.
    """
    health = list(_problems(evidence))
    if health:
        first = health[0]
        return Decision(first.reaction, first.message, health)
    if waiting := _waits_for(evidence):
        return Decision(Advice.HOLD, waiting, [])
    if inconclusive := _not_shown(evidence):
        reaction = _advice(evidence.on.inconclusive)
        ahead = _ahead(evidence) if reaction is Advice.HOLD else Outlook("")
        message = f"{inconclusive}. {ahead.sentence}".rstrip()
        found = Health(problem="inconclusive", reaction=reaction, message=message)
        return Decision(reaction, message, [found], ahead.until)
    if missing := _missing_approval(evidence):
        return Decision(Advice.HOLD, missing, [])
    return Decision(Advice.ADVANCE, _shown(evidence), [])


def _problems(evidence: PhaseEvidence) -> Iterator[Health]:
    """What is wrong with the data, then the harm they show; what reverts before what holds."""
    if not evidence.has_units:
        message = f"The phase of {_in_percent(evidence.share)} has no data yet, so nothing can be compared."
        yield _health("no_data", evidence.on.no_data, message)
        return
    ratio = evidence.sample_ratio
    if ratio is not None and ratio.is_off:
        message = (
            f"The arms are not as large as {_in_percent(ratio.expected)} of the units would be by chance "
            f"(p {_p(ratio.p_value)}), so no difference between them can be trusted: find out which units "
            "are lost."
        )
        yield _health("sample_ratio", evidence.on.sample_ratio, message)
    harm = [
        _health("guardrail", evidence.on.guardrail, _beyond_margin(guardrail))
        for guardrail in evidence.guardrails
        if guardrail.state == "worse"
    ]
    if evidence.primary.state == "worse":
        harm.append(Health(problem="harm", reaction=Advice.REVERT, message=_harm(evidence.primary)))
    yield from sorted(harm, key=lambda problem: problem.reaction is not Advice.REVERT)


def _health(problem: HealthProblem, reaction: Reaction, message: str) -> Health:
    return Health(problem=problem, reaction=_advice(reaction), message=message)


def _advice(reaction: Reaction) -> Advice:
    return Advice(reaction.value)


def _waits_for(evidence: PhaseEvidence) -> str:
    """The days and units that are missing, in a sentence; empty if none are."""
    hold, parts = evidence.hold, []
    if hold.days_needed is not None and hold.days < hold.days_needed:
        parts.append(f"it has run for {hold.days:,} of {hold.days_needed:,} days")
    if hold.units_needed is not None and hold.units < hold.units_needed:
        missing = hold.units_needed - hold.units
        parts.append(f"{missing:,} of {hold.units_needed:,} units are missing")
    if parts:
        until = f", until {hold.until.isoformat()} at the present pace" if hold.until else ""
        return f"The phase of {_in_percent(evidence.share)} goes on{until}: {' and '.join(parts)}."
    return ""


def _missing_approval(evidence: PhaseEvidence) -> str:
    """Whose agreement is missing, in a sentence: the last thing to wait for, as it needs no further data."""
    role = evidence.hold.approval_needed
    if not role:
        return ""
    return f"The role {role} has not agreed to the step after {_in_percent(evidence.share)} yet."


def _ahead(evidence: PhaseEvidence) -> Outlook:
    """Until when the phase would have to go on, for all that is not shown.

    After the last planned look, the confidence sequence decides.
    """
    primary, questions = evidence.primary, []
    if evidence.requires is Requirement.GAIN and primary.state != "better":
        questions.append((primary, primary.sequential, 0.0))
    elif primary.state not in ("better", "not_worse"):
        questions.append((primary, _against_margin(primary), primary.margin or 0.0))
    questions += [
        (metric, _against_margin(metric), metric.margin or 0.0)
        for metric in evidence.guardrails
        if metric.state not in ("better", "not_worse")
    ]
    asked = [
        Question(metric, (evidence.is_last and metric.always_valid) or decides, loss)
        for metric, decides, loss in questions
    ]
    progress = Progress(evidence.share, evidence.information, evidence.hold, evidence.last_day)
    return outlook(asked, progress)


def _not_shown(evidence: PhaseEvidence) -> str:
    """What is required and not shown, without a full stop; empty if all of it is shown."""
    primary, parts = evidence.primary, []
    if evidence.requires is Requirement.GAIN and primary.state != "better":
        parts.append(f"a gain of {primary.name} is not shown{_interval(primary)}")
    elif primary.state not in ("better", "not_worse"):
        parts.append(
            f"a loss of {primary.name} beyond {number(primary.margin or 0.0)} is not excluded"
            f"{_interval(primary, _against_margin(primary))}"
        )
    parts += [
        f"{metric.name} has no data"
        if metric.state == "no_data"
        else f"{metric.name} is not shown to keep its margin {number(metric.margin or 0.0)}"
        f"{_interval(metric, _against_margin(metric))}"
        for metric in evidence.guardrails
        if metric.state not in ("better", "not_worse")
    ]
    if not parts:
        return ""
    sentence = "; ".join(parts)
    return f"Nothing is decided yet: {sentence}"


def _shown(evidence: PhaseEvidence) -> str:
    """Why the next step may be taken."""
    primary = evidence.primary
    if primary.state == "better":
        shown = f"{primary.name} is better than the control{_interval(primary)}"
    else:
        margin = number(primary.margin or 0.0)
        shown = (
            f"a loss of {primary.name} beyond {margin} is excluded"
            f"{_interval(primary, _against_margin(primary))}"
        )
    count = len(evidence.guardrails)
    kept = {0: "", 1: ", and the guardrail is kept"}.get(count, f", and all {count} guardrails are kept")
    blind = f"; not measured: {', '.join(evidence.unmeasured)}" if evidence.unmeasured else ""
    return f"{_capitalized(shown)}{kept}{blind}."


def _beyond_margin(guardrail: MetricReading) -> str:
    margin = number(guardrail.margin or 0.0)
    return f"The guardrail {guardrail.name} is worse than its margin {margin} allows{_interval(guardrail)}."


def _harm(primary: MetricReading) -> str:
    return f"{_capitalized(primary.name)} is worse than in the control{_interval(primary)}."


def _capitalized(sentence: str) -> str:
    return f"{sentence[:1].upper()}{sentence[1:]}"


def _against_margin(metric: MetricReading) -> Estimate | None:
    """The difference with the interval that is held against the margin."""
    return metric.non_inferiority or metric.sequential


def _interval(metric: MetricReading, decides: Estimate | None = None) -> str:
    """The interval of the difference that decides, in brackets with a space before it."""
    estimate = decides or metric.sequential
    if estimate is None or estimate.interval is None:
        return ""
    low, high = (number(end) for end in estimate.interval)
    return f" (difference {number(estimate.value)}, {low} to {high})"


def _in_percent(share: float) -> str:
    return f"{share * 100:.10g} %"


def _p(p_value: float) -> str:
    return "< 0.001" if p_value < 0.001 else f"= {p_value:.3f}"
