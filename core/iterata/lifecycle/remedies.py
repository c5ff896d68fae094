"""The commands that bring a document further, for the remedies of what waits for it."""

from __future__ import annotations

import shlex
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from iterata.errors import IterataError
from iterata.lifecycle.agreement import agreement, approval_options
from iterata.lifecycle.context import DocumentContext
from iterata.stages import RESULT_STAGES, Stage, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.documents import Document
    from iterata.repository.projects import IterationFolder
    from iterata.results import AnyResult
    from iterata.stages import ResultKind


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


def keeps_lift(folder: IterationFolder) -> bool:
    """Whether an approved assessment fixes the figures of the expected lift: no command writes others."""
    assessment = folder.document(Stage.ASSESSMENT)
    return assessment is not None and assessment.status in (Status.APPROVED, Status.SUPERSEDED)


def to_run(folder: IterationFolder) -> str:
    """How to run the plan of an iteration again; an approved report fixes the figures of the run before."""
    run, report = f"`iterata run {folder.ref}`", folder.document(Stage.REPORT)
    if report is None or report.status is not Status.APPROVED or folder.readable_result("experiment") is None:
        return run
    return f"`iterata move {report.path} draft`, then {run}, and have the report approved again"


MOST_VERSIONS = 20
"""How many of the newest versions of a result are searched for one that can be read."""


def to_repair(
    folder: IterationFolder, kind: ResultKind, error: IterataError, share: float | None = None
) -> str:
    """How to get a result back whose file cannot be read.

    Git's newest version that can be read, if a document was agreed or a step was taken with its figures: a
    run may differ.
    Otherwise the result is written again.
    """
    return _to_restore_agreed(folder, kind, share) or error.remedy


def to_find(folder: IterationFolder, kind: Literal["lift", "experiment"]) -> str:
    """How to get a result that is missing: that of an agreed document from Git, any other by its command."""
    again = to_run(folder) if kind == "experiment" else f"`iterata lift {folder.ref}`"
    return _to_restore_agreed(folder, kind) or again


def _to_restore_agreed(folder: IterationFolder, kind: ResultKind, share: float | None = None) -> str:
    """How to restore a result that was agreed on; empty if none was, or if Git has none that can be read."""
    stage = RESULT_STAGES[kind].approved_with
    agreed, path = folder.document(stage) if stage else None, folder.result_path(kind, share)
    is_agreed = kind == "rollout" or (agreed is not None and agreed.status is Status.APPROVED)
    source = _readable(folder, kind, path) if is_agreed else None
    return f"`git restore --source={source} {shlex.quote(path)}`" if source else ""


def to_restore(
    folder: IterationFolder, path: str, is_right: Callable[[AnyResult], bool] = lambda _: True
) -> str:
    """How to get the result of an earlier release back, which no command computes again.

    Args:
        folder: the iteration.
        path: the path of the result.
        is_right: whether a version of it is the one to restore.
    """
    file = shlex.quote(path)
    if source := _readable(folder, "rollout", path, is_right):
        return f"`git restore --source={source} {file}`"
    return f"find the right version: `git log -p -- {file}`, then `git restore --source=COMMIT {file}`"


def _readable(
    folder: IterationFolder,
    kind: ResultKind,
    path: str,
    is_right: Callable[[AnyResult], bool] = lambda _: True,
) -> str | None:
    """The newest commit in which a result can be read and is right; None if there is none."""
    from iterata.repository import git  # noqa: PLC0415  # only for a result that cannot be read
    from iterata.repository.git_tree import GitTree  # noqa: PLC0415
    from iterata.repository.tree import DiskTree  # noqa: PLC0415
    from iterata.results.store import parse  # noqa: PLC0415

    tree = folder.project.repository.tree
    if not isinstance(tree, DiskTree | GitTree):
        return None
    commits = git.commits_changing(tree.root, "HEAD", path)[:MOST_VERSIONS]
    for number, commit in enumerate(commits):
        raw = git.show(tree.root, commit, path)
        with suppress(IterataError):
            if raw is not None and is_right(parse(kind, raw, path)):
                return commit[:12] if number else "HEAD"
    return None


def _in_context(document: Document, context: DocumentContext) -> DocumentContext:
    iteration = None if document.stage is Stage.REQUIREMENTS else context.iteration
    return DocumentContext(document, context.project, iteration)
