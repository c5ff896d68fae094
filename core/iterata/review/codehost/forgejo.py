"""The API of Forgejo and Gitea, which resembles GitHub's.

It differs where it matters: pages have numbers, not every list has links to its pages, a review that was
dismissed keeps its state, and a team is found by its number.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, BeforeValidator, TypeAdapter

from iterata.review.codehost.github import (
    ACCOUNT,
    ACCOUNTS,
    COMMENT,
    COMMENTS,
    COMMITS,
    PULL_REQUEST,
    Account,
    CommitOfRequest,
    quoted,
)
from iterata.review.codehost.host import (
    Comment,
    Commit,
    CommitId,
    HostKind,
    PullRequest,
    Review,
    co_authors,
)
from iterata.review.codehost.http import NUMBERED, RestApi
from iterata.review.codehost.refusals import CodeHostError, Dialect, Refused, Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_VERDICTS = {"APPROVED": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED"}
"""The verdicts by the host's names for them; comments and requests for a review are none."""

_WORKFLOW_ACCOUNTS = frozenset({"forgejo-actions", "gitea-actions"})
"""Who writes with the token of a workflow, which may not ask for its own account."""

_TEAM_REMEDY = (
    "correct its name, or use a token with the scope `read:organization` of an account in that organisation "
    "(a workflow's own token never has it); or list accounts under `role_holders`"
)


class _Review(BaseModel):
    user: Account | None
    state: str
    commit_id: Annotated[CommitId | None, BeforeValidator(lambda value: value or None)] = None
    dismissed: bool = False


class _Team(BaseModel):
    id: int
    name: str


class _Found(BaseModel):
    login: str
    email: str = ""


class _Search(BaseModel):
    data: list[_Found]


_REVIEWS = TypeAdapter(list[_Review])
_TEAMS = TypeAdapter(list[_Team])
_SEARCH = TypeAdapter(_Search)


@dataclass(frozen=True)
class Forgejo:
    """A server of Forgejo or Gitea, and the token to read from it."""

    url: str
    token: str | None = field(default=None, repr=False)
    wait: Callable[[float], None] = field(default=time.sleep, repr=False)
    variables: str = "GITHUB"
    """How the names of the variables begin that have the address and the token."""
    kind: HostKind = HostKind.FORGEJO

    @cached_property
    def _api(self) -> RestApi:
        token = f"{self.variables}_TOKEN"
        dialect = Dialect(
            address_setting=f"{self.variables}_API_URL",
            token_setting=token,
            token_remedy=f"set {token} to a valid token",
            example="https://host/api/v1",
            prefix="token ",
        )
        return RestApi(self.url.rstrip("/"), self.token, self.wait, dialect, NUMBERED)

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """The author and the newest commit of a pull request."""
        answer = self._api.get(self._pull_request(repository, number), PULL_REQUEST)
        return PullRequest(answer.user.login if answer.user else "", answer.head.sha)

    def commits(self, repository: str, number: int) -> list[Commit]:
        """All commits of a pull request."""
        find = cache(self._account_of)
        listed = self._api.get_pages(self._pull_request(repository, number, "/commits"), COMMITS)
        return [_commit(commit, find) for commit in listed]

    def _account_of(self, email: str) -> str:
        """The account with an address that it shows, or with the host's own address; empty if none."""
        login, _, domain = email.partition("@")
        if domain == f"noreply.{urlsplit(self.url).hostname}":
            return login
        resource = Resource(
            f"users/search?q={quote(email, safe='')}", "list of users", "use a token with `read:user`"
        )
        try:
            answer = self._api.get(resource, _SEARCH)
        except Refused:
            return ""
        return next((user.login for user in answer.data if user.email.casefold() == email), "")

    def reviews(self, repository: str, number: int) -> dict[str, Review]:
        """The latest verdict of each account, by account in lower case.

        Whether a review is `official` or `stale` does not matter: the role decides who counts, and the
        document at the reviewed commit decides what was approved.
        """
        verdicts = {}
        for review in self._api.get_pages(self._pull_request(repository, number, "/reviews"), _REVIEWS):
            if review.user and review.state in _VERDICTS:
                state = "DISMISSED" if review.dismissed else _VERDICTS[review.state]
                login = review.user.login
                verdicts[login.casefold()] = Review(login, state, review.commit_id)
        return verdicts

    def members(self, team: str) -> frozenset[str]:
        """The accounts of `organisation/team`, in lower case."""
        organisation, _, name = team.partition("/")
        described, remedy = f"team @{team}", _TEAM_REMEDY
        path = f"orgs/{quote(organisation, safe='')}/teams"
        teams = self._api.get_pages(Resource(path, described, remedy), _TEAMS)
        number = next((entry.id for entry in teams if entry.name.casefold() == name.casefold()), None)
        if number is None:
            message = f"there is no such {described}, or the token may not see it"
            raise CodeHostError(message, remedy=remedy, where=path)
        accounts = self._api.get_pages(Resource(f"teams/{number}/members", described, remedy), ACCOUNTS)
        return frozenset(account.login.casefold() for account in accounts)

    def own_accounts(self) -> frozenset[str]:
        """The account of the token; those of workflows if the token may not ask for it."""
        try:
            answer = self._api.get(Resource("user", "account", "use a token of an account"), ACCOUNT)
        except Refused:
            return _WORKFLOW_ACCOUNTS
        return frozenset({answer.login.casefold()})

    def comments(self, repository: str, number: int) -> Iterator[Comment]:
        """The comments on a pull request, oldest first; this list has no pages."""
        listed = self._api.get(self._comments(repository, f"{number}/comments"), COMMENTS)
        return (comment.as_comment() for comment in listed)

    def add_comment(self, repository: str, number: int, body: str) -> Comment:
        """Write a comment."""
        resource = self._comments(repository, f"{number}/comments")
        return self._api.write("POST", resource, {"body": body}, COMMENT).as_comment()

    def change_comment(self, repository: str, number: int, comment: int, body: str) -> Comment:
        """Replace the text of a comment."""
        del number
        resource = self._comments(repository, f"comments/{comment}")
        return self._api.write("PATCH", resource, {"body": body}, COMMENT).as_comment()

    def _pull_request(self, repository: str, number: int, part: str = "") -> Resource:
        remedy = (
            f"correct the repository's name and the number, or use a {self.variables}_TOKEN with the scope "
            "`read:repository`"
        )
        path = f"repos/{quoted(repository)}/pulls/{number}{part}"
        return Resource(path, f"pull request {repository}#{number}", remedy)

    def _comments(self, repository: str, part: str) -> Resource:
        remedy = f"use a {self.variables}_TOKEN with the scope `write:issue`"
        return Resource(f"repos/{quoted(repository)}/issues/{part}", f"comments of {repository}", remedy)


def _commit(listed: CommitOfRequest, account_of: Callable[[str], str]) -> Commit:
    author, committer = listed.author_login, listed.committer_login
    others = co_authors(listed.commit.message, account_of)
    accounts = frozenset(name.casefold() for name in (author, committer, *others) if name)
    return Commit(listed.sha, accounts, bool(author and committer))
