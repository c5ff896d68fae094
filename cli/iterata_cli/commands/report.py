"""`iterata report`."""

from __future__ import annotations

import click

from iterata_cli.context import find_iteration, load_knowledge_base
from iterata_cli.options import overwrite_newer_option
from iterata_cli.output import print_message


@click.command("report")
@click.argument("iteration")
@overwrite_newer_option()
def command(iteration: str, *, overwrite_newer: bool) -> None:
    """Write the result tables into report.md.

    The tables come from results/experiment.json; the text around them is never changed. If there is no report
    yet, it is started from its template, with the computed verdicts filled in.
    """
    from iterata.actions.report import report  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415

    config, repository = load_knowledge_base()
    folder = find_iteration(config, repository, iteration)
    with locked(config.root, folder.ref):
        done = report(config.root, folder, overwrite_newer=overwrite_newer)
    print_message(f"{'wrote' if done.changed else 'unchanged:'} {done.path}")
    if done.newer_author:
        print_message(f"note: iterata {done.newer_author} wrote the result; this version may know less of it")
    if done.created:
        print_message(f"next: interpret the results, then `iterata move {done.path} in_review`")
