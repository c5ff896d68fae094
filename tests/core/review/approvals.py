"""A pull request with approvals, and what the check makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.repository import config
from iterata.review.approvals import ApprovalCheck, ApprovalStatus, approval_problems, check_approvals
from iterata.review.changes import compare
from iterata.review.codehost.github import GitHub
from iterata.stages import Status

if TYPE_CHECKING:
    from ...helpers.code_host import CodeHostServer
    from .team import Team

ROLES = {"product": ["@bo", "@team/product"]}
BO = "{role: product, on: 2026-11-23, by: bo}"


def open_pull_request(team: Team, server: CodeHostServer, by: str, role: str = "product") -> str:
    """Open a pull request by `ana` with an approval of an assessment by `by`; return its head commit."""
    with team.pull_request():
        path = team.document("churn/01-setup/assessment.md", Status.APPROVED)
        account = f", by: {by}" if by else ""
        team.change(
            path,
            "status: approved",
            f"approvals: [{{role: {role}, on: 2026-11-23{account}}}]\nstatus: approved",
        )
    head = team.git("rev-parse", "HEAD")
    server.pull_request("ana", head)
    server.reviews()
    return head


def push(team: Team, server: CodeHostServer) -> str:
    """Commit all changes, and push them to the pull request; return its head commit."""
    head = team.commit()
    server.pull_request("ana", head)
    return head


def decide(team: Team, path: str, outcome: str) -> None:
    decision = f"{{outcome: {outcome}, by: [{{role: product}}], on: 2026-11-23, why: the figures}}"
    team.change(path, "status: approved", f"decision: {decision}\nstatus: approved")


def checks(team: Team, server: CodeHostServer, roles: dict[str, list[str]]) -> list[ApprovalCheck]:
    host = GitHub(server.url, None, lambda _: None)
    with compare(config.load(team.root), "main") as comparison:
        return check_approvals(comparison, team.root, host, "team/base", 7, roles)


def status(team: Team, server: CodeHostServer, roles: dict[str, list[str]] | None = None) -> ApprovalStatus:
    """The status of the only approval; REVIEW001 is reported unless it counts."""
    (check,) = checks(team, server, ROLES if roles is None else roles)
    assert bool(list(approval_problems([check]))) == (check.status is not ApprovalStatus.COUNTS)
    return check.status
