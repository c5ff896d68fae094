"""`iterata move`."""

from __future__ import annotations

import click

from iterata.stages import Stage, Status
from iterata_cli.context import load_knowledge_base, relative_to_root, today
from iterata_cli.output import print_message


@click.command("move")
@click.argument("document")
@click.argument("status", type=click.Choice([status.value for status in Status]))
@click.option(
    "--as",
    "roles",
    multiple=True,
    metavar="ROLE[=ACCOUNT]",
    help="Agree in this role; repeat it for several roles.",
)
def command(document: str, status: str, roles: tuple[str, ...]) -> None:
    """Change the status of a document, if its gates are open.

    Writes the status, and what the transition records: approvals with their day, the digests of the plan and
    of its data. Nothing else in the file changes.
    """
    from iterata.actions.move import Agreement, move  # noqa: PLC0415
    from iterata.lifecycle.context import find_context  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415

    config, repository = load_knowledge_base()
    context = find_context(repository, relative_to_root(config.root, document))
    parts = (role.partition("=") for role in roles)
    agreements = [Agreement(role.strip(), account.strip() or None) for role, _, account in parts]
    if agreements and status != Status.APPROVED:
        raise click.UsageError("--as can only be used with the status approved")
    with locked(config.root, context.iteration.ref if context.iteration else context.project.name):
        moved = move(context, Status(status), agreements, today(), config.root)
    if moved.source is moved.target:
        agreed = ", ".join(agreement.role for agreement in agreements)
        print_message(f"{moved.document.path}: still {moved.target}; added the agreement of {agreed}")
    else:
        print_message(f"{moved.document.path}: {moved.source} -> {moved.target}")
    if moved.document.stage is Stage.PROPOSAL and moved.target in (Status.IN_REVIEW, Status.APPROVED):
        from iterata.lifecycle.plan_power import plan_power  # noqa: PLC0415
        from iterata.render.lift.power import power_of_plan  # noqa: PLC0415

        power = plan_power(moved.context)
        if power is not None:
            print_message(power_of_plan(power.lift, power.gain))
