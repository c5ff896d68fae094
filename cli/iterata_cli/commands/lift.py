"""`iterata lift`."""

from __future__ import annotations

import click

from iterata_cli.context import iteration_named, knowledge_base
from iterata_cli.options import format_option
from iterata_cli.output import show_outcome


@click.command("lift")
@click.argument("iteration")
@format_option()
def command(iteration: str, form: str) -> None:
    """Compute the expected lift into assessment.md.

    Reads the labelled rows that the assessment names, or takes what it assumes where there are none yet;
    writes results/lift.json and its table.
    No code of the project is executed.
    """
    from iterata.files import locked  # noqa: PLC0415
    from iterata.work.lift import lift  # noqa: PLC0415

    config, repository = knowledge_base()
    folder = iteration_named(config, repository, iteration)
    with locked(config.root, folder.ref):
        done = lift(config.root, folder)
    show_outcome(form, done.result, done.changed, done.path)
