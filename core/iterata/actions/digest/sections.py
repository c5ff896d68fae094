"""A digest as sections of short items, which every format shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import Verdict
from iterata.knowledge.decisions import DecisionKind, LoggedDecision
from iterata.knowledge.surprise import Direction
from iterata.lifecycle.release import percent
from iterata.render.estimates import interval
from iterata.text import isolated, number, one_line, signed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iterata.knowledge.digest import Digest, Learned, Released, Waiting
    from iterata.knowledge.surprise import Surprise
    from iterata.knowledge.views import IterationView, ProjectView

LONGEST = 600
"""Characters of a text."""

MOST = 50
"""How many items of one section are shown."""


class Item(NamedTuple):
    """One thing to know."""

    label: str
    text: str
    note: str
    """Where it is from, and when."""
    path: str
    """The document that says it; empty without one."""


class Section(NamedTuple):
    """Items of one kind."""

    key: str
    title: str
    items: tuple[Item, ...]
    more: int = 0
    """How many further items there are."""


def title_of(digest: Digest, name: str) -> str:
    """The title of a digest, with the name of the knowledge base."""
    since, until = digest.period
    days = f"{since} to {until}" if since != until else str(since)
    return f"{isolated(one_line(name, 100)) or 'Knowledge base'}: {days}"


def sections(digest: Digest) -> list[Section]:
    """The sections that have items; for a role, what waits for it comes first."""
    waits = f"Waits for {digest.role}" if digest.role else "Waits for somebody"
    waiting = _section("waiting", waits, map(_waiting, digest.waiting))
    happened = [
        _section("decided", "Decided", map(_decided, digest.decided)),
        _section("learned", "Learned", map(_learned, digest.learned)),
        _section("surprised", "Surprised us", map(_surprised, digest.surprised)),
        _section("changed", "What became of earlier findings", map(_changed, digest.changed)),
        _section("released", "Released and reverted", map(_released, digest.released)),
    ]
    ordered = [waiting, *happened] if digest.role else [*happened, waiting]
    return [section for section in ordered if section.items]


def _section(key: str, title: str, items: Iterable[Item]) -> Section:
    cut = [
        Item(one_line(label, 100), one_line(text, LONGEST), one_line(note, LONGEST), path)
        for label, text, note, path in items
    ]
    return Section(key, title, tuple(cut[:MOST]), max(0, len(cut) - MOST))


def _learned(learned: Learned) -> Item:
    finding = learned.finding
    tags = f"; {', '.join(map(isolated, finding.tags))}" if finding.tags else ""
    note = f"{isolated(learned.project.title)}, {learned.day} ({finding.key}{tags})"
    return Item(finding.kind.value, finding.statement, note, finding.document.path)


def _changed(changed: Learned) -> Item:
    others = changed.state.critics or changed.state.supporters
    by = f", by {', '.join(other.key for other in others)}" if others else ""
    reason = f": {isolated(changed.state.reason)}" if changed.state.reason else ""
    note = f"since {changed.state.since}{by}{reason} ({changed.finding.key})"
    return Item(changed.state.status.value, changed.finding.statement, note, changed.finding.document.path)


def _decided(decision: LoggedDecision) -> Item:
    by = f" by {', '.join(decision.by)}" if decision.by else ""
    note = f"{_place(decision.project, decision.iteration)}, {decision.day}{by}"
    return Item(_label(decision), decision.why, note, decision.document.path)


def _label(decision: LoggedDecision) -> str:
    match decision.kind:
        case DecisionKind.REPORT:
            return str(decision.outcome or "decided").replace("_", " ")
        case DecisionKind.VERDICT:
            identifier, _, verdict = decision.subject.partition(": ")
            words = Verdict(verdict).label if verdict in list(Verdict) else verdict
            return f"{identifier} is {words}, against the computed verdict"
        case DecisionKind.OVERRIDE:
            return f"next step of {isolated(decision.subject)} against its gate"
        case DecisionKind.REVERT:
            return f"reverted {isolated(decision.subject)}"
    return decision.kind.value.replace("_", " ")


def _surprised(surprise: Surprise) -> Item:
    better = {Direction.BETTER: "better", Direction.WORSE: "worse"}.get(surprise.direction, "as expected")
    measured = interval(surprise.measured, sign=True)
    figures = f"{signed(surprise.expected)} expected, {measured} measured, in {surprise.unit}"
    text = f"{isolated(surprise.claim or f'{surprise.name}:')} {figures}"
    errors = f"{number(abs(surprise.z), 1)} standard errors"
    note = f"{errors}; {isolated(surprise.iteration.title)}, {surprise.day} ({surprise.iteration.ref})"
    documents = surprise.iteration.documents
    return Item(better, text, note, documents[-1].path if documents else "")


def _released(event: Released | LoggedDecision) -> Item:
    if isinstance(event, LoggedDecision):
        return _decided(event)
    began = "began" if event.began else "ended"
    release = event.iteration.release
    path = release.document.path if release else ""
    text = f"{isolated(event.variant)}: the phase of {percent(event.share)} {began}."
    return Item(began, text, f"{_place(event.project, event.iteration)}, {event.day}", path)


def _waiting(waiting: Waiting) -> Item:
    since = f", since {waiting.since}" if waiting.since else ""
    place = _place(waiting.project, waiting.iteration)
    return Item(
        waiting.step.who, f"{place} waits for {waiting.step.what}.", f"{_ref(waiting)}{since}", waiting.path
    )


def _ref(waiting: Waiting) -> str:
    return waiting.iteration.ref if waiting.iteration else waiting.project.name


def _place(project: ProjectView, iteration: IterationView | None) -> str:
    title = isolated(project.title)
    return f"{title}: {isolated(iteration.title)}" if iteration else title
