"""The code host's API: a server that answers as GitHub does, and as it should not."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from iterata.review.codehost.github import GitHub
from iterata.review.codehost.refusals import CodeHostError, InvalidAddress, UnexpectedAnswer

from ....helpers.code_host import PULL, REVIEWS, Answer, CodeHostServer, commit, review

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ....helpers.golden import Golden

TOKEN = "a-secret-token"  # noqa: S105  # of no host
C1, C2, C3, C9 = (digit * 40 for digit in "1239")


@pytest.fixture
def host(server: CodeHostServer, waited: list[float]) -> GitHub:
    return GitHub(server.url, TOKEN, waited.append)


def test_pull_request_has_author_and_head(server: CodeHostServer, host: GitHub) -> None:
    server.pull_request("ana", C9)
    assert host.pull_request("team/base", 7) == ("ana", C9, 1)
    assert server.requests == [(PULL, f"Bearer {TOKEN}")]


def test_latest_verdict_of_an_account_counts(server: CodeHostServer, host: GitHub) -> None:
    reviews = [
        review("Bo", "APPROVED", C1), review("Bo", "CHANGES_REQUESTED", C2),
        review("cy", "APPROVED", C1), review("cy", "COMMENTED", C3),
        review("di", "APPROVED", C1), review("di", "DISMISSED", C1),
        {"user": None, "state": "APPROVED", "commit_id": C1},
    ]  # fmt: skip
    server.reviews(*reviews)
    verdicts = host.reviews("team/base", 7)
    states = {account: (verdict.state, verdict.commit) for account, verdict in verdicts.items()}
    assert states["bo"] == ("CHANGES_REQUESTED", C2)
    assert states["cy"] == ("APPROVED", C1)
    assert states["di"] == ("DISMISSED", C1)


def test_deleted_accounts_and_commits_are_accepted(server: CodeHostServer, host: GitHub) -> None:
    server.answer(
        REVIEWS, Answer(body=[{**review("", "APPROVED"), "user": None}, review("bo", "APPROVED", None)])
    )
    assert host.reviews("team/base", 7) == {"bo": ("bo", "APPROVED", None)}
    server.answer(PULL, Answer(body={"user": None, "head": {"sha": C9}}))
    assert host.pull_request("team/base", 7) == ("", C9, None)


@pytest.mark.parametrize("prefix", ["", "SERVER"])
def test_all_pages_are_read(server: CodeHostServer, host: GitHub, prefix: str) -> None:
    second = f"{PULL}/reviews?page=2"
    link = f'<{prefix.replace("SERVER", server.url)}{second}>; rel="next", <{server.url}/last>; rel="last"'
    server.answer(REVIEWS, Answer(body=[review("bo", "APPROVED")], headers={"Link": link}))
    server.answer(second, Answer(body=[review("cy", "APPROVED")]))
    assert set(host.reviews("team/base", 7)) == {"bo", "cy"}


def test_pages_in_a_circle_are_an_error(server: CodeHostServer, host: GitHub) -> None:
    server.answer(REVIEWS, Answer(body=[], headers={"Link": f'<{server.url}{REVIEWS}>; rel="next"'}))
    with pytest.raises(UnexpectedAnswer):
        host.reviews("team/base", 7)
    assert len(server.requests) == 1


def test_number_of_pages_is_limited(
    server: CodeHostServer, host: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iterata.review.codehost.http.MAX_PAGES", 3)
    pages = [REVIEWS, "/2", "/3", "/4"]
    for page, following in pairwise(pages):
        server.answer(page, Answer(body=[], headers={"Link": f'<{server.url}{following}>; rel="next"'}))
    with pytest.raises(UnexpectedAnswer):
        host.reviews("team/base", 7)
    assert [path for path, _ in server.requests] == pages[:3]


def test_api_address_can_have_a_path(server: CodeHostServer) -> None:
    server.answer(f"/api/v3{PULL}", Answer(body={"user": {"login": "ana"}, "head": {"sha": C9}}))
    assert GitHub(f"{server.url}/api/v3/").pull_request("team/base", 7) == ("ana", C9, None)
    assert server.requests[0][1] is None


def test_token_is_not_sent_to_another_host(server: CodeHostServer, host: GitHub) -> None:
    elsewhere = CodeHostServer()
    try:
        server.answer(REVIEWS, Answer(body=[], headers={"Link": f'<{elsewhere.url}/more>; rel="next"'}))
        with pytest.raises(CodeHostError):
            host.reviews("team/base", 7)
        server.answer(PULL, Answer(302, {}, {"Location": f"{elsewhere.url}/pull"}))
        with pytest.raises(CodeHostError):
            host.pull_request("team/base", 7)
        assert elsewhere.requests == []
    finally:
        elsewhere.close()


@pytest.mark.parametrize(
    "link",
    [
        "//elsewhere.invalid/more",
        "https:/elsewhere.invalid/more",
        "file:///etc/passwd",
        "http://[::1/more",
        "SERVER@elsewhere.invalid/more",
        "SERVER\\@elsewhere.invalid/more",
        "SERVER\t.elsewhere.invalid/more",
        "SERVER/more\u2028",
    ],
)
def test_invalid_links_are_not_followed(server: CodeHostServer, host: GitHub, link: str) -> None:
    link = link.replace("SERVER", server.url)
    header = f'<{link}>; rel="next"'.encode().decode("latin-1")
    server.answer(REVIEWS, Answer(body=[], headers={"Link": header}))
    with pytest.raises(CodeHostError):
        host.reviews("team/base", 7)
    assert len(server.requests) == 1


def test_netrc_password_is_not_sent(
    server: CodeHostServer, host: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password of-another-service\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.pull_request("ana", C9)
    host.pull_request("team/base", 7)
    GitHub(server.url).pull_request("team/base", 7)
    assert [authorization for _, authorization in server.requests] == [f"Bearer {TOKEN}", None]


@pytest.mark.parametrize(
    "url",
    [
        "https://somebody:hidden@example.invalid",
        "https://[::1",
        "https://.invalid",
        "https://a host",
        "api.github.com",
        "ftp://example.invalid",
        "",
    ],
)
def test_invalid_address_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(InvalidAddress) as error:
        GitHub(url, TOKEN, lambda _: None).pull_request("team/base", 7)
    assert error.value.location.source == "GITHUB_API_URL"
    assert TOKEN not in str(error.value)
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "token", "variable"),
    [
        ("http://example.invalid", TOKEN, "GITHUB_API_URL"),
        ("http://127.0.0.1.example.invalid", TOKEN, "GITHUB_API_URL"),
        ("https://example.invalid", "tok\u20aca-secret-token", "GITHUB_TOKEN"),
        ("https://example.invalid", "a-secret-token\nX-Other: header", "GITHUB_TOKEN"),
    ],
)
def test_unsafe_token_is_refused_without_showing_it(url: str, token: str, variable: str) -> None:
    with pytest.raises(CodeHostError) as error:
        GitHub(url, token, lambda _: None).pull_request("team/base", 7)
    assert error.value.location.source == variable
    assert TOKEN not in str(error.value)


def test_whitespace_around_a_token_is_ignored(server: CodeHostServer) -> None:
    server.pull_request("ana", C9)
    GitHub(server.url, f" {TOKEN}\n").pull_request("team/base", 7)
    assert server.requests == [(PULL, f"Bearer {TOKEN}")]


def test_an_untrusted_certificate_is_not_retried(server: CodeHostServer, waited: list[float]) -> None:
    host = GitHub(server.url.replace("http:", "https:"), TOKEN, waited.append)
    with pytest.raises(CodeHostError):
        host.pull_request("team/base", 7)
    assert waited == []


def test_transient_failures_are_retried(server: CodeHostServer, host: GitHub, waited: list[float]) -> None:
    good = Answer(body={"user": {"login": "ana"}, "head": {"sha": C9}})
    server.answer(PULL, Answer(502, {}), Answer(429, {}, {"Retry-After": "7"}), good)
    assert host.pull_request("team/base", 7).author == "ana"
    assert waited == [2.0, 7.0]


@pytest.mark.parametrize(
    "cut",
    [
        Answer(raw=b'{"user":', headers={"Content-Length": "999"}),
        Answer(raw=b"not packed at all", headers={"Content-Encoding": "gzip"}),
    ],
)
def test_an_incomplete_answer_is_retried(
    server: CodeHostServer, host: GitHub, waited: list[float], cut: Answer
) -> None:
    server.answer(PULL, cut, Answer(body={"user": {"login": "ana"}, "head": {"sha": C9}}))
    assert host.pull_request("team/base", 7).head == C9
    assert waited == [2.0]
    server.answer(PULL, cut)
    with pytest.raises(CodeHostError):
        host.pull_request("team/base", 7)


@pytest.mark.parametrize(
    "limit",
    [
        Answer(429, {}),
        Answer(429, {}, {"Retry-After": "nan"}),
        Answer(429, {}, {"Retry-After": "Mon, 23 Nov 2026 16:00:00 GMT"}),
        Answer(403, {}, {"x-ratelimit-remaining": "0"}),
        Answer(403, {"message": "You have exceeded a secondary rate limit."}),
    ],
)
def test_an_unstated_rate_limit_is_retried_after_a_minute(
    server: CodeHostServer, host: GitHub, waited: list[float], limit: Answer
) -> None:
    server.answer(PULL, limit)
    with pytest.raises(CodeHostError):
        host.pull_request("team/base", 7)
    assert waited == [60, 60]


def test_only_a_short_rate_limit_is_awaited(
    server: CodeHostServer, host: GitHub, waited: list[float]
) -> None:
    soon = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 30)}
    good = Answer(body={"user": {"login": "ana"}, "head": {"sha": C9}})
    server.answer(PULL, Answer(403, {}, soon), good)
    assert host.pull_request("team/base", 7).author == "ana"
    assert 25 < waited.pop() <= 31
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 3600)}
    server.answer(PULL, Answer(403, {}, spent))
    with pytest.raises(CodeHostError):
        host.pull_request("team/base", 7)
    assert waited == []


REFUSALS = {
    "unauthorized": Answer(401, {"message": "Bad credentials"}),
    "forbidden": Answer(403, {"message": "Resource not accessible"}),
    "not found": Answer(404, {"message": "Not Found"}),
    "moved": Answer(301, {}, {"Location": "/repositories/1/pulls/7"}),
    "server error": Answer(500, {}),
    "teapot": Answer(418, {}),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_has_a_message_and_a_remedy(
    server: CodeHostServer, host: GitHub, golden: Golden, name: str
) -> None:
    server.answer(PULL, REFUSALS[name])
    with pytest.raises(CodeHostError) as error:
        host.pull_request("team/base", 7)
    assert TOKEN not in str(error.value)
    golden.check(f"refusal_{name.replace(' ', '_')}", str(error.value))


@pytest.mark.parametrize(
    "answer",
    [
        Answer(raw=b"<html>a proxy's page</html>"),
        Answer(body=[]),
        Answer(body={}),
        Answer(body={"user": {"login": "ana"}, "head": {"sha": ""}}),
        Answer(body={"user": {"login": "ana"}, "head": {"sha": "--all"}}),
        Answer(raw=b"[" * 200_000),
        Answer(raw=b'{"user": ' + b"1" * 5000 + b"}"),
        Answer(raw=b'{"user": {"login": "\\ud800"}}'),
        Answer(raw=b"\xff\xfe"),
        Answer(raw=b""),
    ],
)
def test_an_unexpected_answer_is_refused(server: CodeHostServer, host: GitHub, answer: Answer) -> None:
    server.answer(PULL, answer)
    with pytest.raises(UnexpectedAnswer):
        host.pull_request("team/base", 7)


def test_no_server_is_an_error_after_two_retries(waited: list[float]) -> None:
    server = CodeHostServer()
    server.close()
    host = GitHub(server.url, None, waited.append)
    with pytest.raises(CodeHostError):
        host.pull_request("team/base", 7)
    assert len(waited) == 2


def test_a_slow_answer_times_out(
    server: CodeHostServer, host: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iterata.review.codehost.exchange.TIMEOUT", 0.05)
    slow: Callable[[], None] = lambda: time.sleep(0.3)  # noqa: E731
    server.http.RequestHandlerClass.do_GET = lambda handler: slow()  # type: ignore[attr-defined]
    with pytest.raises(CodeHostError):
        host.pull_request("team/base", 7)


def test_an_invisible_team_is_an_error(server: CodeHostServer, host: GitHub, golden: Golden) -> None:
    with pytest.raises(CodeHostError) as error:
        host.members("team/product")
    golden.check("refusal_invisible_team", str(error.value))


def test_names_are_quoted_in_the_path(server: CodeHostServer, host: GitHub) -> None:
    with pytest.raises(CodeHostError):
        host.members("team/../../user")
    assert server.requests[0][0] == "/orgs/team/teams/..%2F..%2Fuser/members?per_page=100"


def test_repr_hides_the_token(host: GitHub) -> None:
    assert TOKEN not in repr(host)


CO_AUTHOR = "a step\n\nCo-authored-by: Somebody Else <{}>\n"


@pytest.mark.parametrize(
    ("listed", "accounts", "complete"),
    [
        (commit(C9, "Ana", "ana"), {"ana"}, True),
        (commit(C9, "ana", "Bo"), {"ana", "bo"}, True),
        (commit(C9, "ana", "web-flow"), {"ana"}, True),
        (commit(C9, None, "bo"), {"bo"}, False),
        (commit(C9, "ana", None), {"ana"}, False),
        (
            commit(C9, "ana", message="x\n\nCo-authored-by: Bo <7+bo@users.noreply.github.com>"),
            {"ana", "bo"},
            True,
        ),
        (commit(C9, "ana", message="x\n\nco-authored-by: Cy <cy@example.org>\n"), {"ana", "cy"}, True),
        (commit(C9, "ana", message="x\n\nCo-authored-by: A Tool <tool@example.org>"), {"ana"}, True),
    ],
)
def test_commits_have_authors_committers_and_co_authors(
    server: CodeHostServer, host: GitHub, listed: dict[str, object], accounts: set[str], complete: bool
) -> None:
    server.commits(listed)
    server.answer(
        "/repos/team/base/commits?author=cy%40example.org&per_page=1", Answer(body=[commit(C9, "Cy")])
    )
    server.answer("/repos/team/base/commits?author=tool%40example.org&per_page=1", Answer(body=[]))
    assert host.commits("team/base", 7) == [(C9, accounts, complete)]
