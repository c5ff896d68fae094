"""Approvals in front matter, held against reviews: real branches, a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata import config
from iterata.review.approvals import Standing, judge_approvals, problems
from iterata.review.changes import compare
from iterata.review.codehost import CodeHost
from iterata.review.owners import holders, owners
from iterata.stages import Status

from .test_codehost import PULL, REVIEWS, Answer, Server, review

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .team import Team

ROLES = {"product": ["@bo", "@team/product"]}
ASSESSMENT = "projects/churn/01-setup/assessment.md"


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    server.answer("/orgs/team/teams/product/members?per_page=100", Answer(body=[{"login": "Cy"}]))
    server.answer("/orgs/team/teams/data-science/members?per_page=100", Answer(body=[{"login": "di"}]))
    yield server
    server.close()


def proposed(team: Team, server: Server, by: str, role: str = "product") -> str:
    """A pull request by `ana` in which somebody is said to have approved an assessment; its head commit."""
    with team.pull_request():
        path = team.document("churn/01-setup/assessment.md", Status.APPROVED)
        account = f", by: {by}" if by else ""
        team.change(
            path,
            "status: approved",
            f"approvals: [{{role: {role}, on: 2026-11-23{account}}}]\nstatus: approved",
        )
    head = team.git("rev-parse", "HEAD")
    server.answer(PULL, Answer(body={"user": {"login": "ana"}, "head": {"sha": head}}))
    server.answer(REVIEWS, Answer(body=[]))
    return head


def standing(team: Team, server: Server, roles: dict[str, list[str]] | None = None) -> Standing:
    host = CodeHost(server.url, None, lambda _: None)
    with compare(config.load(team.root), "main") as comparison:
        judged = judge_approvals(
            comparison, team.root, host, "team/base", 7, ROLES if roles is None else roles
        )
    host._session.close()
    (only,) = judged
    assert bool(list(problems(judged))) == (only.standing is not Standing.COUNTS)
    return only.standing


def test_an_approval_of_the_head_by_a_holder_counts(team: Team, server: Server) -> None:
    head = proposed(team, server, "bo")
    server.answer(REVIEWS, Answer(body=[review("Bo", "APPROVED", head)]))
    assert standing(team, server) is Standing.COUNTS


def test_a_member_of_a_team_holds_its_role(team: Team, server: Server) -> None:
    head = proposed(team, server, "cy")
    server.answer(REVIEWS, Answer(body=[review("cy", "APPROVED", head)]))
    assert standing(team, server) is Standing.COUNTS


@pytest.mark.parametrize(
    ("by", "said", "expected"),
    [
        ("bo", [], Standing.NOT_REVIEWED),
        ("bo", ["APPROVED", "CHANGES_REQUESTED"], Standing.NOT_REVIEWED),
        ("bo", ["APPROVED", "DISMISSED"], Standing.NOT_REVIEWED),
        ("zoe", ["APPROVED"], Standing.NOT_A_HOLDER),
        ("", ["APPROVED"], Standing.NO_ACCOUNT),
    ],
)
def test_a_name_that_was_typed_does_not(
    team: Team, server: Server, by: str, said: list[str], expected: Standing
) -> None:
    head = proposed(team, server, by)
    server.answer(REVIEWS, Answer(body=[review(by, state, head) for state in said]))
    assert standing(team, server) is expected


def test_nobody_approves_their_own_proposal(team: Team, server: Server) -> None:
    head = proposed(team, server, "ana")
    server.answer(REVIEWS, Answer(body=[review("ana", "APPROVED", head)]))
    assert standing(team, server, {"product": ["@ana"]}) is Standing.AUTHOR


def test_a_change_of_words_after_the_review_makes_it_stale(team: Team, server: Server) -> None:
    head = proposed(team, server, "bo")
    server.answer(REVIEWS, Answer(body=[review("bo", "APPROVED", head)]))
    team.write(ASSESSMENT, team.read(ASSESSMENT) + "\nAnd one thing more.\n")
    server.answer(PULL, Answer(body={"user": {"login": "ana"}, "head": {"sha": team.commit()}}))
    assert standing(team, server) is Standing.STALE


def test_what_tools_write_after_the_review_does_not(team: Team, server: Server) -> None:
    head = proposed(team, server, "bo")
    server.answer(REVIEWS, Answer(body=[review("bo", "APPROVED", head)]))
    team.change(ASSESSMENT, "<!-- iterata:begin lift -->\n", "<!-- iterata:begin lift -->\na table\n")
    team.change(ASSESSMENT, "on: 2026-11-23", "on: 2026-11-24")
    server.answer(PULL, Answer(body={"user": {"login": "ana"}, "head": {"sha": team.commit()}}))
    assert standing(team, server) is Standing.COUNTS


def test_a_review_of_a_commit_that_was_pushed_away_is_stale(team: Team, server: Server) -> None:
    proposed(team, server, "bo")
    server.answer(REVIEWS, Answer(body=[review("bo", "APPROVED", "0" * 40)]))
    assert standing(team, server) is Standing.STALE


def test_codeowners_say_who_holds_a_role_that_is_not_configured(team: Team, server: Server) -> None:
    team.write(".github/CODEOWNERS", "* @zoe\n/projects/**/assessment.md @team/data-science @team/product\n")
    team.commit()
    head = proposed(team, server, "di", role="data science")
    server.answer(REVIEWS, Answer(body=[review("di", "APPROVED", head)]))
    assert standing(team, server, {}) is Standing.COUNTS


def test_a_role_nobody_is_known_to_hold_cannot_be_checked(team: Team, server: Server) -> None:
    proposed(team, server, "bo", role="legal")
    assert standing(team, server) is Standing.UNKNOWN_ROLE


def test_nothing_is_asked_where_nothing_was_approved(team: Team, server: Server) -> None:
    with team.pull_request():
        team.document("churn/01-setup/assessment.md")
    host = CodeHost(server.url, None, lambda _: None)
    with compare(config.load(team.root), "main") as comparison:
        assert judge_approvals(comparison, team.root, host, "team/base", 7, ROLES) == []
    assert server.asked == []


def test_the_last_line_of_codeowners_that_matches_counts() -> None:
    text = "# everybody\n* @a\n*.md @b @c # writers\n/projects/churn/ @d\n/projects/churn/requirements.md\n"
    assert owners(text, "README.rst") == ["@a"]
    assert owners(text, "docs/x.md") == ["@b", "@c"]
    assert owners(text, "projects/churn/01-setup/report.md") == ["@d"]
    assert owners(text, "projects/churn/requirements.md") == []


def test_a_role_is_found_however_it_is_written() -> None:
    held = holders("Data Science", {"data-science": ["@Bo"]}, [], lambda *_: frozenset())
    assert held == frozenset({"bo"})
