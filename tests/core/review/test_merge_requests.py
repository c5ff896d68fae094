"""Approvals in front matter are checked against merge requests: real branches, and a server as GitLab."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from iterata.errors import IterataError
from iterata.repository import config
from iterata.review.approvals import ApprovalStatus, approval_problems, check_approvals
from iterata.review.changes import compare
from iterata.review.codehost.forgejo import Forgejo
from iterata.review.codehost.gitlab import GitLab
from iterata.review.codeowners import forgejo_owners, gitlab_owners
from iterata.review.owners import role_holders
from iterata.stages import Status

from ...helpers.code_host import ForgejoServer, GitLabServer, commit, review

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .team import Team

ASSESSMENT = "projects/churn/01-setup/assessment.md"
PROJECT = "team/data/base"
ROLES = {"product": ["@bo", "@team/data/product"]}


class MergeRequest:
    """A merge request of ana, whose assessment bo approves; pushed and approved by the team's clock."""

    def __init__(self, team: Team, server: GitLabServer) -> None:
        self.team, self.server = team, server
        self.versions: dict[str, str] = {}
        self.commits: list[tuple[str, str]] = []

    def now(self) -> str:
        """The time after the latest command of Git."""
        self.team.clock += 60
        return datetime.fromtimestamp(self.team.clock, UTC).isoformat().replace("+00:00", ".000Z")

    def open(self, by: str = "bo") -> None:
        with self.team.pull_request():
            path = self.team.document("churn/01-setup/assessment.md", Status.APPROVED)
            approval = f"approvals: [{{role: product, on: 2026-11-23, by: {by}}}]"
            self.team.change(path, "status: approved", f"{approval}\nstatus: approved")
        self.push(self.team.git("rev-parse", "HEAD"))

    def push(self, head: str, author: str = "ana") -> None:
        self.versions[head] = self.now()
        self.commits.insert(0, (head, author))
        self.server.merge_request("ana", head, self.versions)
        addresses = {author: f"{author}@example.org" for _, author in self.commits}
        self.server.list("commits", [self.server.commit(sha, addresses[by]) for sha, by in self.commits])
        self.server.graphql({address: account for account, address in addresses.items()})

    def status(self, roles: dict[str, list[str]] | None = None) -> ApprovalStatus:
        host = GitLab(self.server.api, None, lambda _: None)
        with compare(config.load(self.team.root), "main") as comparison:
            roles = ROLES if roles is None else roles
            (check,) = check_approvals(comparison, self.team.root, host, PROJECT, 7, roles)
        assert bool(list(approval_problems([check]))) == (check.status is not ApprovalStatus.COUNTS)
        return check.status


@pytest.fixture
def request_(team: Team) -> Iterator[MergeRequest]:
    server = GitLabServer()
    server.members("team/data/product", "cy")
    yield MergeRequest(team, server)
    server.close()


def test_approval_after_the_last_push_counts(request_: MergeRequest) -> None:
    request_.open()
    request_.server.approvals(Bo=request_.now())
    assert request_.status() is ApprovalStatus.COUNTS


def test_no_approval_does_not_count(request_: MergeRequest) -> None:
    request_.open()
    request_.server.approvals(cy=request_.now())
    assert request_.status({"product": ["@bo"]}) is ApprovalStatus.NOT_REVIEWED


def test_approval_before_the_last_push_is_of_the_earlier_text(request_: MergeRequest) -> None:
    request_.open()
    request_.server.approvals(bo=request_.now())
    request_.team.write(ASSESSMENT, request_.team.read(ASSESSMENT) + "\nAnd one thing more.\n")
    request_.push(request_.team.commit())
    assert request_.status() is ApprovalStatus.STALE
    request_.server.approvals(bo=request_.now())
    assert request_.status() is ApprovalStatus.COUNTS


def test_push_of_something_else_leaves_the_approval(request_: MergeRequest) -> None:
    request_.open()
    request_.server.approvals(bo=request_.now())
    request_.team.write("docs/news.md", "# News\n")
    request_.push(request_.team.commit())
    assert request_.status() is ApprovalStatus.COUNTS


def test_approval_of_unknown_time_does_not_count(request_: MergeRequest) -> None:
    request_.open()
    request_.server.approvals(bo=None)
    request_.server.notes()
    assert request_.status() is ApprovalStatus.STALE


def test_approval_of_a_commit_that_was_replaced_does_not_count(request_: MergeRequest) -> None:
    request_.open()
    request_.versions["0" * 40] = request_.now()
    request_.server.merge_request("ana", request_.commits[0][0], request_.versions)
    request_.server.approvals(bo=request_.now())
    assert request_.status() is ApprovalStatus.STALE


def test_authors_cannot_approve_whatever_gitlab_permits(request_: MergeRequest) -> None:
    request_.open("ana")
    request_.server.approvals(ana=request_.now())
    assert request_.status({"product": ["@ana"]}) is ApprovalStatus.AUTHOR


def test_committers_cannot_approve_whatever_gitlab_permits(request_: MergeRequest) -> None:
    request_.open()
    request_.team.write("docs/news.md", "# News\n")
    request_.push(request_.team.commit(), "bo")
    request_.server.approvals(bo=request_.now())
    assert request_.status() is ApprovalStatus.COMMIT_AUTHOR


def test_members_of_a_nested_group_hold_its_role(request_: MergeRequest) -> None:
    request_.team.write(".gitlab/CODEOWNERS", "[Stages] @team/data/product\n/projects/\n")
    request_.team.commit()
    request_.server.members("team/data/product", "cy")
    request_.open("cy")
    request_.server.approvals(cy=request_.now())
    assert request_.status({}) is ApprovalStatus.COUNTS
    request_.server.members("team/data/product")
    assert request_.status({}) is ApprovalStatus.NOT_A_HOLDER


def test_commits_that_the_host_does_not_list_are_an_error(request_: MergeRequest) -> None:
    request_.open()
    request_.team.write("docs/news.md", "# News\n")
    request_.push(request_.team.commit())
    request_.server.list("commits", [request_.server.commit(request_.commits[0][0], "ana@example.org")])
    request_.server.approvals(bo=request_.now())
    with pytest.raises(IterataError) as error:
        request_.status()
    assert error.value.location.source == f"{PROJECT}!7"


def test_a_checkout_without_the_newest_commit_is_an_error(request_: MergeRequest) -> None:
    request_.open()
    request_.server.approvals()
    request_.server.merge_request("ana", "0" * 40)
    with pytest.raises(IterataError) as error:
        request_.status()
    assert error.value.location.source == f"{PROJECT}!7"


@pytest.mark.parametrize(
    ("state", "dismissed", "expected"),
    [
        ("APPROVED", False, ApprovalStatus.COUNTS),
        ("APPROVED", True, ApprovalStatus.NOT_REVIEWED),
        ("REQUEST_CHANGES", False, ApprovalStatus.NOT_REVIEWED),
    ],
)
def test_reviews_on_forgejo_are_held(
    team: Team, state: str, expected: ApprovalStatus, *, dismissed: bool
) -> None:
    team.write(".forgejo/CODEOWNERS", "projects/.*/assessment\\.md @team/product\n")
    team.commit()
    server = ForgejoServer()
    try:
        MergeRequest(team, GitLabServer()).open("cy")
        head = team.git("rev-parse", "HEAD")
        server.pull_request("ana", head)
        server.reviews({**review("cy", state, head), "dismissed": dismissed})
        server.pages("/api/v1/orgs/team/teams", [{"id": 4, "name": "product"}])
        server.pages("/api/v1/teams/4/members", [{"login": "cy"}])
        host = Forgejo(server.api, None, lambda _: None)
        with compare(config.load(team.root), "main") as comparison:
            (check,) = check_approvals(comparison, team.root, host, "team/base", 7, {})
        assert check.status is expected
        server.commits(commit("1" * 40, "ana", "ana"))
        with compare(config.load(team.root), "main") as comparison, pytest.raises(IterataError):
            check_approvals(comparison, team.root, host, "team/base", 7, {})
    finally:
        server.close()


GITLAB_OWNERS = """\
* @a
# @nobody
*.md @b
!secret.md

[Stages][2] @c
projects/
/projects/*/requirements.md @d @e
^[Optional]
docs/ @f
[stages]
/projects/x/report.md @g
"""


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("README.rst", ["@a"]),
        ("x.md", ["@b"]),
        ("secret.md", []),
        ("projects/x/plan.txt", ["@a", "@c"]),
        ("projects/x/requirements.md", ["@b", "@d", "@e"]),
        ("projects/x/report.md", ["@b", "@g"]),
        ("docs/x.txt", ["@a", "@f"]),
    ],
)
def test_sections_of_codeowners_on_gitlab_add_up(path: str, names: list[str]) -> None:
    assert gitlab_owners(GITLAB_OWNERS, path) == names


def test_lines_of_codeowners_on_forgejo_add_up() -> None:
    text = ".* @a # everybody\nprojects/.*\\.md @b\n!docs/.* @c\n[ @d\n"
    assert forgejo_owners(text, "projects/x.md") == ["@a", "@b", "@c"]
    assert forgejo_owners(text, "docs/projects/x.md") == ["@a"]


def test_a_group_of_gitlab_has_any_depth() -> None:
    from iterata.review.codehost.host import HostKind  # noqa: PLC0415

    asked = []

    def members(team: str) -> frozenset[str]:
        asked.append(team)
        return frozenset({"cy"})

    owners = ["@product", "@a/product", "@a/b/c/Product", "@a/product/other"]
    assert role_holders("product", {}, owners, members, HostKind.GITLAB) == {"cy"}
    assert asked == ["a/product", "a/b/c/Product"]
