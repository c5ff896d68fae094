"""`iterata init`."""

from __future__ import annotations

from pathlib import Path

import click

from iterata_cli.context import working_directory
from iterata_cli.output import print_message


@click.command("init")
@click.argument("folder", default=".", type=click.Path(path_type=Path), metavar="[DIR]")
@click.option("--name", help="The name of the knowledge base; default: the name of the folder.")
def command(folder: Path, name: str | None) -> None:
    """Start a knowledge base: mkdocs.yml, projects/, workflows, pull request template.

    Existing files are not changed.
    """
    from iterata.actions.init import REQUIREMENTS, init, missing_requirement  # noqa: PLC0415
    from iterata.repository import config  # noqa: PLC0415

    for path, created in init(folder, name or _title(folder)):
        click.echo(f"{'wrote' if created else 'kept '} {folder / path}")
    config.load(folder)  # fails if an existing mkdocs.yml does not list the plugin
    if (line := missing_requirement(folder)) is not None:
        print_message(f"{folder / REQUIREMENTS}:{line}: say which iterata CI installs: a version or a commit")
    print_message(
        "next: start a project, such as `iterata new project churn`, then `mkdocs serve` to see the site"
    )


def _title(folder: Path) -> str:
    """The folder's name in words."""
    name = (working_directory() / folder).resolve().name
    return name.replace("-", " ").replace("_", " ").capitalize()
