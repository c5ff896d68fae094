"""Read a pull request, its reviews and the members of teams from the code host.

The code host is GitHub's REST API, or a server with the same API.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, NamedTuple
from urllib.parse import quote

from pydantic import BaseModel, StringConstraints, TypeAdapter

from iterata.review.http import Resource, RestApi

if TYPE_CHECKING:
    from collections.abc import Callable

_VERDICTS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
"""States of a review that express a verdict; a comment or an unfinished review does not."""

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


class _Review(BaseModel):
    user: _Account | None
    state: str
    commit_id: _Commit | None = None


_PULL_REQUEST = TypeAdapter(_PullRequest)
_REVIEWS = TypeAdapter(list[_Review])
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
        return PullRequest(answer.user.login if answer.user else "", answer.head.sha)

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


def _pull_request(repository: str, number: int, part: str = "") -> Resource:
    path = "/".join(quote(name, safe="") for name in repository.split("/"))
    remedy = (
        "correct the repository's name and the number, or use a GITHUB_TOKEN with the permission "
        "`pull-requests: read`"
    )
    return Resource(f"repos/{path}/pulls/{number}{part}", f"pull request {repository}#{number}", remedy)
