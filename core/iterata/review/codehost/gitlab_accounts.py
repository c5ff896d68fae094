"""Which accounts wrote the commits of a merge request.

GitLab's REST API lists addresses, not accounts. GraphQL tells the account of each author, by all addresses
that GitLab has confirmed, and the accounts of all committers together. What remains is looked up among the
users, where a token sees public addresses only.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, TypeAdapter

from iterata.review.codehost.host import Commit, CommitId, co_authors
from iterata.review.codehost.http import RestApi
from iterata.review.codehost.refusals import Refused, Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUERY = """
query($project: ID!, $number: String!, $after: String) {
  project(fullPath: $project) {
    mergeRequest(iid: $number) {
      committers { nodes { username } }
      commits(first: 100, after: $after) {
        nodes { authorEmail author { username } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""

_MAX_QUERIES = 100


class CommitOfRequest(BaseModel):
    """A commit in the list of a merge request."""

    id: CommitId
    message: str = ""
    author_email: str = ""
    committer_email: str = ""

    @property
    def author(self) -> str:
        """The address of the author."""
        return self.author_email.casefold()

    @property
    def committer(self) -> str:
        """The address of the committer."""
        return self.committer_email.casefold()


class _User(BaseModel):
    username: str
    name: str = ""


class _Author(BaseModel):
    authorEmail: str | None  # noqa: N815  # a field of GraphQL
    author: _User | None


class _PageInfo(BaseModel):
    hasNextPage: bool  # noqa: N815  # a field of GraphQL
    endCursor: str | None = None  # noqa: N815  # a field of GraphQL


class _Authors(BaseModel):
    nodes: list[_Author]
    pageInfo: _PageInfo  # noqa: N815  # a field of GraphQL


class _Users(BaseModel):
    nodes: list[_User]


class _MergeRequest(BaseModel):
    committers: _Users | None
    commits: _Authors | None


class _Project(BaseModel):
    mergeRequest: _MergeRequest | None  # noqa: N815  # a field of GraphQL


class _Data(BaseModel):
    project: _Project | None


class _Answer(BaseModel):
    data: _Data | None = None
    """None if this version of GitLab does not know a field of the query."""


COMMITS = TypeAdapter(list[CommitOfRequest])
_ANSWER = TypeAdapter(_Answer)
_USERS = TypeAdapter(list[_User])


class Accounts(NamedTuple):
    """What GraphQL tells."""

    by_address: dict[str, str]
    """The accounts of authors, by address in lower case."""
    committers: frozenset[str] = frozenset()
    """The accounts of all committers."""


def commits_with_accounts(
    api: RestApi, repository: str, number: int, listed: Sequence[CommitOfRequest]
) -> list[Commit]:
    """The commits with the accounts of their authors, committers and co-authors.

    A committer whose account is not told apart may be any of the committers that remain.

    Raises:
        CodeHostError: the code host does not answer, or answers unexpectedly.
    """
    host = urlsplit(api.url).hostname or ""
    told = _accounts(api, repository, number)
    find = cache(lambda address: _account_of(api, host, told.by_address, address))
    pages = {f"noreply@{host}"}  # a commit that was made, and signed, on the pages of the host
    unknown = {
        commit.committer for commit in listed if commit.committer not in pages and not find(commit.committer)
    }
    found = {find(address) for commit in listed for address in (commit.author, commit.committer)}
    others = told.committers - found
    candidates = others if len(others) >= len(unknown) else frozenset[str]()

    def commit_of(commit: CommitOfRequest) -> Commit:
        author = find(commit.author)
        by = {author if commit.committer in pages else find(commit.committer)} - {""} or candidates
        names = (author, *by, *co_authors(commit.message, find))
        accounts = frozenset(name.casefold() for name in names if name)
        return Commit(commit.id, accounts, bool(author and by))

    return [commit_of(commit) for commit in listed]


def _accounts(api: RestApi, repository: str, number: int) -> Accounts:
    """What GraphQL tells of a merge request; nothing if it refuses the token or this query."""
    if not api.url.endswith("/v4"):
        return Accounts({})
    graphql = RestApi(api.url.removesuffix("/v4"), api.token, api.wait, api.dialect, clock=api.clock)
    resource = Resource("graphql", f"merge request {repository}!{number}", "", repeatable=True)
    by_address: dict[str, str] = {}
    committers: frozenset[str] = frozenset()
    after = ""
    for _ in range(_MAX_QUERIES):
        variables = {"project": repository, "number": str(number), **({"after": after} if after else {})}
        try:
            answer = graphql.write("POST", resource, {"query": _QUERY, "variables": variables}, _ANSWER)
        except Refused:
            break
        request = answer.data and answer.data.project and answer.data.project.mergeRequest
        if not request or request.commits is None:
            break
        nodes = request.committers.nodes if request.committers else []
        committers = frozenset(user.username for user in nodes)
        for node in request.commits.nodes:
            if node.authorEmail and node.author:
                by_address[node.authorEmail.casefold()] = node.author.username
        after = request.commits.pageInfo.endCursor or ""
        if not request.commits.pageInfo.hasNextPage or not after:
            break
    return Accounts(by_address, committers)


def _account_of(api: RestApi, host: str, by_address: dict[str, str], address: str) -> str:
    """The account with an address; empty if nothing tells."""
    private = re.fullmatch(rf"(?:\d+-)?(?P<name>[^@\s]+)@users\.noreply\.{re.escape(host)}", address)
    if private:
        return private["name"]
    if address in by_address or "@" not in address:
        return by_address.get(address, "")
    resource = Resource(f"users?search={quote(address, safe='')}", "list of users", "")
    try:
        users = api.get(resource, _USERS)
    except Refused:
        return ""
    # the search also finds names that contain the text; what it finds otherwise, it found by the address
    matches = [user.username for user in users if address not in f"{user.name}\n{user.username}".casefold()]
    return matches[0] if len(matches) == 1 else ""
