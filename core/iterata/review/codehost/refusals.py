"""What a code host refuses, and what to do about it; no message contains a token."""

from __future__ import annotations

from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from iterata.errors import IterataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.review.codehost.answer import Answer


class Dialect(NamedTuple):
    """How a kind of host wants to be addressed, and what its settings are called."""

    address_setting: str = "GITHUB_API_URL"
    token_setting: str = "GITHUB_TOKEN"  # noqa: S105  # the name of a variable
    token_remedy: str = "set GITHUB_TOKEN to a valid token"  # noqa: S105
    example: str = "https://host or https://host/api/v3"
    header: str = "Authorization"
    prefix: str = "Bearer "
    """What stands before the token in the header."""
    headers: Mapping[str, str] = MappingProxyType({"Accept": "application/json"})


class Resource(NamedTuple):
    """What to request, and how to explain a refusal."""

    path: str
    description: str
    """As in `no such team @octo/product`."""
    remedy: str
    """What to do if it does not exist or may not be read."""
    repeatable: bool = False
    """Whether a POST can be sent again without effect."""


class CodeHostError(IterataError):
    """The code host does not answer, refuses, or answers unexpectedly."""


class NoAnswer(CodeHostError):
    """No connection, or no complete answer."""

    def __init__(self, url: str, dialect: Dialect) -> None:
        remedy = f"check the network and {dialect.address_setting}, and try again"
        super().__init__("the code host does not answer", remedy=remedy, where=url)


class TooSlow(CodeHostError):
    """All requests together take too long."""

    def __init__(self, url: str) -> None:
        super().__init__("the code host needs too long for its answers", remedy="try again later", where=url)


class TooLarge(CodeHostError):
    """An answer is larger than any that this API gives."""

    def __init__(self, url: str, dialect: Dialect) -> None:
        remedy = f"check {dialect.address_setting}"
        where = urlsplit(url).path
        super().__init__("the answer of the code host is too large", remedy=remedy, where=where)


class UnexpectedAnswer(CodeHostError):
    """An answer that does not match this API."""

    def __init__(self, url: str, dialect: Dialect) -> None:
        remedy = f"check {dialect.address_setting}"
        super().__init__("the answer does not match this API", remedy=remedy, where=urlsplit(url).path)


class OtherHost(CodeHostError):
    """A link leads to a different host, which must not receive the token."""

    def __init__(self, url: str, dialect: Dialect) -> None:
        remedy = f"check {dialect.address_setting}; the token is not sent to other hosts"
        super().__init__("the code host refers to a different host", remedy=remedy, where=url)


class UntrustedCertificate(CodeHostError):
    """The certificate of the host is not trusted, or the server does not speak TLS."""

    def __init__(self, url: str, dialect: Dialect) -> None:
        parts = urlsplit(url)
        remedy = (
            f"check {dialect.address_setting}; set REQUESTS_CA_BUNDLE to the certificate authorities to trust"
        )
        message = "the certificate of the code host is not trusted"
        super().__init__(message, remedy=remedy, where=f"{parts.scheme}://{parts.netloc}")


class InvalidAddress(CodeHostError):
    """The address cannot be used; it may contain a password, and is not shown."""

    def __init__(self, dialect: Dialect) -> None:
        message = "the code host's address is not valid"
        super().__init__(message, remedy=f"write it as {dialect.example}", where=dialect.address_setting)


class Refused(CodeHostError):
    """The host answered with a status other than success."""

    def __init__(self, answer: Answer, resource: Resource, dialect: Dialect) -> None:
        message, remedy = _refusal(answer, resource, dialect)
        super().__init__(message, remedy=remedy, where=urlsplit(answer.url).path)


def _refusal(answer: Answer, resource: Resource, dialect: Dialect) -> tuple[str, str]:
    """The message and the remedy for an answer other than success."""
    name = resource.description
    if answer.is_rate_limited:
        return "the rate limit of the code host is exceeded", "wait, or use another token"
    if answer.is_redirect:
        return f"the {name} has moved", "use its new name"
    explained = {
        HTTPStatus.UNAUTHORIZED: ("the token is not accepted", dialect.token_remedy),
        HTTPStatus.FORBIDDEN: (f"the token may not access the {name}", resource.remedy),
        HTTPStatus.NOT_FOUND: (f"there is no such {name}, or the token may not see it", resource.remedy),
    }
    if answer.status in explained:
        return explained[HTTPStatus(answer.status)]
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"the code host failed with status {answer.status}", "try again later"
    return f"the code host answered with status {answer.status}", f"check {dialect.address_setting}"
