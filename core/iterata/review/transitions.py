"""Check the status changes, deletions and moves of documents in a pull request."""

from __future__ import annotations

import shlex
from collections import deque
from typing import TYPE_CHECKING

from iterata.problems import Position, Problem, Severity
from iterata.review.immutability import check_immutability
from iterata.review.kept_approvals import check_kept_approvals
from iterata.review.releases.changes import check_release
from iterata.stages import Stage, Status, initial, successors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents import Document
    from iterata.repository.projects import IterationFolder, Repository
    from iterata.review.changes import Change, Comparison

REMOVABLE = frozenset({Status.DRAFT, Status.PLANNED, Status.REJECTED, None})
"""Statuses in which a document may be deleted or moved, because it was never approved."""


def reachable(stage: Stage, source: Status, target: Status) -> bool:
    """Whether a sequence of transitions exists from `source` to `target`."""
    visited, queue = {source}, deque([source])
    while queue:
        for status in successors(stage, queue.popleft()):
            if status not in visited:
                visited.add(status)
                queue.append(status)
    return target in visited


def check_status_change(change: Change) -> Iterator[Problem]:
    """MOVE001."""
    if change.after is None or change.after.document.status is None:
        return
    document = change.after.document
    before = change.before.document.status if change.before else None
    source = before or initial(document.stage)
    target = document.status
    if target is not None and not reachable(document.stage, source, target):
        steps = ", ".join(successors(document.stage, source))
        advice = f"from there it can change to {steps}" if steps else "this status is final"
        message = f"the status changed from {source} to {target}; no sequence of transitions allows that"
        yield document.problem("MOVE001", ["status"], message, f"restore `status: {source}`; {advice}")


def check_removals(comparison: Comparison) -> Iterator[Problem]:
    """MOVE002."""
    for change in comparison.changes:
        gone = change.after is None or change.relocated
        if gone and change.before and not _is_removable(change.before.document):
            yield removal(change, change.before.document, comparison.base_commit)


def _is_removable(document: Document) -> bool:
    """Whether a document may go: it was never agreed to, and no release of it was reverted."""
    return document.status in REMOVABLE and not document.data.get("earlier")


def removal(change: Change, agreed: Document, commit: str) -> Problem:
    """MOVE002: a change deletes or moves a document that has an agreed state in a commit."""
    verb, restore = "deletes", f"restore it with `git checkout {commit[:12]} -- {shlex.quote(agreed.path)}`"
    if change.before and change.after:
        moved, path = change.after.document.path, change.before.document.path
        verb, restore = "moves", f"move it back with `git mv {shlex.quote(moved)} {shlex.quote(path)}`"
    message = f"the document was {agreed.status} in {commit[:12]}, and this change {verb} it"
    remedy = f"{restore}; to give it up, move it to {Status.ABANDONED} or {Status.SUPERSEDED}"
    return Problem("MOVE002", Severity.ERROR, change.path, Position(1), "", message, remedy)


def check_iteration_numbers(comparison: Comparison) -> Iterator[Problem]:
    """MOVE004: a new iteration does not use a number that the target branch has assigned in the meantime."""
    for project in comparison.head.projects:
        existing = {folder.name for folder in _iterations(comparison.base, project.name)}
        target = _iterations(comparison.target, project.name)
        assigned = {folder.number: folder.name for folder in target if folder.name not in existing}
        for folder in project.iterations:
            other = assigned.get(folder.number)
            if folder.name in existing or other is None or other == folder.name:
                continue
            free = max(iteration.number for iteration in (*target, *project.iterations)) + 1
            message = f"the target branch already has an iteration {other}"
            remedy = f"rename this iteration to {free:02}-{folder.name.split('-', 1)[1]}"
            yield Problem("MOVE004", Severity.ERROR, folder.path, Position(1), "", message, remedy)


def _iterations(repository: Repository, name: str) -> tuple[IterationFolder, ...]:
    return next((project.iterations for project in repository.projects if project.name == name), ())


CHECKS = (check_status_change, check_immutability, check_release, check_kept_approvals)
"""The checks of a single change."""
