"""What a pull request may do to a document: move along the table, and leave alone what was agreed."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from iterata.problems import Position, Problem, Severity
from iterata.review.immutability import agreed_stays_as_it_is
from iterata.stages import Stage, Status, initial, successors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.repository.projects import IterationFolder, Repository
    from iterata.review.changes import Change, Comparison

DISPOSABLE = frozenset({Status.DRAFT, Status.PLANNED, Status.REJECTED, None})
"""Statuses in which a document may be deleted or moved: nobody has agreed to it yet."""


def reachable(stage: Stage, source: Status, target: Status) -> bool:
    """Whether the table leads from one status to the other, in any number of steps."""
    seen, queue = {source}, deque([source])
    while queue:
        for status in successors(stage, queue.popleft()):
            if status not in seen:
                seen.add(status)
                queue.append(status)
    return target in seen


def moves_along_the_table(change: Change) -> Iterator[Problem]:
    """MOVE001."""
    if change.after is None or change.after.document.status is None:
        return
    document = change.after.document
    before = change.before.document.status if change.before else None
    source = before or initial(document.stage)
    target = document.status
    if target is not None and not reachable(document.stage, source, target):
        steps = ", ".join(successors(document.stage, source)) or "nothing"
        message = f"its status went from {source} to {target}, which no path of the table allows"
        yield document.problem("MOVE001", ["status"], message, f"from {source} it may go to {steps}")


def is_not_lost(change: Change) -> Iterator[Problem]:
    """MOVE002."""
    if change.before is None or change.before.document.status in DISPOSABLE:
        return
    before = change.before.document
    if change.after is None:
        message = f"it was {before.status}, and is deleted here"
        remedy = (
            f"`git checkout` it again; to give it up, move it to {Status.ABANDONED} or {Status.SUPERSEDED}"
        )
        yield Problem("MOVE002", Severity.ERROR, before.path, Position(1), "", message, remedy)
    elif change.elsewhere:
        message = f"it was {before.status} as {before.path}, and is moved here"
        remedy = f"leave it at {before.path}; results, links and other documents refer to it there"
        yield Problem("MOVE002", Severity.ERROR, change.after.document.path, Position(1), "", message, remedy)


def numbers_do_not_collide(comparison: Comparison) -> Iterator[Problem]:
    """MOVE004: a new iteration does not take a number that the target branch has given out meanwhile."""
    for project in comparison.head.projects:
        known = {folder.name for folder in _iterations(comparison.base, project.name)}
        tip = _iterations(comparison.tip, project.name)
        given_out = {folder.number: folder.name for folder in tip if folder.name not in known}
        for folder in project.iterations:
            other = given_out.get(folder.number)
            if folder.name in known or other is None or other == folder.name:
                continue
            free = max(each.number for each in (*tip, *project.iterations)) + 1
            message = f"the target branch has an iteration {other} by now"
            remedy = f"rename this one to {free:02}-{folder.name.split('-', 1)[1]}"
            yield Problem("MOVE004", Severity.ERROR, folder.path, Position(1), "", message, remedy)


def _iterations(repository: Repository, project: str) -> tuple[IterationFolder, ...]:
    return next((each.iterations for each in repository.projects if each.name == project), ())


CHECKS = (moves_along_the_table, is_not_lost, agreed_stays_as_it_is)
