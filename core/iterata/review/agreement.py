"""What was ever agreed stays agreed: changed documents against their last agreed state in the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.lifecycle.context import context_at
from iterata.problems import Position, Problem, Severity
from iterata.review.agreed_states import Identity, agreed_history, identity_of
from iterata.review.changes import Change
from iterata.review.immutability import (
    check_errata,
    content_problems,
    has_new_approvals,
)
from iterata.review.releases.changes import BEGUN
from iterata.review.transitions import REMOVABLE, check_status_change, removal
from iterata.stages import SETTLED, Status, successors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iterata.lifecycle.context import DocumentContext
    from iterata.review.agreed_states import AgreedHistory, AgreedState
    from iterata.review.changes import Comparison

    Changes = dict[Identity, Change]

_AGREED = SETTLED.union(BEGUN)
"""Statuses of a document that two pull requests cannot change without knowing of each other."""


def check_agreement(comparison: Comparison) -> Iterator[Problem]:
    """MOVE001 to MOVE004 and MOVE006, compared with what was agreed before the merge base.

    Documents that are settled at the merge base are compared with that state. The history is read for others
    only: for documents that are new, removed or closed, and for those with a new erratum.
    """
    lost, begun, closed, corrected = (
        _by_identity(comparison, is_selected)
        for is_selected in (_is_removed, _is_new, _is_closed, _is_corrected)
    )
    with agreed_history(comparison) as history:
        agreed = history.last({**lost, **begun, **closed, **corrected})
        searched = {**lost, **begun, **closed}
        within = history.merged_within({identity: agreed.get(identity) for identity in searched})
        yield from _removals(lost, within | agreed)
        yield from _new_documents(begun, agreed)
        yield from _contents({**begun, **closed}, agreed, within)
        yield from _errata(corrected, agreed)
        yield from _numbers(comparison, history)


def _by_identity(comparison: Comparison, is_selected: Callable[[Change], bool]) -> Changes:
    """The selected changes, by the identity of the document; for a removal, of the removed one."""
    removed = is_selected is _is_removed
    documents = ((change.before if removed else change.after, change) for change in comparison.changes)
    return {identity_of(context): change for context, change in documents if context and is_selected(change)}


def _is_removed(change: Change) -> bool:
    """Whether a document is deleted or moved in a status that allows it."""
    gone = change.after is None or change.relocated
    return gone and change.before is not None and change.before.document.status in REMOVABLE


def _is_new(change: Change) -> bool:
    """Whether the merge base has no such document, or one without a valid status."""
    return change.before is None or change.relocated or change.before.document.status is None


def _is_closed(change: Change) -> bool:
    """Whether a document that can be reopened was open, and is settled now."""
    if change.before is None or change.after is None or _is_new(change):
        return False
    document = change.after.document
    can_be_reopened = Status.DRAFT in successors(document.stage, Status.APPROVED)
    return can_be_reopened and change.before.document.status not in SETTLED and document.status in SETTLED


def _is_corrected(change: Change) -> bool:
    """Whether a settled document has a new erratum, and its approvals."""
    if change.before is None or change.after is None or has_new_approvals(*change):
        return False
    before, after = change.before.document, change.after.document
    settled = {before.status, after.status} <= SETTLED
    return settled and before.data.get("errata") != after.data.get("errata")


def _removals(lost: Changes, agreed: dict[Identity, AgreedState]) -> Iterator[Problem]:
    """MOVE002, for a document that was agreed and then opened again."""
    for identity, change in lost.items():
        if state := agreed.get(identity):
            yield removal(change, state.context.document, state.commit)


def _new_documents(begun: Changes, agreed: dict[Identity, AgreedState]) -> Iterator[Problem]:
    """MOVE001, for a document that was agreed, deleted and begun again."""
    for identity, change in begun.items():
        if state := agreed.get(identity):
            yield from check_status_change(Change(state.context, change.after))


def _contents(
    changes: Changes, agreed: dict[Identity, AgreedState], within: dict[Identity, AgreedState]
) -> Iterator[Problem]:
    """MOVE003, for a document that is settled after it was opened again, or deleted."""
    for identity, (_, after) in changes.items():
        if after is None or after.document.status not in SETTLED:
            continue
        problems: list[Problem] = []
        if state := agreed.get(identity):
            problems += content_problems(Change(state.context, after), state.approved, state.commit)
        other = within.get(identity)
        if other and not problems and not has_new_approvals(other.context, after):
            problems += content_problems(Change(other.context, after), commit=other.commit)
        yield from problems


def _errata(corrected: Changes, agreed: dict[Identity, AgreedState]) -> Iterator[Problem]:
    """MOVE006."""
    for identity, (before, after) in corrected.items():
        if before is None or after is None:
            continue
        state = agreed.get(identity)
        approved = before if state is None or has_new_approvals(state.context, before) else state.approved
        yield from check_errata(approved.document, after.document)


def _numbers(comparison: Comparison, history: AgreedHistory) -> Iterator[Problem]:
    """MOVE004: a new iteration does not use the number of one that had agreed documents."""
    existing = {folder.ref for folder in comparison.base.iterations}
    for folder in comparison.head.iterations:
        if folder.ref in existing:
            continue
        for name, commit in history.numbers(folder):
            if f"{folder.project.name}/{name}" not in existing:
                message = f"this number was used by {name}, which had agreed documents in {commit[:12]}"
                remedy = f"use a number that no iteration of {folder.project.name} has had"
                yield Problem("MOVE004", Severity.ERROR, folder.path, Position(1), "", message, remedy)
                break


def check_target(comparison: Comparison) -> Iterator[Problem]:
    """MOVE005: the target branch has not agreed on another content of a changed document in the meantime."""
    for change in comparison.changes:
        context = change.before or change.after
        if context is None or comparison.base_commit == comparison.target_commit:
            continue
        target = context_at(
            comparison.target, f"{comparison.target.projects_dir}/{identity_of(context).path}"
        )
        if target is None or target.document.status not in _AGREED:
            continue
        if _same(target, change.before) or _same(target, change.after):
            continue
        message = f"the target branch changed this document as well; there it is {target.document.status}"
        merge = f"`git merge {comparison.target_commit[:12]}`"
        remedy = f"{'commit your changes, then ' if comparison.uncommitted else ''}{merge}, and check again"
        yield Problem("MOVE005", Severity.ERROR, change.path, Position(1), "", message, remedy)


def _same(one: DocumentContext, other: DocumentContext | None) -> bool:
    if other is None:
        return False
    return one.document.data == other.document.data and one.document.body == other.document.body
