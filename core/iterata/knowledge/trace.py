"""From each business hypothesis to what tested it, what was learned, what was decided and what is watched.

A hypothesis of a plan tests a business hypothesis if it lists it under `tests`, or if its claim names it, as
in `Older voters read messages (B1)`. The first link that is missing is the hole of a line; holes come first.
"""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, NamedTuple

from iterata.knowledge.agreed import entries, is_provisional, text
from iterata.knowledge.similar import SimilarTexts
from iterata.stages import Outcome, Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from iterata.documents import Document
    from iterata.documents.models.report import Decision
    from iterata.knowledge.releases import ReleaseView
    from iterata.knowledge.views import FindingView, HypothesisView, IterationView, Knowledge, ProjectView


RESEMBLES = 0.35
"""From this cosine similarity on, a hypothesis of a plan is shown beside an untested business hypothesis."""


class Hole(IntEnum):
    """The first link that a line misses; the greater it is, the further the work has come."""

    UNTESTED = 0
    """No plan says that it tests the business hypothesis."""
    ABANDONED = 1
    """All plans that would test it were abandoned."""
    NO_RESULT = 2
    """A plan tests it and was not run."""
    NO_FINDING = 3
    """There is a result, and no finding names it as its evidence."""
    NO_DECISION = 4
    """There is a finding, and the report is not decided on."""
    NOT_RELEASED = 5
    """It was decided to deploy, and nothing was released yet."""
    NOT_WATCHED = 6
    """A release is under way, and no monitor has recorded a day."""
    NONE = 7
    """Nothing is missing."""


class LinkKind(StrEnum):
    """How a hypothesis of a plan says which business hypothesis it tests."""

    DECLARED = "declared"
    """It lists its id under `tests`."""
    NAMED = "named"
    """Its claim names its id."""


class Test(NamedTuple):
    """A hypothesis of a plan that tests a business hypothesis, and what followed."""

    iteration: IterationView
    hypothesis: HypothesisView
    link: LinkKind
    findings: tuple[FindingView, ...]
    """The findings whose evidence names the hypothesis."""
    decision: Decision | None
    release: ReleaseView | None
    """The release of the hypothesis's variant."""
    monitors: tuple[str, ...]
    """The names of its monitors that have recorded a day."""
    is_provisional: bool
    """Whether the report on it is not agreed yet."""
    hole: Hole


class Resembling(NamedTuple):
    """A hypothesis of a plan that reads like a business hypothesis, and does not name it."""

    iteration: IterationView
    hypothesis: HypothesisView


class Line(NamedTuple):
    """A business hypothesis, and how far it was followed."""

    project: ProjectView
    id: str
    statement: str
    tests: tuple[Test, ...]
    """Those that came furthest first."""
    hole: Hole
    """What is missing in the test that came furthest."""
    resembling: Resembling | None
    """For an untested one: the hypothesis of a plan that reads most like it; None if none does."""
    mentions: tuple[str, ...]
    """For an untested one: the paths of the documents of the project that name it all the same."""
    is_provisional: bool
    """Whether the requirements are not agreed yet."""


class Trace(NamedTuple):
    """The business hypotheses of a project."""

    project: ProjectView
    lines: tuple[Line, ...]
    """The earliest holes first."""
    unlinked: tuple[tuple[IterationView, HypothesisView], ...]
    """Hypotheses of plans that name no business hypothesis."""

    @property
    def untested(self) -> tuple[Line, ...]:
        """The business hypotheses that no plan tests."""
        return tuple(line for line in self.lines if line.hole is Hole.UNTESTED)


def traces(knowledge: Knowledge) -> tuple[Trace, ...]:
    """The trace of every project that has business hypotheses or plans."""
    return arranged(map(trace, knowledge.projects))


def arranged(found: Iterable[Trace]) -> tuple[Trace, ...]:
    """The traces that have something to show."""
    return tuple(trace for trace in found if trace.lines or trace.unlinked)


def trace(project: ProjectView) -> Trace:
    """The business hypotheses of a project, and the hypotheses of its plans that belong to none."""
    believed = _believed(project.requirements)
    patterns = {identifier: _word(identifier) for identifier in believed}
    planned = [
        (iteration, hypothesis, _links(hypothesis, patterns))
        for iteration in project.iterations
        for hypothesis in iteration.hypotheses
        if text(hypothesis.claim)
    ]
    unlinked = tuple((iteration, hypothesis) for iteration, hypothesis, links in planned if not links)
    texts = SimilarTexts([hypothesis.claim for _, hypothesis in unlinked])
    lines = []
    for identifier, statement in believed.items():
        tests = [
            _test(iteration, hypothesis, links[identifier])
            for iteration, hypothesis, links in planned
            if identifier in links
        ]
        tests.sort(key=lambda test: -test.hole)
        alike = None if tests else texts.most_similar(statement, RESEMBLES)
        lines.append(
            Line(
                project,
                identifier,
                statement,
                tuple(tests),
                tests[0].hole if tests else Hole.UNTESTED,
                None if alike is None else Resembling(*unlinked[alike]),
                () if tests else tuple(_mentions(project, identifier, patterns[identifier])),
                is_provisional(project.requirements),
            )
        )
    return Trace(project, tuple(sorted(lines, key=lambda line: line.hole)), unlinked)


def _believed(requirements: Document | None) -> dict[str, str]:
    """The business hypotheses by id; those that are still to be written are left out."""
    data = requirements.data if requirements else {}
    pairs = ((text(entry.get("id")), text(entry.get("statement"))) for entry in entries(data, "hypotheses"))
    return {identifier: words for identifier, words in pairs if identifier and words}


def _links(hypothesis: HypothesisView, patterns: Mapping[str, re.Pattern[str]]) -> dict[str, LinkKind]:
    """The business hypotheses that a hypothesis of a plan tests."""
    named = {word: LinkKind.NAMED for word, pattern in patterns.items() if pattern.search(hypothesis.claim)}
    return named | {word: LinkKind.DECLARED for word in hypothesis.tests if word in patterns}


def _word(identifier: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(identifier)}(?![\w-])")


def _test(iteration: IterationView, hypothesis: HypothesisView, link: LinkKind) -> Test:
    findings = tuple(finding for finding in iteration.findings if finding.hypothesis == hypothesis.id)
    release = iteration.release
    if release is not None and release.variant != hypothesis.variant:
        release = None
    monitors = (
        tuple(view.monitor.name for view in release.monitoring.views if view.entries) if release else ()
    )
    return Test(
        iteration,
        hypothesis,
        link,
        findings,
        iteration.decision,
        release,
        monitors,
        is_provisional(iteration.document(Stage.REPORT)),
        _hole(iteration, hypothesis, findings, release, monitors),
    )


def _hole(
    iteration: IterationView,
    hypothesis: HypothesisView,
    findings: Sequence[FindingView],
    release: ReleaseView | None,
    monitors: Sequence[str],
) -> Hole:
    """The first link that is missing."""
    decision = iteration.decision
    waits_for_release = decision is not None and decision.outcome is Outcome.DEPLOY
    conditions = (
        (hypothesis.verdict is not None or not _is_abandoned(iteration), Hole.ABANDONED),
        (hypothesis.verdict is not None, Hole.NO_RESULT),
        (findings, Hole.NO_FINDING),
        (decision is not None, Hole.NO_DECISION),
        (not waits_for_release or iteration.release is not None, Hole.NOT_RELEASED),
        (release is None or not release.is_live or monitors, Hole.NOT_WATCHED),
    )
    return next((hole for holds, hole in conditions if not holds), Hole.NONE)


def _is_abandoned(iteration: IterationView) -> bool:
    return any(document.status is Status.ABANDONED for document in iteration.documents)


def _mentions(project: ProjectView, identifier: str, pattern: re.Pattern[str]) -> Iterator[str]:
    """The documents of a project's iterations that name a business hypothesis."""
    for iteration in project.iterations:
        for document in iteration.documents:
            if identifier in document.source.text and pattern.search(document.source.text):
                yield document.path
