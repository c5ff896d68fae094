"""A client for a REST API: the token is sent to one host only, waits are limited, refusals are explained.

The answers of a server are not trusted: links and redirects to other hosts are not followed, the number of
pages, the size of an answer and the time of all requests are limited, and every answer is validated.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

from pydantic import ValidationError

from iterata.review.codehost.answer import Answer, Request
from iterata.review.codehost.exchange import exchange
from iterata.review.codehost.refusals import (
    NoAnswer,
    OtherHost,
    Refused,
    TooSlow,
    UnexpectedAnswer,
)
from iterata.review.codehost.tokens import authorization

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import TypeAdapter

    from iterata.review.codehost.refusals import Dialect, Resource

T = TypeVar("T")

MAX_ATTEMPTS = 3

MAX_WAIT = 60
"""The longest wait for a rate limit, in seconds; also the wait if the host does not state one."""

MAX_PAGES = 100

MAX_TIME = 600
"""Seconds for all requests and waits together."""

_WRITTEN = (HTTPStatus.OK, HTTPStatus.CREATED)


class Page(NamedTuple):
    """How the entries of a list are divided into pages."""

    size: str
    """The parameter that sets how many entries a page has."""
    most: int
    numbered: bool = False
    """Whether pages are requested by their numbers, because not every list has links."""


LINKED = Page("per_page", 100)
"""Pages by the header Link, as on GitHub and GitLab."""

NUMBERED = Page("limit", 50, numbered=True)
"""Pages by number, as on Gitea and Forgejo, where the list of reviews has no header Link."""


@dataclass
class _Clock:
    """The time that is left for requests to a host."""

    left: float = MAX_TIME

    def spend(self, seconds: float, url: str) -> None:
        self.left -= seconds
        if self.left < 0:
            raise TooSlow(url)


@dataclass(frozen=True)
class RestApi:
    """A REST API at an address, and the token to read from it."""

    url: str
    token: str | None = field(repr=False)
    wait: Callable[[float], None] = field(repr=False)
    dialect: Dialect
    pages: Page = LINKED
    clock: _Clock = field(default_factory=_Clock, repr=False)

    def get(self, resource: Resource, schema: TypeAdapter[T]) -> T:
        """A single answer.

        Raises:
            CodeHostError: the request fails, or the answer does not match the schema.
        """
        return self._validated(self._send("GET", f"{self.url}/{resource.path}", resource), schema)

    def write(
        self, method: str, resource: Resource, content: Mapping[str, object], schema: TypeAdapter[T]
    ) -> T:
        """Send JSON with POST, PUT or PATCH.

        Raises:
            CodeHostError: the request fails, or the answer does not match the schema.
        """
        body = json.dumps(dict(content)).encode()
        return self._validated(self._send(method, f"{self.url}/{resource.path}", resource, body), schema)

    def get_pages(self, resource: Resource, schema: TypeAdapter[list[T]]) -> Iterator[T]:
        """Every entry of a paginated answer.

        Raises:
            CodeHostError: a request fails, an answer does not match the schema, or the pages do not end.
        """
        url: str | None = f"{self.url}/{resource.path}?{self.pages.size}={self.pages.most}"
        visited: set[str] = set()
        previous = b""
        while url:
            if url in visited or len(visited) == MAX_PAGES:
                raise UnexpectedAnswer(url, self.dialect)
            visited.add(url)
            answer = self._send("GET", url, resource)
            entries = self._validated(answer, schema)
            if entries and answer.content == previous:  # the host ignores the number of the page
                raise UnexpectedAnswer(url, self.dialect)
            previous = answer.content
            yield from entries
            url = self._next_page(answer, resource, len(visited) if entries else 0)

    def _next_page(self, answer: Answer, resource: Resource, read: int) -> str | None:
        """The address of the next page, which must be on the same host as the token."""
        if self.pages.numbered:
            query = f"{self.pages.size}={self.pages.most}&page={read + 1}"
            return f"{self.url}/{resource.path}?{query}" if read else None
        link = answer.next_link
        if not link:
            return None
        try:
            address = urljoin(answer.url, link)
            same_host = _host(address) == _host(self.url)
        except ValueError:
            same_host = False
        if not same_host or not link.isascii() or not link.isprintable():
            raise OtherHost(self.url, self.dialect)
        return address

    def _send(self, method: str, url: str, resource: Resource, body: bytes | None = None) -> Answer:
        auth = authorization(self.url, self.token, self.dialect)
        request = Request(method, url, self.dialect.headers, auth, body)
        answer = None
        for attempt in range(MAX_ATTEMPTS):
            if attempt:
                pause = _backoff(answer, attempt)
                self.clock.spend(pause, self.url)
                self.wait(pause)
            started = time.monotonic()
            answer = exchange(request, self.dialect)
            self.clock.spend(time.monotonic() - started, self.url)
            once = method == "POST" and not resource.repeatable  # a second one would be a second comment
            if not _may_succeed_soon(answer, once=once):
                break
        if answer is None:
            raise NoAnswer(self.url, self.dialect)
        if answer.status not in (_WRITTEN if body is not None else (HTTPStatus.OK,)):
            raise Refused(answer, resource, self.dialect)
        return answer

    def _validated(self, answer: Answer, schema: TypeAdapter[T]) -> T:
        try:
            return schema.validate_json(answer.content)
        except ValidationError:
            raise UnexpectedAnswer(answer.url, self.dialect) from None


def _host(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _may_succeed_soon(answer: Answer | None, *, once: bool) -> bool:
    """Whether to send the same request again; if it has effect once, only if it certainly had none."""
    if answer is not None and answer.is_rate_limited:
        return _rate_limit_wait(answer) <= MAX_WAIT
    return not once and (answer is None or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR)


def _rate_limit_wait(answer: Answer) -> float:
    """Seconds until the rate limit ends; a minute if the host does not state it.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
    """
    headers = answer.headers
    try:
        if "retry-after" in headers:
            return max(0, int(headers["retry-after"]))
        for prefix in ("x-ratelimit", "ratelimit"):
            if headers.get(f"{prefix}-remaining") == "0":
                return max(0.0, int(headers[f"{prefix}-reset"]) + 1 - time.time())
    except (KeyError, ValueError, OverflowError):
        pass
    return MAX_WAIT


def _backoff(answer: Answer | None, attempt: int) -> float:
    """Seconds to wait before the next attempt."""
    if answer is not None and answer.is_rate_limited:
        return _rate_limit_wait(answer)
    return 2.0**attempt
