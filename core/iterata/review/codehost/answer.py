"""A request to a code host, and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests
    from requests.structures import CaseInsensitiveDict

    Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]


class Request(NamedTuple):
    """A request to a code host."""

    method: str
    url: str
    headers: Mapping[str, str]
    auth: Auth
    body: bytes | None = None


@dataclass(frozen=True)
class Answer:
    """The answer of a code host."""

    status: int
    url: str
    headers: CaseInsensitiveDict[str]
    content: bytes = field(repr=False)
    next_link: str = ""

    @property
    def is_redirect(self) -> bool:
        """Whether it refers to another address, which is never followed."""
        return "location" in self.headers and self.status // 100 == 3

    @property
    def is_rate_limited(self) -> bool:
        """Whether a rate limit was exceeded; a secondary one of GitHub may show in the text only."""
        if self.status == HTTPStatus.FORBIDDEN:
            stated = self.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in self.headers
            return stated or b"rate limit" in self.content[:1000].lower()
        return self.status == HTTPStatus.TOO_MANY_REQUESTS
