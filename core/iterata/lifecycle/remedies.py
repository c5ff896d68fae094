"""The commands that bring a document further, for the remedies of what waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.lifecycle.agreement import agreement, approval_options
from iterata.lifecycle.context import DocumentContext
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from iterata.documents import Document
    from iterata.repository.projects import IterationFolder


def to_approve(context: DocumentContext, stage: Stage) -> str:
    """How to get the document of a stage approved that is beside the one of `context`."""
    document = context.of(stage)
    if document is None:
        place = context.iteration.ref if context.iteration and stage is not Stage.REQUIREMENTS else None
        return f"`iterata new document {place or context.project.name} {stage}`"
    return to_approve_document(_in_context(document, context))


def to_approve_document(context: DocumentContext) -> str:
    """How to get a document approved, from the status that it has."""
    document = context.document
    if document.problems:
        return f"correct it: `iterata check {document.path}`"
    move = f"iterata move {document.path}"
    approve = f"`{move} approved {approval_options(agreement(context).missing)}".rstrip() + "`"
    match document.status:
        case Status.DRAFT:
            return f"`{move} in_review`, then {approve}"
        case Status.IN_REVIEW | Status.APPROVED:
            return approve
        case Status.REJECTED:
            return f"`{move} draft`, correct it, then {approve}"
        case status:
            return f"begin a new iteration; {document.path} stays {status}"


def to_reopen(document: Document, *, reason: str) -> str:
    """How to change an approved document; `reason` says what its author writes."""
    return f"`iterata move {document.path} draft`, {reason}, and have it approved again"


def to_run(folder: IterationFolder) -> str:
    """How to run the plan of an iteration again; an approved report fixes the figures of the run before."""
    run, report = f"`iterata run {folder.ref}`", folder.document(Stage.REPORT)
    if report is None or report.status is not Status.APPROVED or folder.readable_result("experiment") is None:
        return run
    return f"`iterata move {report.path} draft`, then {run}, and have the report approved again"


def _in_context(document: Document, context: DocumentContext) -> DocumentContext:
    iteration = None if document.stage is Stage.REQUIREMENTS else context.iteration
    return DocumentContext(document, context.project, iteration)
