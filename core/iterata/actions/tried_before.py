"""Have we tried this? What is told to somebody who starts or changes a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError
from iterata.knowledge.agreed import block, entries, text
from iterata.knowledge.ideas import follows, ideas_in_repository, intentions
from iterata.knowledge.similar import PLANNING, Ideas, Similar
from iterata.lifecycle.conditions import TODO
from iterata.lifecycle.context import context_at
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iterata.lifecycle.context import DocumentContext
    from iterata.repository.projects import IterationFolder, Project, Repository

MOST_TOLD = 3
"""For how many plans a check says it."""


class Told(NamedTuple):
    """A plan, and the earlier ideas that resemble it."""

    path: str
    similar: list[Similar]


def before_starting(project: Project, title: str, followed: str | None) -> list[Similar]:
    """The ideas similar to the title of an iteration that is about to be started."""
    last = project.iterations[-1].name if project.iterations else None
    without = [f"{project.name}/{name}" for name in (followed or last,) if name]
    ideas = _ideas(project.repository)
    return ideas.similar([title], project.name, without) if ideas else []


def before_filling_in(repository: Repository, path: str) -> list[Similar]:
    """The ideas similar to what a new document is about, as far as the documents around it say it."""
    context = context_at(repository, path)
    if context is None or context.document.stage not in (Stage.REQUIREMENTS, *PLANNING):
        return []
    texts = list(dict.fromkeys(entry for entry in _purpose(context) if not entry.startswith(TODO)))
    ideas = _ideas(repository) if texts else None
    without = _own(context.iteration) if context.iteration else []
    return ideas.similar(texts, context.project.name, without) if ideas else []


def before_agreeing(repository: Repository, plans: Iterable[DocumentContext]) -> list[Told]:
    """Plans with the ideas that resemble them; `undecided_plans` tells which to ask about."""
    ideas = _ideas(repository)
    if ideas is None:
        return []
    told = [
        Told(plan.document.path, ideas.similar(intentions(plan.document), plan.project.name, _own(folder)))
        for plan in plans
        if (folder := plan.iteration) is not None
    ]
    return [entry for entry in told if entry.similar][:MOST_TOLD]


def _ideas(repository: Repository) -> Ideas | None:
    """All ideas; None if a document cannot be read, which is told elsewhere."""
    try:
        return Ideas(ideas_in_repository(repository))
    except IterataError:
        return None


def _own(folder: IterationFolder) -> list[str]:
    """The iteration itself, and the one that it follows."""
    followed = follows(folder.documents.values())
    return [folder.ref, *([f"{folder.project.name}/{followed}"] if followed else [])]


def _purpose(context: DocumentContext) -> Iterator[str]:
    """What an iteration is about: its plans, the advice that it follows, or what the business believes."""
    folder, project = context.iteration, context.project
    planned = [folder.document(stage) for stage in sorted(PLANNING)] if folder else [context.document]
    yield from (entry for document in planned if document for entry in intentions(document))
    followed = project.iteration(follows(folder.documents.values())) if folder else None
    report = followed.document(Stage.REPORT) if followed else None
    if report is not None:
        yield text(block(report.data, "recommendation").get("why"))
    elif project.requirements is not None:
        yield from (
            text(entry.get("statement")) for entry in entries(project.requirements.data, "hypotheses")
        )
