"""What is asked of the code host: who proposed a pull request, who approved which commit, who is in a team.

GitHub's REST API, or a server that speaks it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, NamedTuple
from urllib.parse import quote

from pydantic import BaseModel, StringConstraints, TypeAdapter

from iterata.review.http import Api, Question

if TYPE_CHECKING:
    from collections.abc import Callable

_VERDICTS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
"""States of a review that say something; a mere comment, or a review still being written, does not."""

_TEAMS = (
    "correct its name, or give GITHUB_TOKEN the right `members: read` of the organisation, which a workflow's"
    " own token never has; or name accounts under `role_holders`"
)


class PullRequest(NamedTuple):
    """A pull request as far as approvals are concerned."""

    author: str
    """Empty where the account was deleted."""
    head: str


class Review(NamedTuple):
    """What one account last said of a pull request."""

    account: str
    state: str
    """APPROVED, CHANGES_REQUESTED or DISMISSED."""
    commit: str | None
    """What was looked at; none where the host does not know any more."""


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
    """A code host and the right to ask it."""

    url: str = "https://api.github.com"
    token: str | None = field(default=None, repr=False)
    wait: Callable[[float], None] = field(default=time.sleep, repr=False)

    @cached_property
    def _api(self) -> Api:
        return Api(self.url.rstrip("/"), self.token, self.wait)

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """The author and the head commit of a pull request.

        Raises:
            CodeHostError: it cannot be asked for.
        """
        answer = self._api.one(_question(repository, number), _PULL_REQUEST)
        return PullRequest(answer.user.login if answer.user else "", answer.head.sha)

    def reviews(self, repository: str, number: int) -> dict[str, Review]:
        """What each account last said, by account in lower case.

        The host gives them in the order in which they were written, and turns the state of one that is taken
        back into DISMISSED where it stands.

        Raises:
            CodeHostError: they cannot be asked for.
        """
        answers = self._api.all(_question(repository, number, "/reviews"), _REVIEWS)
        return {
            each.user.login.casefold(): Review(each.user.login, each.state, each.commit_id)
            for each in answers
            if each.user and each.state in _VERDICTS
        }

    def members(self, organisation: str, team: str) -> frozenset[str]:
        """The accounts of a team and of the teams within it, in lower case.

        Raises:
            CodeHostError: they cannot be asked for.
        """
        path = f"orgs/{quote(organisation, safe='')}/teams/{quote(team, safe='')}/members"
        answers = self._api.all(Question(path, f"team @{organisation}/{team}", _TEAMS), _ACCOUNTS)
        return frozenset(each.login.casefold() for each in answers)


def _question(repository: str, number: int, part: str = "") -> Question:
    path = "/".join(quote(each, safe="") for each in repository.split("/"))
    remedy = (
        "correct the repository's name and the number, or give GITHUB_TOKEN the right `pull-requests: read`"
    )
    return Question(f"repos/{path}/pulls/{number}{part}", f"pull request {repository}#{number}", remedy)
