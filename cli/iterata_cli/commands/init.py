"""`iterata init`."""

from __future__ import annotations

from pathlib import Path

import click

from iterata_cli.context import here
from iterata_cli.output import say


@click.command("init")
@click.argument("folder", default=".", type=click.Path(path_type=Path), metavar="[DIR]")
@click.option("--name", help="What the knowledge base is called; the folder's name, if left out.")
def command(folder: Path, name: str | None) -> None:
    """Start a knowledge base: mkdocs.yml, projects/, workflow, pull-request template.

    Files that are there already are left as they are.
    """
    from iterata.actions.init import init  # noqa: PLC0415
    from iterata.repository import config  # noqa: PLC0415

    called = name or (here() / folder).resolve().name.replace("-", " ").replace("_", " ").capitalize()
    for path, written in init(folder, called):
        click.echo(f"{'wrote' if written else 'kept '} {folder / path}")
    config.load(folder)  # a mkdocs.yml that was there already may lack the plugin, and says so
    say("next: `iterata new project NAME`, then `mkdocs serve` to see the site")
