"""`iterata summary`."""

from __future__ import annotations

import click

from iterata_cli.context import load_knowledge_base
from iterata_cli.garbage_collection import disable_garbage_collection
from iterata_cli.pull_request import PullRequestName, pull_request_option, review_changes


@click.command("summary")
@click.option("--base", metavar="REF", required=True, help="The target branch of the pull request.")
@click.option("--head", metavar="REF", help="The revision to summarise, instead of the one checked out.")
@pull_request_option
def command(base: str, head: str | None, pull_request: PullRequestName | None) -> None:
    """Print a summary of a pull request in Markdown, for its reviewers.

    It shows status changes, the next gates and who can open them, lift and results before and after, new
    findings, similar earlier findings, and suspect documents.
    """
    from iterata.review.summary import summary  # noqa: PLC0415

    disable_garbage_collection()
    config, _ = load_knowledge_base()
    with review_changes(config, base, head, pull_request) as (comparison, review):
        click.echo(summary(comparison, review), nl=False)
