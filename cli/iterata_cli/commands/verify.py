"""`iterata verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iterata_cli.context import find_iteration, load_knowledge_base
from iterata_cli.exits import Exit
from iterata_cli.long_running import long_running
from iterata_cli.options import engine_option, format_option, jobs_option
from iterata_cli.output import format_table, on_one_line, print_data, print_json, print_message

if TYPE_CHECKING:
    from iterata.actions.verify import Recipe
    from iterata.documents.models.proposal import Plan
    from iterata.experiment.engines.base import Engine
    from iterata.results.comparison import Verification


@click.command("verify")
@click.argument("iteration")
@jobs_option()
@engine_option()
@click.option("--make", is_flag=True, help="Run `made_by` in the checkout to create missing data.")
@click.option(
    "--tolerance",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="The relative difference that is allowed.",
)
@format_option()
@click.pass_context
@long_running
def command(
    ctx: click.Context,
    iteration: str,
    jobs: int,
    engine: Engine,
    *,
    make: bool,
    tolerance: float,
    output_format: str,
) -> None:
    """Repeat the experiment and the rollout from their commits, and list every figure that differs.

    Checks out the commit of the result into another folder, runs its plan there without any cached
    predictions, compares the results, and removes the folder. Data that are not in Git are taken from the
    working tree if they have the approved digest. Evaluates the phases of a rollout that have a result in the
    same way. Exits with 1 if any figure differs.

    Lists the code that the plan names, including code of the project, and executes it.
    """
    from iterata.actions.verify import verify  # noqa: PLC0415
    from iterata.actions.verify_rollout import verify_rollout  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415
    from iterata.results.comparison import joined  # noqa: PLC0415
    from iterata_cli.commands.run import announcement  # noqa: PLC0415
    from iterata_cli.progress import ProgressBar  # noqa: PLC0415

    config, repository = load_knowledge_base()
    folder = find_iteration(config, repository, iteration)

    def announce(plan: Plan, missing: list[Recipe]) -> None:
        print_message(announcement(plan, folder, "repeating", engine))
        announce_data(missing)

    def announce_data(missing: list[Recipe]) -> None:
        for recipe in missing:
            print_message(
                f"  data: `{on_one_line(recipe.command)}`, which makes {on_one_line(recipe.source)}"
            )

    with locked(config.root, folder.ref), ProgressBar() as progress:
        verification = verify(
            config,
            folder,
            announce=announce,
            make=make,
            tolerance=tolerance,
            jobs=jobs,
            progress=progress,
            engine=engine,
        )
        phases = verify_rollout(config, folder, announce=announce_data, make=make, tolerance=tolerance)
        verification = joined(verification, dict(phases))
    _print(output_format, verification)
    ctx.exit(Exit.PROBLEMS if verification.differences else Exit.FINE)


def _print(output_format: str, verification: Verification) -> None:
    differences = verification.differences
    if output_format == "json":
        print_json(
            "verify",
            {**verification._asdict(), "differences": [difference._asdict() for difference in differences]},
        )
    elif differences:
        rows = [
            (difference.place, _text(difference.committed), _text(difference.again))
            for difference in differences
        ]
        print_data(format_table(("figure", "committed", "repeated"), rows))
    for note in verification.notes:
        print_message(f"note: {on_one_line(note)}")
    for version in verification.versions if differences else ():
        print_message(f"note: {on_one_line(version)}")
    print_message(_summary(verification))


def _summary(verification: Verification) -> str:
    if verification.differences:
        return f"{len(verification.differences):,} of {verification.compared:,} values differ"
    tolerance = verification.tolerance
    how = f"within a relative difference of {tolerance:g}" if tolerance else "exactly"
    return f"all {verification.compared:,} values are equal, {how}"


def _text(value: object) -> str:
    return "-" if value is None else str(value)
