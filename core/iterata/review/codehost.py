"""Read a pull request, its reviews and the members of teams from the code host.

The code host is GitHub's REST API, or a server with the same API.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Annotated, NamedTuple
from urllib.parse import quote

from pydantic import BaseModel, StringConstraints, TypeAdapter

from iterata.review.http import Resource, RestApi

if TYPE_CHECKING:
    from collections.abc import Callable

_VERDICTS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
"""States of a review that express a verdict; a comment or an unfinished review does not."""

_WEB_FLOW, _WEB_FLOW_EMAIL = "web-flow", "noreply@github.com"
"""The committer of a commit that was made on GitHub's pages."""

_CO_AUTHOR = re.compile(r"^co-authored-by:[^<\n]*<([^<>\s]+@[^<>\s]+)>\s*$", re.IGNORECASE | re.MULTILINE)

_NO_REPLY = re.compile(r"(?:\d+\+)?(?P<login>[a-z0-9][a-z0-9\[\]-]*)@users\.noreply\.github\.com")

_TEAM_REMEDY = (
    "correct its name, or use a GITHUB_TOKEN with the permission `members: read` of the organisation (a "
    "workflow's own token never has it); or list accounts under `role_holders`"
)


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
    """The reviewed commit, None if the host no longer has it."""


_Commit = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]


class _Account(BaseModel):
    login: Annotated[str, StringConstraints(min_length=1)]


class _Head(BaseModel):
    sha: _Commit


class _PullRequest(BaseModel):
    user: _Account | None
    head: _Head
    commits: int | None = None


class _Person(BaseModel):
    """An account; without a name if the host knows none."""

    login: str = ""


class _Signature(BaseModel):
    email: str = ""


class _GitCommit(BaseModel):
    message: str = ""
    committer: _Signature | None = None


class _CommitOfRequest(BaseModel):
    sha: _Commit
    commit: _GitCommit
    author: _Person | None
    committer: _Person | None


class _Review(BaseModel):
    user: _Account | None
    state: str
    commit_id: _Commit | None = None


_PULL_REQUEST = TypeAdapter(_PullRequest)
_REVIEWS = TypeAdapter(list[_Review])
_COMMITS = TypeAdapter(list[_CommitOfRequest])
_ACCOUNTS = TypeAdapter(list[_Account])


@dataclass(frozen=True)
class CodeHost:
    """A code host, and the token to read from it."""

    url: str = "https://api.github.com"
    token: str | None = field(default=None, repr=False)
    wait: Callable[[float], None] = field(default=time.sleep, repr=False)

    @cached_property
    def _api(self) -> RestApi:
        return RestApi(self.url.rstrip("/"), self.token, self.wait)

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """The author and the newest commit of a pull request.

        Raises:
            CodeHostError: the code host does not answer, or refuses.
        """
        answer = self._api.get(_pull_request(repository, number), _PULL_REQUEST)
        return PullRequest(answer.user.login if answer.user else "", answer.head.sha, answer.commits)

    def commits(self, repository: str, number: int) -> list[Commit]:
        """The commits of a pull request; GitHub lists at most 250.

        Raises:
            CodeHostError: the code host does not answer, or refuses.
        """
        find = cache(lambda email: self._account_of(repository, email))
        listed = self._api.get_pages(_pull_request(repository, number, "/commits"), _COMMITS)
        return [_commit(commit, find) for commit in listed]

    def _account_of(self, repository: str, email: str) -> str:
        """The account that committed to the repository with an address; empty if there is none."""
        if match := _NO_REPLY.fullmatch(email):
            return match["login"]
        resource = _repository(repository, f"/commits?author={quote(email, safe='')}&per_page=1")
        answer = self._api.get(resource, _COMMITS)
        return next((commit.author.login for commit in answer if commit.author), "")

    def reviews(self, repository: str, number: int) -> dict[str, Review]:
        """The latest verdict of each account, by account in lower case.

        The host lists reviews in the order in which they were submitted; a dismissed one keeps its place.

        Raises:
            CodeHostError: the code host does not answer, or refuses.
        """
        reviews = self._api.get_pages(_pull_request(repository, number, "/reviews"), _REVIEWS)
        return {
            review.user.login.casefold(): Review(review.user.login, review.state, review.commit_id)
            for review in reviews
            if review.user and review.state in _VERDICTS
        }

    def members(self, organisation: str, team: str) -> frozenset[str]:
        """The accounts of a team and of its child teams, in lower case.

        Raises:
            CodeHostError: the code host does not answer, or refuses.
        """
        path = f"orgs/{quote(organisation, safe='')}/teams/{quote(team, safe='')}/members"
        resource = Resource(path, f"team @{organisation}/{team}", _TEAM_REMEDY)
        accounts = self._api.get_pages(resource, _ACCOUNTS)
        return frozenset(account.login.casefold() for account in accounts)


def _commit(listed: _CommitOfRequest, find: Callable[[str], str]) -> Commit:
    author = listed.author.login if listed.author else ""
    committer = listed.committer.login if listed.committer else ""
    signature = listed.commit.committer
    if committer == _WEB_FLOW or (not committer and signature and signature.email == _WEB_FLOW_EMAIL):
        committer = author  # a commit in the web editor
    co_authors = [find(email.casefold()) for email in _CO_AUTHOR.findall(listed.commit.message)]
    accounts = frozenset(name.casefold() for name in (author, committer, *co_authors) if name)
    return Commit(listed.sha, accounts, bool(author and committer))


def _repository(name: str, part: str) -> Resource:
    path = "/".join(quote(part, safe="") for part in name.split("/"))
    remedy = "use a GITHUB_TOKEN with the permission `contents: read`"
    return Resource(f"repos/{path}{part}", f"repository {name}", remedy)


def _pull_request(repository: str, number: int, part: str = "") -> Resource:
    path = "/".join(quote(name, safe="") for name in repository.split("/"))
    remedy = (
        "correct the repository's name and the number, or use a GITHUB_TOKEN with the permission "
        "`pull-requests: read`"
    )
    return Resource(f"repos/{path}/pulls/{number}{part}", f"pull request {repository}#{number}", remedy)
