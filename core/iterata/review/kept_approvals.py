"""Check in a pull request that approvals were given for the content, and that their records are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.lifecycle.agreement import (
    approvals_of_other_content,
    missing_records,
    outdated_message,
    outdated_remedy,
    record_remedy,
)
from iterata.problems import Severity
from iterata.review.content import content_differs
from iterata.stages import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.base import Approval
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem
    from iterata.review.changes import Change


def check_kept_approvals(change: Change) -> Iterator[Problem]:
    """GATE020 and GATE021, for a document that somebody agrees to in this pull request, or did before."""
    before, after = change
    if after is None or after.model is None:
        return
    status = after.document.status
    was_approved = before is not None and before.document.status is Status.APPROVED
    if status not in (Status.IN_REVIEW, Status.APPROVED) or (was_approved and status is Status.APPROVED):
        return  # MOVE003 compares a document that stays approved
    outdated = [*_kept_approvals(before, after)]
    if status is Status.APPROVED:
        outdated += approvals_of_other_content(after)  # while it is in review, the gate reports them
        yield from _missing_records(after)
    for index, approval in enumerate(after.model.approvals):
        if approval in outdated:
            yield after.document.problem(
                "GATE020",
                ["approvals", index],
                outdated_message(approval),
                outdated_remedy(after.document, approval),
            )


def _kept_approvals(before: DocumentContext | None, after: DocumentContext) -> list[Approval]:
    """The approvals that do not record their content and were kept while the content changed."""
    if before is None or before.model is None or not before.model.approvals:
        return []
    kept = [approval for approval in before.model.approvals if approval.content is None]
    return kept if kept and content_differs(before, after) else []


def _missing_records(context: DocumentContext) -> Iterator[Problem]:
    """GATE021; PLAN003 requires the plan's digest."""
    records = missing_records(context)
    if "written_against" in records:
        message = "it is approved, but does not record what it was written against"
        remedy = record_remedy(context.document, "written_against", records["written_against"])
        yield context.document.problem("GATE021", ["status"], message, remedy, severity=Severity.WARNING)
