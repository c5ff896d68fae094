"""One request and its answer, with limits for the time and the size of the answer."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING

import requests

from iterata.review.codehost.answer import Answer
from iterata.review.codehost.refusals import (
    CodeHostError,
    InvalidAddress,
    TooLarge,
    UntrustedCertificate,
)

if TYPE_CHECKING:
    from iterata.review.codehost.answer import Request
    from iterata.review.codehost.refusals import Dialect

TIMEOUT = 20
"""Seconds to wait for the next bytes of an answer."""

MAX_DURATION = 60
"""Seconds for a whole answer; a server that sends single bytes is never silent."""

MAX_SIZE = 20_000_000
"""Bytes of an answer, unpacked."""

_CHUNK = 65_536

_TRANSIENT_ERRORS = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
"""Temporary failures: no connection, no answer, or an incomplete answer."""


def exchange(request: Request, dialect: Dialect) -> Answer | None:
    """Send a request; None after a transient failure, which includes an answer that does not end in time.

    The thread ends with the process if the server holds it longer: no time-out of a socket covers the whole
    answer, or the look-up of the host's name.

    Raises:
        CodeHostError: the address is not valid, the certificate is not trusted, or the answer is too large.
    """
    outcome: SimpleQueue[Answer | CodeHostError | None] = SimpleQueue()
    abandoned = Event()
    Thread(target=lambda: outcome.put(_outcome(request, dialect, abandoned)), daemon=True).start()
    try:
        answer = outcome.get(timeout=MAX_DURATION)
    except Empty:
        abandoned.set()
        return None
    if isinstance(answer, CodeHostError):
        raise answer
    return answer


def _outcome(request: Request, dialect: Dialect, abandoned: Event) -> Answer | CodeHostError | None:
    try:
        return _attempt(request, dialect, abandoned)
    except CodeHostError as error:
        return error
    except requests.exceptions.SSLError:
        return UntrustedCertificate(request.url, dialect)
    except _TRANSIENT_ERRORS:
        return None
    except (requests.RequestException, ValueError):
        return InvalidAddress(dialect)


def _attempt(request: Request, dialect: Dialect, abandoned: Event) -> Answer:
    with requests.request(
        request.method,
        request.url,
        headers={**request.headers, **({"Content-Type": "application/json"} if request.body else {})},
        data=request.body,
        auth=request.auth,
        timeout=TIMEOUT,
        allow_redirects=False,
        stream=True,
    ) as response:
        content = bytearray()
        for chunk in response.iter_content(_CHUNK):
            content += chunk
            if len(content) > MAX_SIZE or abandoned.is_set():
                raise TooLarge(request.url, dialect)
        link = response.links.get("next", {}).get("url", "")
        return Answer(response.status_code, response.url, response.headers, bytes(content), link)
