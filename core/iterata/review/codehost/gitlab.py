"""GitLab's REST API, version 4.

An approval there names no commit. It belongs to the newest version of the merge request that existed when it
was given: GitLab records when each version was pushed and when each approval was given.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, StringConstraints, TypeAdapter

from iterata.review.codehost.gitlab_accounts import COMMITS, commits_with_accounts
from iterata.review.codehost.host import Comment, Commit, CommitId, HostKind, PullRequest, Review
from iterata.review.codehost.http import RestApi
from iterata.review.codehost.refusals import CodeHostError, Dialect, Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

_APPROVED = "approved this merge request"
"""The text of the host's own note about an approval, in every language of the host."""

_READ = "use a GITLAB_TOKEN with the scope `read_api` (CI_JOB_TOKEN may not read this)"

DIALECT = Dialect(
    address_setting="CI_API_V4_URL",
    token_setting="GITLAB_TOKEN",  # noqa: S106  # the name of a variable
    token_remedy="set GITLAB_TOKEN to a valid access token with the scope `read_api`",  # noqa: S106
    example="https://host/api/v4",
    header="PRIVATE-TOKEN",
    prefix="",
)

JOB_DIALECT = DIALECT._replace(
    token_setting="CI_JOB_TOKEN",  # noqa: S106  # the name of a variable
    token_remedy="set GITLAB_TOKEN to an access token with the scope `read_api`: CI_JOB_TOKEN is not enough",  # noqa: S106
    header="JOB-TOKEN",
)
"""With the token of a job, which may read little; GitLab permits more of it from version to version."""


class _Account(BaseModel):
    username: Annotated[str, StringConstraints(min_length=1)]
    state: str = "active"


class _MergeRequest(BaseModel):
    author: _Account | None
    sha: CommitId | None


class _Approval(BaseModel):
    user: _Account | None
    approved_at: AwareDatetime | None = None
    """None before GitLab 17.10."""


class _Approvals(BaseModel):
    approved_by: list[_Approval]


class _Version(BaseModel):
    head_commit_sha: CommitId | None
    created_at: AwareDatetime


class _Note(BaseModel):
    id: int
    author: _Account | None
    body: str | None = None
    system: bool = False
    created_at: AwareDatetime

    def as_comment(self) -> Comment:
        author = self.author.username.casefold() if self.author else ""
        return Comment(self.id, author, self.body or "", "")


_MERGE_REQUEST = TypeAdapter(_MergeRequest)
_APPROVALS = TypeAdapter(_Approvals)
_VERSIONS = TypeAdapter(list[_Version])
_ACCOUNT = TypeAdapter(_Account)
_ACCOUNTS = TypeAdapter(list[_Account])
_NOTE = TypeAdapter(_Note)
_NOTES = TypeAdapter(list[_Note])


@dataclass(frozen=True)
class GitLab:
    """GitLab, and the token to read from it."""

    url: str = "https://gitlab.com/api/v4"
    token: str | None = field(default=None, repr=False)
    wait: Callable[[float], None] = field(default=time.sleep, repr=False)
    dialect: Dialect = DIALECT
    kind: HostKind = HostKind.GITLAB

    @cached_property
    def _api(self) -> RestApi:
        return RestApi(self.url.rstrip("/"), self.token, self.wait, self.dialect)

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """The author and the newest commit of a merge request."""
        answer = self._api.get(_merge_request(repository, number), _MERGE_REQUEST)
        if answer.sha is None:
            remedy = "push a commit to its source branch"
            raise CodeHostError("it has no commits", remedy=remedy, where=f"{repository}!{number}")
        return PullRequest(answer.author.username if answer.author else "", answer.sha)

    def commits(self, repository: str, number: int) -> list[Commit]:
        """All commits of a merge request."""
        listed = list(self._api.get_pages(_merge_request(repository, number, "/commits"), COMMITS))
        return commits_with_accounts(self._api, repository, number, listed)

    def reviews(self, repository: str, number: int) -> dict[str, Review]:
        """The present approvals, by account in lower case; a revoked one is not among them."""
        answer = self._api.get(_merge_request(repository, number, "/approvals"), _APPROVALS)
        approvals = [approval for approval in answer.approved_by if approval.user]
        if not approvals:
            return {}
        versions = list(self._api.get_pages(_merge_request(repository, number, "/versions"), _VERSIONS))
        untimed = any(approval.approved_at is None for approval in approvals)
        noted = self._noted_approvals(repository, number) if untimed else {}
        reviews = {}
        for approval in approvals:
            name = approval.user.username if approval.user else ""
            given = approval.approved_at or noted.get(name.casefold())
            reviews[name.casefold()] = Review(name, "APPROVED", _commit_at(versions, given))
        return reviews

    def _noted_approvals(self, repository: str, number: int) -> dict[str, datetime]:
        """When each account approved last, by the host's own notes; before GitLab 17.10 only they tell."""
        given: dict[str, datetime] = {}
        for note in self._api.get_pages(_merge_request(repository, number, "/notes"), _NOTES):
            if note.system and note.author and note.body == _APPROVED:
                name = note.author.username.casefold()
                given[name] = max(given.get(name, note.created_at), note.created_at)
        return given

    def members(self, team: str) -> frozenset[str]:
        """The accounts of a group, in lower case.

        Only direct members, as for GitLab's own code owners: every member of the group above is an inherited
        one, and would hold the roles of all subgroups.
        """
        resource = Resource(
            f"groups/{quote(team, safe='')}/members",
            f"group @{team}",
            "correct its name, or use a GITLAB_TOKEN of an account or a bot in that group with the scope "
            "`read_api`; or list accounts under `role_holders`",
        )
        accounts = self._api.get_pages(resource, _ACCOUNTS)
        return frozenset(account.username.casefold() for account in accounts if account.state == "active")

    def own_accounts(self) -> frozenset[str]:
        """The account of the token; a project's or a group's token has a bot."""
        resource = Resource("user", "account", "use a GITLAB_TOKEN with the scope `api`")
        return frozenset({self._api.get(resource, _ACCOUNT).username.casefold()})

    def comments(self, repository: str, number: int) -> Iterator[Comment]:
        """The notes on a merge request; the host's own ones are none."""
        listed = self._api.get_pages(_merge_request(repository, number, "/notes"), _NOTES)
        return (note.as_comment() for note in listed if not note.system)

    def add_comment(self, repository: str, number: int, body: str) -> Comment:
        """Write a note."""
        resource = _notes(repository, number, "")
        return self._api.write("POST", resource, {"body": body}, _NOTE).as_comment()

    def change_comment(self, repository: str, number: int, comment: int, body: str) -> Comment:
        """Replace the text of a note."""
        resource = _notes(repository, number, f"/{comment}")
        return self._api.write("PUT", resource, {"body": body}, _NOTE).as_comment()


def _commit_at(versions: Sequence[_Version], given: datetime | None) -> str | None:
    """The newest commit that a merge request had when an approval was given; None if nothing tells.

    A version of the very same moment does not count: it may have been pushed after the approval.
    """
    if given is None:
        return None
    earlier = [version for version in versions if version.created_at < given]
    newest = max(earlier, key=lambda version: version.created_at, default=None)
    return newest.head_commit_sha if newest else None


def _merge_request(repository: str, number: int, part: str = "") -> Resource:
    path = f"projects/{quote(repository, safe='')}/merge_requests/{number}{part}"
    remedy = f"correct the project's path and the number, or {_READ}"
    return Resource(path, f"merge request {repository}!{number}", remedy)


def _notes(repository: str, number: int, part: str) -> Resource:
    remedy = "use a GITLAB_TOKEN with the scope `api` and the role Reporter"
    return _merge_request(repository, number, f"/notes{part}")._replace(remedy=remedy)
