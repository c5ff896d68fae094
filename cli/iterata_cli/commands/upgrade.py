"""`iterata upgrade`."""

from __future__ import annotations

import click

from iterata_cli.context import load_knowledge_base
from iterata_cli.exits import Exit
from iterata_cli.options import format_option
from iterata_cli.output import on_one_line, print_data, print_json, print_message


@click.command("upgrade")
@click.option("--check", is_flag=True, help="Only list what would change; exit with 1 if anything would.")
@format_option()
@click.pass_context
def command(ctx: click.Context, *, check: bool, output_format: str) -> None:
    """Bring the knowledge base to what this version writes, as a diff to review.

    Renames keys that were renamed, renders the generated tables again, and writes the required version into
    mkdocs.yml. Approvals, agreed content and the figures of results stay as they are. Install the new version
    for everybody first: what this command writes, an older version refuses.
    """
    from iterata.actions.upgrade import upgrade  # noqa: PLC0415

    config, _ = load_knowledge_base()
    done = upgrade(config, check=check)
    if output_format == "json":
        steps = {"changes": done.changes, "kept": done.kept}
        print_json("upgrade", {name: [step._asdict() for step in of] for name, of in steps.items()})
    else:
        for step in done.changes:
            print_data(f"{on_one_line(step.path)}: {on_one_line(step.what)}")
    for step in done.kept:
        print_message(f"left: {on_one_line(step.path)}: {on_one_line(step.what)}")
    files = f"{len(done.paths)} {'file' if len(done.paths) == 1 else 'files'}"
    if not done.paths:
        print_message("nothing to upgrade")
    elif check:
        print_message(f"would change {files}; `iterata upgrade` changes them")
    else:
        print_message(f"changed {files}; review the diff, then run `iterata check`, and commit it alone")
    ctx.exit(Exit.PROBLEMS if check and done.paths else Exit.FINE)
