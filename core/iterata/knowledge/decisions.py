"""The log of decisions across projects: who decided what, why, and what it led to."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iterata.documents.findings import POST_MORTEM
from iterata.documents.models.enums import Go
from iterata.knowledge.agreed import (
    abandoned_on,
    agreed_on,
    as_date,
    block,
    entries,
    is_provisional,
    places_in,
    text,
)
from iterata.stages import Outcome, Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from iterata.documents import Document
    from iterata.documents.models.deployment import Phase
    from iterata.knowledge.agreed import Place
    from iterata.knowledge.views import IterationView, Knowledge, ProjectView

    Followers: TypeAlias = Mapping[tuple[str, str], list[IterationView]]
    """The iterations that follow each iteration, by its project and name."""


class DecisionKind(StrEnum):
    """What kind of decision an entry of the log is."""

    REPORT = "report"
    """The stakeholders decided on a report."""
    NO_GO = "no_go"
    """An assessment advised against going on."""
    ABANDONED = "abandoned"
    """The work of a document was given up."""
    OVERRIDE = "override"
    """A phase of a release ended although its gate was closed."""
    VERDICT = "verdict"
    """The author's verdict on a hypothesis differs from the computed one."""
    REVERT = "revert"
    """A release was reverted."""


class LedTo(NamedTuple):
    """What followed from a decision."""

    path: str
    """The document that followed."""
    title: str
    """Of the document, or of the part of it that followed."""
    status: Status | None


class LoggedDecision(NamedTuple):
    """An entry of the log."""

    day: date | None
    """None if no day is recorded."""
    kind: DecisionKind
    project: ProjectView
    iteration: IterationView | None
    """None for requirements."""
    document: Document
    """The document that records it."""
    subject: str
    """What it is about: the variant, the phase or the hypothesis; empty for the iteration as a whole."""
    outcome: Outcome | None
    """Of a decision on a report; None for the other kinds."""
    by: tuple[str, ...]
    """The roles that decided; empty if none is recorded."""
    why: str
    led_to: tuple[LedTo, ...]
    """Empty if nothing followed yet, or nothing has to."""
    is_provisional: bool
    """Whether the document that records it is not agreed yet."""


def decisions(knowledge: Knowledge) -> tuple[LoggedDecision, ...]:
    """All decisions, the newest first; those without a day come last."""
    return arranged(map(decided_in, knowledge.projects))


def decided_in(project: ProjectView) -> tuple[LoggedDecision, ...]:
    """The decisions of one project."""
    followers = _followers(project)
    return tuple(entry for place in places_in(project) for entry in _of_document(place, followers))


def arranged(projects: Iterable[Iterable[LoggedDecision]]) -> tuple[LoggedDecision, ...]:
    """The decisions of all projects, in order."""
    return tuple(sorted((entry for log in projects for entry in log), key=_order))


def _order(entry: LoggedDecision) -> tuple[object, ...]:
    return -(entry.day.toordinal() if entry.day else 0), entry.document.path, entry.kind.value, entry.subject


def _followers(project: ProjectView) -> Followers:
    followers: dict[tuple[str, str], list[IterationView]] = defaultdict(list)
    for iteration in project.iterations:
        if iteration.follows:
            followers[iteration.project, iteration.follows].append(iteration)
    return followers


def _of_document(place: Place, followers: Followers) -> Iterator[LoggedDecision]:
    document, _, iteration = place
    if document.status is Status.ABANDONED:
        why = text(block(document.data, "abandoned").get("why"))
        yield _entry(place, DecisionKind.ABANDONED, day=abandoned_on(document), why=why)
    if iteration is None:
        return
    match document.stage:
        case Stage.ASSESSMENT:
            yield from _of_assessment(place)
        case Stage.REPORT:
            yield from _of_report(place, iteration, followers)
        case Stage.DEPLOYMENT:
            yield from _of_release(place, iteration)


def _of_assessment(place: Place) -> Iterator[LoggedDecision]:
    data = place.document.data
    if data.get("recommendation") == Go.NO_GO and place.document.status is Status.APPROVED:
        roles = tuple(text(entry.get("role")) for entry in entries(data, "approvals"))
        why = text(data.get("why_a_model")) or text(data.get("problem_confirmed"))
        yield _entry(place, DecisionKind.NO_GO, day=agreed_on(place.document), by=roles, why=why)


def _of_report(place: Place, iteration: IterationView, followers: Followers) -> Iterator[LoggedDecision]:
    decision = iteration.decision
    if decision is not None:
        yield _entry(
            place,
            DecisionKind.REPORT,
            day=decision.on,
            by=tuple(decider.role for decider in decision.by),
            why=text(decision.why),
            outcome=decision.outcome,
            led_to=tuple(_led_to(place, iteration, decision.outcome, followers)),
        )
    for answer in entries(place.document.data, "hypotheses"):
        if reason := text(answer.get("override_reason")):
            yield _entry(
                place,
                DecisionKind.VERDICT,
                day=agreed_on(place.document),
                why=reason,
                subject=f"{text(answer.get('id'))}: {text(answer.get('verdict'))}",
            )


def _led_to(
    place: Place,
    iteration: IterationView,
    outcome: Outcome,
    followers: Followers,
) -> Iterator[LedTo]:
    match outcome:
        case Outcome.ITERATE:
            for follower in followers.get((iteration.project, iteration.name), ()):
                first = next(iter(follower.documents), None)
                last = follower.document(Stage.REPORT) or first
                if last:
                    yield LedTo(last.path, follower.title, last.status)
        case Outcome.DEPLOY:
            if iteration.release:
                document = iteration.release.document
                yield LedTo(document.path, document.title, document.status)
        case Outcome.REVISIT_REQUIREMENTS:
            requirements, decision = place.project.requirements, iteration.decision
            revised = [as_date(entry.get("on")) for entry in entries(_data(requirements), "revisions")]
            if requirements and decision and any(day and day >= decision.on for day in revised):
                yield LedTo(requirements.path, requirements.title, requirements.status)


def _data(document: Document | None) -> object:
    return document.data if document else {}


def _of_release(place: Place, iteration: IterationView) -> Iterator[LoggedDecision]:
    release = iteration.release
    if release is None:
        return
    report = iteration.document(Stage.REPORT)
    explained = (LedTo(report.path, "Post-mortem in its report", report.status),) if report else ()
    newest = explained if block(_data(report), POST_MORTEM) else ()
    rollouts = [(release.variant, [view.phase for view in release.phases], release.revert, newest)]
    rollouts += [  # the next release waited for the post-mortem
        (earlier.variant, list(earlier.phases), earlier.revert, explained) for earlier in release.earlier
    ]
    for variant, phases, revert, led_to in rollouts:
        yield from _overrides(place, variant, phases)
        if revert is not None:
            yield _entry(
                place, DecisionKind.REVERT, day=revert.on, why=revert.why, subject=variant, led_to=led_to
            )


def _overrides(place: Place, variant: str, phases: list[Phase]) -> Iterator[LoggedDecision]:
    for phase in phases:
        if (override := phase.override) is not None:
            yield _entry(
                place,
                DecisionKind.OVERRIDE,
                day=override.on,
                by=(override.by,) if override.by else (),
                why=override.reason,
                subject=f"{variant}, {phase.share * 100:g} %",
            )


def _entry(
    place: Place,
    kind: DecisionKind,
    *,
    day: date | None,
    why: str,
    by: tuple[str, ...] = (),
    subject: str = "",
    outcome: Outcome | None = None,
    led_to: tuple[LedTo, ...] = (),
) -> LoggedDecision:
    return LoggedDecision(
        day=day,
        kind=kind,
        project=place.project,
        iteration=place.iteration,
        document=place.document,
        subject=subject,
        outcome=outcome,
        by=by,
        why=why,
        led_to=led_to,
        is_provisional=is_provisional(place.document),
    )
