"""GitLab's API: a server that answers as GitLab does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.review.codehost.gitlab import JOB_DIALECT, GitLab
from iterata.review.codehost.refusals import CodeHostError, Refused

from ....helpers.code_host import Answer, GitLabServer

if TYPE_CHECKING:
    from ....helpers.golden import Golden

TOKEN = "a-secret-token"  # noqa: S105  # of no host
PROJECT = "team/data/base"
C1, C2, C3, C9 = (digit * 40 for digit in "1239")


@pytest.fixture
def host(gitlab: GitLabServer, waited: list[float]) -> GitLab:
    return GitLab(gitlab.api, TOKEN, waited.append)


def at(hour: int) -> str:
    return f"2026-11-23T{hour:02}:00:00.000Z"


def test_merge_request_of_a_nested_group_has_author_and_head(gitlab: GitLabServer, host: GitLab) -> None:
    gitlab.merge_request("ana", C9)
    assert host.pull_request(PROJECT, 7) == ("ana", C9, None)
    assert gitlab.requests == [(gitlab.MERGE_REQUEST, TOKEN)]


def test_a_merge_request_without_commits_is_an_error(gitlab: GitLabServer, host: GitLab) -> None:
    gitlab.answer(gitlab.MERGE_REQUEST, Answer(body={"author": gitlab.user("ana"), "sha": None}))
    with pytest.raises(CodeHostError) as error:
        host.pull_request(PROJECT, 7)
    assert error.value.location.source == f"{PROJECT}!7"


def test_token_of_a_job_has_a_header_of_its_own(gitlab: GitLabServer) -> None:
    gitlab.token_header = "JOB-TOKEN"  # noqa: S105  # the name of a header
    gitlab.merge_request("ana", C9)
    GitLab(gitlab.api, "job-token", dialect=JOB_DIALECT).pull_request(PROJECT, 7)
    assert gitlab.requests == [(gitlab.MERGE_REQUEST, "job-token")]


@pytest.mark.parametrize(
    ("approved_at", "commit"),
    [
        (at(8), None),
        (at(9), None),
        (at(10), C1),
        ("2026-11-23T11:00:00.000Z", C1),
        ("2026-11-23T11:00:00.001Z", C2),
        ("2026-11-23T12:30:00.000+01:00", C2),
        (at(13), C1),
    ],
)
def test_an_approval_is_of_the_newest_version_before_it(
    gitlab: GitLabServer, host: GitLab, approved_at: str, commit: str | None
) -> None:
    """The first commit was pushed again, after the second."""
    gitlab.merge_request("ana", C1)
    times = [(C1, at(9)), (C2, at(11)), (C1, at(12))]
    gitlab.list("versions", [{"head_commit_sha": sha, "created_at": time} for sha, time in times])
    gitlab.approvals(Bo=approved_at)
    assert host.reviews(PROJECT, 7) == {"bo": ("Bo", "APPROVED", commit)}


def test_before_gitlab_17_10_notes_tell_when_an_approval_was_given(
    gitlab: GitLabServer, host: GitLab
) -> None:
    gitlab.merge_request("ana", C2, {C1: at(9), C2: at(11)})
    gitlab.approvals(bo=None, cy=None, di=None)
    approved = "approved this merge request"
    gitlab.notes(
        {**gitlab.note("bo", approved, at(10)), "system": True},
        {**gitlab.note("bo", "unapproved this merge request", at(11)), "system": True},
        {**gitlab.note("bo", approved, at(12)), "system": True},
        {**gitlab.note("cy", approved, at(10)), "system": True},
        gitlab.note("cy", approved, at(13)),  # typed by cy
    )
    reviews = host.reviews(PROJECT, 7)
    assert {account: review.commit for account, review in reviews.items()} == {"bo": C2, "cy": C1, "di": None}


def test_no_approvals_are_no_reviews(gitlab: GitLabServer, host: GitLab) -> None:
    gitlab.approvals()
    assert host.reviews(PROJECT, 7) == {}


def test_all_pages_of_versions_are_read(gitlab: GitLabServer, host: GitLab) -> None:
    gitlab.approvals(bo=at(12))
    second = f"{gitlab.MERGE_REQUEST}/versions?cursor=abc&pagination=keyset"
    link = {"Link": f'<{gitlab.url}{second}>; rel="next"'}
    first = [{"head_commit_sha": C1, "created_at": at(9)}]
    gitlab.answer(f"{gitlab.MERGE_REQUEST}/versions?per_page=100", Answer(body=first, headers=link))
    gitlab.answer(second, Answer(body=[{"head_commit_sha": C2, "created_at": at(11)}]))
    assert host.reviews(PROJECT, 7)["bo"].commit == C2


def test_direct_members_of_a_group_are_its_members(gitlab: GitLabServer, host: GitLab) -> None:
    gitlab.members("team/data/product", "Cy", "di")
    assert host.members("team/data/product") == frozenset({"cy", "di"})


def test_blocked_members_hold_no_role(gitlab: GitLabServer, host: GitLab) -> None:
    entries = [gitlab.user("bo"), {**gitlab.user("cy"), "state": "blocked"}]
    gitlab.answer("/api/v4/groups/team%2Fproduct/members?per_page=100", Answer(body=entries))
    assert host.members("team/product") == frozenset({"bo"})


def test_an_invisible_group_is_an_error(gitlab: GitLabServer, host: GitLab, golden: Golden) -> None:
    with pytest.raises(Refused) as error:
        host.members("team/product")
    golden.check("gitlab_invisible_group", str(error.value))


@pytest.mark.parametrize("name", ["unauthorized", "job_token", "not_found"])
def test_a_refusal_has_a_message_and_a_remedy(
    gitlab: GitLabServer, host: GitLab, golden: Golden, name: str
) -> None:
    if name == "job_token":
        host = GitLab(gitlab.api, TOKEN, dialect=JOB_DIALECT)
    status = 404 if name == "not_found" else 401
    gitlab.answer(gitlab.MERGE_REQUEST, Answer(status, {"message": f"{status} no"}))
    with pytest.raises(Refused) as error:
        host.pull_request(PROJECT, 7)
    assert TOKEN not in str(error.value)
    golden.check(f"gitlab_{name}", str(error.value))


ANA, BO, TOOL = "ana@example.org", "bo@example.org", "tool@example.org"
NO_REPLY = "127.0.0.1"


@pytest.mark.parametrize(
    ("author", "committer", "accounts", "complete"),
    [
        (ANA, ANA, {"ana"}, True),
        (ANA.upper(), ANA, {"ana"}, True),
        (ANA, BO, {"ana", "bo"}, True),
        (ANA, f"noreply@{NO_REPLY}", {"ana"}, True),
        (f"12-cy.d@users.noreply.{NO_REPLY}", ANA, {"cy.d", "ana"}, True),
        ("cy@users.noreply.elsewhere.invalid", ANA, {"ana"}, False),
        (TOOL, ANA, {"ana"}, False),
        (ANA, TOOL, {"ana"}, False),
        (ANA, "", {"ana"}, False),
    ],
)
def test_graphql_tells_the_accounts_of_authors(
    gitlab: GitLabServer, host: GitLab, author: str, committer: str, accounts: set[str], complete: bool
) -> None:
    entry = {**gitlab.commit(C9, author), "committer_email": committer}
    gitlab.list("commits", [entry])
    gitlab.graphql({ANA: "Ana", BO: "bo", TOOL: None})
    for address in (TOOL, "cy@users.noreply.elsewhere.invalid"):
        gitlab.answer(f"/api/v4/users?search={address.replace('@', '%40')}", Answer(body=[]))
    assert host.commits(PROJECT, 7) == [(C9, frozenset(accounts), complete)]


def test_a_committer_that_is_not_told_apart_may_be_any_that_remains(
    gitlab: GitLabServer, host: GitLab
) -> None:
    """Only GraphQL's list of all committers knows the accounts of private addresses."""
    gitlab.list("commits", [gitlab.commit(C1, ANA, BO), gitlab.commit(C2, ANA, "cy@example.org")])
    gitlab.graphql({ANA: "ana"}, ["ana", "bo", "cy"])
    for address in ("bo%40example.org", "cy%40example.org"):
        gitlab.answer(f"/api/v4/users?search={address}", Answer(body=[]))
    listed = host.commits(PROJECT, 7)
    assert [commit.accounts for commit in listed] == [frozenset({"ana", "bo", "cy"})] * 2
    assert all(commit.complete for commit in listed)
    gitlab.graphql({ANA: "ana"}, ["ana", "bo"])  # one of the addresses has no account
    assert not any(commit.complete for commit in host.commits(PROJECT, 7))


def test_without_graphql_addresses_are_searched_among_the_users(gitlab: GitLabServer, host: GitLab) -> None:
    gitlab.list("commits", [gitlab.commit(C1, ANA, BO)])
    impostor = {**gitlab.user("eve"), "name": f"not {ANA}"}
    gitlab.answer("/api/v4/users?search=ana%40example.org", Answer(body=[impostor, gitlab.user("ana")]))
    gitlab.answer("/api/v4/users?search=bo%40example.org", Answer(body=[impostor | {"name": BO}]))
    assert host.commits(PROJECT, 7) == [(C1, frozenset({"ana"}), False)]


def test_co_authors_are_authors(gitlab: GitLabServer, host: GitLab) -> None:
    message = f"a step\n\nCo-authored-by: Bo <{BO}>\nCo-authored-by: A Tool <{TOOL}>\n"
    gitlab.list("commits", [gitlab.commit(C1, ANA, message=message)])
    gitlab.graphql({ANA: "ana"})
    gitlab.answer("/api/v4/users?search=bo%40example.org", Answer(body=[gitlab.user("bo")]))
    gitlab.answer("/api/v4/users?search=tool%40example.org", Answer(body=[]))
    assert host.commits(PROJECT, 7) == [(C1, frozenset({"ana", "bo"}), True)]


def test_graphql_is_asked_for_every_page(gitlab: GitLabServer, host: GitLab) -> None:
    gitlab.list("commits", [gitlab.commit(C1, ANA), gitlab.commit(C2, BO)])
    pages = []
    for address, account, more in ((ANA, "ana", True), (BO, "bo", False)):
        gitlab.graphql({address: account})
        (answer,) = gitlab.answers["POST /api/graphql"]
        info = answer.body["data"]["project"]["mergeRequest"]["commits"]["pageInfo"]
        info["hasNextPage"] = more
        pages.append(answer)
    gitlab.answer("POST /api/graphql", *pages)
    assert [commit.accounts for commit in host.commits(PROJECT, 7)] == [{"ana"}, {"bo"}]
    assert [sent.body["variables"].get("after") for sent in gitlab.written] == [None, "MQ"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body={"errors": [{"message": "Field 'committers' doesn't exist on type 'MergeRequest'"}]}),
        Answer(body={"data": {"project": None}}),
        Answer(401, {"message": "401 Unauthorized"}),
    ],
)
def test_an_author_without_an_account_is_unknown_whatever_graphql_answers(
    gitlab: GitLabServer, host: GitLab, answer: Answer
) -> None:
    gitlab.list("commits", [gitlab.commit(C1, ANA)])
    gitlab.answer("POST /api/graphql", answer)
    gitlab.answer("/api/v4/users?search=ana%40example.org", Answer(body=[]))
    assert host.commits(PROJECT, 7) == [(C1, frozenset(), False)]
