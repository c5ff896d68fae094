"""The code host over a real socket: a small server that answers as GitHub does, and as it should not."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from threading import Thread
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from iterata.review.codehost import CodeHost
from iterata.review.http import CodeHostError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

TOKEN = "a-secret-token"  # noqa: S105  # of no host
C1, C2, C3, C9 = (digit * 40 for digit in "1239")


class Answer(NamedTuple):
    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = MappingProxyType({})
    raw: bytes | None = None


class Server:
    """Answers what it was told to, in order; the last answer again and again. Remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, str | None]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the base class's name
                server.asked.append((self.path, self.headers.get("Authorization")))
                waiting = server.answers.get(self.path, [Answer(404, {"message": "Not Found"})])
                answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                raw = answer.raw if answer.raw is not None else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                for name, value in {"Content-Length": str(len(raw)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None: ...

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def answer(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def host(server: Server, waited: list[float]) -> CodeHost:
    return CodeHost(server.url, TOKEN, waited.append)


def review(account: str, state: str, commit: str | None = C1) -> dict[str, Any]:
    return {"user": {"login": account}, "state": state, "commit_id": commit}


PULL = "/repos/team/base/pulls/7"
REVIEWS = f"{PULL}/reviews?per_page=100"


def test_it_tells_who_proposed_what(server: Server, host: CodeHost) -> None:
    server.answer(PULL, Answer(body={"user": {"login": "ana"}, "head": {"sha": C9}}))
    assert host.pull_request("team/base", 7) == ("ana", C9)
    assert server.asked == [(PULL, f"Bearer {TOKEN}")]


def test_the_last_word_of_an_account_counts_and_comments_say_nothing(server: Server, host: CodeHost) -> None:
    said = [
        review("Bo", "APPROVED", C1), review("Bo", "CHANGES_REQUESTED", C2),
        review("cy", "APPROVED", C1), review("cy", "COMMENTED", C3),
        review("di", "APPROVED", C1), review("di", "DISMISSED", C1),
        {"user": None, "state": "APPROVED", "commit_id": C1},
    ]  # fmt: skip
    server.answer(REVIEWS, Answer(body=said))
    states = {account: (each.state, each.commit) for account, each in host.reviews("team/base", 7).items()}
    assert states["bo"] == ("CHANGES_REQUESTED", C2)
    assert states["cy"] == ("APPROVED", C1)
    assert states["di"] == ("DISMISSED", C1)


def test_a_review_of_nobody_and_of_nothing_is_not_counted_on(server: Server, host: CodeHost) -> None:
    """Accounts are deleted, and commits are forgotten."""
    server.answer(
        REVIEWS, Answer(body=[{**review("", "APPROVED"), "user": None}, review("bo", "APPROVED", None)])
    )
    assert host.reviews("team/base", 7) == {"bo": ("bo", "APPROVED", None)}
    server.answer(PULL, Answer(body={"user": None, "head": {"sha": C9}}))
    assert host.pull_request("team/base", 7) == ("", C9)


@pytest.mark.parametrize("prefix", ["", "SERVER"])
def test_it_turns_the_pages(server: Server, host: CodeHost, prefix: str) -> None:
    second = f"{PULL}/reviews?page=2"
    link = f'<{prefix.replace("SERVER", server.url)}{second}>; rel="next", <{server.url}/last>; rel="last"'
    server.answer(REVIEWS, Answer(body=[review("bo", "APPROVED")], headers={"Link": link}))
    server.answer(second, Answer(body=[review("cy", "APPROVED")]))
    assert set(host.reviews("team/base", 7)) == {"bo", "cy"}


def test_pages_that_lead_back_are_not_turned_for_ever(server: Server, host: CodeHost) -> None:
    server.answer(REVIEWS, Answer(body=[], headers={"Link": f'<{server.url}{REVIEWS}>; rel="next"'}))
    with pytest.raises(CodeHostError, match="does not match this API"):
        host.reviews("team/base", 7)
    assert len(server.asked) == 1


def test_pages_without_end_are_given_up(
    server: Server, host: CodeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iterata.review.http.MAX_PAGES", 3)
    pages = [REVIEWS, "/2", "/3", "/4"]
    for page, following in pairwise(pages):
        server.answer(page, Answer(body=[], headers={"Link": f'<{server.url}{following}>; rel="next"'}))
    with pytest.raises(CodeHostError, match="does not match this API"):
        host.reviews("team/base", 7)
    assert [path for path, _ in server.asked] == pages[:3]


def test_an_api_may_stand_in_a_folder(server: Server) -> None:
    server.answer(f"/api/v3{PULL}", Answer(body={"user": {"login": "ana"}, "head": {"sha": C9}}))
    assert CodeHost(f"{server.url}/api/v3/").pull_request("team/base", 7) == ("ana", C9)
    assert server.asked[0][1] is None


def test_a_token_goes_to_no_other_host(server: Server, host: CodeHost) -> None:
    elsewhere = Server()
    try:
        server.answer(REVIEWS, Answer(body=[], headers={"Link": f'<{elsewhere.url}/more>; rel="next"'}))
        with pytest.raises(CodeHostError, match="different host"):
            host.reviews("team/base", 7)
        server.answer(PULL, Answer(302, {}, {"Location": f"{elsewhere.url}/pull"}))
        with pytest.raises(CodeHostError, match="has moved"):
            host.pull_request("team/base", 7)
        assert elsewhere.asked == []
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
def test_a_link_that_is_none_is_not_followed(server: Server, host: CodeHost, link: str) -> None:
    link = link.replace("SERVER", server.url)
    header = f'<{link}>; rel="next"'.encode().decode("latin-1")
    server.answer(REVIEWS, Answer(body=[], headers={"Link": header}))
    with pytest.raises(CodeHostError, match="different host"):
        host.reviews("team/base", 7)
    assert len(server.asked) == 1


def test_what_netrc_holds_does_not_take_the_tokens_place(
    server: Server, host: CodeHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password of-another-service\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.answer(PULL, Answer(body={"user": {"login": "ana"}, "head": {"sha": C9}}))
    host.pull_request("team/base", 7)
    CodeHost(server.url).pull_request("team/base", 7)
    assert [signed for _, signed in server.asked] == [f"Bearer {TOKEN}", None]


@pytest.mark.parametrize(
    ("url", "token", "said"),
    [
        ("https://somebody:hidden@example.invalid", TOKEN, "is not valid"),
        ("https://[::1", TOKEN, "is not valid"),
        ("https://.invalid", TOKEN, "is not valid"),
        ("https://a host", TOKEN, "is not valid"),
        ("api.github.com", TOKEN, "is not valid"),
        ("ftp://example.invalid", TOKEN, "is not valid"),
        ("", TOKEN, "is not valid"),
        ("http://example.invalid", TOKEN, "unencrypted"),
        ("http://127.0.0.1.example.invalid", TOKEN, "unencrypted"),
        ("https://example.invalid", "tok\u20aca-secret-token", "that no token has"),
        ("https://example.invalid", "a-secret-token\nX-Other: header", "that no token has"),
    ],
)
def test_an_address_or_a_token_that_is_none(url: str, token: str, said: str) -> None:
    with pytest.raises(CodeHostError, match=said) as raised:
        CodeHost(url, token, lambda _: None).pull_request("team/base", 7)
    assert TOKEN not in str(raised.value)
    assert "hidden" not in str(raised.value)
    assert raised.value.remedy


def test_the_line_break_after_a_pasted_token_is_no_part_of_it(server: Server) -> None:
    server.answer(PULL, Answer(body={"user": {"login": "ana"}, "head": {"sha": C9}}))
    CodeHost(server.url, f" {TOKEN}\n").pull_request("team/base", 7)
    assert server.asked == [(PULL, f"Bearer {TOKEN}")]


def test_a_connection_that_cannot_be_trusted_is_not_tried_again(server: Server, waited: list[float]) -> None:
    host = CodeHost(server.url.replace("http:", "https:"), TOKEN, waited.append)
    with pytest.raises(CodeHostError, match="is not trusted"):
        host.pull_request("team/base", 7)
    assert waited == []


def test_it_asks_again_after_a_passing_fault(server: Server, host: CodeHost, waited: list[float]) -> None:
    sound = Answer(body={"user": {"login": "ana"}, "head": {"sha": C9}})
    server.answer(PULL, Answer(502, {}), Answer(429, {}, {"Retry-After": "7"}), sound)
    assert host.pull_request("team/base", 7).author == "ana"
    assert waited == [2.0, 7.0]


@pytest.mark.parametrize(
    "cut",
    [
        Answer(raw=b'{"user":', headers={"Content-Length": "999"}),
        Answer(raw=b"not packed at all", headers={"Content-Encoding": "gzip"}),
    ],
)
def test_half_an_answer_is_asked_for_again(
    server: Server, host: CodeHost, waited: list[float], cut: Answer
) -> None:
    server.answer(PULL, cut, Answer(body={"user": {"login": "ana"}, "head": {"sha": C9}}))
    assert host.pull_request("team/base", 7).head == C9
    assert waited == [2.0]
    server.answer(PULL, cut)
    with pytest.raises(CodeHostError, match="does not answer"):
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
def test_a_limit_that_does_not_say_how_long_is_given_a_minute(
    server: Server, host: CodeHost, waited: list[float], limit: Answer
) -> None:
    server.answer(PULL, limit)
    with pytest.raises(CodeHostError, match="rate limit"):
        host.pull_request("team/base", 7)
    assert waited == [60, 60]


def test_it_waits_for_a_limit_that_ends_soon_and_says_so_otherwise(
    server: Server, host: CodeHost, waited: list[float]
) -> None:
    soon = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 30)}
    sound = Answer(body={"user": {"login": "ana"}, "head": {"sha": C9}})
    server.answer(PULL, Answer(403, {}, soon), sound)
    assert host.pull_request("team/base", 7).author == "ana"
    assert 25 < waited.pop() <= 31
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 3600)}
    server.answer(PULL, Answer(403, {}, spent))
    with pytest.raises(CodeHostError, match="rate limit"):
        host.pull_request("team/base", 7)
    assert waited == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401, {"message": "Bad credentials"}), "token is not accepted"),
        (Answer(403, {"message": "Resource not accessible"}), "may not read the pull request"),
        (Answer(404, {"message": "Not Found"}), "no such pull request team/base#7"),
        (Answer(301, {}, {"Location": "/repositories/1/pulls/7"}), "has moved"),
        (Answer(500, {}), "failed with status 500"),
        (Answer(418, {}), "status 418"),
        (Answer(raw=b"<html>a proxy's page</html>"), "does not match this API"),
        (Answer(body=[]), "does not match this API"),
        (Answer(body={}), "does not match this API"),
        (Answer(body={"user": {"login": "ana"}, "head": {"sha": ""}}), "does not match this API"),
        (Answer(body={"user": {"login": "ana"}, "head": {"sha": "--all"}}), "does not match this API"),
        (Answer(raw=b"[" * 200_000), "does not match this API"),
        (Answer(raw=b'{"user": ' + b"1" * 5000 + b"}"), "does not match this API"),
        (Answer(raw=b'{"user": {"login": "\\ud800"}}'), "does not match this API"),
        (Answer(raw=b"\xff\xfe"), "does not match this API"),
        (Answer(raw=b""), "does not match this API"),
    ],
)
def test_a_refusal_is_one_clear_message(server: Server, host: CodeHost, answer: Answer, said: str) -> None:
    server.answer(PULL, answer)
    with pytest.raises(CodeHostError, match=said) as raised:
        host.pull_request("team/base", 7)
    assert raised.value.remedy
    assert TOKEN not in str(raised.value)


def test_nobody_answers(waited: list[float]) -> None:
    server = Server()
    server.close()
    host = CodeHost(server.url, None, waited.append)
    with pytest.raises(CodeHostError, match="does not answer"):
        host.pull_request("team/base", 7)
    assert len(waited) == 2


def test_an_answer_that_never_comes_is_given_up(
    server: Server, host: CodeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iterata.review.http.TIMEOUT", 0.05)
    slow: Callable[[], None] = lambda: time.sleep(0.3)  # noqa: E731
    server.http.RequestHandlerClass.do_GET = lambda handler: slow()  # type: ignore[attr-defined]
    with pytest.raises(CodeHostError, match="does not answer"):
        host.pull_request("team/base", 7)


def test_a_team_that_may_not_be_seen_says_what_else_to_do(server: Server, host: CodeHost) -> None:
    with pytest.raises(CodeHostError, match="no such team @team/product") as raised:
        host.members("team", "product")
    assert "role_holders" in raised.value.remedy


def test_a_strange_name_stays_a_name(server: Server, host: CodeHost) -> None:
    with pytest.raises(CodeHostError):
        host.members("team", "../../user")
    assert server.asked[0][0] == "/orgs/team/teams/..%2F..%2Fuser/members?per_page=100"


def test_a_token_is_not_shown(host: CodeHost) -> None:
    assert TOKEN not in repr(host)
