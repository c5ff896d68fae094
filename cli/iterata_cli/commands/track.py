"""`iterata track`."""

from __future__ import annotations

import click

from iterata_cli.context import iteration_named, knowledge_base
from iterata_cli.output import printable, say


@click.command("track")
@click.argument("iteration")
def command(iteration: str) -> None:
    """Log an iteration's results in MLflow.

    One run holds the iteration, with the bounds, the verdicts and the result files; a run below it holds each
    variant. MLFLOW_TRACKING_URI names the server. The same result is never logged twice.
    """
    from iterata.actions.track import track  # noqa: PLC0415

    config, repository = knowledge_base()
    folder = iteration_named(config, repository, iteration)
    done = track(config.root, folder)
    what = "logged as" if done.new else "is there already:"
    say(f"{what} run {printable(done.run)} of {printable(done.server)}")
