"""A code host: a small HTTP server with the answers that a test gives it.

`CodeHostServer` has GitHub's paths; `GitLabServer` and `ForgejoServer` have theirs.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PULL = "/repos/team/base/pulls/7"
REVIEWS = f"{PULL}/reviews?per_page=100"
COMMITS = f"{PULL}/commits?per_page=100"


class Answer(NamedTuple):
    """One answer of the server; `raw` replaces the JSON body."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = MappingProxyType({})
    raw: bytes | None = None
    drip: float | None = None
    """Seconds between single bytes of the body."""


class Received(NamedTuple):
    """A request that changes something."""

    method: str
    path: str
    body: dict[str, Any]


class CodeHostServer:
    """Gives the answers of a path in order, repeats the last one, and records all requests.

    An answer for `POST /path` is given to that method, one for `/path` to GET.
    """

    token_header = "Authorization"  # noqa: S105  # the name of a header

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[tuple[str, str | None]] = []
        """The path and the header with the token of each request."""
        self.written: list[Received] = []
        """The requests other than GET."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the base class's name
                self.respond(self.path)

            def do_POST(self) -> None:  # the base class's name
                content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.written.append(Received(self.command, self.path, json.loads(content)))
                self.respond(f"{self.command} {self.path}")

            do_PUT = do_PATCH = do_POST  # noqa: N815  # the base class's names

            def respond(self, key: str) -> None:
                server.requests.append((self.path, self.headers.get(server.token_header)))
                answers = server.answers.get(key, [Answer(404, {"message": "Not Found"})])
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                raw = answer.raw if answer.raw is not None else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                for name, value in {"Content-Length": str(len(raw)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    for piece in (raw,) if answer.drip is None else map(bytes, zip(raw)):
                        self.wfile.write(piece)
                        self.wfile.flush()
                        sleep(answer.drip or 0)
                except OSError:
                    pass  # the client has given up

            def log_message(self, *_: object) -> None: ...

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def answer(self, path: str, *answers: Answer) -> None:
        """Set the answers of a path."""
        self.answers[path] = list(answers)

    def pull_request(self, author: str, head: str) -> None:
        """Answer with this pull request, whose only commit is its head, by its author."""
        self.answer(PULL, Answer(body={"user": {"login": author}, "head": {"sha": head}, "commits": 1}))
        self.commits(commit(head, author))

    def commits(self, *commits: dict[str, Any]) -> None:
        """Answer with these commits of the pull request."""
        self.answer(COMMITS, Answer(body=list(commits)))

    def reviews(self, *reviews: dict[str, Any]) -> None:
        """Answer with these reviews of the pull request."""
        self.answer(REVIEWS, Answer(body=list(reviews)))

    def close(self) -> None:
        """Stop the server."""
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


def review(account: str, state: str, commit: str | None = "1" * 40) -> dict[str, Any]:
    """A review as the API returns it."""
    return {"user": {"login": account}, "state": state, "commit_id": commit}


def commit(
    sha: str, author: str | None, committer: str | None = "web-flow", message: str = "a step"
) -> dict[str, Any]:
    """A commit as the API returns it."""
    return {
        "sha": sha,
        "commit": {"message": message, "committer": {"email": "somebody@example.org"}},
        "author": {"login": author} if author else None,
        "committer": {"login": committer} if committer else {},
    }


class GitLabServer(CodeHostServer):
    """A server with the paths of GitLab's API, in the shape that version 17 gives."""

    MERGE_REQUEST = "/api/v4/projects/team%2Fdata%2Fbase/merge_requests/7"
    token_header = "PRIVATE-TOKEN"  # noqa: S105  # the name of a header

    @property
    def api(self) -> str:
        """The address of the REST API."""
        return f"{self.url}/api/v4"

    def list(self, part: str, entries: list[dict[str, Any]]) -> None:
        """Answer with these entries of a list of the merge request."""
        self.answer(f"{self.MERGE_REQUEST}/{part}?per_page=100", Answer(body=entries))

    def merge_request(self, author: str, head: str, versions: dict[str, str] | None = None) -> None:
        """Answer with this merge request, and its versions: the time of each head."""
        body = {"id": 84, "iid": 7, "state": "opened", "author": self.user(author), "sha": head}
        self.answer(self.MERGE_REQUEST, Answer(body=body))
        times = versions or {head: "2026-11-23T09:00:00.000Z"}
        entries = [
            {
                "id": number,
                "head_commit_sha": sha,
                "base_commit_sha": "b" * 40,
                "created_at": created,
                "state": "collected",
            }
            for number, (sha, created) in enumerate(times.items(), 1)
        ]
        self.list("versions", entries[::-1])  # the newest is first
        self.list("commits", [self.commit(head, f"{author}@example.org")])
        self.graphql({f"{author}@example.org": author})

    def commit(self, sha: str, author: str, committer: str = "", message: str = "a step") -> dict[str, Any]:
        """A commit; the addresses of its author and its committer."""
        return {
            "id": sha, "short_id": sha[:8], "title": message.split("\n", 1)[0], "message": message,
            "author_name": "Somebody", "author_email": author,
            "committer_name": "Somebody", "committer_email": committer or author,
        }  # fmt: skip

    def approvals(self, **times: str | None) -> None:
        """Answer with these approvals: the account, and when it approved."""
        entries = [
            {"user": self.user(account), **({"approved_at": time} if time else {})}
            for account, time in times.items()
        ]
        self.answer(
            f"{self.MERGE_REQUEST}/approvals", Answer(body={"approved": True, "approved_by": entries})
        )

    def notes(self, *notes: dict[str, Any]) -> None:
        """Answer with these notes of the merge request."""
        self.list("notes", [*notes])

    def note(
        self,
        account: str,
        body: str,
        time: str = "2026-11-23T10:00:00.000Z",
        *,
        system: bool = False,
        number: int = 1,
    ) -> dict[str, Any]:
        """A note."""
        return {
            "id": number,
            "author": self.user(account),
            "body": body,
            "system": system,
            "created_at": time,
        }

    def graphql(self, authors: dict[str, str | None], committers: Iterable[str] = ()) -> None:
        """Answer queries for the accounts of authors by their addresses, and of committers."""
        nodes = [
            {"authorEmail": email, "author": {"username": account} if account else None}
            for email, account in authors.items()
        ]
        request = {
            "committers": {"nodes": [{"username": account} for account in committers]},
            "commits": {"nodes": nodes, "pageInfo": {"hasNextPage": False, "endCursor": "MQ"}},
        }
        body = {"data": {"project": {"mergeRequest": request}}}
        self.answer("POST /api/graphql", Answer(body=body))

    def members(self, group: str, *accounts: str) -> None:
        """Answer with the direct members of a group."""
        entries = [
            {**self.user(account), "access_level": 30, "membership_state": "active"} for account in accounts
        ]
        self.answer(f"/api/v4/groups/{quote(group, safe='')}/members?per_page=100", Answer(body=entries))

    def user(self, account: str) -> dict[str, Any]:
        """An account as the API returns it."""
        return {
            "id": 1,
            "username": account,
            "name": account.title(),
            "state": "active",
            "web_url": f"{self.url}/{account}",
        }


class ForgejoServer(CodeHostServer):
    """A server with the paths of the API of Forgejo and Gitea, whose pages have numbers."""

    PULL = "/api/v1/repos/team/base/pulls/7"

    @property
    def api(self) -> str:
        """The address of the API."""
        return f"{self.url}/api/v1"

    def pages(self, path: str, *pages: list[dict[str, Any]]) -> None:
        """Answer with these pages of a list, and with an empty one after the last."""
        for number, entries in enumerate([*pages, []], 1):
            suffix = "" if number == 1 else f"&page={number}"
            self.answer(f"{path}?limit=50{suffix}", Answer(body=entries))

    def pull_request(self, author: str, head: str) -> None:
        """Answer with this pull request, whose only commit is its head, by its author."""
        self.answer(self.PULL, Answer(body={"user": {"login": author}, "head": {"sha": head}}))
        self.commits(commit(head, author, author))

    def commits(self, *commits: dict[str, Any]) -> None:
        """Answer with these commits of the pull request."""
        self.pages(f"{self.PULL}/commits", [*commits])

    def reviews(self, *reviews: dict[str, Any]) -> None:
        """Answer with these reviews of the pull request."""
        self.pages(f"{self.PULL}/reviews", [*reviews])
