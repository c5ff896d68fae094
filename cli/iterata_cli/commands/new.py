"""`iterata new`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iterata.stages import IterationKind, Stage
from iterata_cli.context import iteration_named, knowledge_base, within
from iterata_cli.output import say

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.repository.projects import Project, Repository


@click.group("new")
def command() -> None:
    """Begin a project, an iteration or a document from its template.

    What is already known is filled in; whatever is left begins with TODO. Nothing is ever overwritten.
    """


@command.command("project")
@click.argument("name")
@click.option("--title", help="What people will call it.")
def new_project(name: str, title: str | None) -> None:
    """Begin a project with its requirements. NAME is its folder, such as churn."""
    from iterata.actions import new  # noqa: PLC0415

    config, repository = knowledge_base()
    _told(new.create_project(repository, config.root, name, title))


@command.command("iteration")
@click.argument("project")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in IterationKind]),
    help="What it changes; setup for the first one.",
)
@click.option("--slug", help="The words of its folder's name; the kind, if left out.")
@click.option("--follows", help="The iteration whose report led here; the latest, if left out.")
@click.option("--title", help="What people will call it.")
def new_iteration(
    project: str, kind: str | None, slug: str | None, follows: str | None, title: str | None
) -> None:
    """Begin an iteration of PROJECT with the document its kind enters at."""
    from iterata.actions import new  # noqa: PLC0415

    config, repository = knowledge_base()
    owner = _project(repository, _project_name(config.root, project))
    chosen = IterationKind(kind) if kind else IterationKind.SETUP
    if kind is None and owner.iterations:
        raise click.UsageError(
            "--kind is needed for every iteration but the first: algorithm, data or feature"
        )
    _told(new.create_iteration(owner, config.root, chosen, slug, follows, title))


@command.command("document")
@click.argument("place", metavar="ITERATION|PROJECT")
@click.argument("stage", type=click.Choice([stage.value for stage in Stage]))
def new_document(place: str, stage: str) -> None:
    """Begin a document of an iteration, or a project's requirements."""
    from iterata.actions import new  # noqa: PLC0415

    config, repository = knowledge_base()
    if stage == Stage.REQUIREMENTS:
        _told(new.create_project(repository, config.root, _project_name(config.root, place), None))
    else:
        folder = iteration_named(config, repository, place)
        _told(new.create_document(folder, config.root, Stage(stage)))


def _project_name(root: Path, typed: str) -> str:
    """The project's name, which may have been typed as the path of its folder."""
    return within(root, typed).rstrip("/").rsplit("/", 1)[-1]


def _project(repository: Repository, name: str) -> Project:
    from iterata.errors import NotFoundError  # noqa: PLC0415

    for project in repository.projects:
        if project.name == name:
            return project
    listed = ", ".join(project.name for project in repository.projects)
    remedy = f"name one of: {listed}" if listed else "begin one with `iterata new project NAME`"
    raise NotFoundError("no such project", remedy=remedy, where=name)


def _told(path: str) -> None:
    click.echo(path)
    say("next: fill in what begins with TODO, then `iterata check`, then `iterata move … in_review`")
