"""Hosts of every kind that answer nonsense: one error, soon, and the token stays where it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from iterata.review.codehost.forgejo import Forgejo
from iterata.review.codehost.github import GitHub
from iterata.review.codehost.gitlab import GitLab
from iterata.review.codehost.refusals import (
    CodeHostError,
    NoAnswer,
    OtherHost,
    Refused,
    TooLarge,
    TooSlow,
    UnexpectedAnswer,
    UntrustedCertificate,
)

from ....helpers.code_host import PULL, Answer, CodeHostServer, ForgejoServer, GitLabServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.review.codehost.host import CodeHost

TOKEN = "a-secret-token"  # noqa: S105  # of no host


class Case(NamedTuple):
    """A host, its server, and the path of a pull request."""

    host: CodeHost
    server: CodeHostServer
    path: str
    repository: str = "team/base"

    def ask(self) -> None:
        self.host.pull_request(self.repository, 7)

    def list_commits(self) -> None:
        self.host.commits(self.repository, 7)


@pytest.fixture(params=["github", "gitlab", "forgejo"])
def case(request: pytest.FixtureRequest, waited: list[float]) -> Iterator[Case]:
    server: CodeHostServer
    match request.param:
        case "github":
            server = CodeHostServer()
            yield Case(GitHub(server.url, TOKEN, waited.append), server, PULL)
        case "gitlab":
            server = GitLabServer()
            path = GitLabServer.MERGE_REQUEST
            yield Case(GitLab(server.api, TOKEN, waited.append), server, path, "team/data/base")
        case _:
            server = ForgejoServer()
            yield Case(Forgejo(server.api, TOKEN, waited.append), server, ForgejoServer.PULL)
    server.close()


NONSENSE = {
    "html": Answer(raw=b"<!doctype html><title>Sign in</title>", headers={"Content-Type": "text/html"}),
    "empty": Answer(raw=b""),
    "list": Answer(body=[]),
    "null": Answer(raw=b"null"),
    "wrong types": Answer(body={"user": 1, "author": [], "head": "main", "sha": 7}),
    "a branch": Answer(
        body={
            "user": {"login": "ana"},
            "head": {"sha": "--all"},
            "author": {"username": "ana"},
            "sha": "--all",
        }
    ),
    "no account": Answer(
        body={
            "user": {"login": ""},
            "author": {"username": ""},
            "head": {"sha": "1" * 40},
            "sha": "1" * 40,
        }
    ),
    "deep": Answer(raw=b"[" * 200_000),
    "long number": Answer(raw=b'{"author": ' + b"1" * 5000 + b"}"),
    "surrogate": Answer(raw=b'{"author": {"username": "\\ud800"}}'),
    "utf-16": Answer(raw=b"\xff\xfe{\x00}\x00"),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_refused(case: Case, name: str) -> None:
    case.server.answer(case.path, NONSENSE[name])
    with pytest.raises(UnexpectedAnswer) as error:
        case.ask()
    assert TOKEN not in str(error.value)
    assert error.value.location.source == case.path


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 418, 422, 451, 500, 503, 599])
def test_a_status_other_than_success_is_refused(case: Case, waited: list[float], status: int) -> None:
    case.server.answer(case.path, Answer(status, {"message": TOKEN}))
    with pytest.raises(Refused) as error:
        case.ask()
    assert TOKEN not in str(error.value)
    assert len(waited) == (2 if status >= 500 else 0)


@pytest.mark.parametrize("status", [201, 202, 203, 206])
def test_a_partial_success_is_refused(case: Case, status: int) -> None:
    case.server.answer(case.path, Answer(status, {}))
    with pytest.raises(Refused):
        case.ask()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(case: Case, status: int) -> None:
    elsewhere = CodeHostServer()
    try:
        for target in (f"{elsewhere.url}/pull", f"{case.server.url}/other"):
            case.server.answer(case.path, Answer(status, {}, {"Location": target}))
            with pytest.raises(Refused):
                case.ask()
        assert elsewhere.requests == []
        assert {path for path, _ in case.server.requests} == {case.path}
    finally:
        elsewhere.close()


def test_a_next_page_elsewhere_is_not_requested(case: Case) -> None:
    elsewhere = CodeHostServer()
    try:
        size = "limit=50" if isinstance(case.host, Forgejo) else "per_page=100"
        link = {"Link": f'<{elsewhere.url}/more>; rel="next"'}
        case.server.answer(f"{case.path}/commits?{size}", Answer(body=[], headers=link))
        if isinstance(case.host, Forgejo):  # which has no links at all
            case.list_commits()
        else:
            with pytest.raises(OtherHost):
                case.list_commits()
        assert elsewhere.requests == []
    finally:
        elsewhere.close()


def test_a_rate_limit_is_awaited_as_the_host_says(case: Case, waited: list[float]) -> None:
    case.server.answer(case.path, Answer(429, {}, {"Retry-After": "11"}), NONSENSE["html"])
    with pytest.raises(UnexpectedAnswer):
        case.ask()
    assert waited == [11]


@pytest.mark.parametrize("pause", ["3600", "99999999999999999999", "-5", "", "soon"])
def test_a_long_or_unclear_rate_limit_ends_the_command(case: Case, waited: list[float], pause: str) -> None:
    case.server.answer(case.path, Answer(429, {}, {"Retry-After": pause}))
    with pytest.raises(Refused):
        case.ask()
    assert sum(waited) <= 120


def test_all_waits_together_are_limited(
    case: Case, waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iterata.review.codehost.http.MAX_WAIT", 1000)
    case.server.answer(case.path, Answer(429, {}, {"Retry-After": "400"}))
    with pytest.raises(TooSlow):
        case.ask()
    assert waited == [400]


def test_single_bytes_do_not_hold_a_command(
    case: Case, waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every byte arrives in time; the whole answer does not."""
    monkeypatch.setattr("iterata.review.codehost.exchange.MAX_DURATION", 0.1)
    case.server.answer(case.path, Answer(raw=b"[" + b" " * 100, drip=0.02))
    with pytest.raises(NoAnswer):
        case.ask()
    assert len(waited) == 2


def test_a_huge_answer_is_not_read_to_its_end(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iterata.review.codehost.exchange.MAX_SIZE", 1000)
    case.server.answer(case.path, Answer(raw=b" " * 5_000_000))
    with pytest.raises(TooLarge):
        case.ask()


def test_a_server_without_tls_is_not_trusted(case: Case, waited: list[float]) -> None:
    url = f"{case.server.url.replace('http:', 'https:')}/api/v4"
    with pytest.raises(UntrustedCertificate) as error:
        GitLab(url, TOKEN, waited.append).pull_request("team/base", 7)
    assert waited == []
    assert case.server.requests == []
    assert error.value.location.source == url.removesuffix("/api/v4")


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "t\u00f6ken"])
def test_a_token_with_impossible_characters_is_not_sent(token: str) -> None:
    for host in (GitLab(token=token), Forgejo("https://code.example.org/api/v1", token)):
        with pytest.raises(CodeHostError) as error:
            host.pull_request("team/base", 7)
        assert error.value.location.source in {"GITLAB_TOKEN", "GITHUB_TOKEN"}
        assert token not in str(error.value)


def test_a_token_is_sent_encrypted_only() -> None:
    with pytest.raises(CodeHostError) as error:
        GitLab("http://git.example.org/api/v4", TOKEN).pull_request("team/base", 7)
    assert error.value.location.source == "CI_API_V4_URL"
