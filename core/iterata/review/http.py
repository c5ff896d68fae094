"""A client for a REST API: the token is sent to one host only, waits are limited, refusals are explained.

The answers of a server are not trusted: links and redirects to other hosts are not followed, the number of
pages is limited, and every answer is validated.
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

    Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]

T = TypeVar("T")

TIMEOUT = 20
"""Seconds to wait for an answer."""

MAX_ATTEMPTS = 3

MAX_WAIT = 60
"""The longest wait for a rate limit, in seconds; also the wait if the host does not state one."""

MAX_PAGES = 100

_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

_TRANSIENT_ERRORS = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
"""Temporary failures: no connection, no answer, or an incomplete answer."""


_REFUSALS: dict[int, tuple[str, str | None]] = {
    HTTPStatus.UNAUTHORIZED: ("the token is not accepted", "set GITHUB_TOKEN to a valid token"),
    HTTPStatus.FORBIDDEN: ("the token may not read the {}", None),
    HTTPStatus.NOT_FOUND: ("there is no such {}, or the token may not see it", None),
}
"""Message and remedy of a status; the remedy of the resource if None."""


class CodeHostError(IterataError):
    """The code host does not answer, refuses, or answers unexpectedly."""


class Resource(NamedTuple):
    """What to request, and how to explain a refusal."""

    path: str
    description: str
    """As in `no such team @octo/product`."""
    remedy: str
    """What to do if it does not exist or may not be read."""


@dataclass(frozen=True)
class RestApi:
    """A REST API at an address, and the token to read from it."""

    url: str
    token: str | None = field(repr=False)
    wait: Callable[[float], None] = field(repr=False)

    def get(self, resource: Resource, schema: TypeAdapter[T]) -> T:
        """A single answer.

        Raises:
            CodeHostError: the request fails, or the answer does not match the schema.
        """
        return _validated(self._request(f"{self.url}/{resource.path}", resource), schema)

    def get_pages(self, resource: Resource, schema: TypeAdapter[list[T]]) -> Iterator[T]:
        """Every entry of a paginated answer.

        Raises:
            CodeHostError: a request fails, an answer does not match the schema, or the pages do not end.
        """
        url: str | None = f"{self.url}/{resource.path}?per_page=100"
        visited: set[str] = set()
        while url:
            if url in visited or len(visited) == MAX_PAGES:
                raise UnexpectedAnswer(url)
            visited.add(url)
            response = self._request(url, resource)
            yield from _validated(response, schema)
            url = self._next_page(response)

    def _next_page(self, response: requests.Response) -> str | None:
        """The address of the next page, which must be on the same host as the token."""
        link = response.links.get("next", {}).get("url")
        if not link:
            return None
        try:
            address = urljoin(response.url, link)
            same_host = _host(address) == _host(self.url)
        except ValueError:
            same_host = False
        if not same_host or not link.isascii() or not link.isprintable():
            message = "the code host refers to a different host"
            remedy = "check GITHUB_API_URL; the token is not sent to other hosts"
            raise CodeHostError(message, remedy=remedy, where=self.url)
        return address

    def _request(self, url: str, resource: Resource) -> requests.Response:
        auth = _bearer_auth(self.url, self.token)
        response = None
        for attempt in range(MAX_ATTEMPTS):
            if attempt:
                self.wait(_backoff(response, attempt))
            response = self._attempt(url, auth)
            if response is not None and not _is_transient(response):
                break
        if response is None:
            remedy = "check the network and GITHUB_API_URL, and try again"
            raise CodeHostError("the code host does not answer", remedy=remedy, where=self.url)
        if response.status_code != HTTPStatus.OK:
            message, remedy = _refusal(response, resource)
            raise CodeHostError(message, remedy=remedy, where=urlsplit(response.url).path)
        return response

    def _attempt(self, url: str, auth: Auth) -> requests.Response | None:
        """One request, None after a transient failure."""
        try:
            return requests.get(url, headers=_HEADERS, auth=auth, timeout=TIMEOUT, allow_redirects=False)
        except requests.exceptions.SSLError:
            remedy = "check GITHUB_API_URL; set REQUESTS_CA_BUNDLE to the certificate authorities to trust"
            message = "the certificate of the code host is not trusted"
            raise CodeHostError(message, remedy=remedy, where=self.url) from None
        except _TRANSIENT_ERRORS:
            return None
        except (requests.RequestException, ValueError):
            raise InvalidAddress from None


class UnexpectedAnswer(CodeHostError):
    """An answer that does not match this API."""

    def __init__(self, url: str) -> None:
        super().__init__(
            "the answer does not match this API", remedy="check GITHUB_API_URL", where=urlsplit(url).path
        )


class InvalidAddress(CodeHostError):
    """The address cannot be used; it may contain a password, and is not shown."""

    def __init__(self) -> None:
        remedy = "write it as https://host or https://host/api/v3"
        super().__init__("the code host's address is not valid", remedy=remedy, where="GITHUB_API_URL")


def _bearer_auth(url: str, token: str | None) -> Auth:
    """Add the token to a request; without it, requests would send the password of ~/.netrc.

    Raises:
        CodeHostError: the address or the token is not valid, or the token would be sent unencrypted.
    """
    try:
        parts = urlsplit(url)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        valid = False
    if not valid:
        raise InvalidAddress
    secret = (token or "").strip()
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        remedy = "set GITHUB_TOKEN again, without quotes or line breaks"
        message = "the token contains characters that no token has"
        raise CodeHostError(message, remedy=remedy, where="GITHUB_TOKEN")
    if secret and parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        message, remedy = "the token would be sent unencrypted", "write the address with https://"
        raise CodeHostError(message, remedy=remedy, where="GITHUB_API_URL")

    def add_token(request: requests.PreparedRequest) -> requests.PreparedRequest:
        if secret:
            request.headers["Authorization"] = f"Bearer {secret}"
        return request

    return add_token


def _host(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_rate_limited(response: requests.Response) -> bool:
    """Whether a rate limit was exceeded; a secondary one may show in the text only."""
    if response.status_code == HTTPStatus.FORBIDDEN:
        headers = response.headers
        stated = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
        return stated or b"rate limit" in response.content[:1000].lower()
    return response.status_code == HTTPStatus.TOO_MANY_REQUESTS


def _is_transient(response: requests.Response) -> bool:
    """Whether the same request may succeed soon."""
    if _is_rate_limited(response):
        return _rate_limit_wait(response) <= MAX_WAIT
    return response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR


def _rate_limit_wait(response: requests.Response) -> float:
    """Seconds until the rate limit ends; a minute if the host does not state it.

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
    return MAX_WAIT


def _backoff(response: requests.Response | None, attempt: int) -> float:
    """Seconds to wait before the next attempt."""
    if response is not None and _is_rate_limited(response):
        return _rate_limit_wait(response)
    return 2.0**attempt


def _refusal(response: requests.Response, resource: Resource) -> tuple[str, str]:
    """The message and the remedy for an answer other than 200."""
    name = resource.description
    if _is_rate_limited(response):
        return "the rate limit of the code host is exceeded", "wait, or use another token"
    if response.is_redirect:
        return f"the {name} has moved", "use its new name"
    status = response.status_code
    if status in _REFUSALS:
        message, remedy = _REFUSALS[status]
        return message.replace("{}", name), remedy or resource.remedy
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"the code host failed with status {status}", "try again later"
    return f"the code host answered with status {status}", "check GITHUB_API_URL"


def _validated(response: requests.Response, schema: TypeAdapter[T]) -> T:
    try:
        return schema.validate_json(response.content)
    except ValidationError:
        raise UnexpectedAnswer(response.url) from None
