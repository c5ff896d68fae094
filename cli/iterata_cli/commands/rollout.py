"""`iterata rollout`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iterata_cli.context import find_iteration, load_knowledge_base
from iterata_cli.garbage_collection import disable_garbage_collection
from iterata_cli.long_running import long_running
from iterata_cli.options import format_option, overwrite_newer_option
from iterata_cli.output import print_json, print_lines, print_message

if TYPE_CHECKING:
    from iterata.actions.publish import Publication
    from iterata.repository.projects import IterationFolder
    from iterata.results import RolloutResult


@click.command("rollout")
@click.argument("iteration")
@click.option(
    "--phase",
    type=click.FloatRange(0, 100, min_open=True),
    metavar="PERCENT",
    help="The phase, by its share of users in percent; by default the present one.",
)
@click.option(
    "--simulate",
    is_flag=True,
    help="Instead: simulate the declared phases and looks under the expected gain. Nothing is written.",
)
@overwrite_newer_option()
@format_option()
@long_running
def command(
    iteration: str, phase: float | None, *, simulate: bool, overwrite_newer: bool, output_format: str
) -> None:
    """Evaluate the split test of a phase, and advise: advance, hold or revert.

    Reads the rows that deployment.md describes, up to the end of the phase. Writes the result of the phase,
    such as results/rollout-10.json, and the tables in deployment.md. `iterata move` goes on to the next phase
    if the advice is to advance. A phase that has ended keeps its result.
    """
    from iterata.actions.rollout import rollout  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415

    disable_garbage_collection()
    config, repository = load_knowledge_base()
    folder = find_iteration(config, repository, iteration)
    if simulate:
        _print_simulation(output_format, folder)
        return
    share = None if phase is None else phase / 100
    with locked(config.root, folder.ref):
        done = rollout(config.root, folder, share=share, overwrite_newer=overwrite_newer)
    _print(output_format, done, folder)


def _print_simulation(output_format: str, folder: IterationFolder) -> None:
    """Print what the declared rollout would do."""
    from iterata.actions.rollout_simulate import simulate_rollout  # noqa: PLC0415
    from iterata.render.rollout.simulation import render  # noqa: PLC0415

    simulation = simulate_rollout(folder)
    if output_format == "json":
        print_json("rollout_simulation", simulation.model_dump(mode="json"))
    else:
        print_lines(render(simulation))
    print_message("nothing was written")


def _print(output_format: str, done: Publication[RolloutResult], folder: IterationFolder) -> None:
    """Print the advice, the files that changed, and the next command."""
    from iterata.actions.rollout import next_command  # noqa: PLC0415
    from iterata.render.rollout.sentences import plain_advice  # noqa: PLC0415

    result = done.result
    if output_format == "json":
        print_json(result.kind, result.model_dump(mode="json"))
    else:
        print_lines(plain_advice(result))
    print_message(f"wrote {', '.join(done.changed)}" if done.changed else f"unchanged: {done.page}")
    if command_line := next_command(result, done.page, folder.deployment):
        print_message(f"next: `{command_line}`")
