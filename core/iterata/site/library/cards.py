"""What a page tells about each finding, and the lists that findings are in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from iterata.knowledge.days import unknown_day
from iterata.knowledge.finding_status import HoldsBy
from iterata.knowledge.records import findings_of
from iterata.knowledge.surprise import Expectation
from iterata.render.estimates import interval
from iterata.site.library.addresses import finding_paths, page_path, tag_paths
from iterata.text import truncate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from iterata.documents.models.enums import FindingKind, Verdict
    from iterata.knowledge import FindingView, HypothesisView, IterationView, Knowledge, ProjectView
    from iterata.knowledge.days import GitDay
    from iterata.knowledge.finding_status import FindingState, FindingStatus
    from iterata.knowledge.record_models import FindingRecord
    from iterata.knowledge.surprise import Surprise, Surprises
    from iterata.site.derived import Derived

PAGE = 50
"""The findings of a page of a list."""

LONGEST_STATEMENT = 300
"""The characters of a statement in a list; its page has all of them."""

LONGEST_PROJECT_TITLE = 60
"""The characters of the title of a finding's project in a list."""

SHOWN_CARD_TAGS = 6
"""The tags that a list shows of each finding."""

MOST_RELATED = 20
"""The findings, documents and decisions of one kind that the page of a finding links to."""

HOLDS_BY = {
    HoldsBy.AGREEMENT: "its document was approved",
    HoldsBy.SUPPORT: "a later finding supports it",
    HoldsBy.MONITOR: "all monitors were within their bounds",
}
"""What shows that a finding held, in words."""

SHOWN_TAGS = 30
"""The tags that the first page of the library links to: the commonest."""


class Card(NamedTuple):
    """A finding, and everything that pages tell about it."""

    finding: FindingView
    record: FindingRecord
    path: str
    """The path of its page."""
    project: ProjectView
    iteration: IterationView | None
    """None for a finding of the requirements."""
    state: FindingState
    hypothesis: HypothesisView | None
    """The hypothesis that its evidence names."""
    surprise: Surprise | None
    """How far the result of that hypothesis is from what was required."""

    @property
    def effect(self) -> str:
        """The measured difference with its interval; empty without one."""
        computed = self.hypothesis.computed if self.hypothesis else None
        return interval(computed.difference, sign=True) if computed else ""

    @property
    def unit(self) -> str:
        """The unit of the effect; empty if it is not known."""
        measured = self.iteration.measured if self.iteration else None
        return measured.unit if measured else ""

    @property
    def place(self) -> str:
        """The path of the page of its iteration, or of its project."""
        return f"{(self.iteration or self.project).path}/index.md"


class ListedFinding(NamedTuple):
    """What a list tells about a finding, as plain values: a list depends on nothing else."""

    kind: FindingKind
    statement: str
    """At most `LONGEST_STATEMENT` characters; its page has all of them."""
    path: str
    effect: str
    unit: str
    """Of the effect."""
    verdict: Verdict | None
    broken_guardrails: tuple[str, ...]
    is_provisional: bool
    status: FindingStatus
    place: str
    project_title: str
    iteration: str
    """Empty for a finding of the requirements."""
    day: str
    """Empty if it is not known."""
    uses: int
    tags: tuple[tuple[str, str], ...]
    """The first `SHOWN_CARD_TAGS` with the path of the page of each."""
    more_tags: int


class ListPage(NamedTuple):
    """A page of a list of findings."""

    path: str
    number: int
    findings: tuple[ListedFinding, ...]
    first: str
    """The path of the first page of the list."""
    last: int
    """The number of its last page."""


@dataclass(frozen=True)
class Library:
    """All findings, as the pages show them."""

    cards: tuple[Card, ...]
    """The newest first."""

    @classmethod
    def of(cls, derived: Derived, git_day: GitDay = unknown_day) -> Library:
        """The findings of a knowledge base; `git_day` tells the day of a document that states none."""
        cards = list(_cards(derived, git_day))
        cards.sort(key=lambda card: card.record.day or "", reverse=True)
        return cls(tuple(cards))

    @cached_property
    def _by_finding(self) -> Mapping[int, Card]:
        return {id(card.finding): card for card in self.cards}

    @cached_property
    def _by_key(self) -> Mapping[str, Card]:
        return {card.finding.key: card for card in reversed(self.cards)}

    def card(self, finding: FindingView) -> Card:
        """The card of a finding."""
        return self._by_finding[id(finding)]

    def cards_of(self, findings: Iterable[FindingView]) -> list[Card]:
        """The cards of some findings, in their order."""
        return [self.card(finding) for finding in findings]

    def listed(self, cards: Iterable[Card]) -> tuple[ListedFinding, ...]:
        """What lists tell about some findings, in their order."""
        return tuple(self._listed[card.path] for card in cards)

    @cached_property
    def _listed(self) -> Mapping[str, ListedFinding]:
        return {card.path: _listed(card, self.tag_paths) for card in self.cards}

    def related(self, keys: Iterable[str]) -> list[Card | str]:
        """The cards of the findings with some keys; the key itself if there is no such finding."""
        return [self._by_key.get(key, key) for key in keys]

    @property
    def common_tags(self) -> Sequence[tuple[str, tuple[Card, ...]]]:
        """The commonest tags with their findings."""
        return list(islice(self.by_tag.items(), SHOWN_TAGS))

    @cached_property
    def by_tag(self) -> Mapping[str, tuple[Card, ...]]:
        """The findings with each tag; the commonest tag first."""
        found: dict[str, list[Card]] = {}
        for card in self.cards:
            for tag in dict.fromkeys(card.finding.tags):
                found.setdefault(tag, []).append(card)
        ordered = sorted(found.items(), key=lambda entry: (-len(entry[1]), entry[0]))
        return {tag: tuple(cards) for tag, cards in ordered}

    @cached_property
    def tag_paths(self) -> Mapping[str, str]:
        """The path of the first page of each tag."""
        return tag_paths(self.by_tag)


def list_pages(first: str, findings: tuple[ListedFinding, ...]) -> Iterator[ListPage]:
    """The pages of a list. There is one at least."""
    last = max(1, -(-len(findings) // PAGE))
    for number in range(1, last + 1):
        part = findings[(number - 1) * PAGE : number * PAGE]
        yield ListPage(page_path(first, number), number, part, first, last)


def _cards(derived: Derived, git_day: GitDay) -> Iterator[Card]:
    findings, states = list(_places(derived.knowledge)), derived.states
    records = findings_of(derived.knowledge, git_day, states)
    paths = finding_paths(finding for _, _, finding in findings)
    distances = _distances(derived.surprises)
    for (project, iteration, finding), record, path in zip(findings, records, paths, strict=True):
        hypothesis = _hypothesis(finding, iteration)
        yield Card(
            finding, record, path, project, iteration, states[finding.key], hypothesis,
            distances.get((id(iteration), hypothesis.id)) if hypothesis else None,
        )  # fmt: skip


def _listed(card: Card, tag_paths: Mapping[str, str]) -> ListedFinding:
    finding = card.finding
    return ListedFinding(
        kind=finding.kind,
        statement=truncate(finding.statement, LONGEST_STATEMENT),
        path=card.path,
        effect=card.effect,
        unit=card.unit,
        verdict=finding.verdict,
        broken_guardrails=finding.broken_guardrails,
        is_provisional=card.record.provisional,
        status=card.state.status,
        place=card.place,
        project_title=truncate(card.project.title, LONGEST_PROJECT_TITLE),
        iteration=card.iteration.name if card.iteration else "",
        day=card.record.day or "",
        uses=card.state.use.total,
        tags=tuple((tag, tag_paths[tag]) for tag in finding.tags[:SHOWN_CARD_TAGS]),
        more_tags=max(0, len(finding.tags) - SHOWN_CARD_TAGS),
    )


def _places(knowledge: Knowledge) -> Iterator[tuple[ProjectView, IterationView | None, FindingView]]:
    """Every finding with its project and its iteration, in the order of the records."""
    for project in knowledge.projects:
        for iteration in project.iterations:
            yield from ((project, iteration, finding) for finding in iteration.findings)
        yield from ((project, None, finding) for finding in project.own_findings)


def _hypothesis(finding: FindingView, iteration: IterationView | None) -> HypothesisView | None:
    hypotheses = iteration.hypotheses if iteration else ()
    return next((entry for entry in hypotheses if entry.id == finding.hypothesis), None)


def _distances(surprises: Surprises) -> Mapping[tuple[int, str], Surprise]:
    """The result of each hypothesis against what it requires."""
    return {
        (id(entry.iteration), entry.name): entry
        for entry in surprises.compared
        if entry.expectation is Expectation.REQUIRED
    }
