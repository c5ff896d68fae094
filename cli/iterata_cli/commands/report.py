"""`iterata report`."""

from __future__ import annotations

import click

from iterata_cli.context import iteration_named, knowledge_base
from iterata_cli.output import say


@click.command("report")
@click.argument("iteration")
def command(iteration: str) -> None:
    """Write the result tables into report.md.

    The tables come from results/experiment.json alone; the text around them is never touched. A report that
    does not exist yet is begun, with the computed verdicts filled in.
    """
    from iterata.actions.report import report  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415

    config, repository = knowledge_base()
    folder = iteration_named(config, repository, iteration)
    with locked(config.root, folder.ref):
        done = report(config.root, folder)
    say(f"{'wrote' if done.changed else 'unchanged:'} {done.path}")
    if done.created:
        say(f"next: write what the results mean, then `iterata move {done.path} in_review`")
