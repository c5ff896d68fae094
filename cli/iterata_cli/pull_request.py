"""The option `--pull-request`, and the review that `check` and `summary` share."""

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


def parse_pull_request(text: str) -> PullRequestName:
    """Parse `owner/name#12`.

    Raises:
        BadParameter: the text has another form.
    """
    match = _PULL_REQUEST.match(text)
    if match is None:
        raise click.BadParameter("write it as owner/name#12")
    return PullRequestName(match["repository"], int(match["number"]))


pull_request_option = click.option(
    "--pull-request",
    type=parse_pull_request,
    metavar="OWNER/NAME#NUMBER",
    help="With --base: check approvals against its reviews on GitHub (GITHUB_TOKEN, GITHUB_API_URL).",
)


@contextmanager
def review_changes(
    config: Config, base: str, head: str | None, pull_request: PullRequestName | None
) -> Iterator[tuple[Comparison, Review]]:
    """The comparison with the merge base, and its review."""
    from iterata.review.changes import compare  # noqa: PLC0415
    from iterata.review.review import review  # noqa: PLC0415

    with compare(config, base, head) as comparison:
        approvals = []
        if pull_request is not None:
            from iterata.review.approvals import check_approvals  # noqa: PLC0415
            from iterata.review.codehost import CodeHost  # noqa: PLC0415  # imports an HTTP client

            url = os.environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
            host = CodeHost(url, os.environ.get("GITHUB_TOKEN") or None)
            roles = comparison.settings.role_holders
            approvals = check_approvals(comparison, config.root, host, *pull_request, roles)
        yield comparison, review(comparison, config.root, approvals)


def checked_revision(comparison: Comparison) -> str:
    """The sentence that says what was checked."""
    count = len(comparison.uncommitted)
    if comparison.head_commit:
        return f"checked commit {comparison.head_commit[:12]}"
    files = "1 file differs" if count == 1 else f"{count} files differ"
    return f"checked the working tree as Git would commit it; {files} from the commit that is checked out"
