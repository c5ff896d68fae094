"""The agreements to the steps of a release against reviews: on a real branch, with a real server."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import pytest

from iterata.actions.agree import RoleAgreement
from iterata.actions.move import move
from iterata.actions.release_steps import StepOptions
from iterata.repository import config
from iterata.review.approvals import ApprovalStatus, approval_problems, check_approvals
from iterata.review.changes import compare
from iterata.review.codehost.github import GitHub
from iterata.stages import Status

from ...helpers.code_host import CodeHostServer, review
from ...helpers.knowledge_base import KnowledgeBase
from ...helpers.releases import DEPLOYMENT, planned_release, result_of

if TYPE_CHECKING:
    from ...helpers.git import Git

ROLES = {"product": ["@bo"]}
BO = (RoleAgreement("product", "bo"),)
PAGE = f"projects/{DEPLOYMENT}.md"


class PullRequest(NamedTuple):
    """A pull request of `ana` that takes a release from 25 to 100 %."""

    base: KnowledgeBase
    git: Git
    ready: str
    """The commit with the result of the phase, before product agreed."""
    stepped: str
    """The commit with the step."""

    def status(self, server: CodeHostServer, head: str = "") -> ApprovalStatus:
        """The status of the only agreement; a problem is reported unless it counts."""
        server.pull_request("ana", head or self.git("rev-parse", "HEAD"))
        host = GitHub(server.url, None, lambda _: None)
        with compare(config.load(self.base.root), "main") as comparison:
            (check,) = check_approvals(comparison, self.base.root, host, "team/base", 7, ROLES)
        problems = list(approval_problems([check]))
        assert [problem.field for problem in problems] == (
            [] if check.status is ApprovalStatus.COUNTS else ["phases[1].approved[0]"]
        )
        return check.status


@pytest.fixture(scope="module")
def pull_request(tmp_path_factory: pytest.TempPathFactory) -> PullRequest:
    base = planned_release(KnowledgeBase(tmp_path_factory.mktemp("steps") / "base"))

    def step(status: Status, day: int, options: StepOptions, by: tuple[RoleAgreement, ...] = ()) -> None:
        move(base.context(DEPLOYMENT), status, by, date(2026, 6, day), base.root, options)

    step(Status.ROLLING_OUT, 1, StepOptions())
    result_of(base, 0.1)
    step(Status.ROLLING_OUT, 8, StepOptions(phase=0.25))
    git = base.in_git()
    git("switch", "--quiet", "--create", "work")
    result_of(base, 0.25, "hold", approval="product")
    ready = git.commit("the result")
    step(Status.ROLLING_OUT, 15, StepOptions(phase=1.0), BO)
    return PullRequest(base, git, ready, git.commit("the step"))


def test_an_agreement_without_a_review_does_not_count(
    pull_request: PullRequest, server: CodeHostServer
) -> None:
    server.reviews()
    assert pull_request.status(server) is ApprovalStatus.NOT_REVIEWED


@pytest.mark.parametrize("reviewed", ["ready", "stepped"])
def test_a_review_of_the_result_counts_before_and_after_the_step(
    pull_request: PullRequest, server: CodeHostServer, reviewed: str
) -> None:
    server.reviews(review("bo", "APPROVED", getattr(pull_request, reviewed)))
    assert pull_request.status(server) is ApprovalStatus.COUNTS


def test_a_review_of_another_result_does_not_count(pull_request: PullRequest, server: CodeHostServer) -> None:
    before = pull_request.git("rev-parse", f"{pull_request.ready}~1")
    server.reviews(review("bo", "APPROVED", before))
    assert pull_request.status(server) is ApprovalStatus.STALE


def test_a_review_does_not_count_after_an_override(pull_request: PullRequest, server: CodeHostServer) -> None:
    """What is overridden is a decision, which the reviewer has not seen."""
    git, base = pull_request.git, pull_request.base
    base.set(DEPLOYMENT, "phases[1].override", {"on": "2026-06-15", "advice": "hold", "reason": "Christmas."})
    git.commit("an override")
    server.reviews(review("bo", "APPROVED", pull_request.stepped))
    assert pull_request.status(server) is ApprovalStatus.STALE
    git("reset", "--quiet", "--hard", pull_request.stepped)
