"""Check the approvals in front matter against the reviews on the code host."""

from __future__ import annotations

from enum import StrEnum
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError
from iterata.lifecycle.agreement import approval_options
from iterata.repository import git
from iterata.review.content import content_differs, unchanged_since
from iterata.review.owners import Codeowners, role_holders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.models.base import Approval
    from iterata.problems import Problem
    from iterata.review.changes import Change, Comparison
    from iterata.review.codehost import CodeHost, Review


class ApprovalStatus(StrEnum):
    """Whether an approval in front matter counts, and if not, why."""

    COUNTS = "counts"
    """The account approved the document in its current state."""
    NO_ACCOUNT = "names no account"
    NOT_REVIEWED = "has not approved the pull request"
    STALE = "approved an earlier version of the document"
    AUTHOR = "is the author of the pull request"
    NOT_A_HOLDER = "does not hold the role"
    UNKNOWN_ROLE = "cannot be checked: no account or team is configured for the role"


_REMEDIES: dict[ApprovalStatus, str] = {
    ApprovalStatus.NO_ACCOUNT: "write the account that approves after the role, as `by:` in the entry",
    ApprovalStatus.NOT_REVIEWED: "ask for an approving review on the code host, or remove the entry",
    ApprovalStatus.STALE: "ask for another review; if the target branch changed it too, merge that first",
    ApprovalStatus.AUTHOR: "ask another account that holds the role to approve the document",
    ApprovalStatus.NOT_A_HOLDER: "ask a holder of the role, or add the account to `role_holders` or its team",
    ApprovalStatus.UNKNOWN_ROLE: "list the role's accounts in `role_holders`, or in the target's CODEOWNERS",
}

_SUBJECT_IS_ACCOUNT = frozenset(
    {ApprovalStatus.NOT_REVIEWED, ApprovalStatus.STALE, ApprovalStatus.AUTHOR, ApprovalStatus.NOT_A_HOLDER}
)
"""The statuses that describe the account; the others describe the approval."""


class ApprovalCheck(NamedTuple):
    """One approval of a changed document, and whether it counts."""

    document: Document
    position: int
    """Its index in the document's list of approvals."""
    approval: Approval
    status: ApprovalStatus
    reviewer: str = ""
    """For an approval without an account: one that holds the role and approved the present content."""


def check_approvals(
    comparison: Comparison,
    root: Path,
    host: CodeHost,
    repository: str,
    number: int,
    roles: Mapping[str, list[str]],
) -> list[ApprovalCheck]:
    """Check every approval that the pull request adds or relies on against its reviews.

    Raises:
        CodeHostError: the code host does not answer, or refuses.
        IterataError: the compared revision does not contain the pull request's newest commit.
    """
    candidates = [
        (change.after, index, approval)
        for change in comparison.changes
        if change.after
        for index, approval in _approvals_to_check(change)
    ]
    if not candidates:
        return []
    request, reviews = host.pull_request(repository, number), host.reviews(repository, number)
    if not git.is_ancestor(root, request.head, comparison.head_commit or "HEAD"):
        raise _head_missing(f"{repository}#{number}")
    codeowners, members = Codeowners(root, comparison.target_commit), cache(host.members)
    checks = []
    for context, index, approval in candidates:
        accounts = role_holders(approval.role, roles, codeowners.of(context.document.path), members)
        status_of = partial(
            _status,
            accounts=accounts,
            author=request.author,
            reviews=reviews,
            unchanged=unchanged_since(root, context),
        )
        status, reviewer = status_of(approval), ""
        if status is ApprovalStatus.NO_ACCOUNT:
            named = (approval.model_copy(update={"by": account}) for account in sorted(accounts or ()))
            counting = (str(entry.by) for entry in named if status_of(entry) is ApprovalStatus.COUNTS)
            reviewer = next(counting, "")
        checks.append(ApprovalCheck(context.document, index, approval, status, reviewer))
    return checks


def _head_missing(pull_request: str) -> IterataError:
    message = "the checked revision does not contain the newest commit of the pull request"
    remedy = "check out the pull request with its whole history (`fetch-depth: 0`), or correct its number"
    return IterataError(message, remedy=remedy, where=pull_request)


def approval_problems(checks: Sequence[ApprovalCheck]) -> Iterator[Problem]:
    """REVIEW001: an approval that does not count."""
    for check in checks:
        document, position, approval, status, _ = check
        if status is ApprovalStatus.COUNTS:
            continue
        name = f"{approval.role} ({approval.by})" if approval.by else approval.role
        subject = approval.by if status in _SUBJECT_IS_ACCOUNT else "it"
        message = f"the approval of {name} does not count: {subject} {status}"
        yield document.problem("REVIEW001", ["approvals", position], message, _remedy(check))


def _remedy(check: ApprovalCheck) -> str:
    if check.status is ApprovalStatus.NO_ACCOUNT and check.reviewer:
        options = approval_options([f"{check.approval.role}={check.reviewer}"])
        return f"`iterata move {check.document.path} approved {options}`"
    return _REMEDIES[check.status]


def _approvals_to_check(change: Change) -> Iterator[tuple[int, Approval]]:
    """The approvals that need a review, with their indices.

    All of them if the document is new or its content changed; otherwise those that the base does not have.
    """
    before, after = change.before, change.after
    approvals = after.model.approvals if after and after.model else []
    earlier = []
    if approvals and before and after and not content_differs(before, after):
        earlier = before.model.approvals if before.model else []
    return ((index, approval) for index, approval in enumerate(approvals) if approval not in earlier)


def _status(
    approval: Approval,
    accounts: frozenset[str] | None,
    author: str,
    reviews: Mapping[str, Review],
    unchanged: Callable[[str], bool],
) -> ApprovalStatus:
    """Whether one approval counts; `accounts` hold its role, None if the role is not configured."""
    if approval.by is None:
        return ApprovalStatus.NO_ACCOUNT
    account = approval.by.lstrip("@").casefold()
    if accounts is None:
        return ApprovalStatus.UNKNOWN_ROLE
    if account not in accounts:
        return ApprovalStatus.NOT_A_HOLDER
    if account == author.casefold():
        return ApprovalStatus.AUTHOR
    review = reviews.get(account)
    if review is None or review.state != "APPROVED":
        return ApprovalStatus.NOT_REVIEWED
    return ApprovalStatus.COUNTS if review.commit and unchanged(review.commit) else ApprovalStatus.STALE
