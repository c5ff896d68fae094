"""How a token is added to a request, and which token is refused before it is sent."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from iterata.review.codehost.refusals import CodeHostError, InvalidAddress

if TYPE_CHECKING:
    import requests

    from iterata.review.codehost.answer import Auth
    from iterata.review.codehost.refusals import Dialect


def authorization(url: str, token: str | None, dialect: Dialect) -> Auth:
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
        raise InvalidAddress(dialect)
    secret = (token or "").strip()
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        message = "the token contains characters that no token has"
        remedy = f"set {dialect.token_setting} again, without quotes or line breaks"
        raise CodeHostError(message, remedy=remedy, where=dialect.token_setting)
    if secret and parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        message, remedy = "the token would be sent unencrypted", "write the address with https://"
        raise CodeHostError(message, remedy=remedy, where=dialect.address_setting)

    def add_token(request: requests.PreparedRequest) -> requests.PreparedRequest:
        if secret:
            request.headers[dialect.header] = f"{dialect.prefix}{secret}"
        return request

    return add_token


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
