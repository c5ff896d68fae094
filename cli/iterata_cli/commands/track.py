"""`iterata track`."""

from __future__ import annotations

import click

from iterata_cli.context import find_iteration, load_knowledge_base
from iterata_cli.long_running import long_running
from iterata_cli.output import on_one_line, print_message


@click.command("track")
@click.argument("iteration")
@long_running
def command(iteration: str) -> None:
    """Log the results of an iteration in MLflow.

    The iteration is one run, with the bounds, the verdicts and the result files; each variant is a run below
    it. MLFLOW_TRACKING_URI is the address of the server. The same results are never logged twice.
    """
    from iterata.actions.track import track  # noqa: PLC0415

    config, repository = load_knowledge_base()
    tracked = track(config.root, find_iteration(config, repository, iteration))
    action = "logged as" if tracked.new else "already logged as"
    print_message(f"{action} run {on_one_line(tracked.run)} of {on_one_line(tracked.server)}")
