"""Approvals in front matter, held against reviews: real branches, a real server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iterata.errors import IterataError
from iterata.repository import config
from iterata.review.approvals import ApprovalCheck, ApprovalStatus, approval_problems, check_approvals
from iterata.review.changes import compare
from iterata.review.codehost import CodeHost
from iterata.review.owners import owners, role_holders
from iterata.stages import Status

from .team import Team
from .test_codehost import PULL, REVIEWS, Answer, Server, review

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLES = {"product": ["@bo", "@team/product"]}
BO = "{role: product, on: 2026-11-23, by: bo}"
ASSESSMENT = "projects/churn/01-setup/assessment.md"
LIFT = "projects/churn/01-setup/results/lift.json"
EXAMPLE = Path(__file__).parents[3] / "projects" / "caravan-policies" / "01-setup"


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


def again(team: Team, server: Server) -> str:
    """Commit what was changed, and push it to the pull request."""
    head = team.commit()
    server.answer(PULL, Answer(body={"user": {"login": "ana"}, "head": {"sha": head}}))
    return head


def decide(team: Team, path: str, outcome: str) -> None:
    decision = f"{{outcome: {outcome}, by: [{{role: product}}], on: 2026-11-23, why: the figures}}"
    team.change(path, "status: approved", f"decision: {decision}\nstatus: approved")


def judged(team: Team, server: Server, roles: dict[str, list[str]]) -> list[ApprovalCheck]:
    host = CodeHost(server.url, None, lambda _: None)
    with compare(config.load(team.root), "main") as comparison:
        return check_approvals(comparison, team.root, host, "team/base", 7, roles)


def standing(team: Team, server: Server, roles: dict[str, list[str]] | None = None) -> ApprovalStatus:
    found = judged(team, server, ROLES if roles is None else roles)
    (only,) = found
    assert bool(list(approval_problems(found))) == (only.status is not ApprovalStatus.COUNTS)
    return only.status


def test_an_approval_of_the_head_by_a_holder_counts(team: Team, server: Server) -> None:
    head = proposed(team, server, "bo")
    server.answer(REVIEWS, Answer(body=[review("Bo", "APPROVED", head)]))
    assert standing(team, server) is ApprovalStatus.COUNTS


def test_a_member_of_a_team_holds_its_role(team: Team, server: Server) -> None:
    head = proposed(team, server, "cy")
    server.answer(REVIEWS, Answer(body=[review("cy", "APPROVED", head)]))
    assert standing(team, server) is ApprovalStatus.COUNTS


@pytest.mark.parametrize(
    ("by", "said", "expected"),
    [
        ("bo", [], ApprovalStatus.NOT_REVIEWED),
        ("bo", ["APPROVED", "CHANGES_REQUESTED"], ApprovalStatus.NOT_REVIEWED),
        ("bo", ["APPROVED", "DISMISSED"], ApprovalStatus.NOT_REVIEWED),
        ("zoe", ["APPROVED"], ApprovalStatus.NOT_A_HOLDER),
        ("", ["APPROVED"], ApprovalStatus.NO_ACCOUNT),
    ],
)
def test_a_name_that_was_typed_does_not(
    team: Team, server: Server, by: str, said: list[str], expected: ApprovalStatus
) -> None:
    head = proposed(team, server, by)
    server.answer(REVIEWS, Answer(body=[review(by or "bo", state, head) for state in said]))
    assert standing(team, server) is expected


def test_nobody_approves_their_own_proposal(team: Team, server: Server) -> None:
    head = proposed(team, server, "ana")
    server.answer(REVIEWS, Answer(body=[review("ana", "APPROVED", head)]))
    assert standing(team, server, {"product": ["@ana"]}) is ApprovalStatus.AUTHOR


def test_a_change_of_words_after_the_review_makes_it_stale(team: Team, server: Server) -> None:
    head = proposed(team, server, "bo")
    server.answer(REVIEWS, Answer(body=[review("bo", "APPROVED", head)]))
    team.write(ASSESSMENT, team.read(ASSESSMENT) + "\nAnd one thing more.\n")
    server.answer(PULL, Answer(body={"user": {"login": "ana"}, "head": {"sha": team.commit()}}))
    assert standing(team, server) is ApprovalStatus.STALE


def test_what_tools_write_after_the_review_does_not(team: Team, server: Server) -> None:
    head = proposed(team, server, "bo")
    server.answer(REVIEWS, Answer(body=[review("bo", "APPROVED", head)]))
    team.change(ASSESSMENT, "<!-- iterata:begin lift -->\n", "<!-- iterata:begin lift -->\na table\n")
    team.change(ASSESSMENT, "on: 2026-11-23", "on: 2026-11-24")
    server.answer(PULL, Answer(body={"user": {"login": "ana"}, "head": {"sha": team.commit()}}))
    assert standing(team, server) is ApprovalStatus.COUNTS


def test_a_review_of_a_commit_that_was_pushed_away_is_stale(team: Team, server: Server) -> None:
    proposed(team, server, "bo")
    server.answer(REVIEWS, Answer(body=[review("bo", "APPROVED", "0" * 40)]))
    assert standing(team, server) is ApprovalStatus.STALE


def test_codeowners_say_who_holds_a_role_that_is_not_configured(team: Team, server: Server) -> None:
    team.write(".github/CODEOWNERS", "* @zoe\n/projects/**/assessment.md @team/data-science @team/product\n")
    team.commit()
    head = proposed(team, server, "di", role="data science")
    server.answer(REVIEWS, Answer(body=[review("di", "APPROVED", head)]))
    assert standing(team, server, {}) is ApprovalStatus.COUNTS


def test_a_role_nobody_is_known_to_hold_cannot_be_checked(team: Team, server: Server) -> None:
    proposed(team, server, "bo", role="legal")
    assert standing(team, server) is ApprovalStatus.UNKNOWN_ROLE


def test_an_approval_that_stays_while_the_document_changes_is_asked_for_again(
    team: Team, server: Server
) -> None:
    """Kept from an earlier pull request, word for word, above a text its account never saw."""
    path = team.document("churn/01-setup/assessment.md", Status.IN_REVIEW)
    team.change(path, "status: in_review", f"approvals: [{BO}]\nstatus: in_review")
    team.commit("reviewed before")
    with team.pull_request():
        team.change(path, "status: in_review", "status: approved")
        team.change(path, "why_a_model: ", "why_a_model: Now for another reason. ")
    server.answer(REVIEWS, Answer(body=[]))
    again(team, server)
    assert standing(team, server) is ApprovalStatus.NOT_REVIEWED


def test_an_approval_does_not_wander_to_another_document(team: Team, server: Server) -> None:
    path = team.document("churn/01-setup/assessment.md")
    team.change(path, "status: draft", f"approvals: [{BO}]\nstatus: draft")
    team.commit("a draft")
    with team.pull_request():
        (team.root / "projects/churn/02-other").mkdir()
        team.git("mv", path, "projects/churn/02-other/assessment.md")
    server.answer(REVIEWS, Answer(body=[]))
    again(team, server)
    assert standing(team, server) is ApprovalStatus.NOT_REVIEWED


def test_a_decision_typed_after_the_review_makes_it_stale(team: Team, server: Server) -> None:
    with team.pull_request():
        path = team.document("churn/01-setup/report.md", Status.APPROVED)
        team.change(path, "status: approved", f"approvals: [{BO}]\nstatus: approved")
        decide(team, path, "stop")
    head = again(team, server)
    server.answer(REVIEWS, Answer(body=[review("bo", "APPROVED", head)]))
    assert standing(team, server) is ApprovalStatus.COUNTS
    team.change(path, "outcome: stop", "outcome: deploy")
    again(team, server)
    assert standing(team, server) is ApprovalStatus.STALE


def test_a_decision_changed_in_a_later_pull_request_is_asked_about_again(team: Team, server: Server) -> None:
    path = team.document("churn/01-setup/report.md", Status.APPROVED)
    team.change(path, "status: approved", f"approvals: [{BO}]\nstatus: approved")
    decide(team, path, "stop")
    team.commit("decided")
    with team.pull_request():
        team.change(path, "outcome: stop", "outcome: deploy")
    server.answer(REVIEWS, Answer(body=[]))
    again(team, server)
    assert standing(team, server) is ApprovalStatus.NOT_REVIEWED


def test_other_figures_after_the_review_make_it_stale_and_another_run_of_them_does_not(
    team: Team, server: Server
) -> None:
    proposed(team, server, "bo")
    result = json.loads((EXAMPLE / "results/lift.json").read_text("utf-8"))
    team.write(LIFT, json.dumps(result))
    head = again(team, server)
    server.answer(REVIEWS, Answer(body=[review("bo", "APPROVED", head)]))
    result["provenance"]["dirty"] = not result["provenance"]["dirty"]
    team.write(LIFT, json.dumps(result))
    again(team, server)
    assert standing(team, server) is ApprovalStatus.COUNTS
    result["potential_lift"]["value"] += 1
    team.write(LIFT, json.dumps(result))
    again(team, server)
    assert standing(team, server) is ApprovalStatus.STALE


def test_a_pull_request_gives_nobody_a_role(team: Team, server: Server) -> None:
    server.answer("/orgs/mine/teams/product/members?per_page=100", Answer(body=[{"login": "di"}]))
    team.write(".github/CODEOWNERS", "* @team/product\n")
    team.commit()
    proposed(team, server, "di")
    team.write(".github/CODEOWNERS", "* @mine/product\n")
    head = again(team, server)
    server.answer(REVIEWS, Answer(body=[review("di", "APPROVED", head)]))
    assert standing(team, server, {}) is ApprovalStatus.NOT_A_HOLDER


def test_a_proposal_excuses_itself_from_nothing(team: Team) -> None:
    team.write(
        "mkdocs.yml",
        "plugins:\n  - iterata:\n      required_roles: {assessment: [product]}\n"
        "      role_holders: {product: ['@bo']}\n",
    )
    team.commit()
    with team.pull_request():
        team.document("churn/01-setup/assessment.md", Status.APPROVED)
        team.write(
            "mkdocs.yml",
            "plugins:\n  - iterata:\n      required_roles: {}\n"
            "      role_holders: {product: ['@eve']}\n      severity: {GATE002: ignore, GATE004: ignore}\n",
        )
    assert team.codes(prefix="GATE") == ["GATE002", "GATE004"]
    with compare(config.load(team.root), "main") as comparison:
        assert comparison.settings.role_holders == {"product": ["@bo"]}


def test_the_first_settings_are_their_own(team: Team) -> None:
    team.write("mkdocs.yml", "site_name: Team\n")
    team.commit()
    with team.pull_request():
        team.write("mkdocs.yml", "plugins:\n  - iterata:\n      role_holders: {product: ['@bo']}\n")
    with compare(config.load(team.root), "main") as comparison:
        assert comparison.settings.role_holders == {"product": ["@bo"]}


def test_codeowners_counts_from_the_top_of_the_repository(team: Team, server: Server) -> None:
    """The knowledge base may be a folder of something larger."""
    team.write("../CODEOWNERS", "/projects/ @zoe\n/repo/projects/ @team/product\n")
    shutil.rmtree(team.root / ".git")
    top = Team(team.root.parent)
    top.root.joinpath("mkdocs.yml").unlink()
    top.commit("everything")
    team.clock = top.clock
    head = proposed(team, server, "cy")
    server.answer(REVIEWS, Answer(body=[review("cy", "APPROVED", head)]))
    assert standing(team, server, {}) is ApprovalStatus.COUNTS


def test_words_not_yet_committed_were_not_approved(team: Team, server: Server) -> None:
    head = proposed(team, server, "bo")
    server.answer(REVIEWS, Answer(body=[review("bo", "APPROVED", head)]))
    team.write(ASSESSMENT, team.read(ASSESSMENT) + "\nAnd one thing more.\n")
    assert standing(team, server) is ApprovalStatus.STALE


def test_a_pull_request_that_has_moved_on_is_not_judged_by_what_is_here(team: Team, server: Server) -> None:
    proposed(team, server, "bo")
    server.answer(PULL, Answer(body={"user": {"login": "ana"}, "head": {"sha": "0" * 40}}))
    with pytest.raises(IterataError, match="newest commit") as raised:
        standing(team, server)
    assert "fetch-depth: 0" in raised.value.remedy


def test_a_team_is_asked_for_once(team: Team, server: Server) -> None:
    with team.pull_request():
        for stage in ("assessment", "proposal"):
            path = team.document(f"churn/01-setup/{stage}.md", Status.APPROVED)
            team.change(path, "status: approved", f"approvals: [{BO}]\nstatus: approved")
    server.answer(REVIEWS, Answer(body=[]))
    again(team, server)
    assert len(judged(team, server, ROLES)) == 2
    assert len([path for path, _ in server.asked if path.startswith("/orgs/")]) == 1


def test_nothing_is_asked_where_nothing_was_approved(team: Team, server: Server) -> None:
    with team.pull_request():
        team.document("churn/01-setup/assessment.md")
    assert judged(team, server, ROLES) == []
    assert server.asked == []


def test_mended_prose_asks_nobody_again(team: Team, server: Server) -> None:
    """A slip of the pen in what was approved long ago, told as an erratum."""
    path = team.document("churn/01-setup/assessment.md", Status.APPROVED)
    team.change(path, "status: approved", f"approvals: [{BO}]\nstatus: approved")
    team.commit("approved long ago")
    with team.pull_request():
        team.write(path, team.read(path) + "\nMended.\n")
        team.change(path, "status: approved", "errata: [{on: 2026-11-23, what: a word}]\nstatus: approved")
    assert judged(team, server, ROLES) == []


def test_other_prose_under_a_kept_approval_is_asked_about(team: Team, server: Server) -> None:
    path = team.document("churn/01-setup/assessment.md", Status.IN_REVIEW)
    team.change(path, "status: in_review", f"approvals: [{BO}]\nstatus: in_review")
    team.commit("reviewed before")
    with team.pull_request():
        team.change(path, "status: in_review", "status: approved")
        team.write(path, team.read(path) + "\nAnd one thing more.\n")
    server.answer(REVIEWS, Answer(body=[]))
    again(team, server)
    assert standing(team, server) is ApprovalStatus.NOT_REVIEWED


def test_the_last_line_of_codeowners_that_matches_counts() -> None:
    text = "# everybody\n* @a\n*.md @b @c # writers\n/projects/churn/ @d\n/projects/churn/requirements.md\n"
    assert owners(text, "README.rst") == ["@a"]
    assert owners(text, "docs/x.md") == ["@b", "@c"]
    assert owners(text, "projects/churn/01-setup/report.md") == ["@d"]
    assert owners(text, "projects/churn/requirements.md") == []


def test_codeowners_is_read_as_github_reads_it() -> None:
    text = "* @a\ndocs/* @b\nmy\\ docs/ @c # and not @d\n!docs/x.md @e\n[a-z]* @f\n! @g\n\\#x @h\n"
    assert owners(text, "docs/x.md") == ["@b"]
    assert owners(text, "docs/deep/x.md") == ["@a"]
    assert owners(text, "my docs/x.md") == ["@c"]
    assert owners(text, "x.md") == ["@a"]


def nobody(*_: str) -> frozenset[str]:
    return frozenset()


def test_a_role_is_found_however_it_is_written() -> None:
    assert role_holders("Data Science", {"data-science": ["@Bo"]}, [], nobody) == frozenset({"bo"})


def test_roles_in_other_alphabets_are_told_apart() -> None:
    configured = {"продукт": ["@ana"], "данные": ["@bo"], "!": ["@cy"], "?": ["@di"]}
    held = [role_holders(role, configured, [], nobody) for role in configured]
    assert held == [frozenset({account}) for account in ("ana", "bo", "cy", "di")]


def test_what_is_neither_account_nor_team_holds_nothing() -> None:
    configured = {"product": ["@", "/", "o/", "/t", "a@example.org", "@a/b/c"]}
    assert role_holders("product", configured, [], nobody) == frozenset()
    assert role_holders("product", {}, ["@product", "product@example.org"], nobody) is None
