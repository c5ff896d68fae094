"""Approvals in front matter, held against the reviews that really happened."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from iterata import git
from iterata.documents import parse
from iterata.documents.fingerprint import digest, prose
from iterata.review.owners import PLACES, holders, owners

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.base import Approval
    from iterata.problems import Problem
    from iterata.review.changes import Change, Comparison
    from iterata.review.codehost import CodeHost, PullRequest, Review


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
    Standing.STALE: "have them approve the pull request again",
    Standing.AUTHOR: "have somebody else who holds the role approve it",
    Standing.NOT_A_HOLDER: "have a holder approve it, or add the account under `role_holders` or to the team",
    Standing.UNKNOWN_ROLE: "name its accounts or teams under `role_holders` in mkdocs.yml, or in CODEOWNERS",
}


class Judged(NamedTuple):
    """An approval that this pull request adds, and what it is worth."""

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
    """Hold every approval that a pull request adds against its reviews.

    Raises:
        CodeHostError: the code host cannot be asked.
    """
    added = [(change, index, approval) for change in comparison.changes for index, approval in _added(change)]
    if not added:
        return []
    request, reviews = host.pull_request(repository, number), host.reviews(repository, number)
    codeowners = _codeowners(root)
    judged = []
    for change, index, approval in added:
        document = change.after.document if change.after else None
        if document is not None:
            held_by = holders(approval.role, roles, owners(codeowners, document.path), host.members)
            unchanged = _unchanged_since(root, document)
            standing = _standing(approval, held_by, request, reviews, unchanged)
            judged.append(Judged(document, index, approval, standing))
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


def _added(change: Change) -> Iterator[tuple[int, Approval]]:
    """The approvals that were not in front matter before."""
    before = change.before.model.approvals if change.before and change.before.model else []
    after = change.after.model.approvals if change.after and change.after.model else []
    return ((index, approval) for index, approval in enumerate(after) if approval not in before)


def _standing(
    approval: Approval,
    held_by: frozenset[str] | None,
    request: PullRequest,
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
    if account == request.author.casefold():
        return Standing.AUTHOR
    review = reviews.get(account)
    if review is None or review.state != "APPROVED":
        return Standing.NOT_REVIEWED
    return Standing.COUNTS if review.commit == request.head or unchanged(review.commit) else Standing.STALE


def _unchanged_since(root: Path, document: Document) -> Callable[[str], bool]:
    """Whether a document says the same as at a commit; what cannot be looked up counts as changed."""

    def unchanged(commit: str) -> bool:
        raw = git.show(root, commit, document.path) if git.commit(root, commit) else None
        return raw is not None and _said(parse(document.path, document.stage, raw)) == _said(document)

    return unchanged


def _said(document: Document) -> str:
    return digest([document.fingerprint, prose(document.body)])


def _codeowners(root: Path) -> str:
    found = (root / place for place in PLACES if (root / place).is_file())
    return next((place.read_text("utf-8", "replace") for place in found), "")
