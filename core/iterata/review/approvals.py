"""Approvals in front matter, held against the reviews that really happened."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError
from iterata.repository import git
from iterata.review.content import says_other_things, unchanged_since
from iterata.review.owners import Codeowners, holders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.models.base import Approval
    from iterata.problems import Problem
    from iterata.review.changes import Change, Comparison
    from iterata.review.codehost import CodeHost, Review


class Standing(StrEnum):
    """What an approval in front matter is worth."""

    COUNTS = "counts"
    """The account approved the document as it now is."""
    NO_ACCOUNT = "names no account"
    NOT_REVIEWED = "has not approved the pull request"
    STALE = "approved an earlier state of the document"
    AUTHOR = "proposed the pull request and cannot approve it alone"
    NOT_A_HOLDER = "does not hold the role"
    UNKNOWN_ROLE = "cannot be checked: nothing says who holds the role"


_REMEDIES: dict[Standing, str] = {
    Standing.NO_ACCOUNT: "`iterata move ... approved --as ROLE=ACCOUNT`",
    Standing.NOT_REVIEWED: "have them approve the pull request on the code host, or remove the entry",
    Standing.STALE: "have them approve it again; if the target branch changed it meanwhile, merge that first",
    Standing.AUTHOR: "have somebody else who holds the role approve it",
    Standing.NOT_A_HOLDER: "have a holder approve it, or add the account under `role_holders` or to the team",
    Standing.UNKNOWN_ROLE: "name its accounts or teams under `role_holders`, or in the base's CODEOWNERS",
}


class Judged(NamedTuple):
    """An approval that this pull request relies on, and what it is worth."""

    document: Document
    place: int
    """Its place in the list of approvals."""
    approval: Approval
    standing: Standing


def judge_approvals(
    comparison: Comparison,
    root: Path,
    host: CodeHost,
    repository: str,
    number: int,
    roles: Mapping[str, list[str]],
) -> list[Judged]:
    """Hold every approval that a pull request relies on against its reviews.

    Raises:
        CodeHostError: the code host cannot be asked.
        IterataError: what is compared is not that pull request as it is now.
    """
    asked = [
        (change.after, *each) for change in comparison.changes if change.after for each in _asked(change)
    ]
    if not asked:
        return []
    request, reviews = host.pull_request(repository, number), host.reviews(repository, number)
    if not git.is_ancestor(root, request.head, comparison.head_commit or "HEAD"):
        message = "the pull request's newest commit is not part of what is judged here"
        remedy = "check out the pull request with its whole history (`fetch-depth: 0`), or correct its number"
        raise IterataError(message, remedy=remedy, where=f"{repository}#{number}")
    codeowners, members = Codeowners(root, comparison.tip_commit), cache(host.members)
    judged = []
    for case, place, approval in asked:
        held_by = holders(approval.role, roles, codeowners.of(case.document.path), members)
        standing = _standing(approval, held_by, request.author, reviews, unchanged_since(root, case))
        judged.append(Judged(case.document, place, approval, standing))
    return judged


def problems(judged: Sequence[Judged]) -> Iterator[Problem]:
    """REVIEW001: an approval that does not count."""
    for document, place, approval, standing in judged:
        if standing is not Standing.COUNTS:
            who = f"{approval.role} ({approval.by})" if approval.by else approval.role
            message = f"the approval of {who} does not count: it {standing}"
            if standing in _OF_THE_ACCOUNT:
                message = f"the approval of {who} does not count: {approval.by} {standing}"
            yield document.problem("REVIEW001", ["approvals", place], message, _REMEDIES[standing])


_OF_THE_ACCOUNT = frozenset({Standing.NOT_REVIEWED, Standing.STALE, Standing.AUTHOR, Standing.NOT_A_HOLDER})


def _asked(change: Change) -> Iterator[tuple[int, Approval]]:
    """The approvals to hold against reviews, with their places.

    All of them where the document is new or says other things; else those that were not there before.
    """
    before, after = change.before, change.after
    approvals = after.model.approvals if after and after.model else []
    known = []
    if approvals and before and after and not says_other_things(before, after):
        known = before.model.approvals if before.model else []
    return ((place, approval) for place, approval in enumerate(approvals) if approval not in known)


def _standing(
    approval: Approval,
    held_by: frozenset[str] | None,
    author: str,
    reviews: Mapping[str, Review],
    unchanged: Callable[[str], bool],
) -> Standing:
    if approval.by is None:
        return Standing.NO_ACCOUNT
    account = approval.by.lstrip("@").casefold()
    if held_by is None:
        return Standing.UNKNOWN_ROLE
    if account not in held_by:
        return Standing.NOT_A_HOLDER
    if account == author.casefold():
        return Standing.AUTHOR
    review = reviews.get(account)
    if review is None or review.state != "APPROVED":
        return Standing.NOT_REVIEWED
    return Standing.COUNTS if review.commit and unchanged(review.commit) else Standing.STALE
