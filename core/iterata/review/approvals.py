"""Check the approvals in front matter against the reviews on the code host."""

from __future__ import annotations

from enum import StrEnum
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError
from iterata.lifecycle.agreement import approval_options
from iterata.repository import git
from iterata.review.authors import authors
from iterata.review.codehost.host import HostKind
from iterata.review.codeowners import Codeowners
from iterata.review.content import content_differs, unchanged_since
from iterata.review.owners import role_holders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.models.base import Approval
    from iterata.documents.models.deployment import Deployment, Phase, PhaseApproval
    from iterata.errors import FieldPath
    from iterata.problems import Problem
    from iterata.review.authors import Authors
    from iterata.review.changes import Change, Comparison
    from iterata.review.codehost.host import CodeHost, PullRequest, Review


class ApprovalStatus(StrEnum):
    """Whether an approval in front matter counts, and if not, why."""

    COUNTS = "counts"
    """The account approved the document in its current state."""
    NO_ACCOUNT = "names no account"
    NOT_REVIEWED = "has not approved the pull request"
    STALE = "approved an earlier version of the document"
    AUTHOR = "is the author of the pull request"
    COMMIT_AUTHOR = "wrote a commit of the pull request"
    UNKNOWN_AUTHOR = "cannot be checked: a commit of the pull request has an author without an account"
    NOT_A_HOLDER = "does not hold the role"
    UNKNOWN_ROLE = "cannot be checked: no account or team is configured for the role"


_REMEDIES: dict[ApprovalStatus, str] = {
    ApprovalStatus.NO_ACCOUNT: "write the account that approves after the role, as `by:` in the entry",
    ApprovalStatus.NOT_REVIEWED: "ask for an approving review on the code host, or remove the entry",
    ApprovalStatus.STALE: "ask for another review; if the target branch changed it too, merge that first",
    ApprovalStatus.AUTHOR: "ask another account that holds the role to approve the document",
    ApprovalStatus.COMMIT_AUTHOR: "ask an account that holds the role and wrote none of the commits",
    ApprovalStatus.UNKNOWN_AUTHOR: (
        "set the author and the committer of each commit to an account's address, or add theirs to an account"
    ),
    ApprovalStatus.NOT_A_HOLDER: "ask a holder of the role, or add the account to `role_holders` or its team",
    ApprovalStatus.UNKNOWN_ROLE: "list the role's accounts in `role_holders`, or in the target's CODEOWNERS",
}

_SUBJECT_IS_ACCOUNT = frozenset(
    {
        ApprovalStatus.NOT_REVIEWED,
        ApprovalStatus.STALE,
        ApprovalStatus.AUTHOR,
        ApprovalStatus.COMMIT_AUTHOR,
        ApprovalStatus.NOT_A_HOLDER,
    }
)
"""The statuses that describe the account; the others describe the approval."""


_CODES = {ApprovalStatus.COMMIT_AUTHOR: "REVIEW010", ApprovalStatus.UNKNOWN_AUTHOR: "REVIEW010"}


class _Writers(NamedTuple):
    """Who cannot approve a pull request."""

    opened_by: str
    """In lower case; empty if the account was deleted."""
    commits: Authors

    def status(self, account: str) -> ApprovalStatus | None:
        """Why an account cannot approve; None if it can."""
        if account == self.opened_by:
            return ApprovalStatus.AUTHOR
        if account in self.commits.accounts:
            return ApprovalStatus.COMMIT_AUTHOR
        return ApprovalStatus.UNKNOWN_AUTHOR if self.commits.unknown else None


class ApprovalCheck(NamedTuple):
    """One approval of a changed document, and whether it counts."""

    document: Document
    field: FieldPath
    """Where the document records it."""
    approval: Approval | PhaseApproval
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
        (change.after, field, approval)
        for change in comparison.changes
        if change.after
        for field, approval in _to_check(change)
    ]
    if not candidates:
        return []
    request, reviews = host.pull_request(repository, number), host.reviews(repository, number)
    name = f"{repository}{'!' if host.kind is HostKind.GITLAB else '#'}{number}"
    if not git.is_ancestor(root, request.head, comparison.head_commit or "HEAD"):
        raise _head_missing(name)
    commits = host.commits(repository, number)
    if not _complete(root, comparison.target_commit, request, {commit.sha for commit in commits}):
        raise _commits_missing(name)
    writers = _Writers(request.author.casefold(), authors(root, commits))
    codeowners, members = Codeowners(root, comparison.target_commit, host.kind), cache(host.members)
    checks = []
    for context, field, approval in candidates:
        owners = codeowners.of(context.document.path)
        accounts = role_holders(approval.role, roles, owners, members, host.kind)
        status_of = partial(
            _status,
            accounts=accounts,
            writers=writers,
            reviews=reviews,
            unchanged=unchanged_since(root, context),
        )
        status, reviewer = status_of(approval), ""
        if status is ApprovalStatus.NO_ACCOUNT:
            named = (approval.model_copy(update={"by": account}) for account in sorted(accounts or ()))
            counting = (str(entry.by) for entry in named if status_of(entry) is ApprovalStatus.COUNTS)
            reviewer = next(counting, "")
        checks.append(ApprovalCheck(context.document, field, approval, status, reviewer))
    return checks


def _head_missing(pull_request: str) -> IterataError:
    message = "the checked revision does not contain the newest commit of the pull request"
    remedy = (
        "check out the pull request with its whole history (`fetch-depth: 0`; on GitLab `GIT_DEPTH: 0`), or "
        "correct its number"
    )
    return IterataError(message, remedy=remedy, where=pull_request)


def _complete(root: Path, target_commit: str, request: PullRequest, listed: set[str]) -> bool:
    """Whether the code host lists every commit; if it does not say how many there are, Git does."""
    if request.head not in listed:
        return False
    if request.commit_count is not None:
        return len(listed) >= request.commit_count
    output = git.run(root, "rev-list", request.head, "--not", target_commit)
    return output is not None and set(output.decode().split()) <= listed


def _commits_missing(pull_request: str) -> IterataError:
    message = "the code host does not list every commit, so that their authors are not known"
    remedy = (
        "fetch the target branch; if there are more than 250 commits, combine them (`git rebase "
        "--interactive`), and push again"
    )
    return IterataError(message, remedy=remedy, where=pull_request)


def approval_problems(checks: Sequence[ApprovalCheck]) -> Iterator[Problem]:
    """REVIEW001: an approval that does not count; REVIEW010 if its account wrote a commit."""
    for check in checks:
        document, field, approval, status, _ = check
        if status is ApprovalStatus.COUNTS:
            continue
        name = f"{approval.role} ({approval.by})" if approval.by else approval.role
        subject = approval.by if status in _SUBJECT_IS_ACCOUNT else "it"
        message = f"the approval of {name} does not count: {subject} {status}"
        code = _CODES.get(status, "REVIEW001")
        yield document.problem(code, field, message, _remedy(check))


def _remedy(check: ApprovalCheck) -> str:
    if check.status is ApprovalStatus.NO_ACCOUNT and check.reviewer:
        if check.field[0] != "approvals":
            return f"write `by: {check.reviewer}` into the entry"
        options = approval_options([f"{check.approval.role}={check.reviewer}"])
        return f"`iterata move {check.document.path} approved {options}`"
    return _REMEDIES[check.status]


def _to_check(change: Change) -> Iterator[tuple[FieldPath, Approval | PhaseApproval]]:
    """The approvals of a document and the agreements to steps that need a review, with their places."""
    yield from _approvals_to_check(change)
    yield from _agreed_steps(change)


def _approvals_to_check(change: Change) -> Iterator[tuple[FieldPath, Approval]]:
    """The approvals that need a review, with their places.

    All of them if the document is new or its content changed; otherwise those that the base does not have.
    """
    before, after = change.before, change.after
    approvals = after.model.approvals if after and after.model else []
    earlier = []
    if approvals and before and after and not content_differs(before, after):
        earlier = before.model.approvals if before.model else []
    return (
        (("approvals", index), approval)
        for index, approval in enumerate(approvals)
        if approval not in earlier
    )


def _agreed_steps(change: Change) -> Iterator[tuple[FieldPath, PhaseApproval]]:
    """The agreements to steps of a release that the base does not have, with their places."""
    after = change.after.deployment if change.after else None
    before = change.before.deployment if change.before else None
    known = [(share, approval) for _, share, approval in _steps(before)] if before else []
    for place, share, approval in _steps(after) if after else ():
        if (share, approval) not in known:
            yield place, approval


def _steps(deployment: Deployment) -> Iterator[tuple[FieldPath, float, PhaseApproval]]:
    """The agreements to steps of a release and of those before it: place, share of the phase, agreement."""
    releases: list[tuple[FieldPath, list[Phase]]] = [(("phases",), deployment.phases)]
    for number, release in enumerate(deployment.earlier):
        releases.append((("earlier", number, "phases"), release.phases))
    for place, phases in releases:
        for index, phase in enumerate(phases):
            for entry, approval in enumerate(phase.approved):
                yield (*place, index, "approved", entry), phase.share, approval


def _status(
    approval: Approval | PhaseApproval,
    accounts: frozenset[str] | None,
    writers: _Writers,
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
    if (status := writers.status(account)) is not None:
        return status
    review = reviews.get(account)
    if review is None or review.state != "APPROVED":
        return ApprovalStatus.NOT_REVIEWED
    return ApprovalStatus.COUNTS if review.commit and unchanged(review.commit) else ApprovalStatus.STALE
