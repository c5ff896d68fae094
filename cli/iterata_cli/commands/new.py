"""`iterata new`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iterata.stages import IterationKind, Stage, initial, successors
from iterata_cli.context import find_iteration, load_knowledge_base, relative_to_root, today
from iterata_cli.output import print_message

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.repository.config import Config
    from iterata.repository.projects import Project, Repository


def _hint_options(function: Callable[..., None]) -> Callable[..., None]:
    """The options that tell an assessment more of its rows."""
    for name, text in (
        ("group", "The column of the groups within which rows are ranked."),
        ("treated", "The column of a past campaign that tells whom chance chose to be treated."),
        ("target", "The column of the true outcomes; its values choose the kind of KPI."),
    ):
        function = click.option(f"--{name}", metavar="COLUMN", help=f"Assessment: {text}")(function)
    return function


@click.group("new")
def command() -> None:
    """Start a project, an iteration or a document from its template.

    Values from earlier documents are filled in; the others begin with TODO. Existing files are never
    overwritten. Similar ideas that were tested, put off or given up before are named on standard error.
    """


@command.command("project")
@click.argument("name")
@click.option("--title", help="The title of its requirements.")
def new_project(name: str, title: str | None) -> None:
    """Start a project with its requirements. NAME is its folder, such as churn."""
    from iterata.actions import new  # noqa: PLC0415

    config, repository = load_knowledge_base()
    path = new.create_project(repository, config.root, name, title)
    _report(path)
    _print_tried_before(config, path)


@command.command("iteration")
@click.argument("project")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in IterationKind]),
    help="What it changes; default for the first iteration: setup.",
)
@click.option("--slug", help="The name of its folder after the number; default: the kind.")
@click.option("--follows", help="The iteration whose report led to it; default: the latest.")
@click.option("--title", help="The title of its first document.")
@_hint_options
def new_iteration(
    project: str,
    kind: str | None,
    slug: str | None,
    follows: str | None,
    title: str | None,
    **hints: str | None,
) -> None:
    """Start an iteration of PROJECT with the first document of its kind."""
    from iterata.actions import new  # noqa: PLC0415
    from iterata.actions.beginnings.assessment import Hints  # noqa: PLC0415

    config, repository = load_knowledge_base()
    parent = _project(repository, _project_name(config.root, project))
    if kind is None and parent.iterations:
        message = "every iteration but the first needs --kind: algorithm, data or feature"
        raise click.UsageError(message)
    iteration_kind = IterationKind(kind) if kind else IterationKind.SETUP
    if title:
        _print_tried_before_title(parent, title, follows)
    path = new.create_iteration(
        parent, config.root, iteration_kind, slug, follows=follows, title=title, hints=Hints(**hints)
    )
    _report_with_columns(config, path)
    if not title:
        _print_tried_before(config, path)


@command.command("document", short_help="Start a document in an existing folder.")
@click.argument("place", metavar="ITERATION|PROJECT")
@click.argument("stage", type=click.Choice([stage.value for stage in Stage]))
@click.option("--variant", metavar="NAME", help="Deployment: the variant to release; default: the best one.")
@_hint_options
def new_document(place: str, stage: str, variant: str | None, **hints: str | None) -> None:
    """Start a document of an iteration, or the requirements of a project."""
    from iterata.actions import new  # noqa: PLC0415
    from iterata.actions.beginnings.assessment import Hints  # noqa: PLC0415

    if variant is not None and stage != Stage.DEPLOYMENT:
        raise click.UsageError("--variant is for a deployment")
    config, repository = load_knowledge_base()
    if stage == Stage.REQUIREMENTS:
        _report(new.create_project(repository, config.root, _project_name(config.root, place), None))
    else:
        folder = find_iteration(config, repository, place)
        path = new.create_document(
            folder, config.root, Stage(stage), Hints(**hints), variant=variant, today=today()
        )
        _report_with_columns(config, path)
        _print_tried_before(config, path)


def _project_name(root: Path, typed: str) -> str:
    """The name of a project that the user typed, perhaps as a path."""
    return relative_to_root(root, typed).rstrip("/").rsplit("/", 1)[-1]


def _project(repository: Repository, name: str) -> Project:
    from iterata.errors import NotFoundError  # noqa: PLC0415

    for project in repository.projects:
        if project.name == name:
            return project
    names = ", ".join(project.name for project in repository.projects)
    remedy = f"name one of: {names}" if names else "start one, such as `iterata new project churn`"
    raise NotFoundError("there is no such project", remedy=remedy, where=name)


def _report_with_columns(config: Config, path: str) -> None:
    """Report a new document, and what the columns of its data may be."""
    from iterata.actions.columns_note import columns_note  # noqa: PLC0415
    from iterata.lifecycle.context import find_context  # noqa: PLC0415
    from iterata.repository.projects import Repository  # noqa: PLC0415
    from iterata_cli.column_doubts import print_doubts  # noqa: PLC0415

    _report(path)
    context = find_context(Repository.on_disk(config), path)
    note = columns_note(context.document, config.root / context.project.path, config.root)
    if note:
        print_doubts(note.doubts, f"note: columns of {note.source} leave a doubt", note.field)


def _print_tried_before_title(project: Project, title: str, follows: str | None) -> None:
    """Print what resembles the title of an iteration, before it is created."""
    from iterata.actions.tried_before import before_starting  # noqa: PLC0415
    from iterata_cli.tried_before import print_tried_before  # noqa: PLC0415

    print_tried_before(before_starting(project, title, follows))


def _print_tried_before(config: Config, path: str) -> None:
    """Print what resembles a document that was just created."""
    from iterata.actions.tried_before import before_filling_in  # noqa: PLC0415
    from iterata.repository.projects import Repository  # noqa: PLC0415
    from iterata_cli.tried_before import print_tried_before  # noqa: PLC0415

    print_tried_before(before_filling_in(Repository.on_disk(config), path))


def _report(path: str) -> None:
    click.echo(path)
    stage = Stage(path.rsplit("/", 1)[-1].removesuffix(".md"))
    status = successors(stage, initial(stage))[0]
    print_message(f"next: fill in every TODO, then `iterata check`, then `iterata move {path} {status}`")
