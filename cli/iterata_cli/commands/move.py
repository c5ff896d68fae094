"""`iterata move`."""

from __future__ import annotations

import click

from iterata.stages import Status
from iterata_cli.context import knowledge_base, today, within
from iterata_cli.output import say


@click.command("move")
@click.argument("document")
@click.argument("status", type=click.Choice([status.value for status in Status]))
@click.option(
    "--as",
    "roles",
    multiple=True,
    metavar="ROLE[=ACCOUNT]",
    help="Agree in this role; may be given several times.",
)
def command(document: str, status: str, roles: tuple[str, ...]) -> None:
    """Move a document to another status, if its gates hold.

    Writes the status, and what the transition records: approvals with their day, the digest of the plan and
    of its data. Everything else in the file stays as it is.
    """
    from iterata.actions.move import Agreement, move  # noqa: PLC0415
    from iterata.lifecycle.context import find_context  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415

    config, repository = knowledge_base()
    case = find_context(repository, within(config.root, document))
    agreements = [
        Agreement(role.strip(), by.strip() or None) for role, _, by in (each.partition("=") for each in roles)
    ]
    if agreements and status != Status.APPROVED:
        raise click.UsageError("--as goes with the status approved")
    with locked(config.root, case.iteration.ref if case.iteration else case.project.name):
        moved = move(case, Status(status), agreements, today(), config.root)
    say(f"{moved.document.path}: {moved.source} -> {moved.target}")
