"""The API of Forgejo and Gitea: a server that answers as they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.review.codehost.forgejo import Forgejo
from iterata.review.codehost.refusals import CodeHostError, UnexpectedAnswer

from ....helpers.code_host import Answer, ForgejoServer, commit, review

if TYPE_CHECKING:
    from ....helpers.golden import Golden

TOKEN = "a-secret-token"  # noqa: S105  # of no host
C1, C2, C3, C9 = (digit * 40 for digit in "1239")


@pytest.fixture
def host(forgejo: ForgejoServer, waited: list[float]) -> Forgejo:
    return Forgejo(forgejo.api, TOKEN, waited.append)


def test_pull_request_has_author_and_head(forgejo: ForgejoServer, host: Forgejo) -> None:
    forgejo.pull_request("ana", C9)
    assert host.pull_request("team/base", 7) == ("ana", C9, None)
    assert forgejo.requests == [(forgejo.PULL, f"token {TOKEN}")]


def verdict(account: str, state: str, commit_id: str = C1, **fields: bool) -> dict[str, Any]:
    """A review as the API returns it."""
    common = {"id": 1, "team": None, "stale": False, "official": True, "dismissed": False}
    return {**common, **review(account, state, commit_id), **fields}


def test_latest_verdict_of_an_account_counts(forgejo: ForgejoServer, host: Forgejo) -> None:
    forgejo.reviews(
        verdict("Bo", "APPROVED", C1), verdict("Bo", "REQUEST_CHANGES", C2),
        verdict("cy", "APPROVED", C1, stale=True, official=False), verdict("cy", "COMMENT", C3),
        verdict("di", "APPROVED", C1, dismissed=True),
        verdict("eve", "REQUEST_REVIEW", ""), verdict("flo", "APPROVED", ""),
        {**verdict("", "APPROVED"), "user": None},
    )  # fmt: skip
    verdicts = host.reviews("team/base", 7)
    assert {account: (entry.state, entry.commit) for account, entry in verdicts.items()} == {
        "bo": ("CHANGES_REQUESTED", C2),
        "cy": ("APPROVED", C1),
        "di": ("DISMISSED", C1),
        "flo": ("APPROVED", None),
    }


def test_all_pages_are_read_without_links(forgejo: ForgejoServer, host: Forgejo) -> None:
    forgejo.pages(f"{forgejo.PULL}/reviews", [verdict("bo", "APPROVED")], [verdict("bo", "REQUEST_CHANGES")])
    assert host.reviews("team/base", 7)["bo"].state == "CHANGES_REQUESTED"


def test_a_host_that_ignores_page_numbers_is_an_error(forgejo: ForgejoServer, host: Forgejo) -> None:
    for suffix in ("", "&page=2"):
        forgejo.answer(f"{forgejo.PULL}/reviews?limit=50{suffix}", Answer(body=[verdict("bo", "APPROVED")]))
    with pytest.raises(UnexpectedAnswer):
        host.reviews("team/base", 7)


def test_teams_are_found_by_name(forgejo: ForgejoServer, host: Forgejo) -> None:
    teams = [{"id": 3, "name": "Owners"}, {"id": 4, "name": "Product"}]
    forgejo.pages("/api/v1/orgs/team/teams", teams[:1], teams[1:])
    forgejo.pages("/api/v1/teams/4/members", [{"login": "Cy"}], [{"login": "di"}])
    assert host.members("team/product") == frozenset({"cy", "di"})


def test_an_unknown_team_is_an_error(forgejo: ForgejoServer, host: Forgejo, golden: Golden) -> None:
    forgejo.pages("/api/v1/orgs/team/teams", [{"id": 3, "name": "Owners"}])
    with pytest.raises(CodeHostError) as error:
        host.members("team/product")
    golden.check("forgejo_unknown_team", str(error.value))


CO_AUTHORED = "a step\n\nCo-authored-by: Somebody <{}>\n"


@pytest.mark.parametrize(
    ("listed", "accounts", "complete"),
    [
        (commit(C9, "Ana", "bo"), {"ana", "bo"}, True),
        (commit(C9, None, "bo"), {"bo"}, False),
        (commit(C9, "ana", None), {"ana"}, False),
        (commit(C9, "ana", "ana", CO_AUTHORED.format("bo@noreply.127.0.0.1")), {"ana", "bo"}, True),
        (commit(C9, "ana", "ana", CO_AUTHORED.format("Cy@example.org")), {"ana", "cy"}, True),
        (commit(C9, "ana", "ana", CO_AUTHORED.format("tool@example.org")), {"ana"}, True),
    ],
)
def test_commits_have_authors_committers_and_co_authors(
    forgejo: ForgejoServer, host: Forgejo, listed: dict[str, object], accounts: set[str], complete: bool
) -> None:
    forgejo.commits(listed)
    found = {"ok": True, "data": [{"login": "cyan", "email": ""}, {"login": "cy", "email": "cy@example.org"}]}
    forgejo.answer("/api/v1/users/search?q=cy%40example.org", Answer(body=found))
    assert host.commits("team/base", 7) == [(C9, accounts, complete)]
