"""What the check of approvals reads from a code host, whichever it is."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NamedTuple, Protocol

from pydantic import StringConstraints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CommitId = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
"""The name of a commit in an answer."""

_CO_AUTHOR = re.compile(r"^co-authored-by:[^<\n]*<([^<>\s]+@[^<>\s]+)>\s*$", re.IGNORECASE | re.MULTILINE)


class HostKind(StrEnum):
    """A kind of code host; Gitea and Forgejo have one API and one kind."""

    GITHUB = "github"
    GITLAB = "gitlab"
    FORGEJO = "forgejo"


class PullRequest(NamedTuple):
    """The data of a pull request that the check of approvals needs."""

    author: str
    """Empty if the account was deleted."""
    head: str
    """The newest commit."""
    commit_count: int | None = None
    """How many commits it has, if the host says so."""


class Commit(NamedTuple):
    """A commit of a pull request, and who wrote it."""

    sha: str
    accounts: frozenset[str]
    """Author, committer and co-authors, in lower case; the code host itself is none of them."""
    complete: bool
    """Whether the code host knows an account of the author and of the committer."""


class Review(NamedTuple):
    """The latest verdict of one account on a pull request."""

    account: str
    state: str
    """APPROVED, CHANGES_REQUESTED or DISMISSED."""
    commit: str | None
    """The reviewed commit, None if the host no longer has it, or does not tell."""


class Comment(NamedTuple):
    """A comment on a pull request."""

    number: int
    author: str
    """In lower case; empty if the account was deleted."""
    body: str
    address: str
    """Where people read it; empty if the host does not say so."""


class CodeHost(Protocol):
    """The reviews of a pull request, the members of teams, and the comments.

    Every method raises CodeHostError if the host does not answer, refuses, or answers unexpectedly.
    """

    @property
    def kind(self) -> HostKind:
        """Whose rules apply to CODEOWNERS and to names."""
        ...

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """The author and the newest commit of a pull request."""
        ...

    def commits(self, repository: str, number: int) -> list[Commit]:
        """The commits of a pull request that the host lists."""
        ...

    def reviews(self, repository: str, number: int) -> dict[str, Review]:
        """The latest verdict of each account, by account in lower case."""
        ...

    def members(self, team: str) -> frozenset[str]:
        """The accounts of `organisation/team`, in lower case."""
        ...

    def own_accounts(self) -> frozenset[str]:
        """The accounts that the token writes as, in lower case."""
        ...

    def comments(self, repository: str, number: int) -> Iterable[Comment]:
        """The comments on a pull request, oldest first."""
        ...

    def add_comment(self, repository: str, number: int, body: str) -> Comment:
        """Write a comment."""
        ...

    def change_comment(self, repository: str, number: int, comment: int, body: str) -> Comment:
        """Replace the text of a comment."""
        ...


def co_authors(message: str, account_of: Callable[[str], str]) -> list[str]:
    """The accounts of the co-authors in the trailers of a message; a tool without an account is none."""
    found = (account_of(email.casefold()) for email in _CO_AUTHOR.findall(message))
    return [account for account in found if account]
