"""What is asked of the code host: who proposed a pull request, who approved which commit, who is in a team.

GitHub's REST API, or a server that speaks it. The token comes from the environment, goes to that one host
only, and is never part of a message.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlsplit

import requests

from iterata.errors import IterataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TIMEOUT = 20
"""Seconds to wait for an answer."""

TRIES = 3
LONGEST_WAIT = 60
"""Seconds a rate limit may ask us to wait before we would rather say so."""


class CodeHostError(IterataError):
    """The code host cannot be asked, or does not answer as it should."""


class PullRequest(NamedTuple):
    """A pull request as far as approvals are concerned."""

    author: str
    head: str


class Review(NamedTuple):
    """What one account last said of a pull request."""

    account: str
    state: str
    """APPROVED, CHANGES_REQUESTED or DISMISSED."""
    commit: str


_REFUSALS: dict[int, tuple[str, str]] = {
    HTTPStatus.UNAUTHORIZED: (
        "the token is not accepted",
        "set GITHUB_TOKEN to a token that is valid",
    ),
    HTTPStatus.FORBIDDEN: (
        "the token may not read this",
        "give it `pull-requests: read`, and for teams `members: read` of the organisation",
    ),
    HTTPStatus.NOT_FOUND: (
        "there is no such thing, or the token may not see it",
        "check the repository's name and the number, and that the token may read the repository",
    ),
}


@dataclass(frozen=True)
class CodeHost:
    """A code host and the right to ask it."""

    url: str = "https://api.github.com"
    token: str | None = field(default=None, repr=False)
    wait: Callable[[float], None] = field(default=time.sleep, repr=False)
    _session: requests.Session = field(default_factory=requests.Session, repr=False)

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """The author and the head commit of a pull request.

        Raises:
            CodeHostError: it cannot be asked for.
        """
        answer = self._json(f"repos/{_path(repository)}/pulls/{number}")
        return PullRequest(_text(answer, "user", "login"), _text(answer, "head", "sha"))

    def reviews(self, repository: str, number: int) -> dict[str, Review]:
        """What each account last said, by account in lower case; mere comments say nothing.

        Raises:
            CodeHostError: it cannot be asked for.
        """
        latest: dict[str, Review] = {}
        for entry in self._pages(f"repos/{_path(repository)}/pulls/{number}/reviews"):
            review = Review(_text(entry, "user", "login"), _text(entry, "state"), _text(entry, "commit_id"))
            if review.state in {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}:
                latest[review.account.casefold()] = review
        return latest

    def members(self, organisation: str, team: str) -> frozenset[str]:
        """The accounts of a team, in lower case.

        Raises:
            CodeHostError: they cannot be asked for.
        """
        path = f"orgs/{quote(organisation, safe='')}/teams/{quote(team, safe='')}/members"
        return frozenset(_text(entry, "login").casefold() for entry in self._pages(path))

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        url: str | None = f"{self.url}/{path}?per_page=100"
        while url:
            response = self._ask(url)
            entries = _decoded(response)
            if not isinstance(entries, list):
                raise _strange(url)
            yield from entries
            url = response.links.get("next", {}).get("url")

    def _json(self, path: str) -> dict[str, Any]:
        answer = _decoded(self._ask(f"{self.url}/{path}"))
        if not isinstance(answer, dict):
            raise _strange(path)
        return answer

    def _ask(self, url: str) -> requests.Response:
        if urlsplit(url)[:2] != urlsplit(self.url)[:2]:
            message = "the code host points to another host"
            raise CodeHostError(
                message, remedy="check its address; the token is not sent elsewhere", where=self.url
            )
        response = None
        for attempt in range(TRIES):
            if attempt:
                self.wait(_pause(response, attempt))
            response = self._once(url)
            if response is not None and not _is_passing(response):
                break
        if response is None:
            message = "the code host does not answer"
            raise CodeHostError(
                message, remedy="check the network and its address, and try again", where=self.url
            )
        if response.status_code != HTTPStatus.OK:
            raise _refusal(response)
        return response

    def _once(self, url: str) -> requests.Response | None:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            return self._session.get(url, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        except (requests.ConnectionError, requests.Timeout):
            return None
        except requests.RequestException:
            raise CodeHostError(
                "the code host's address cannot be used", remedy="correct GITHUB_API_URL", where=self.url
            ) from None


def _path(repository: str) -> str:
    return "/".join(quote(part, safe="") for part in repository.split("/"))


def _is_limited(response: requests.Response) -> bool:
    refused = response.status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
    spent = response.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in response.headers
    return response.status_code == HTTPStatus.TOO_MANY_REQUESTS or (refused and spent)


def _is_passing(response: requests.Response) -> bool:
    """Whether the same question may be answered in a moment."""
    if _is_limited(response):
        return _limit(response) <= LONGEST_WAIT
    return response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR


def _limit(response: requests.Response) -> float:
    """How many seconds the host asks us to wait."""
    try:
        if "retry-after" in response.headers:
            return max(0.0, float(response.headers["retry-after"]))
        return max(0.0, float(response.headers.get("x-ratelimit-reset", 0)) - time.time())
    except ValueError:
        return LONGEST_WAIT


def _pause(response: requests.Response | None, attempt: int) -> float:
    return _limit(response) if response is not None and _is_limited(response) else 2.0**attempt


def _refusal(response: requests.Response) -> CodeHostError:
    where = urlsplit(response.url).path
    if _is_limited(response):
        return CodeHostError(
            "too many questions were asked", remedy="wait, or use a token of its own", where=where
        )
    if response.is_redirect:
        return CodeHostError("it has moved", remedy="use its new name", where=where)
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return CodeHostError(
            f"the code host failed ({response.status_code})", remedy="try again later", where=where
        )
    message, remedy = _REFUSALS.get(
        response.status_code, (f"the code host said {response.status_code}", "check its address")
    )
    return CodeHostError(message, remedy=remedy, where=where)


def _decoded(response: requests.Response) -> Any:
    try:
        return response.json()
    except requests.JSONDecodeError:
        raise _strange(urlsplit(response.url).path) from None


def _strange(where: str) -> CodeHostError:
    return CodeHostError(
        "the answer is not what this API gives", remedy="check the address of the API", where=where
    )


def _text(entry: Any, *path: str) -> str:
    """A text deep in an answer; an account that was deleted answers as nobody."""
    for key in path:
        entry = entry.get(key) if isinstance(entry, dict) else None
    return entry if isinstance(entry, str) else ""
