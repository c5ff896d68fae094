"""Approvals in front matter are checked against reviews: with real branches and a real server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from iterata.errors import IterataError
from iterata.repository import config
from iterata.review.approvals import ApprovalStatus
from iterata.review.changes import compare
from iterata.review.codeowners import github_owners as owners
from iterata.review.owners import role_holders
from iterata.stages import Status

from ...helpers.code_host import Answer, CodeHostServer, review
from .approvals import BO, ROLES, checks, decide, open_pull_request, push, status
from .team import Team

ASSESSMENT = "projects/churn/01-setup/assessment.md"
LIFT = "projects/churn/01-setup/results/lift.json"
EXAMPLE = Path(__file__).parents[3] / "projects" / "caravan-policies" / "01-setup"


def test_approval_of_the_head_by_a_role_holder_counts(team: Team, server: CodeHostServer) -> None:
    head = open_pull_request(team, server, "bo")
    server.reviews(review("Bo", "APPROVED", head))
    assert status(team, server) is ApprovalStatus.COUNTS


def test_team_members_hold_the_role_of_their_team(team: Team, server: CodeHostServer) -> None:
    head = open_pull_request(team, server, "cy")
    server.reviews(review("cy", "APPROVED", head))
    assert status(team, server) is ApprovalStatus.COUNTS


@pytest.mark.parametrize(
    ("by", "states", "expected"),
    [
        ("bo", [], ApprovalStatus.NOT_REVIEWED),
        ("bo", ["APPROVED", "CHANGES_REQUESTED"], ApprovalStatus.NOT_REVIEWED),
        ("bo", ["APPROVED", "DISMISSED"], ApprovalStatus.NOT_REVIEWED),
        ("zoe", ["APPROVED"], ApprovalStatus.NOT_A_HOLDER),
        ("", ["APPROVED"], ApprovalStatus.NO_ACCOUNT),
    ],
)
def test_approval_without_an_approving_review_does_not_count(
    team: Team, server: CodeHostServer, by: str, states: list[str], expected: ApprovalStatus
) -> None:
    head = open_pull_request(team, server, by)
    server.reviews(*(review(by or "bo", state, head) for state in states))
    assert status(team, server) is expected


def test_authors_cannot_approve_their_own_pull_request(team: Team, server: CodeHostServer) -> None:
    head = open_pull_request(team, server, "ana")
    server.reviews(review("ana", "APPROVED", head))
    assert status(team, server, {"product": ["@ana"]}) is ApprovalStatus.AUTHOR


def test_prose_changed_after_the_review_makes_it_stale(team: Team, server: CodeHostServer) -> None:
    head = open_pull_request(team, server, "bo")
    server.reviews(review("bo", "APPROVED", head))
    team.write(ASSESSMENT, team.read(ASSESSMENT) + "\nAnd one thing more.\n")
    server.pull_request("ana", team.commit())
    assert status(team, server) is ApprovalStatus.STALE


def test_generated_changes_after_the_review_do_not_make_it_stale(team: Team, server: CodeHostServer) -> None:
    head = open_pull_request(team, server, "bo")
    server.reviews(review("bo", "APPROVED", head))
    team.change(ASSESSMENT, "<!-- iterata:begin lift -->\n", "<!-- iterata:begin lift -->\na table\n")
    team.change(ASSESSMENT, "on: 2026-11-23", "on: 2026-11-24")
    server.pull_request("ana", team.commit())
    assert status(team, server) is ApprovalStatus.COUNTS


def test_review_of_a_missing_commit_is_stale(team: Team, server: CodeHostServer) -> None:
    open_pull_request(team, server, "bo")
    server.reviews(review("bo", "APPROVED", "0" * 40))
    assert status(team, server) is ApprovalStatus.STALE


def test_codeowners_assign_roles_that_are_not_configured(team: Team, server: CodeHostServer) -> None:
    team.write(".github/CODEOWNERS", "* @zoe\n/projects/**/assessment.md @team/data-science @team/product\n")
    team.commit()
    head = open_pull_request(team, server, "di", role="data science")
    server.reviews(review("di", "APPROVED", head))
    assert status(team, server, {}) is ApprovalStatus.COUNTS


def test_unassigned_role_cannot_be_checked(team: Team, server: CodeHostServer) -> None:
    open_pull_request(team, server, "bo", role="legal")
    assert status(team, server) is ApprovalStatus.UNKNOWN_ROLE


def test_earlier_approval_of_a_changed_document_needs_another_review(
    team: Team, server: CodeHostServer
) -> None:
    path = team.document("churn/01-setup/assessment.md", Status.IN_REVIEW)
    team.change(path, "status: in_review", f"approvals: [{BO}]\nstatus: in_review")
    team.commit("reviewed before")
    with team.pull_request():
        team.change(path, "status: in_review", "status: approved")
        team.change(path, "recommendation: go", "recommendation: no_go")
    server.reviews()
    push(team, server)
    assert status(team, server) is ApprovalStatus.NOT_REVIEWED


def test_approval_does_not_move_to_another_document(team: Team, server: CodeHostServer) -> None:
    path = team.document("churn/01-setup/assessment.md")
    team.change(path, "status: draft", f"approvals: [{BO}]\nstatus: draft")
    team.commit("a draft")
    with team.pull_request():
        (team.root / "projects/churn/02-other").mkdir()
        team.git("mv", path, "projects/churn/02-other/assessment.md")
    server.reviews()
    push(team, server)
    assert status(team, server) is ApprovalStatus.NOT_REVIEWED


def test_decision_changed_after_the_review_makes_it_stale(team: Team, server: CodeHostServer) -> None:
    with team.pull_request():
        path = team.document("churn/01-setup/report.md", Status.APPROVED)
        team.change(path, "status: approved", f"approvals: [{BO}]\nstatus: approved")
        decide(team, path, "stop")
    head = push(team, server)
    server.reviews(review("bo", "APPROVED", head))
    assert status(team, server) is ApprovalStatus.COUNTS
    team.change(path, "outcome: stop", "outcome: deploy")
    push(team, server)
    assert status(team, server) is ApprovalStatus.STALE


def test_decision_changed_in_a_later_pull_request_needs_another_review(
    team: Team, server: CodeHostServer
) -> None:
    path = team.document("churn/01-setup/report.md", Status.APPROVED)
    team.change(path, "status: approved", f"approvals: [{BO}]\nstatus: approved")
    decide(team, path, "stop")
    team.commit("decided")
    with team.pull_request():
        team.change(path, "outcome: stop", "outcome: deploy")
    server.reviews()
    push(team, server)
    assert status(team, server) is ApprovalStatus.NOT_REVIEWED


def test_changed_figures_make_a_review_stale_but_changed_provenance_does_not(
    team: Team, server: CodeHostServer
) -> None:
    open_pull_request(team, server, "bo")
    result = json.loads((EXAMPLE / "results/lift.json").read_text("utf-8"))
    team.write(LIFT, json.dumps(result))
    head = push(team, server)
    server.reviews(review("bo", "APPROVED", head))
    result["provenance"]["dirty"] = not result["provenance"]["dirty"]
    team.write(LIFT, json.dumps(result))
    push(team, server)
    assert status(team, server) is ApprovalStatus.COUNTS
    result["potential_lift"]["value"] += 1
    team.write(LIFT, json.dumps(result))
    push(team, server)
    assert status(team, server) is ApprovalStatus.STALE


def test_codeowners_of_the_pull_request_assign_no_roles(team: Team, server: CodeHostServer) -> None:
    server.answer("/orgs/mine/teams/product/members?per_page=100", Answer(body=[{"login": "di"}]))
    team.write(".github/CODEOWNERS", "* @team/product\n")
    team.commit()
    open_pull_request(team, server, "di")
    team.write(".github/CODEOWNERS", "* @mine/product\n")
    head = push(team, server)
    server.reviews(review("di", "APPROVED", head))
    assert status(team, server, {}) is ApprovalStatus.NOT_A_HOLDER


def test_settings_of_the_pull_request_relax_no_requirement(team: Team) -> None:
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
    assert team.codes(prefix="GATE") == ["GATE002", "GATE021", "GATE004"]
    with compare(config.load(team.root), "main") as comparison:
        assert comparison.settings.role_holders == {"product": ["@bo"]}


def test_first_settings_apply_to_their_own_pull_request(team: Team) -> None:
    team.write("mkdocs.yml", "site_name: Team\n")
    team.commit()
    with team.pull_request():
        team.write("mkdocs.yml", "plugins:\n  - iterata:\n      role_holders: {product: ['@bo']}\n")
    with compare(config.load(team.root), "main") as comparison:
        assert comparison.settings.role_holders == {"product": ["@bo"]}


def test_codeowners_paths_are_relative_to_the_git_repository(team: Team, server: CodeHostServer) -> None:
    """The knowledge base may be in a folder of the repository."""
    team.write("../CODEOWNERS", "/projects/ @zoe\n/repo/projects/ @team/product\n")
    shutil.rmtree(team.root / ".git")
    top = Team(team.root.parent)
    top.root.joinpath("mkdocs.yml").unlink()
    top.commit("everything")
    team.clock = top.clock
    head = open_pull_request(team, server, "cy")
    server.reviews(review("cy", "APPROVED", head))
    assert status(team, server, {}) is ApprovalStatus.COUNTS


def test_uncommitted_changes_make_a_review_stale(team: Team, server: CodeHostServer) -> None:
    head = open_pull_request(team, server, "bo")
    server.reviews(review("bo", "APPROVED", head))
    team.write(ASSESSMENT, team.read(ASSESSMENT) + "\nAnd one thing more.\n")
    assert status(team, server) is ApprovalStatus.STALE


def test_outdated_checkout_of_a_pull_request_is_an_error(team: Team, server: CodeHostServer) -> None:
    open_pull_request(team, server, "bo")
    server.pull_request("ana", "0" * 40)
    with pytest.raises(IterataError) as error:
        status(team, server)
    assert error.value.location.source == "team/base#7"


def test_team_members_are_requested_once(team: Team, server: CodeHostServer) -> None:
    with team.pull_request():
        for stage in ("assessment", "proposal"):
            path = team.document(f"churn/01-setup/{stage}.md", Status.APPROVED)
            team.change(path, "status: approved", f"approvals: [{BO}]\nstatus: approved")
    server.reviews()
    push(team, server)
    assert len(checks(team, server, ROLES)) == 2
    assert len([path for path, _ in server.requests if path.startswith("/orgs/")]) == 1


def test_no_requests_without_approvals(team: Team, server: CodeHostServer) -> None:
    with team.pull_request():
        team.document("churn/01-setup/assessment.md")
    assert checks(team, server, ROLES) == []
    assert server.requests == []


def test_erratum_needs_no_further_review(team: Team, server: CodeHostServer) -> None:
    path = team.document("churn/01-setup/assessment.md", Status.APPROVED)
    team.change(path, "status: approved", f"approvals: [{BO}]\nstatus: approved")
    team.commit("approved long ago")
    with team.pull_request():
        team.write(path, team.read(path) + "\nCorrected.\n")
        team.change(path, "status: approved", "errata: [{on: 2026-11-23, what: a word}]\nstatus: approved")
    assert checks(team, server, ROLES) == []


def test_changed_prose_under_an_earlier_approval_needs_another_review(
    team: Team, server: CodeHostServer
) -> None:
    path = team.document("churn/01-setup/assessment.md", Status.IN_REVIEW)
    team.change(path, "status: in_review", f"approvals: [{BO}]\nstatus: in_review")
    team.commit("reviewed before")
    with team.pull_request():
        team.change(path, "status: in_review", "status: approved")
        team.write(path, team.read(path) + "\nAnd one thing more.\n")
    server.reviews()
    push(team, server)
    assert status(team, server) is ApprovalStatus.NOT_REVIEWED


def test_last_matching_line_of_codeowners_counts() -> None:
    text = "# everybody\n* @a\n*.md @b @c # writers\n/projects/churn/ @d\n/projects/churn/requirements.md\n"
    assert owners(text, "README.rst") == ["@a"]
    assert owners(text, "docs/x.md") == ["@b", "@c"]
    assert owners(text, "projects/churn/01-setup/report.md") == ["@d"]
    assert owners(text, "projects/churn/requirements.md") == []


def test_codeowners_patterns_match_as_on_github() -> None:
    text = "* @a\ndocs/* @b\nmy\\ docs/ @c # and not @d\n!docs/x.md @e\n[a-z]* @f\n! @g\n\\#x @h\n"
    assert owners(text, "docs/x.md") == ["@b"]
    assert owners(text, "docs/deep/x.md") == ["@a"]
    assert owners(text, "my docs/x.md") == ["@c"]
    assert owners(text, "x.md") == ["@a"]


def no_members(*_: str) -> frozenset[str]:
    return frozenset()


def test_role_names_ignore_case_and_hyphens() -> None:
    assert role_holders("Data Science", {"data-science": ["@Bo"]}, [], no_members) == frozenset({"bo"})


def test_role_names_in_other_alphabets_are_distinct() -> None:
    configured = {"продукт": ["@ana"], "данные": ["@bo"], "!": ["@cy"], "?": ["@di"]}
    accounts = [role_holders(role, configured, [], no_members) for role in configured]
    assert accounts == [frozenset({account}) for account in ("ana", "bo", "cy", "di")]


def test_invalid_accounts_hold_no_role() -> None:
    configured = {"product": ["@", "/", "o/", "/t", "a@example.org", "@a/b/c"]}
    assert role_holders("product", configured, [], no_members) == frozenset()
    assert role_holders("product", {}, ["@product", "product@example.org"], no_members) is None
