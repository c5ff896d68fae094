"""What `check` and `summary` share: a pull request, compared and judged."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.repository.config import Config
    from iterata.review.changes import Comparison
    from iterata.review.review import Review

_PULL_REQUEST = re.compile(r"^(?P<repository>[^/#\s]+/[^/#\s]+)#(?P<number>[0-9]+)$")


class PullRequestName(NamedTuple):
    """A pull request on the code host."""

    repository: str
    number: int


def pull_request_name(text: str) -> PullRequestName:
    """Read `owner/name#12`.

    Raises:
        BadParameter: it is written in another way.
    """
    found = _PULL_REQUEST.match(text)
    if found is None:
        raise click.BadParameter("write it as owner/name#12")
    return PullRequestName(found["repository"], int(found["number"]))


pull_request_option = click.option(
    "--pull-request",
    type=pull_request_name,
    metavar="OWNER/NAME#NUMBER",
    help="With --base: hold approvals against its reviews on GitHub (GITHUB_TOKEN, GITHUB_API_URL).",
)


@contextmanager
def reviewed(
    config: Config, base: str, head: str | None, pull_request: PullRequestName | None
) -> Iterator[tuple[Comparison, Review]]:
    """The comparison with the merge base, and the verdict on it."""
    from iterata.review.changes import compare  # noqa: PLC0415
    from iterata.review.review import review  # noqa: PLC0415

    with compare(config, base, head) as comparison:
        approvals = []
        if pull_request is not None:
            from iterata.review.approvals import check_approvals  # noqa: PLC0415
            from iterata.review.codehost import CodeHost  # noqa: PLC0415  # brings an HTTP client

            url = os.environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
            host = CodeHost(url, os.environ.get("GITHUB_TOKEN") or None)
            holders = comparison.settings.role_holders
            approvals = check_approvals(comparison, config.root, host, *pull_request, holders)
        yield comparison, review(comparison, config.root, approvals)
