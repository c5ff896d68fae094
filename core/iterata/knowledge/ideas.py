"""What has been tried, thought of or put off: everything that "have we tried this?" is answered from.

Ideas are taken from documents alone, valid or not. So they can be collected wherever documents are read.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import AlternativeVerdict, FindingKind, Verdict
from iterata.knowledge.agreed import block, entries, is_provisional, text
from iterata.lifecycle.conditions import TODO
from iterata.stages import STAGES, Outcome, Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iterata.documents import Document
    from iterata.knowledge.views import Knowledge, ProjectView
    from iterata.repository.projects import Repository

LONGEST = 1_000
"""Characters of an idea; a longer text is cut."""


class IdeaKind(StrEnum):
    """Where an idea comes from."""

    FINDING = "finding"
    """It was learned."""
    HYPOTHESIS = "hypothesis"
    """It was, or will be, tested."""
    ABANDONED = "abandoned"
    """It was begun and given up."""
    ALTERNATIVE = "alternative"
    """An assessment considered it."""
    NEXT = "next"
    """A report recommended it as the next step."""


class Idea(NamedTuple):
    """Something that was tried, thought of or put off."""

    kind: IdeaKind
    text: str
    project: str
    iteration: str
    """Empty for one of a project's requirements."""
    path: str
    """The path of its document."""
    id: str
    """The id of a finding or of a hypothesis; else empty."""
    outcome: str
    """The kind of a finding, or the verdict on a hypothesis or an alternative; else empty."""
    provisional: bool
    words: str = ""
    """More words to find it by, such as the tags of a finding."""

    @property
    def key(self) -> str:
        """A reference to it: `project/01-setup#F1`, or `project/01-setup` without an id."""
        return f"{self.project}/{self.iteration}{f'#{self.id}' if self.id else ''}"

    @property
    def place(self) -> str:
        """Its iteration: `project/01-setup`."""
        return f"{self.project}/{self.iteration}"

    @property
    def label(self) -> str:
        """What it is, in words: `insight`, `hypothesis, refuted`, `alternative, put off`."""
        return _LABELS.get((self.kind, self.outcome)) or f"{self.kind}{self.outcome and f', {self.outcome}'}"


_LABELS: Mapping[tuple[IdeaKind, str], str] = {
    **{(IdeaKind.FINDING, kind.value): kind.value for kind in FindingKind},
    **{(IdeaKind.HYPOTHESIS, verdict.value): f"hypothesis, {verdict.label}" for verdict in Verdict},
    (IdeaKind.HYPOTHESIS, ""): "hypothesis, not answered yet",
    (IdeaKind.ALTERNATIVE, AlternativeVerdict.STATUS_QUO): "alternative, the current practice",
    (IdeaKind.ALTERNATIVE, AlternativeVerdict.LATER): "alternative, put off",
    (IdeaKind.ABANDONED, ""): "abandoned",
    (IdeaKind.NEXT, ""): "recommended as the next step",
}


def ideas_of(knowledge: Knowledge) -> list[Idea]:
    """Every idea of a read model, project by project."""
    return [idea for project in knowledge.projects for idea in ideas_of_project(project)]


def ideas_of_project(project: ProjectView) -> Iterator[Idea]:
    """Every idea of a project: of its requirements, then by iteration."""
    iterations = ((iteration.name, iteration.documents) for iteration in project.iterations)
    yield from _ideas_of_project(project.name, project.requirements, iterations)


def ideas_in_repository(repository: Repository) -> list[Idea]:
    """Every idea of a repository, whose documents are read as far as they were not read yet."""
    ideas: list[Idea] = []
    for project in repository.projects:
        iterations = ((folder.name, folder.documents.values()) for folder in project.iterations)
        ideas += _ideas_of_project(project.name, project.requirements, iterations)
    return ideas


def _ideas_of_project(
    name: str, requirements: Document | None, iterations: Iterable[tuple[str, Iterable[Document]]]
) -> Iterator[Idea]:
    if requirements is not None:
        yield from ideas_in(name, "", (requirements,))
    for iteration, documents in iterations:
        yield from ideas_in(name, iteration, documents)


def ideas_in(project: str, iteration: str, documents: Iterable[Document]) -> Iterator[Idea]:
    """The ideas of the documents of one iteration, or of a project's requirements."""
    present = {document.stage: document for document in documents}
    report = present.get(Stage.REPORT)
    is_open = report is not None and is_provisional(report)
    answers = {
        answer.get("id"): str(answer.get("verdict") or "")
        for answer in entries(report.data if report else {}, "hypotheses")
        if isinstance(answer.get("id"), str)
    }
    for document in present.values():
        for found in _raw(document, answers):
            if found.text:
                yield Idea(
                    found.kind,
                    found.text[:LONGEST],
                    project,
                    iteration,
                    document.path,
                    found.id,
                    found.outcome,
                    is_provisional(document) or (is_open and _is_answered(found)),
                    found.words,
                )


class _Raw(NamedTuple):
    kind: IdeaKind
    text: str
    id: str = ""
    outcome: str = ""
    words: str = ""


def _is_answered(found: _Raw) -> bool:
    """Whether it is a hypothesis with a verdict, which is the report's."""
    return found.kind is IdeaKind.HYPOTHESIS and bool(found.outcome)


def _raw(document: Document, answers: Mapping[object, str]) -> Iterator[_Raw]:
    for entry in document.findings:
        tags = entry.data.get("tags")
        words = " ".join(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ""
        kind, number = text(entry.data.get("kind")), text(entry.data.get("id"))
        yield _Raw(IdeaKind.FINDING, text(entry.data.get("statement")), number, kind, words)
    if document.status is Status.ABANDONED:
        why = text(block(document.data, "abandoned").get("why"))
        yield _Raw(IdeaKind.ABANDONED, f"{_title(document)} {why}".strip())
    match document.stage:
        case Stage.PROPOSAL:
            for claimed in entries(document.data, "plan", "hypotheses"):
                number = text(claimed.get("id"))
                yield _Raw(IdeaKind.HYPOTHESIS, text(claimed.get("claim")), number, answers.get(number, ""))
        case Stage.ASSESSMENT:
            for considered in entries(document.data, "alternatives"):
                idea, verdict = text(considered.get("idea")), text(considered.get("verdict"))
                yield _Raw(IdeaKind.ALTERNATIVE, idea, outcome=verdict)
        case Stage.REPORT:
            advice = block(document.data, "recommendation")
            if text(advice.get("next")) == Outcome.ITERATE:
                yield _Raw(IdeaKind.NEXT, text(advice.get("why")))


def intentions(document: Document) -> list[str]:
    """What a document is about to try, in its own words, without what is still TODO.

    They are its title, the claims of its plan, and the alternative that an assessment chose.
    """
    claims = [text(entry.get("claim")) for entry in entries(document.data, "plan", "hypotheses")]
    chosen = [
        text(entry.get("idea"))
        for entry in entries(document.data, "alternatives")
        if entry.get("verdict") == AlternativeVerdict.CHOSEN
    ]
    return list(dict.fromkeys(words[:LONGEST] for words in (_title(document), *claims, *chosen) if words))


def follows(documents: Iterable[Document]) -> str | None:
    """The name of the iteration that an iteration with these documents follows, valid or not."""
    names = (text(block(document.data, "iteration").get("follows")) for document in documents)
    return next(filter(None, names), None)


def _title(document: Document) -> str:
    """The title of a document; empty if it has none of its own."""
    title = document.title.strip()
    beginning = STAGES[document.stage].title.casefold()
    is_own = title != document.stage.filename and not title.casefold().endswith(f": {beginning}")
    return title if is_own and not title.startswith(TODO) else ""
