"""A digest of some days: what was learned, decided and released, what surprised, and what waits for whom.

It depends on documents and on Git alone, never on the clock, so that the same history gives the same digest.
Only what is agreed is told.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from iterata.knowledge.agreed import as_date, block, entries, text
from iterata.knowledge.days import as_text, day_of
from iterata.knowledge.decisions import DecisionKind, LoggedDecision, decisions
from iterata.knowledge.finding_status import FindingStatus, finding_states
from iterata.knowledge.surprise import Surprise, surprises
from iterata.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from iterata.knowledge.days import GitDay
    from iterata.knowledge.finding_status import FindingState
    from iterata.knowledge.views import FindingView, IterationView, Knowledge, ProjectView
    from iterata.lifecycle.next_step import NextStep

_OF_RELEASES = frozenset({DecisionKind.REVERT, DecisionKind.OVERRIDE})


class Period(NamedTuple):
    """Some days, with the first and the last one."""

    since: date
    until: date

    def has(self, day: date | None) -> bool:
        """Whether a day is among them."""
        return day is not None and self.since <= day <= self.until


class Learned(NamedTuple):
    """A finding, with its state."""

    finding: FindingView
    project: ProjectView
    day: date
    state: FindingState


class Released(NamedTuple):
    """A phase of a release that began, or ended."""

    iteration: IterationView
    project: ProjectView
    day: date
    variant: str
    share: float
    began: bool
    """Whether it began; otherwise it ended."""


class Waiting(NamedTuple):
    """Something that waits for somebody."""

    project: ProjectView
    iteration: IterationView | None
    step: NextStep
    path: str
    """The document that it is about; empty if there is none yet."""
    since: str
    """The day since which it waits, as far as documents and Git tell; else empty."""

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that it waits for."""
        return tuple(role.strip() for role in self.step.who.replace(" and ", ",").split(",") if role.strip())


class Digest(NamedTuple):
    """A digest of some days."""

    period: Period
    role: str
    """The role that it is for; empty for everybody."""
    learned: tuple[Learned, ...]
    changed: tuple[Learned, ...]
    """Earlier findings that were confirmed, contradicted, replaced or retired on these days."""
    decided: tuple[LoggedDecision, ...]
    surprised: tuple[Surprise, ...]
    released: tuple[Released | LoggedDecision, ...]
    """Phases of releases, overrides and reverts."""
    waiting: tuple[Waiting, ...]
    """As it is now, not as it was on these days."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened on these days."""
        return not (self.learned or self.changed or self.decided or self.surprised or self.released)


def digest(knowledge: Knowledge, period: Period, role: str, git_day: GitDay) -> Digest:
    """The digest of some days, for a role or for everybody."""
    agreed = [entry for entry in decisions(knowledge) if not entry.is_provisional and period.has(entry.day)]
    findings = list(_findings(knowledge))
    released: list[Released | LoggedDecision] = [
        *_phases(knowledge, period),
        *(entry for entry in agreed if entry.kind in _OF_RELEASES),
    ]
    return Digest(
        period=period,
        role=role,
        learned=tuple(sorted((one for one in findings if period.has(one.day)), key=_newest_first)),
        changed=tuple(
            one
            for one in findings
            if one.state.status is not FindingStatus.OPEN and period.has(one.state.since)
        ),
        decided=tuple(entry for entry in agreed if entry.kind not in _OF_RELEASES),
        surprised=tuple(
            entry
            for entry in surprises(knowledge).notable
            if not entry.is_provisional and period.has(entry.day)
        ),
        released=tuple(sorted(released, key=lambda entry: as_text(entry.day), reverse=True)),
        waiting=tuple(entry for entry in _waiting(knowledge, git_day) if not role or _is_for(entry, role)),
    )


def last_day(knowledge: Knowledge) -> date | None:
    """The latest day that any document states; None if there is none."""
    stated = (as_date(day_of(document)) for document in knowledge.documents)
    return max((day for day in stated if day), default=None)


def known_roles(knowledge: Knowledge) -> list[str]:
    """Every role that a document or the method names, the most frequent first."""
    named: Counter[str] = Counter()
    for document in knowledge.documents:
        owners = document.data.get("owners")
        named.update(text(owner) for owner in (owners if isinstance(owners, list) else ()))
        for key in ("stakeholders", "approvals"):
            named.update(text(entry.get("role")) for entry in entries(document.data, key))
        named.update(text(entry.get("role")) for entry in entries(block(document.data, "decision"), "by"))
    named.update(role for info in STAGES.values() for role in info.owner.split(" and "))
    named.update(role for waiting in _waiting(knowledge, lambda _: "") for role in waiting.roles)
    return [role for role, _ in named.most_common() if role]


def _is_for(waiting: Waiting, role: str) -> bool:
    return role.casefold() in (other.casefold() for other in waiting.roles)


def _newest_first(learned: Learned) -> tuple[int, str]:
    return -learned.day.toordinal(), learned.finding.key


def _findings(knowledge: Knowledge) -> Iterator[Learned]:
    states = finding_states(knowledge)
    for project in knowledge.projects:
        for finding in project.findings:
            state = states[finding.key]
            if state.learned_on is not None:
                yield Learned(finding, project, state.learned_on, state)


def _phases(knowledge: Knowledge, period: Period) -> Iterator[Released]:
    for project in knowledge.projects:
        for iteration in project.released:
            release = iteration.release
            if release is None:
                continue
            rollouts = [(release.variant, [view.phase for view in release.phases])]
            rollouts += [(earlier.variant, list(earlier.phases)) for earlier in release.earlier]
            for variant, phases in rollouts:
                for phase in phases:
                    for day, began in ((phase.started, True), (phase.ended, False)):
                        if day is not None and period.has(day):
                            yield Released(iteration, project, day, variant, phase.share, began)


def _waiting(knowledge: Knowledge, git_day: GitDay) -> Iterator[Waiting]:
    for project in knowledge.projects:
        if (step := project.next_step) is not None and step.who:
            yield _waiting_for(project, None, step, git_day)
        for iteration in project.iterations:
            if iteration.next_step.who:
                yield _waiting_for(project, iteration, iteration.next_step, git_day)


def _waiting_for(
    project: ProjectView, iteration: IterationView | None, step: NextStep, git_day: GitDay
) -> Waiting:
    documents = iteration.documents if iteration else ()
    if not documents and project.requirements:
        documents = (project.requirements,)
    own = next((document for document in documents if document.stage is step.stage), None)
    latest = own or next(reversed(documents), None)
    since = day_of(latest, git_day) if latest else ""
    return Waiting(project, iteration, step, latest.path if latest else "", since)
