"""The code host over a real socket: a small server that answers as GitHub does, and as it should not."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from iterata.review.codehost import CodeHost, CodeHostError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

TOKEN = "a-secret-token"  # noqa: S105  # of no host


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
def host(server: Server, waited: list[float]) -> Iterator[CodeHost]:
    host = CodeHost(server.url, TOKEN, waited.append)
    yield host
    host._session.close()


def review(account: str, state: str, commit: str = "c1") -> dict[str, Any]:
    return {"user": {"login": account}, "state": state, "commit_id": commit}


PULL = "/repos/team/base/pulls/7"
REVIEWS = f"{PULL}/reviews?per_page=100"


def test_it_tells_who_proposed_what(server: Server, host: CodeHost) -> None:
    server.answer(PULL, Answer(body={"user": {"login": "ana"}, "head": {"sha": "c9"}}))
    assert host.pull_request("team/base", 7) == ("ana", "c9")
    assert server.asked == [(PULL, f"Bearer {TOKEN}")]


def test_the_last_word_of_an_account_counts_and_comments_say_nothing(server: Server, host: CodeHost) -> None:
    said = [
        review("Bo", "APPROVED", "c1"), review("Bo", "CHANGES_REQUESTED", "c2"),
        review("cy", "APPROVED", "c1"), review("cy", "COMMENTED", "c3"),
        review("di", "APPROVED", "c1"), review("di", "DISMISSED", "c1"),
        {"user": None, "state": "APPROVED", "commit_id": "c1"},
    ]  # fmt: skip
    server.answer(REVIEWS, Answer(body=said))
    states = {account: (each.state, each.commit) for account, each in host.reviews("team/base", 7).items()}
    assert states["bo"] == ("CHANGES_REQUESTED", "c2")
    assert states["cy"] == ("APPROVED", "c1")
    assert states["di"] == ("DISMISSED", "c1")


def test_it_turns_the_pages(server: Server, host: CodeHost) -> None:
    second = f"{PULL}/reviews?page=2"
    server.answer(
        REVIEWS,
        Answer(body=[review("bo", "APPROVED")], headers={"Link": f'<{server.url}{second}>; rel="next"'}),
    )
    server.answer(second, Answer(body=[review("cy", "APPROVED")]))
    assert set(host.reviews("team/base", 7)) == {"bo", "cy"}


def test_a_token_goes_to_no_other_host(server: Server, host: CodeHost) -> None:
    elsewhere = Server()
    try:
        server.answer(REVIEWS, Answer(body=[], headers={"Link": f'<{elsewhere.url}/more>; rel="next"'}))
        with pytest.raises(CodeHostError, match="another host"):
            host.reviews("team/base", 7)
        server.answer(PULL, Answer(302, {}, {"Location": f"{elsewhere.url}/pull"}))
        with pytest.raises(CodeHostError, match="it has moved"):
            host.pull_request("team/base", 7)
        assert elsewhere.asked == []
    finally:
        elsewhere.close()


def test_it_asks_again_after_a_passing_fault(server: Server, host: CodeHost, waited: list[float]) -> None:
    sound = Answer(body={"user": {"login": "ana"}, "head": {"sha": "c9"}})
    server.answer(PULL, Answer(502, {}), Answer(429, {}, {"Retry-After": "7"}), sound)
    assert host.pull_request("team/base", 7).author == "ana"
    assert waited == [2.0, 7.0]


def test_it_waits_for_a_limit_that_ends_soon_and_says_so_otherwise(
    server: Server, host: CodeHost, waited: list[float]
) -> None:
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 3600)}
    server.answer(PULL, Answer(403, {}, spent))
    with pytest.raises(CodeHostError, match="too many questions"):
        host.pull_request("team/base", 7)
    assert waited == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401, {"message": "Bad credentials"}), "the token is not accepted"),
        (Answer(403, {"message": "Resource not accessible"}), "may not read"),
        (Answer(404, {"message": "Not Found"}), "no such thing"),
        (Answer(500, {}), r"failed \(500\)"),
        (Answer(418, {}), "said 418"),
        (Answer(raw=b"<html>a proxy's page</html>"), "not what this API gives"),
        (Answer(body=[]), "not what this API gives"),
        (Answer(429, {}, {"Retry-After": "soon"}), "too many questions"),
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
    host._session.close()


def test_an_answer_that_never_comes_is_given_up(
    server: Server, host: CodeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iterata.review.codehost.TIMEOUT", 0.05)
    slow: Callable[[], None] = lambda: time.sleep(0.3)  # noqa: E731
    server.http.RequestHandlerClass.do_GET = lambda handler: slow()  # type: ignore[attr-defined]
    with pytest.raises(CodeHostError, match="does not answer"):
        host.pull_request("team/base", 7)


def test_a_strange_name_stays_a_name(server: Server, host: CodeHost) -> None:
    with pytest.raises(CodeHostError):
        host.members("team", "../../user")
    assert server.asked[0][0] == "/orgs/team/teams/..%2F..%2Fuser/members?per_page=100"


def test_a_token_is_not_shown(host: CodeHost) -> None:
    assert TOKEN not in repr(host)
