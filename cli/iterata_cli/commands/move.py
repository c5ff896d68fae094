"""`iterata move`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iterata.stages import Stage, Status
from iterata_cli.context import load_knowledge_base, relative_to_root, today
from iterata_cli.output import print_message

if TYPE_CHECKING:
    from iterata.actions.move import Move
    from iterata.actions.release_steps import StepOptions


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
@click.option("--phase", metavar="PERCENT", help="Deployment: end the present phase and begin this one.")
@click.option(
    "--override", metavar="REASON", help="Deployment: go on although the gate is closed; the reason is kept."
)
@click.option("--reason", metavar="TEXT", help="Deployment: why it is reverted.")
def command(
    document: str,
    status: str,
    roles: tuple[str, ...],
    phase: str | None,
    override: str | None,
    reason: str | None,
) -> None:
    """Change the status of a document, if its gates are open.

    Writes the status, and what the transition records: approvals with their day, the digests of the plan and
    of its data. Nothing else in the file changes.

    A document is approved when every required role has agreed. Roles may agree one by one: until the last of
    them, the document stays in_review. Where the status was typed in an editor, `approved` adds the digests.

    A deployment goes on by `rolling_out --phase 25`, and ends by `deployed`, if the newest result of its
    present phase advises it. `reverted --reason TEXT` returns to the status quo; `planned` begins another
    release after the report's post-mortem and a new decision to deploy.
    """
    from iterata.actions.agree import RoleAgreement  # noqa: PLC0415
    from iterata.actions.move import move  # noqa: PLC0415
    from iterata.actions.release_steps import StepOptions  # noqa: PLC0415
    from iterata.lifecycle.context import find_context  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415

    config, repository = load_knowledge_base()
    context = find_context(repository, relative_to_root(config.root, document))
    parts = (role.partition("=") for role in roles)
    agreements = [RoleAgreement(role.strip(), account.strip() or None) for role, _, account in parts]
    options = StepOptions(_share(phase), _text("--override", override), _text("--reason", reason))
    _refuse_unfit_options(context.document.stage, Status(status), options, has_roles=bool(agreements))
    with locked(config.root, context.iteration.ref if context.iteration else context.project.name):
        moved = move(context, Status(status), agreements, today(), config.root, options)
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


def _share(phase: str | None) -> float | None:
    from iterata.repository.iteration_results import share_of_percent  # noqa: PLC0415

    if phase is None or (share := share_of_percent(phase)) is not None:
        return None if phase is None else share
    raise click.BadParameter(f"{phase!r} is not a percentage, such as 25.", param_hint="'--phase'")


def _text(option: str, text: str | None) -> str | None:
    if text is not None and not text.strip():
        raise click.BadParameter("an empty text gives no reason.", param_hint=f"'{option}'")
    return text.strip() if text else None


def _refuse_unfit_options(stage: Stage, target: Status, options: StepOptions, *, has_roles: bool) -> None:
    """Refuse an option that the step has no use for."""
    rollout = stage is Stage.DEPLOYMENT and target in (Status.ROLLING_OUT, Status.DEPLOYED)
    if has_roles and not rollout and target is not Status.APPROVED:
        raise click.UsageError("--as can only be used with the status approved, or for a step of a rollout")
    if not rollout and (options.phase is not None or options.override is not None):
        raise click.UsageError("--phase and --override are for a deployment that is rolling out")
    if options.reason is not None and not (stage is Stage.DEPLOYMENT and target is Status.REVERTED):
        raise click.UsageError("--reason can only be used with the status reverted of a deployment")


def _phase_that_began(moved: Move) -> str:
    """The phase of a release with its day; empty if no phase is dated."""
    from iterata.lifecycle.release import percent, present_phase  # noqa: PLC0415

    deployment = moved.context.deployment
    present = present_phase(deployment) if deployment else None
    if deployment is None or present is None:
        return ""
    phase = deployment.phases[present]
    return f", with {percent(phase.share)} since {phase.started}"


def _print_outcome(moved: Move) -> None:
    """Print the status, who has agreed and who has not, and the command by which each of them agrees."""
    from iterata.lifecycle.agreement import approval_options  # noqa: PLC0415

    path, reached, state = moved.document.path, moved.document.status, moved.agreement
    step = f"still {reached}" if moved.source is reached else f"{moved.source} -> {reached}"
    if moved.target is Status.ROLLING_OUT and not moved.waits_for:
        step += _phase_that_began(moved)
    agreed = f"; {state.sentence}" if moved.target is Status.APPROVED and state.agreed else ""
    print_message(f"{path}: {step}{agreed}")
    for condition in moved.waits_for:
        print_message(f"  still waits: {condition}")
    if moved.target is Status.APPROVED:
        for role in state.missing:
            print_message(f"  next, {role}: `iterata move {path} approved {approval_options([role])}`")
