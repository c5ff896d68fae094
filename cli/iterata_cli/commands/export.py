"""`iterata export`."""

from __future__ import annotations

import click

from iterata_cli.context import load_configuration
from iterata_cli.garbage_collection import disable_garbage_collection
from iterata_cli.options import format_option
from iterata_cli.output import on_one_line, print_message


@click.command("export")
@click.argument("kind", type=click.Choice(["findings", "decisions", "iterations"]))
@format_option({"json": "for programs", "csv": "for spreadsheets"})
def command(kind: str, output_format: str) -> None:
    """Print all findings, decisions or iterations as JSON or CSV.

    Those of other knowledge bases in the settings belong to them. The same tree and history give the same
    bytes, in UTF-8. What is not approved yet is provisional. In CSV, a vertical bar separates the entries of
    a list, and a text that a spreadsheet would run as a formula begins with an apostrophe.
    """
    disable_garbage_collection()
    from iterata.actions.export import as_csv, as_json  # noqa: PLC0415  # only after the command line is parsed
    from iterata.knowledge.whole import read_whole  # noqa: PLC0415

    whole = read_whole(load_configuration())
    write = as_csv if output_format == "csv" else as_json
    click.echo(write(kind, whole.knowledge, whole.git_day).encode(), nl=False)
    for error in whole.knowledge.unread:
        print_message(f"left out: {error.where}: {on_one_line(error.message)}")
    for note in whole.notes:
        print_message(f"note: {on_one_line(note)}")
