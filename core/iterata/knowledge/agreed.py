"""Whether a document is agreed, and since which day. Both are read from documents that may be invalid."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.findings import ABANDONED, POST_MORTEM
from iterata.lifecycle.conditions import TODO
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents import Document
    from iterata.knowledge.views import FindingView, IterationView, Knowledge, ProjectView


class Place(NamedTuple):
    """A document with the project and the iteration that have it."""

    document: Document
    project: ProjectView
    iteration: IterationView | None
    """None for the requirements."""


def places(knowledge: Knowledge) -> Iterator[Place]:
    """Every document, in the order of the read model."""
    return (place for project in knowledge.projects for place in places_in(project))


def places_in(project: ProjectView) -> Iterator[Place]:
    """Every document of a project."""
    if project.requirements:
        yield Place(project.requirements, project, None)
    for iteration in project.iterations:
        for document in iteration.documents:
            yield Place(document, project, iteration)


def is_provisional(document: Document | None) -> bool:
    """Whether nobody agreed to what a document says, so that it may still change; also if it is missing.

    Its figures may have changed since people agreed to it.
    """
    return document is None or document.is_provisional or document.changed_figures is not None


def has_provisional_title(iteration: IterationView) -> bool:
    """Whether an iteration is known by the answer of a report that nobody agreed to yet."""
    report = iteration.document(Stage.REPORT)
    return report is not None and report.title == iteration.title and is_provisional(report)


def as_date(value: object) -> date | None:
    """A day of front matter, which is text there; None if it is none."""
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def block(data: object, *keys: str) -> dict[str, object]:
    """A block of front matter; empty if it is missing or no block."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def entries(data: object, *keys: str) -> list[dict[str, object]]:
    """The blocks in a list of front matter; empty if there is no list."""
    value = block(data, *keys[:-1]).get(keys[-1])
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def text(value: object) -> str:
    """A text of front matter, without outer spaces; empty if it is no text, or still to be written."""
    words = value.strip() if isinstance(value, str) else ""
    return "" if words.startswith(TODO) else words


def agreed_on(document: Document | None) -> date | None:
    """The day on which a document was agreed: of its latest approval, or of its decision without one.

    None if it is not agreed, or if no day is recorded.
    """
    if document is None or document.is_provisional:
        return None
    approved = [day for entry in entries(document.data, "approvals") if (day := as_date(entry.get("on")))]
    return max(approved, default=as_date(block(document.data, "decision").get("on")))


def abandoned_on(document: Document) -> date | None:
    """The day on which the work of a document was abandoned; None if it was not, or no day is recorded."""
    return as_date(block(document.data, "abandoned").get("on"))


def learned_on(finding: FindingView, iteration: IterationView | None) -> date | None:
    """The day since which a finding is agreed; None if it is not, or if no day is recorded.

    A finding of a post-mortem is as old as the revert that it explains.
    """
    document = finding.document
    if document.is_provisional:
        return None
    if finding.listed_in == ABANDONED:
        return abandoned_on(document)
    agreed = agreed_on(document)
    if finding.listed_in == POST_MORTEM and iteration and iteration.release:
        reverts = [iteration.release.revert, *(release.revert for release in iteration.release.earlier)]
        return max(
            (day for day in (agreed, *(revert.on for revert in reverts if revert)) if day), default=None
        )
    return agreed
