"""Asking a REST API: the token goes to one host, patience has an end, and a refusal is one clear message.

What a server answers is untrusted: links and redirects to other hosts are not followed, pages do not go on
for ever, and only what has the expected shape is believed.
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from pydantic import ValidationError

from iterata.errors import IterataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic import TypeAdapter

T = TypeVar("T")

TIMEOUT = 20
"""Seconds to wait for an answer."""

TRIES = 3
LONGEST_WAIT = 60
"""Seconds a rate limit may ask us to wait before we would rather say so; also where it does not say."""

MOST_PAGES = 100

_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

_PASSING = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
"""What may be over in a moment: no connection, no answer, or half of one."""


class CodeHostError(IterataError):
    """The code host cannot be asked, or does not answer as it should."""


class Question(NamedTuple):
    """Something to ask for, and what to say where it is refused."""

    path: str
    thing: str
    """What is asked for, as in `no such team`."""
    remedy: str
    """What to check where it is not found or may not be read."""


@dataclass(frozen=True)
class Api:
    """An API at an address, and the right to ask it."""

    url: str
    token: str | None = field(repr=False)
    wait: Callable[[float], None] = field(repr=False)

    def one(self, question: Question, shape: TypeAdapter[T]) -> T:
        """A single answer.

        Raises:
            CodeHostError: there is none, or it has another shape.
        """
        return _shaped(self._ask(f"{self.url}/{question.path}", question), shape)

    def all(self, question: Question, shape: TypeAdapter[list[T]]) -> Iterator[T]:
        """Every entry of an answer that comes in pages.

        Raises:
            CodeHostError: there is none, or it has another shape, or no end.
        """
        url: str | None = f"{self.url}/{question.path}?per_page=100"
        turned: set[str] = set()
        while url:
            if url in turned or len(turned) == MOST_PAGES:
                raise _strange(url)
            turned.add(url)
            response = self._ask(url, question)
            yield from _shaped(response, shape)
            url = self._next(response)

    def _next(self, response: requests.Response) -> str | None:
        """The page after this one, if it is where the token may go."""
        link = response.links.get("next", {}).get("url")
        if not link:
            return None
        try:
            following = urljoin(response.url, link)
            same = _host(following) == _host(self.url)
        except ValueError:
            same = False
        if not same or not link.isascii() or not link.isprintable():
            message = "the code host points to another host"
            remedy = "check GITHUB_API_URL; the token is not sent elsewhere"
            raise CodeHostError(message, remedy=remedy, where=self.url)
        return following

    def _ask(self, url: str, question: Question) -> requests.Response:
        signed = _signed(self.url, self.token)
        response = None
        for attempt in range(TRIES):
            if attempt:
                self.wait(_pause(response, attempt))
            response = self._once(url, signed)
            if response is not None and not _is_passing(response):
                break
        if response is None:
            remedy = "check the network and GITHUB_API_URL, and try again"
            raise CodeHostError("the code host does not answer", remedy=remedy, where=self.url)
        if response.status_code != HTTPStatus.OK:
            raise _refusal(response, question)
        return response

    def _once(
        self, url: str, signed: Callable[[requests.PreparedRequest], requests.PreparedRequest]
    ) -> requests.Response | None:
        try:
            return requests.get(url, headers=_HEADERS, auth=signed, timeout=TIMEOUT, allow_redirects=False)
        except requests.exceptions.SSLError:
            remedy = "check GITHUB_API_URL; REQUESTS_CA_BUNDLE names the authorities to trust"
            message = "there is no trusted connection to the code host"
            raise CodeHostError(message, remedy=remedy, where=self.url) from None
        except _PASSING:
            return None
        except (requests.RequestException, ValueError):
            raise _unusable() from None


def _signed(url: str, token: str | None) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """Adds the token to a request. It takes the place of ~/.netrc, which would be sent instead.

    Raises:
        CodeHostError: the address or the token cannot be used, or the token would travel in the clear.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        usable = False
    if not usable:
        raise _unusable()
    said = (token or "").strip()
    if not said.isascii() or not said.isprintable() or " " in said:
        remedy = "set GITHUB_TOKEN again, without quotes or line breaks"
        raise CodeHostError("the token holds what no token holds", remedy=remedy, where="GITHUB_TOKEN")
    if said and parts.scheme == "http" and not _is_here(parts.hostname or ""):
        message, remedy = "the token would be sent unencrypted", "write it as https://"
        raise CodeHostError(message, remedy=remedy, where="GITHUB_API_URL")

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        if said:
            request.headers["Authorization"] = f"Bearer {said}"
        return request

    return sign


def _host(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_limited(response: requests.Response) -> bool:
    """Whether this is a rate limit; a secondary one may show in its words only."""
    if response.status_code == HTTPStatus.FORBIDDEN:
        told = response.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in response.headers
        return told or b"rate limit" in response.content[:1000].lower()
    return response.status_code == HTTPStatus.TOO_MANY_REQUESTS


def _is_passing(response: requests.Response) -> bool:
    """Whether the same question may be answered in a moment."""
    if _is_limited(response):
        return _limit(response) <= LONGEST_WAIT
    return response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR


def _limit(response: requests.Response) -> float:
    """How many seconds the host asks us to wait: at least a minute where it does not say.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    headers = response.headers
    try:
        if "retry-after" in headers:
            return max(0, int(headers["retry-after"]))
        if headers.get("x-ratelimit-remaining") == "0":
            return max(0.0, int(headers["x-ratelimit-reset"]) + 1 - time.time())
    except (KeyError, ValueError):
        pass
    return LONGEST_WAIT


def _pause(response: requests.Response | None, attempt: int) -> float:
    return _limit(response) if response is not None and _is_limited(response) else 2.0**attempt


def _refusal(response: requests.Response, question: Question) -> CodeHostError:
    status = response.status_code
    message, remedy = f"the code host said {status}", "check GITHUB_API_URL"
    if _is_limited(response):
        message, remedy = "too many questions were asked", "wait, or use a token of its own"
    elif response.is_redirect:
        message, remedy = f"the {question.thing} has moved", "use its new name"
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        message, remedy = f"the code host failed ({status})", "try again later"
    elif status == HTTPStatus.UNAUTHORIZED:
        message, remedy = "the token is not accepted", "set GITHUB_TOKEN to a token that is valid"
    elif status == HTTPStatus.FORBIDDEN:
        message, remedy = f"the token may not read the {question.thing}", question.remedy
    elif status == HTTPStatus.NOT_FOUND:
        message = f"there is no such {question.thing}, or the token may not see it"
        remedy = question.remedy
    return CodeHostError(message, remedy=remedy, where=urlsplit(response.url).path)


def _shaped(response: requests.Response, shape: TypeAdapter[T]) -> T:
    try:
        return shape.validate_json(response.content)
    except ValidationError:
        raise _strange(response.url) from None


def _strange(url: str) -> CodeHostError:
    message = "the answer is not what this API gives"
    return CodeHostError(message, remedy="check GITHUB_API_URL", where=urlsplit(url).path)


def _unusable() -> CodeHostError:
    """Without the address itself, which may hold a password."""
    remedy = "write it as https://host or https://host/api/v3"
    return CodeHostError("the code host's address cannot be used", remedy=remedy, where="GITHUB_API_URL")
