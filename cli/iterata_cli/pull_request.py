"""The option `--pull-request`, and the review that `check` and `summary` share."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.repository.config import Config
    from iterata.review.changes import Comparison
    from iterata.review.codehost.connect import PullRequestName
    from iterata.review.review import Review

METAVAR = "OWNER/NAME#NUMBER"


def parse_pull_request(text: str) -> PullRequestName:
    """Parse `owner/name#12`, or `group/project!12`.

    Raises:
        BadParameter: the text has another form.
    """
    from iterata.review.codehost.connect import parse_name  # noqa: PLC0415  # imports an HTTP client

    name = parse_name(text)
    if name is None:
        raise click.BadParameter("write it as owner/name#12, or on GitLab as group/project!12")
    return name


pull_request_option = click.option(
    "--pull-request",
    type=parse_pull_request,
    metavar=METAVAR,
    help=(
        "With --base: check approvals against its reviews on the code host (GITHUB_TOKEN, GITHUB_API_URL); "
        "on GitLab GROUP/PROJECT!NUMBER (GITLAB_TOKEN, CI_API_V4_URL)."
    ),
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
            from iterata.review.codehost.connect import connect  # noqa: PLC0415  # imports an HTTP client

            host = connect(pull_request, os.environ)
            repository, number = pull_request.repository, pull_request.number
            roles = comparison.settings.role_holders
            approvals = check_approvals(comparison, config.root, host, repository, number, roles)
        yield comparison, review(comparison, config.root, approvals)


def checked_revision(comparison: Comparison) -> str:
    """The sentence that says what was checked."""
    count = len(comparison.uncommitted)
    if comparison.head_commit:
        return f"checked commit {comparison.head_commit[:12]}"
    files = "1 file differs" if count == 1 else f"{count} files differ"
    return f"checked the working tree as Git would commit it; {files} from the commit that is checked out"
