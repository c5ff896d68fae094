"""`iterata move`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iterata.stages import Stage, Status
from iterata_cli.context import load_knowledge_base, relative_to_root, today
from iterata_cli.output import print_message

if TYPE_CHECKING:
    from iterata.actions.move import Move


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

    A document is approved when every required role has agreed. Roles may agree one by one: until the last of
    them, the document stays in_review. Where the status was typed in an editor, `approved` adds the digests.
    """
    from iterata.actions.agree import RoleAgreement  # noqa: PLC0415
    from iterata.actions.move import move  # noqa: PLC0415
    from iterata.lifecycle.context import find_context  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415

    config, repository = load_knowledge_base()
    context = find_context(repository, relative_to_root(config.root, document))
    parts = (role.partition("=") for role in roles)
    agreements = [RoleAgreement(role.strip(), account.strip() or None) for role, _, account in parts]
    if agreements and status != Status.APPROVED:
        raise click.UsageError("--as can only be used with the status approved")
    with locked(config.root, context.iteration.ref if context.iteration else context.project.name):
        moved = move(context, Status(status), agreements, today(), config.root)
    _print_outcome(moved)
    if moved.document.stage is Stage.PROPOSAL and moved.document.status in (
        Status.IN_REVIEW,
        Status.APPROVED,
    ):
        from iterata.lifecycle.plan_power import plan_power  # noqa: PLC0415
        from iterata.render.lift.power import power_of_plan  # noqa: PLC0415

        power = plan_power(moved.context)
        if power is not None:
            print_message(power_of_plan(power.lift, power.gain))


def _print_outcome(moved: Move) -> None:
    """Print the status, who has agreed and who has not, and the command by which each of them agrees."""
    from iterata.lifecycle.agreement import approval_options  # noqa: PLC0415

    path, reached, state = moved.document.path, moved.document.status, moved.agreement
    step = f"still {reached}" if moved.source is reached else f"{moved.source} -> {reached}"
    agreed = f"; {state.sentence}" if moved.target is Status.APPROVED and state.agreed else ""
    print_message(f"{path}: {step}{agreed}")
    if moved.target is Status.APPROVED:
        for role in state.missing:
            print_message(f"  next, {role}: `iterata move {path} approved {approval_options([role])}`")
