"""A code host: a small HTTP server with the answers that a test gives it."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

PULL = "/repos/team/base/pulls/7"
REVIEWS = f"{PULL}/reviews?per_page=100"
COMMITS = f"{PULL}/commits?per_page=100"


class Answer(NamedTuple):
    """One answer of the server; `raw` replaces the JSON body."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = MappingProxyType({})
    raw: bytes | None = None


class CodeHostServer:
    """Gives the answers of a path in order, repeats the last one, and records all requests."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[tuple[str, str | None]] = []
        """The path and the Authorization header of each request."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the base class's name
                server.requests.append((self.path, self.headers.get("Authorization")))
                answers = server.answers.get(self.path, [Answer(404, {"message": "Not Found"})])
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
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
        """Set the answers of a path."""
        self.answers[path] = list(answers)

    def pull_request(self, author: str, head: str) -> None:
        """Answer with this pull request, whose only commit is its head, by its author."""
        self.answer(PULL, Answer(body={"user": {"login": author}, "head": {"sha": head}}))
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
