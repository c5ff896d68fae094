"""`iterata init`."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iterata_cli.context import working_directory
from iterata_cli.output import print_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.actions.init import Host, Program


@click.command("init")
@click.argument("folder", default=".", type=click.Path(path_type=Path), metavar="[DIR]")
@click.option("--name", help="The name of the knowledge base; default: the name of the folder.")
@click.option(
    "--host",
    type=click.Choice(["github", "gitlab", "forgejo"]),
    help="The code host; default: of the remote `origin`, else of the files that are there.",
)
@click.option(
    "--site",
    "program",
    type=click.Choice(["mkdocs", "zensical"]),
    help="What builds the site; default: zensical if there is a zensical.toml, else mkdocs.",
)
def command(folder: Path, name: str | None, host: Host | None, program: Program | None) -> None:
    """Start a knowledge base: mkdocs.yml, projects/, workflows, pull request template.

    In a folder of a larger repository, what the code host reads is written to the top of the repository. No
    line of an existing file is changed: `.gitignore`, `CODEOWNERS` and the like gain what is missing.
    """
    from iterata.actions.init import (  # noqa: PLC0415
        REQUIREMENTS,
        init,
        likely_program,
        missing_requirement,
        superproject,
    )
    from iterata.repository import config, zensical  # noqa: PLC0415

    initial = init(working_directory() / folder, name or _title(folder), host, program)
    width = max(len(file.state) for file in initial)
    for file in initial:
        click.echo(f"{file.state:<{width}} {_relative(file.path)}")
    for file in initial:
        if file.note:
            print_message(f"{_relative(file.path)}: {file.note}")
    config.load(folder)  # fails if an existing mkdocs.yml does not list the plugin
    if (line := missing_requirement(folder)) is not None:
        print_message(f"{folder / REQUIREMENTS}:{line}: say which iterata CI installs: a version or a commit")
    if outer := superproject(folder):
        print_message(
            f"this is a submodule of {outer}: workflows and owners are those of the submodule's repository"
        )
    if advice := zensical.advice(working_directory() / folder):
        print_message(str(advice))
    for step in _NEXT[likely_program(working_directory() / folder)]:
        print_message(step.format(change=_change(folder)))


_NEXT: Mapping[Program, tuple[str, ...]] = {
    "mkdocs": (
        "next: {change}start a project, such as `iterata new project churn`, "
        "then `mkdocs serve` to see the site",
    ),
    "zensical": (
        "next: {change}`python -m pip install zensical`, and start a project: `iterata new project churn`",
        "then `iterata site --into site-source --docs docs` and `zensical serve` to see the site",
    ),
}
"""What to do after `init`."""


def _change(folder: Path) -> str:
    """The step into the folder; empty if it is this one."""
    is_here = (working_directory() / folder).resolve() == working_directory().resolve()
    return "" if is_here else f"`cd {shlex.quote(str(folder))}`, "


def _title(folder: Path) -> str:
    """The folder's name in words."""
    name = (working_directory() / folder).resolve().name
    return name.replace("-", " ").replace("_", " ").capitalize()


def _relative(path: Path) -> str:
    return os.path.relpath(path, working_directory().resolve())
