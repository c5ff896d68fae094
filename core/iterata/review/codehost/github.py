"""GitHub's REST API, or a server with the same API."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from pydantic import BaseModel, StringConstraints, TypeAdapter

from iterata.review.codehost.host import (
    Comment,
    Commit,
    CommitId,
    HostKind,
    PullRequest,
    Review,
    co_authors,
)
from iterata.review.codehost.http import RestApi
from iterata.review.codehost.refusals import Dialect, Refused, Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_VERDICTS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
"""States of a review that express a verdict; a comment or an unfinished review does not."""

_WEB_FLOW, _WEB_FLOW_EMAIL = "web-flow", "noreply@github.com"
"""The committer of a commit that was made on GitHub's pages."""

_WORKFLOW_ACCOUNT = "github-actions[bot]"
"""Who writes with the token of a workflow, which may not ask for its own account."""

_NO_REPLY = re.compile(r"(?:\d+\+)?(?P<login>[a-z0-9][a-z0-9\[\]-]*)@users\.noreply\.github\.com")

_TEAM_REMEDY = (
    "correct its name, or use a GITHUB_TOKEN with the permission `members: read` of the organisation (a "
    "workflow's own token never has it); or list accounts under `role_holders`"
)

DIALECT = Dialect(
    headers=MappingProxyType({"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}),
)


class Account(BaseModel):
    """An account of an answer."""

    login: Annotated[str, StringConstraints(min_length=1)]


class _Head(BaseModel):
    sha: CommitId


class _PullRequest(BaseModel):
    user: Account | None
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


class CommitOfRequest(BaseModel):
    """A commit of a pull request in an answer of GitHub, Gitea or Forgejo."""

    sha: CommitId
    commit: _GitCommit
    author: _Person | None
    committer: _Person | None

    @property
    def author_login(self) -> str:
        """The account of the author; empty if the host knows none."""
        return self.author.login if self.author else ""

    @property
    def committer_login(self) -> str:
        """The account of the committer; empty if the host knows none."""
        return self.committer.login if self.committer else ""


class _Review(BaseModel):
    user: Account | None
    state: str
    commit_id: CommitId | None = None


class IssueComment(BaseModel):
    """A comment in an answer of GitHub, Gitea or Forgejo."""

    id: int
    user: Account | None
    body: str | None = None
    html_url: str = ""

    def as_comment(self) -> Comment:
        """The comment, whichever host it is on."""
        author = self.user.login.casefold() if self.user else ""
        return Comment(self.id, author, self.body or "", self.html_url)


PULL_REQUEST = TypeAdapter(_PullRequest)
COMMITS = TypeAdapter(list[CommitOfRequest])
ACCOUNT = TypeAdapter(Account)
ACCOUNTS = TypeAdapter(list[Account])
COMMENT = TypeAdapter(IssueComment)
COMMENTS = TypeAdapter(list[IssueComment])
_REVIEWS = TypeAdapter(list[_Review])


@dataclass(frozen=True)
class GitHub:
    """GitHub, and the token to read from it."""

    url: str = "https://api.github.com"
    token: str | None = field(default=None, repr=False)
    wait: Callable[[float], None] = field(default=time.sleep, repr=False)
    kind: HostKind = HostKind.GITHUB

    @cached_property
    def _api(self) -> RestApi:
        return RestApi(self.url.rstrip("/"), self.token, self.wait, DIALECT)

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """The author and the newest commit of a pull request."""
        answer = self._api.get(_pull_request(repository, number), PULL_REQUEST)
        return PullRequest(answer.user.login if answer.user else "", answer.head.sha, answer.commits)

    def commits(self, repository: str, number: int) -> list[Commit]:
        """The commits of a pull request; GitHub lists at most 250."""
        find = cache(lambda email: self._account_of(repository, email))
        listed = self._api.get_pages(_pull_request(repository, number, "/commits"), COMMITS)
        return [_commit(commit, find) for commit in listed]

    def _account_of(self, repository: str, email: str) -> str:
        """The account that committed to the repository with an address; empty if there is none."""
        if match := _NO_REPLY.fullmatch(email):
            return match["login"]
        resource = _repository(repository, f"/commits?author={quote(email, safe='')}&per_page=1")
        answer = self._api.get(resource, COMMITS)
        return next((commit.author_login for commit in answer if commit.author_login), "")

    def reviews(self, repository: str, number: int) -> dict[str, Review]:
        """The latest verdict of each account, by account in lower case.

        The host lists reviews in the order in which they were submitted; a dismissed one keeps its place.
        """
        reviews = self._api.get_pages(_pull_request(repository, number, "/reviews"), _REVIEWS)
        return {
            review.user.login.casefold(): Review(review.user.login, review.state, review.commit_id)
            for review in reviews
            if review.user and review.state in _VERDICTS
        }

    def members(self, team: str) -> frozenset[str]:
        """The accounts of `organisation/team` and of its child teams, in lower case."""
        organisation, _, name = team.partition("/")
        path = f"orgs/{quote(organisation, safe='')}/teams/{quote(name, safe='')}/members"
        accounts = self._api.get_pages(Resource(path, f"team @{team}", _TEAM_REMEDY), ACCOUNTS)
        return frozenset(account.login.casefold() for account in accounts)

    def own_accounts(self) -> frozenset[str]:
        """The account of the token; the bot's if the token belongs to a workflow."""
        try:
            answer = self._api.get(Resource("user", "account", "use a token of an account"), ACCOUNT)
        except Refused:
            return frozenset({_WORKFLOW_ACCOUNT})
        return frozenset({answer.login.casefold()})

    def comments(self, repository: str, number: int) -> Iterator[Comment]:
        """The comments on a pull request, oldest first."""
        listed = self._api.get_pages(_comments(repository, f"{number}/comments"), COMMENTS)
        return (comment.as_comment() for comment in listed)

    def add_comment(self, repository: str, number: int, body: str) -> Comment:
        """Write a comment."""
        resource = _comments(repository, f"{number}/comments")
        return self._api.write("POST", resource, {"body": body}, COMMENT).as_comment()

    def change_comment(self, repository: str, number: int, comment: int, body: str) -> Comment:
        """Replace the text of a comment."""
        del number
        resource = _comments(repository, f"comments/{comment}")
        return self._api.write("PATCH", resource, {"body": body}, COMMENT).as_comment()


def _commit(listed: CommitOfRequest, account_of: Callable[[str], str]) -> Commit:
    author, committer = listed.author_login, listed.committer_login
    signature = listed.commit.committer
    if committer == _WEB_FLOW or (not committer and signature and signature.email == _WEB_FLOW_EMAIL):
        committer = author  # a commit in the web editor
    others = co_authors(listed.commit.message, account_of)
    accounts = frozenset(name.casefold() for name in (author, committer, *others) if name)
    return Commit(listed.sha, accounts, bool(author and committer))


def quoted(name: str) -> str:
    """`owner/name` as two steps of a path."""
    return "/".join(quote(part, safe="") for part in name.split("/"))


def _repository(name: str, part: str) -> Resource:
    remedy = "use a GITHUB_TOKEN with the permission `contents: read`"
    return Resource(f"repos/{quoted(name)}{part}", f"repository {name}", remedy)


def _pull_request(repository: str, number: int, part: str = "") -> Resource:
    remedy = (
        "correct the repository's name and the number, or use a GITHUB_TOKEN with the permission "
        "`pull-requests: read`"
    )
    path = f"repos/{quoted(repository)}/pulls/{number}{part}"
    return Resource(path, f"pull request {repository}#{number}", remedy)


def _comments(repository: str, part: str) -> Resource:
    remedy = "use a GITHUB_TOKEN with the permission `pull-requests: write`"
    return Resource(f"repos/{quoted(repository)}/issues/{part}", f"comments of {repository}", remedy)
