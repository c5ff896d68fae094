"""The summary as one comment: added, updated, and never somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.review.codehost.forgejo import Forgejo
from iterata.review.codehost.github import GitHub
from iterata.review.codehost.gitlab import GitLab
from iterata.review.codehost.one_comment import MAX_LENGTH, Written, marker, write_comment
from iterata.review.codehost.refusals import CodeHostError, NoAnswer, Refused

from ....helpers.code_host import Answer, CodeHostServer, ForgejoServer, GitLabServer

if TYPE_CHECKING:
    from iterata.review.codehost.host import CodeHost

TEXT = "## Status changes\n\na draft\n"
MARKED = f"{marker('')}\n\n{TEXT}"


class Comments:
    """The comments of a pull request on a server."""

    def __init__(self, server: CodeHostServer, host: CodeHost) -> None:
        self.server, self.host = server, host
        self.gitlab = isinstance(server, GitLabServer)
        self.repository = "team/data/base" if self.gitlab else "team/base"
        base = {GitLabServer: "/api/v4", ForgejoServer: "/api/v1"}.get(type(server), "")
        notes = "/projects/team%2Fdata%2Fbase/merge_requests/7/notes"
        self.user = f"{base}/user"
        self.list = f"{base}{notes if self.gitlab else '/repos/team/base/issues/7/comments'}"
        one = f"{notes}/31" if self.gitlab else "/repos/team/base/issues/comments/31"
        self.one = f"{'PUT' if self.gitlab else 'PATCH'} {base}{one}"
        self.answer_with()
        server.answer(self.user, Answer(body=self.account("bot")))
        server.answer(f"POST {self.list}", Answer(201, self.comment("bot", MARKED)))
        server.answer(self.one, Answer(body=self.comment("bot", MARKED)))

    def account(self, name: str) -> dict[str, Any]:
        return {"id": 5, "username": name} if self.gitlab else {"id": 5, "login": name}

    def comment(self, account: str, body: str) -> dict[str, Any]:
        common = {"id": 31, "body": body, "created_at": "2026-11-23T10:00:00Z"}
        author = {"author" if self.gitlab else "user": self.account(account)}
        return {**common, **author, **({} if self.gitlab else {"html_url": "https://host/c31"})}

    def answer_with(self, *comments: tuple[str, str]) -> None:
        entries = [self.comment(*comment) for comment in comments]
        paged = "" if isinstance(self.server, ForgejoServer) else "?per_page=100"
        self.server.answer(f"{self.list}{paged}", Answer(body=entries))

    def write(self, text: str = TEXT, folder: str = "") -> Written:
        return write_comment(self.host, self.repository, 7, text, folder).outcome


@pytest.fixture(params=["server", "gitlab", "forgejo"])
def comments(request: pytest.FixtureRequest, waited: list[float]) -> Comments:
    server: CodeHostServer = request.getfixturevalue(request.param)
    match server:
        case GitLabServer():
            return Comments(server, GitLab(server.api, "t", waited.append))
        case ForgejoServer():
            return Comments(server, Forgejo(server.api, "t", waited.append))
        case _:
            return Comments(server, GitHub(server.url, "t", waited.append))


def test_the_first_summary_is_added(comments: Comments) -> None:
    comments.answer_with(("ana", "looks good"))
    assert comments.write() is Written.ADDED
    (sent,) = comments.server.written
    assert f"{sent.method} {sent.path}" == f"POST {comments.list}"
    assert sent.body == {"body": MARKED}


def test_a_later_summary_replaces_the_text(comments: Comments) -> None:
    comments.answer_with(("ana", "looks good"), ("Bot", f"{marker('')}\r\n\r\nan earlier text"))
    assert comments.write() is Written.UPDATED
    (sent,) = comments.server.written
    assert f"{sent.method} {sent.path}" == comments.one
    assert sent.body == {"body": MARKED}


def test_the_same_summary_is_not_sent_again(comments: Comments) -> None:
    comments.answer_with(("bot", MARKED.strip()))
    assert comments.write() is Written.UNCHANGED
    assert comments.server.written == []


@pytest.mark.parametrize("body", [MARKED, f"> {MARKED}", f"hello\n{MARKED}", marker("other/")])
def test_other_comments_are_not_touched(comments: Comments, body: str) -> None:
    """Neither somebody else's with the marker, nor one that only quotes it, nor another knowledge base's."""
    comments.answer_with(("eve" if body == MARKED else "bot", body))
    assert comments.write() is Written.ADDED


def test_every_knowledge_base_has_its_own_comment(comments: Comments) -> None:
    comments.answer_with(("bot", f"{marker('other/')}\n\n{TEXT}"))
    assert comments.write(folder="other/") is Written.UNCHANGED
    assert comments.write(folder="a -->b/") is Written.ADDED
    assert comments.server.written[-1].body["body"].count("-->") == 1


def test_a_line_of_the_summary_is_no_command(comments: Comments) -> None:
    comments.write("a\n/approve\n  /merge\n")
    assert "\n\\/approve\n" in comments.server.written[0].body["body"]


def test_a_long_summary_is_cut(comments: Comments) -> None:
    comments.write("x" * 2 * MAX_LENGTH)
    assert len(comments.server.written[0].body["body"]) <= MAX_LENGTH + 2


def test_a_token_that_may_not_write_is_an_error(comments: Comments) -> None:
    comments.server.answer(f"POST {comments.list}", Answer(403, {"message": "403 Forbidden"}))
    with pytest.raises(Refused):
        comments.write()
    assert len(comments.server.written) == 1


def test_the_token_of_a_workflow_writes_as_its_bot(comments: Comments) -> None:
    """It may not ask for its own account; a token of GitLab always may."""
    bot = "forgejo-actions" if isinstance(comments.server, ForgejoServer) else "github-actions[bot]"
    comments.server.answer(comments.user, Answer(403, {"message": "Resource not accessible by integration"}))
    comments.answer_with((bot, f"{marker('')}\nold"))
    if comments.gitlab:
        with pytest.raises(Refused):
            comments.write()
    else:
        assert comments.write() is Written.UPDATED


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(201, raw=b'{"id":', headers={"Content-Length": "999"}), NoAnswer),
        (Answer(502, {}), Refused),
    ],
)
def test_a_comment_that_may_have_arrived_is_not_sent_twice(
    comments: Comments, answer: Answer, error: type[CodeHostError]
) -> None:
    comments.server.answer(f"POST {comments.list}", answer)
    with pytest.raises(error):
        comments.write()
    assert len(comments.server.written) == 1


@pytest.mark.parametrize("answer", [Answer(body=[1]), Answer(raw=b"<html>"), Answer(500, {})])
def test_a_list_of_comments_that_cannot_be_read_adds_none(comments: Comments, answer: Answer) -> None:
    paged = "" if isinstance(comments.server, ForgejoServer) else "?per_page=100"
    comments.server.answer(f"{comments.list}{paged}", answer)
    with pytest.raises(CodeHostError):
        comments.write()
    assert comments.server.written == []
