"""`iterata summary`."""

from __future__ import annotations

import click

from iterata_cli.context import knowledge_base, reading_only
from iterata_cli.reviewing import PullRequestName, pull_request_option, reviewed


@click.command("summary")
@click.option("--base", metavar="REF", required=True, help="The branch the pull request goes into.")
@click.option("--head", metavar="REF", help="The revision to describe, instead of the working tree.")
@pull_request_option
def command(base: str, head: str | None, pull_request: PullRequestName | None) -> None:
    """Print the Markdown a reviewer reads first.

    Transitions made, gates ahead and who can open them, lift and results before and after, new findings,
    similar past ones, and documents that became suspect.
    """
    from iterata.review.summary import summary  # noqa: PLC0415

    reading_only()
    config, _ = knowledge_base()
    with reviewed(config, base, head, pull_request) as (comparison, verdict):
        click.echo(summary(comparison, verdict), nl=False)
