"""`iterata verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from iterata_cli.context import iteration_named, knowledge_base
from iterata_cli.exits import Exit
from iterata_cli.options import engine_option, format_option
from iterata_cli.output import printable, say, show, show_json, table

if TYPE_CHECKING:
    from iterata.experiment.engines.base import Engine
    from iterata.results.comparison import Verification


@click.command("verify")
@click.argument("iteration")
@click.option("--jobs", default=-1, show_default="all processors", help="How many processes to use.")
@engine_option()
@click.option("--make", is_flag=True, help="Execute `made_by` of data that are missing, in the checkout.")
@click.option(
    "--tolerance",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="How far figures may be off, relative to themselves.",
)
@format_option()
@click.pass_context
def command(
    ctx: click.Context, iteration: str, jobs: int, engine: Engine, *, make: bool, tolerance: float, form: str
) -> None:
    """Run the experiment again from its commit, and list every figure that differs.

    Checks the commit that the result names out beside your work, runs its plan there without anything that
    is kept from earlier runs, compares, and removes the checkout. Data that Git does not hold are taken from
    here if their digest is the approved one. Exits with 1 if anything differs.

    This executes code that the plan names, the project's own among it, and says which before it does.
    """
    from iterata.actions.verify import verify  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415
    from iterata_cli.commands.run import announcement  # noqa: PLC0415
    from iterata_cli.progress import Bar  # noqa: PLC0415

    if jobs == 0:
        raise click.UsageError("--jobs is a number of processes, or -1 for all processors")
    config, repository = knowledge_base()
    folder = iteration_named(config, repository, iteration)

    def announce(plan: Any, missing: Any) -> None:
        say(announcement(plan, folder, "repeating", engine))
        for each in missing:
            say(f"  data: `{printable(each.command)}`, which makes {printable(each.source)}")

    with locked(config.root, folder.ref), Bar() as bar:
        found = verify(
            config,
            folder,
            announce=announce,
            make=make,
            tolerance=tolerance,
            jobs=jobs,
            progress=bar,
            engine=engine,
        )
    _show(form, found)
    ctx.exit(Exit.PROBLEMS if found.differences else Exit.FINE)


def _show(form: str, found: Verification) -> None:
    if form == "json":
        show_json({**found._asdict(), "differences": [each._asdict() for each in found.differences]})
    elif found.differences:
        rows = [(each.place, _plain(each.committed), _plain(each.again)) for each in found.differences]
        show(table(("figure", "committed", "again"), rows))
    for each in found.versions if found.differences else ():
        say(f"note: {printable(each)}")
    say(_told(found))


def _told(found: Verification) -> str:
    if found.differences:
        return f"{len(found.differences):,} of {found.compared:,} figures and words differ"
    within = f"within {found.tolerance:g} of themselves" if found.tolerance else "exactly"
    return f"all {found.compared:,} figures and words are the same, {within}"


def _plain(value: Any) -> str:
    return "-" if value is None else str(value)
