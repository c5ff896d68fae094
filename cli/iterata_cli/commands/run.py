"""`iterata run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iterata_cli.context import iteration_named, knowledge_base, today
from iterata_cli.options import format_option
from iterata_cli.output import printable, say, show_outcome

if TYPE_CHECKING:
    from iterata.work.run import Planned


@click.command("run")
@click.argument("iteration")
@click.option("--jobs", default=-1, show_default="all processors", help="How many processes to use.")
@format_option()
def command(iteration: str, jobs: int, form: str) -> None:
    """Carry out the approved plan; resumes where it was interrupted.

    Trains and evaluates the variants that the plan names, and nothing else; writes results/experiment.json
    and the log in experiment.md. Predictions are kept in .iterata/, so that a second run only has to score.
    """
    from iterata.files import locked  # noqa: PLC0415
    from iterata.work.run import prepare, run  # noqa: PLC0415
    from iterata_cli.progress import Bar  # noqa: PLC0415

    if jobs == 0:
        raise click.UsageError("--jobs is a number of processes, or -1 for all processors")
    config, repository = knowledge_base()
    folder = iteration_named(config, repository, iteration)
    with locked(config.root, folder.ref):
        planned = prepare(config, folder)
        say(_announcement(planned))
        with Bar() as bar:
            done = run(config, planned, today(), jobs=jobs, progress=bar)
    show_outcome(form, done.result, done.changed, done.path)
    if done.changed:
        say(f"next: iterata report {folder.ref}")


def _announcement(planned: Planned) -> str:
    """What is about to be executed, before it is."""
    from iterata.work.execution import in_words  # noqa: PLC0415

    models = [f"  {printable(each)}" for each in in_words(planned.plan, planned.folder.project.path)]
    return "\n".join((f"running {planned.folder.ref}, which executes:", *models))
