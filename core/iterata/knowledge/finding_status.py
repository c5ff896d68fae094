"""The status of findings. It is derived from documents and results, and never typed.

A finding counts for or against another one if it is agreed, is written elsewhere and stands itself: it is not
contradicted, superseded or retired. If findings refer to each other in a circle, only references from a later
day to an earlier one count.
"""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.findings import ABANDONED, FINDINGS
from iterata.documents.models.enums import Verdict
from iterata.knowledge.agreed import abandoned_on, agreed_on, is_provisional, learned_on, text
from iterata.knowledge.components import components
from iterata.knowledge.finding_use import Use, is_same_list, uses
from iterata.knowledge.watched import last_day_within_bounds
from iterata.stages import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from iterata.documents import Document
    from iterata.knowledge.views import FindingView, HypothesisView, IterationView, Knowledge


class FindingStatus(StrEnum):
    """What later work says about a finding."""

    OPEN = "open"
    """No later finding supports or contradicts it."""
    CONFIRMED = "confirmed"
    """At least one later finding supports it, and none contradicts it."""
    CONTRADICTED = "contradicted"
    """At least one later finding contradicts it."""
    SUPERSEDED = "superseded"
    """Another document replaced the one that has it."""
    RETIRED = "retired"
    """Its document was abandoned, or the release of the variant that it is about was reverted."""

    @property
    def stands(self) -> bool:
        """Whether the finding may still be relied on."""
        return self in (FindingStatus.OPEN, FindingStatus.CONFIRMED)


class HoldsBy(StrEnum):
    """What shows that a finding held on a day."""

    AGREEMENT = "agreement"
    """Its document was agreed on that day."""
    SUPPORT = "support"
    """A later finding that supports it was agreed on that day."""
    MONITOR = "monitor"
    """All monitors of the released variant were within their bounds on that day."""


class Held(NamedTuple):
    """The last day on which something showed that a finding holds."""

    on: date
    by: HoldsBy
    where: str = ""
    """The key of the finding that supports it; empty otherwise."""


class FindingState(NamedTuple):
    """The status of a finding, and what it follows from."""

    status: FindingStatus
    is_provisional: bool
    """Whether its own document is not agreed yet."""
    learned_on: date | None
    """The day on which its document was agreed; None if it is provisional, or no day is recorded."""
    holds_as_of: Held | None
    """None if the finding does not stand, is provisional, or no day is recorded."""
    since: date | None
    """The day since which it has its status; None if no day is recorded. An open finding has `learned_on`."""
    supporters: tuple[FindingView, ...]
    """The findings elsewhere that support it and count."""
    critics: tuple[FindingView, ...]
    """The findings elsewhere that contradict it and count."""
    reason: str
    """Why it is superseded or retired: the document that replaced it, or why the work ended; else empty."""
    use: Use


class _Ended(NamedTuple):
    """Why a finding is superseded or retired, whatever other findings say."""

    status: FindingStatus
    on: date | None
    reason: str


def finding_states(knowledge: Knowledge) -> Mapping[str, FindingState]:
    """The status of every finding, by its key."""
    derivation = _Derivation(knowledge)
    return {key: derivation.state(finding) for key, finding in derivation.findings.items()}


class _Derivation:
    """Derives the status of all findings of a knowledge base."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.findings = {finding.key: finding for finding in knowledge.findings}
        self._owners = {
            finding.key: iteration for iteration in knowledge.iterations for finding in iteration.findings
        }
        owned = [(key, finding, self._owners.get(key)) for key, finding in self.findings.items()]
        self._days = {key: learned_on(finding, iteration) for key, finding, iteration in owned}
        documents = {document.path: document for document in knowledge.documents}
        self._endings = {key: _ended(finding, iteration, documents) for key, finding, iteration in owned}
        self._relations = _Relations(self.findings, self._days)
        self._standing = self._find_standing()
        self._uses = uses(knowledge)
        self._watched = _Watched()

    def _find_standing(self) -> set[str]:
        """The findings that count for and against others."""
        standing: set[str] = set()
        for key in self._relations.order:  # critics before those whom they contradict
            ends = self._endings[key] is not None or is_provisional(self.findings[key].document)
            if not ends and standing.isdisjoint(self._relations.critics.get(key, ())):
                standing.add(key)
        return standing

    def state(self, finding: FindingView) -> FindingState:
        """The status of one finding."""
        key, ended = finding.key, self._endings[finding.key]
        supporters = self._counting(self._relations.supporters.get(key, ()))
        critics = self._counting(self._relations.critics.get(key, ()))
        status, since = self._status(finding, supporters, critics)
        is_open = is_provisional(finding.document)
        held = self._held(finding, supporters) if status.stands and not is_open else ()
        return FindingState(
            status=status,
            is_provisional=is_open,
            learned_on=self._days[key],
            holds_as_of=max(held, default=None),
            since=since,
            supporters=supporters,
            critics=critics,
            reason=ended.reason if ended else "",
            use=self._uses[key],
        )

    def _counting(self, keys: Iterable[str]) -> tuple[FindingView, ...]:
        return tuple(self.findings[key] for key in keys if key in self._standing)

    def _status(
        self, finding: FindingView, supporters: Iterable[FindingView], critics: Iterable[FindingView]
    ) -> tuple[FindingStatus, date | None]:
        """The status, and the day since which the finding has it."""
        if ended := self._endings[finding.key]:
            return ended.status, ended.on
        for others, status in ((critics, FindingStatus.CONTRADICTED), (supporters, FindingStatus.CONFIRMED)):
            if others:
                days = (self._days[other.key] for other in others)
                return status, min((day for day in days if day), default=None)
        return FindingStatus.OPEN, self._days[finding.key]

    def _held(self, finding: FindingView, supporters: Iterable[FindingView]) -> Iterator[Held]:
        """The days on which something showed that a finding holds."""
        if learned := self._days[finding.key]:
            yield Held(learned, HoldsBy.AGREEMENT)
        for supporter in supporters:
            if day := self._days[supporter.key]:
                yield Held(day, HoldsBy.SUPPORT, supporter.key)
        if day := self._watched.day(finding, self._owners.get(finding.key)):
            yield Held(day, HoldsBy.MONITOR)


class _Relations:
    """Which findings support and contradict each finding, without references that do not count."""

    def __init__(self, findings: Mapping[str, FindingView], days: Mapping[str, date | None]) -> None:
        self._findings, self._days = findings, days
        graph = {
            key: [
                other for other in (*finding.supports, *finding.contradicts) if self._is_elsewhere(key, other)
            ]
            for key, finding in findings.items()
        }
        groups = components(graph)
        self._group = {key: number for number, group in enumerate(groups) for key in group}
        self.supporters: dict[str, list[str]] = defaultdict(list)
        self.critics: dict[str, list[str]] = defaultdict(list)
        for key, finding in findings.items():
            for others, relation in (
                (finding.supports, self.supporters),
                (finding.contradicts, self.critics),
            ):
                for other in dict.fromkeys(others):
                    if self._counts(key, other):
                        relation[other].append(key)
        latest_first = (sorted(group, key=self._day, reverse=True) for group in groups)
        self.order = [key for group in latest_first for key in group]

    def _is_elsewhere(self, key: str, other: str) -> bool:
        return other in self._findings and not is_same_list(self._findings[key], self._findings[other])

    def _counts(self, key: str, other: str) -> bool:
        if not self._is_elsewhere(key, other):
            return False
        return self._group[key] != self._group[other] or self._day(key) > self._day(other)

    def _day(self, key: str) -> str:
        day = self._days[key]
        return day.isoformat() if day else ""


class _Watched:
    """The last day on which the release of each iteration was within its bounds, read once."""

    def __init__(self) -> None:
        self._days: dict[str, date | None] = {}

    def day(self, finding: FindingView, iteration: IterationView | None) -> date | None:
        """None unless the finding is a supported hypothesis about the variant that is released."""
        release = iteration.release if iteration else None
        if iteration is None or release is None or release.is_reverted:
            return None
        hypothesis = _supported(finding, iteration)
        if hypothesis is None or hypothesis.variant != release.variant:
            return None
        if iteration.ref not in self._days:
            self._days[iteration.ref] = last_day_within_bounds(release)
        return self._days[iteration.ref]


def _supported(finding: FindingView, iteration: IterationView) -> HypothesisView | None:
    """The supported hypothesis that the finding of a report is about; None if there is none."""
    if finding.listed_in != FINDINGS or finding.verdict is not Verdict.SUPPORTED:
        return None
    return next((entry for entry in iteration.hypotheses if entry.id == finding.hypothesis), None)


def _ended(
    finding: FindingView, iteration: IterationView | None, documents: Mapping[str, Document]
) -> _Ended | None:
    document = finding.document
    if finding.listed_in == ABANDONED:
        return None
    if document.status is Status.SUPERSEDED:
        successor = text(document.data.get("superseded_by"))
        project = document.path.rsplit("/", 2 if finding.iteration else 1)[0]
        replacing = documents.get(f"{project}/{successor}") or documents.get(successor)
        return _Ended(FindingStatus.SUPERSEDED, agreed_on(replacing), successor)
    if document.status is Status.ABANDONED:
        why = document.data.get("abandoned")
        reason = text(why.get("why")) if isinstance(why, dict) else ""
        return _Ended(FindingStatus.RETIRED, abandoned_on(document), reason)
    hypothesis = _supported(finding, iteration) if iteration else None
    if hypothesis is None or iteration is None:
        return None
    for variant, on, reason in _reverts(iteration):
        if variant == hypothesis.variant:
            return _Ended(FindingStatus.RETIRED, on, reason)
    return None


def _reverts(iteration: IterationView) -> Iterator[tuple[str, date | None, str]]:
    """The variants whose release was reverted, unless they are released again; the latest revert first."""
    release = iteration.release
    if release is None:
        return
    if release.is_reverted:
        revert = release.revert
        yield release.variant, revert.on if revert else None, revert.why if revert else ""
    for earlier in reversed(release.earlier):
        if release.is_reverted or earlier.variant != release.variant:
            yield earlier.variant, earlier.revert.on, earlier.revert.why
