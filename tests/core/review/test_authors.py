"""Who wrote a commit of a pull request cannot approve it, whoever opened it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.errors import IterataError
from iterata.review.approvals import ApprovalStatus, approval_problems
from iterata.stages import Status

from ...helpers.code_host import PULL, Answer, CodeHostServer, commit, review
from .approvals import BO, ROLES, checks, open_pull_request, status

if TYPE_CHECKING:
    from .team import Team


def pushed(team: Team, server: CodeHostServer, *commits: tuple[str, str]) -> None:
    """The pull request of `zoe` with these commits and their authors; `bo` and `cy` approve its head."""
    head = commits[-1][0]
    server.pull_request("zoe", head)
    server.commits(*(commit(sha, author or None) for sha, author in commits))
    server.reviews(review("bo", "APPROVED", head), review("cy", "APPROVED", head))


def test_authors_of_commits_cannot_approve_them(team: Team, server: CodeHostServer) -> None:
    first = open_pull_request(team, server, "bo")
    team.write("projects/churn/model.py", "1\n")
    pushed(team, server, (first, "bo"), (team.commit(), "zoe"))
    assert status(team, server) is ApprovalStatus.COMMIT_AUTHOR
    assert [problem.code for problem in approval_problems(checks(team, server, ROLES))] == ["REVIEW010"]


def test_who_only_records_an_approval_is_no_author(team: Team, server: CodeHostServer) -> None:
    with team.pull_request():
        path = team.document("churn/01-setup/assessment.md", Status.IN_REVIEW)
    first = team.git("rev-parse", "HEAD")
    team.change(path, "status: in_review", f"approvals: [{BO}]\nstatus: approved")
    pushed(team, server, (first, "zoe"), (team.commit(), "bo"))
    assert status(team, server) is ApprovalStatus.COUNTS
    team.change(path, "recommendation: go", "recommendation: no_go")
    second = team.git("rev-parse", "HEAD")
    pushed(team, server, (first, "zoe"), (second, "bo"), (team.commit(), "bo"))
    assert status(team, server) is ApprovalStatus.COMMIT_AUTHOR


def test_who_merges_the_target_branch_is_no_author(team: Team, server: CodeHostServer) -> None:
    first = open_pull_request(team, server, "bo")
    team.git("switch", "--quiet", "main")
    team.write("news.md", "news\n")
    team.commit()
    team.git("switch", "--quiet", "work")
    team.git("merge", "--quiet", "--no-edit", "main")
    merged = team.git("rev-parse", "HEAD")
    pushed(team, server, (first, "zoe"), (merged, "bo"))
    assert status(team, server) is ApprovalStatus.COUNTS
    team.write("news.md", "other news\n")
    team.git("commit", "--quiet", "--all", "--amend", "--no-edit")
    pushed(team, server, (first, "zoe"), (team.git("rev-parse", "HEAD"), "bo"))
    assert status(team, server) is ApprovalStatus.COMMIT_AUTHOR


def test_who_merges_by_choosing_a_side_is_an_author(team: Team, server: CodeHostServer) -> None:
    first = open_pull_request(team, server, "bo")
    team.git("switch", "--quiet", "--create", "side")
    team.write("projects/churn/notes.md", "on the side\n")
    second = team.commit()
    team.git("switch", "--quiet", "work")
    team.git("merge", "--quiet", "--no-edit", "--no-ff", "--strategy", "ours", "side")
    pushed(team, server, (first, "zoe"), (second, "zoe"), (team.git("rev-parse", "HEAD"), "bo"))
    assert status(team, server) is ApprovalStatus.COMMIT_AUTHOR


def test_commit_without_an_account_prevents_the_check(team: Team, server: CodeHostServer) -> None:
    head = open_pull_request(team, server, "bo")
    pushed(team, server, (head, ""))
    assert status(team, server) is ApprovalStatus.UNKNOWN_AUTHOR


def test_commits_that_the_host_does_not_list_are_an_error(team: Team, server: CodeHostServer) -> None:
    head = open_pull_request(team, server, "bo")
    server.commits(commit("1" * 40, "zoe"))
    with pytest.raises(IterataError) as error:
        status(team, server)
    assert error.value.location.source == "team/base#7"
    server.answer(PULL, Answer(body={"user": None, "head": {"sha": head}, "commits": 251}))
    server.commits(commit(head, "zoe"))
    with pytest.raises(IterataError):
        status(team, server)
