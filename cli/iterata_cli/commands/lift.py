"""`iterata lift`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iterata_cli.column_doubts import print_doubts
from iterata_cli.context import find_iteration, load_knowledge_base
from iterata_cli.garbage_collection import disable_garbage_collection
from iterata_cli.long_running import long_running
from iterata_cli.options import format_option, overwrite_newer_option
from iterata_cli.output import print_json, print_lines, print_message, print_result

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
    help="Change a key below `lift:`, and compare the results; repeatable. Nothing is written.",
)
@overwrite_newer_option()
@format_option()
@long_running
def command(iteration: str, changes: tuple[str, ...], *, overwrite_newer: bool, output_format: str) -> None:
    """Compute the expected lift, and write it into assessment.md.

    Reads the labelled rows that the assessment names, or uses its assumptions if there are no rows yet.
    Writes results/lift.json and the table in assessment.md. Of the project's code, only a KPI of kind python
    is executed.
    """
    from iterata.actions.lift import lift  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415

    disable_garbage_collection()
    config, repository = load_knowledge_base()
    folder = find_iteration(config, repository, iteration)
    if changes:
        _print_what_if(config.root, folder, changes, output_format)
        return
    with locked(config.root, folder.ref):
        done = lift(config.root, folder, overwrite_newer=overwrite_newer)
    print_result(output_format, done)
    if done.note:
        print_message(f"note: {done.note[0]}\n  fix: {done.note[1]}")
    if done.doubts:
        print_doubts(done.doubts, "note: columns that are not used yet leave a doubt", "lift.data")


def _print_what_if(root: Path, folder: IterationFolder, changes: tuple[str, ...], output_format: str) -> None:
    """Print the lift before and after the changes."""
    from iterata.actions.what_if import what_if  # noqa: PLC0415
    from iterata.render.lift.change import comparison_table  # noqa: PLC0415
    from iterata.render.lift.sentences import sentences  # noqa: PLC0415

    comparison = what_if(root, folder, changes)
    if output_format == "json":
        print_json(
            "what_if",
            {
                "changes": [change._asdict() for change in comparison.changes],
                "before": comparison.before.model_dump(mode="json"),
                "after": comparison.after.model_dump(mode="json"),
                "note": comparison.note,
            },
        )
    else:
        question = f"What if {', and '.join(map(str, comparison.changes))}?"
        said = [*([comparison.note] if comparison.note else []), *sentences(comparison.after)]
        points = "\n".join(f"- {sentence}" for sentence in said)
        print_lines(f"{question}\n\n{comparison_table(comparison.before, comparison.after)}\n{points}")
    print_message("nothing was written")
