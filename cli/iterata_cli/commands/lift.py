"""`iterata lift`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iterata_cli.context import iteration_named, knowledge_base, reading_only
from iterata_cli.options import format_option
from iterata_cli.output import say, show_json, show_lines, show_outcome

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.repository.projects import IterationFolder


@click.command("lift")
@click.argument("iteration")
@click.option(
    "--what-if",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Set a key below `lift:` to something else, and compare; repeatable. Writes nothing.",
)
@format_option()
def command(iteration: str, changes: tuple[str, ...], form: str) -> None:
    """Compute the expected lift into assessment.md.

    Reads the labelled rows that the assessment names, or takes what it assumes where there are none yet;
    writes results/lift.json and its table.
    Of the project's code, only a KPI of kind python is executed.
    """
    from iterata.actions.lift import lift  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415

    reading_only()
    config, repository = knowledge_base()
    folder = iteration_named(config, repository, iteration)
    if changes:
        _try(config.root, folder, changes, form)
        return
    with locked(config.root, folder.ref):
        done = lift(config.root, folder)
    show_outcome(form, done.result, done.changed, done.page)


def _try(root: Path, folder: IterationFolder, changes: tuple[str, ...], form: str) -> None:
    """Show what would be."""
    from iterata.actions.what_if import what_if  # noqa: PLC0415
    from iterata.render.lift.change import comparison_table  # noqa: PLC0415
    from iterata.render.lift.sentences import sentences  # noqa: PLC0415

    tried = what_if(root, folder, changes)
    if form == "json":
        show_json(
            {
                "changes": [change._asdict() for change in tried.changes],
                "before": tried.before.model_dump(mode="json"),
                "after": tried.after.model_dump(mode="json"),
            }
        )
    else:
        supposed = f"What if {', and '.join(map(str, tried.changes))}?"
        points = "\n".join(f"- {sentence}" for sentence in sentences(tried.after))
        show_lines(f"{supposed}\n\n{comparison_table(tried.before, tried.after)}\n{points}")
    say("nothing was written")
