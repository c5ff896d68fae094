"""`iterata summary`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from iterata_cli.context import load_knowledge_base
from iterata_cli.garbage_collection import disable_garbage_collection
from iterata_cli.output import print_message
from iterata_cli.pull_request import METAVAR, parse_pull_request, pull_request_option, review_changes

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.review.codehost.connect import PullRequestName


@click.command("summary")
@click.option("--base", metavar="REF", required=True, help="The target branch of the pull request.")
@click.option("--head", metavar="REF", help="The revision to summarise, instead of the one checked out.")
@pull_request_option
@click.option(
    "--comment",
    type=parse_pull_request,
    metavar=METAVAR,
    help="Also write it as a comment on this pull request; a later call updates that comment.",
)
def command(
    base: str, head: str | None, pull_request: PullRequestName | None, comment: PullRequestName | None
) -> None:
    """Print a summary of a pull request in Markdown, for its reviewers.

    It shows status changes, the next gates and who can open them, lift and results before and after, new
    findings, similar earlier findings, and suspect documents. --comment needs a token that may write
    comments: use it only in a job that executes no code of the pull request.
    """
    from iterata.review.summary import summary  # noqa: PLC0415

    disable_garbage_collection()
    config, _ = load_knowledge_base()
    with review_changes(config, base, head, pull_request) as (comparison, review):
        text = summary(comparison, review)
        click.echo(text, nl=False)
    if comment is not None:
        _write_comment(config.root, comment, text)


def _write_comment(root: Path, pull_request: PullRequestName, text: str) -> None:
    from iterata.repository import git  # noqa: PLC0415
    from iterata.review.codehost.connect import connect  # noqa: PLC0415  # imports an HTTP client
    from iterata.review.codehost.one_comment import write_comment  # noqa: PLC0415

    host = connect(pull_request, os.environ)
    written = write_comment(host, pull_request.repository, pull_request.number, text, git.prefix(root))
    print_message(f"{written.outcome} the comment on {written.address or pull_request}")
