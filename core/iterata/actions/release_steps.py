"""The steps of a release: its first phase, each further one, its end, its revert, and another release."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.documents import blocks, edit, parse
from iterata.documents.models.enums import Advice, CheckState
from iterata.errors import IterataError
from iterata.lifecycle.context import DocumentContext
from iterata.lifecycle.release import (
    advises_to_advance,
    decision_digest,
    how_to_explain,
    next_phase,
    obstacles,
    owed_after_revert,
    percent,
    post_mortem_digest,
    present_phase,
    specification,
)
from iterata.repository.files import refuse_linked_folders, write_atomically
from iterata.repository.iteration_results import RELEASE, ROLLOUT, in_percent, rollout_file
from iterata.stages import Outcome, Stage, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from iterata.actions.agree import RoleAgreement
    from iterata.documents.models.deployment import Deployment, Phase
    from iterata.repository.projects import IterationFolder

_DECLARED = {"share", "hold", "requires"}
"""What an author declares of a phase; a new release begins with nothing else."""


class StepOptions(NamedTuple):
    """What `move` is told of a step of a release."""

    phase: float | None = None
    """The share of the phase that begins."""
    override: str | None = None
    """Why the step is taken although its gate is closed."""
    reason: str | None = None
    """Why the release is reverted."""
    agreements: Sequence[RoleAgreement] = ()
    """The roles that agree to the step."""


class ReleaseStep(NamedTuple):
    """The document after a step of a release."""

    context: DocumentContext
    waits_for: tuple[str, ...] = ()
    """What the step still waits for, if only an agreement was recorded."""


def release_step(
    context: DocumentContext,
    target: Status,
    today: date,
    options: StepOptions,
) -> ReleaseStep:
    """The deployment after a step to `target`; nothing is written.

    Raises:
        IterataError: the step does not exist, or does not follow yet.
    """
    deployment, folder, source = context.deployment, context.iteration, context.document.status
    if deployment is None or folder is None:
        raise IterataError("the deployment cannot be read", remedy="correct it", where=context.document.path)
    _refuse_future_days(context, deployment, today)
    if target is Status.REVERTED:
        return ReleaseStep(_reverted(context, deployment, today, options))
    if target is Status.PLANNED:
        return ReleaseStep(_planned_again(context, folder, deployment, today))
    if deployment.split_test is None:
        if options.phase is not None or options.override is not None:
            message = "without `split_test:` there is no result that a phase could wait for"
            remedy = "write `started:` and `ended:` of the phases yourself, or declare `split_test:`"
            raise IterataError(message, remedy=remedy, where=context.document.path)
        return ReleaseStep(_with_status(context, target))
    if source is Status.PLANNED:
        return ReleaseStep(_begun(context, deployment, today, options))
    return _after_phase(context, folder, target, today, options)


def is_done_already(context: DocumentContext, target: Status, today: date, options: StepOptions) -> bool:
    """Whether the same command made this step today, such as before its process was killed."""
    deployment = context.deployment
    if deployment is None or context.document.status is not target or options.override is not None:
        return False
    match target:
        case Status.PLANNED:
            return bool(deployment.earlier)
        case Status.REVERTED:
            revert = deployment.revert
            return revert is not None and (revert.on, revert.why) == (today, options.reason)
    present = present_phase(deployment) if deployment.split_test is not None else None
    if present is None or options.agreements:
        return False
    phase, is_first = deployment.phases[present], present == 0
    if target is Status.DEPLOYED:
        return phase.ended == today and options.phase is None
    is_named = options.phase == phase.share or (is_first and options.phase is None)
    return is_named and phase.started == today


def _with_status(context: DocumentContext, status: Status) -> DocumentContext:
    text = edit.set_keys(context.document, {"status": status.value})
    return _replaced(context, text)


def _replaced(context: DocumentContext, text: str) -> DocumentContext:
    document = parse(context.document.path, Stage.DEPLOYMENT, text.encode())
    return DocumentContext(document, context.project, context.iteration)


def _refuse_future_days(context: DocumentContext, deployment: Deployment, today: date) -> None:
    for index, phase in enumerate(deployment.phases):
        for key, day in (("started", phase.started), ("ended", phase.ended)):
            if day is not None and day > today:
                message = f"phases[{index}].{key}: {day} is after today, {today}"
                remedy = "write the day on which it happened, or correct the clock of this computer"
                raise IterataError(message, remedy=remedy, where=context.document.path)


def _begun(
    context: DocumentContext, deployment: Deployment, today: date, options: StepOptions
) -> DocumentContext:
    """The release after its first phase began."""
    first, folder = deployment.phases[0], context.iteration
    if options.phase is not None and options.phase != first.share:
        message = f"the first phase is the one of {percent(first.share)}"
        command = f"`iterata move {context.document.path} {Status.ROLLING_OUT}`"
        raise IterataError(message, remedy=command, where=context.document.path)
    if folder is not None and folder.rollout_shares:
        path = folder.result_path("rollout")
        message = f"the release has not begun, but there is a result: {path}"
        raise IterataError(message, remedy=f"remove {path}", where=context.document.path)
    context = _with_status(context, Status.ROLLING_OUT)
    if first.started is not None:
        return context
    return _in_phase(context, 0, {"started": today.isoformat()})


def _in_phase(context: DocumentContext, index: int, changes: dict[str, object]) -> DocumentContext:
    return _replaced(context, edit.set_in_entry(context.document, "phases", index, changes))


def _after_phase(
    context: DocumentContext,
    folder: IterationFolder,
    target: Status,
    today: date,
    options: StepOptions,
) -> ReleaseStep:
    """The release after its present phase ended: in the next phase, or deployed."""
    deployment, agreements = context.deployment, options.agreements
    present = present_phase(deployment) if deployment else None
    if deployment is None or present is None:
        message, remedy = "no phase has begun", "write `started:` of the first phase"
        raise IterataError(message, remedy=remedy, where=context.document.path)
    _check_next(context, deployment, target, options)
    phase = deployment.phases[present]
    if agreements:
        context = _in_phase(context, present, {"approved": _approved(phase, agreements, today)})
        deployment = context.deployment or deployment
        phase = deployment.phases[present]
    waiting = list(obstacles(folder, deployment, phase, specification=specification(deployment)))
    if waiting and options.override is None:
        if agreements:
            return ReleaseStep(context, tuple(obstacle.message for obstacle in waiting))
        raise IterataError(waiting[0].message, remedy=waiting[0].remedy, where=context.document.path)
    if not waiting and options.override is not None:
        message = "there is nothing to override: the result advises to advance"
        raise IterataError(message, remedy="leave `--override` out", where=context.document.path)
    context = _in_phase(context, present, _ending(folder, phase, today, options))
    if target is Status.DEPLOYED:
        return ReleaseStep(_with_status(context, target))
    return ReleaseStep(_in_phase(context, present + 1, {"started": today.isoformat()}))


def _check_next(
    context: DocumentContext, deployment: Deployment, target: Status, options: StepOptions
) -> None:
    """Refuse to skip a phase, or to begin one again."""
    path, following = context.document.path, next_phase(deployment)
    if target is Status.DEPLOYED:
        if following is not None:
            message = f"the phase of {percent(following.share)} has not begun"
            raise IterataError(message, remedy=_command(path, following), where=path)
        if options.phase is not None:
            raise IterataError("no phase begins", remedy="leave `--phase` out", where=path)
        return
    remedy = _command(path, following) if following else f"`iterata move {path} {Status.DEPLOYED}`"
    if options.phase is None:
        raise IterataError(f"the status is already {target}", remedy=remedy, where=path)
    shares = {phase.share: phase for phase in deployment.phases}
    if options.phase not in shares:
        named = ", ".join(map(percent, shares))
        message = f"there is no phase of {percent(options.phase)}; there are those of {named}"
        raise IterataError(message, remedy=remedy, where=path)
    if shares[options.phase].started is not None:
        message = f"the phase of {percent(options.phase)} has begun already"
        raise IterataError(message, remedy=f"leave it as it is; the next step is {remedy}", where=path)
    if following is None or options.phase != following.share:
        message = f"the phase of {percent(options.phase)} does not follow yet; no phase is skipped"
        raise IterataError(message, remedy=remedy, where=path)


def _command(path: str, following: Phase) -> str:
    return f"`iterata move {path} {Status.ROLLING_OUT} --phase {in_percent(following.share)}`"


def _approved(phase: Phase, agreements: Sequence[RoleAgreement], today: date) -> list[dict[str, str]]:
    """The agreements to the step after a phase; a later one of the same role replaces the earlier one."""
    roles = {role.casefold() for role, _ in agreements}
    kept = [
        approval.model_dump(mode="json", exclude_none=True)
        for approval in phase.approved
        if approval.role.casefold() not in roles
    ]
    added = [{"role": role, **({"by": by} if by else {}), "on": today.isoformat()} for role, by in agreements]
    return [*kept, *added]


def _ending(folder: IterationFolder, phase: Phase, today: date, options: StepOptions) -> dict[str, object]:
    """What the present phase records when it ends."""
    result = folder.readable_rollout_result(phase.share)
    ending: dict[str, object] = {"ended": today.isoformat()}
    if result is not None and phase.result is None:
        ending["result"] = f"{folder.name}/results/{rollout_file(phase.share)}"
    if options.override is not None:
        advice = result.advice if result and not advises_to_advance(result, phase) else Advice.HOLD
        by = next(iter(options.agreements), None)
        who = {"by": by.by or by.role} if by else {}
        override = {**who, "on": today.isoformat(), "advice": advice.value, "reason": options.override}
        ending["override"] = override
    return ending


def _reverted(
    context: DocumentContext, deployment: Deployment, today: date, options: StepOptions
) -> DocumentContext:
    """The release after it was reverted. Its reason is written, unless the document gives one already."""
    changes: dict[str, object] = {"status": Status.REVERTED.value}
    if options.reason is not None:
        if deployment.revert is not None:
            message = "the document gives a reason of the revert already"
            remedy = "leave `--reason` out, or remove `revert:`"
            raise IterataError(message, remedy=remedy, where=context.document.path)
        decided = decision_digest(context.iteration) if context.iteration else None
        revert = {"on": today.isoformat(), "why": options.reason}
        changes["revert"] = {**revert, "decision": decided} if decided else revert
    return _replaced(context, edit.set_keys(context.document, changes))


def _planned_again(
    context: DocumentContext, folder: IterationFolder, deployment: Deployment, today: date
) -> DocumentContext:
    """The deployment of another release, after a revert that is explained and a new decision to deploy."""
    path, decision = context.document.path, folder.report.decision if folder.report else None
    if owed := owed_after_revert(folder, today):
        message = f"the release was reverted, and its report owes {owed}"
        raise IterataError(message, remedy=how_to_explain(folder), where=path)
    if decision is None or decision.outcome is not Outcome.DEPLOY:
        message = f"the decision after the revert is {decision.outcome if decision else 'missing'}"
        remedy = "leave it reverted, unless the stakeholders decide to deploy it again"
        raise IterataError(message, remedy=remedy, where=path)
    data = context.document.data
    number = len(deployment.earlier) + 1
    phases = [dict(phase) for phase in data["phases"]]
    for phase, share in zip(phases, (phase.share for phase in deployment.phases), strict=True):
        if phase.get("result") == f"{folder.name}/results/{rollout_file(share)}":
            phase["result"] = f"{folder.name}/results/{RELEASE}{number}/{rollout_file(share)}"
    explained = post_mortem_digest(folder)
    earlier = {"variant": data["variant"], "phases": phases, "revert": data["revert"]}
    changes: dict[str, object] = {
        "status": Status.PLANNED.value,
        "phases": [{key: phase[key] for key in phase if key in _DECLARED} for phase in phases],
        "checklist": _checklist_again(data["checklist"]),
        "measure_again": None,
        "revert": None,
        "earlier": [*data.get("earlier", []), {**earlier, "post_mortem": explained}],
    }
    changes = {key: value for key, value in changes.items() if value is not None or key in data}
    again = _replaced(context, edit.set_keys(context.document, changes))
    body = again.document.body
    if "rollout" not in blocks.find(body)[0]:
        return again
    front_matter = again.document.source.text.removesuffix(body)
    return _replaced(again, front_matter + blocks.replace(body, "rollout", ""))


def _checklist_again(checklist: dict[str, dict[str, object]]) -> dict[str, object]:
    """The checklist of another release: what was done is to do again."""
    return {
        name: {**item, "state": CheckState.TODO.value} if item.get("state") == CheckState.DONE else item
        for name, item in checklist.items()
    }


def archive_results(root: Path, folder: IterationFolder, number: int) -> list[str]:
    """Move the results of a reverted release to a folder of their own; return what changed.

    A command that was interrupted moves the others when it runs again.

    Raises:
        IterataError: the folder has another file of that name.
    """
    results = f"{folder.path}/results"
    changed: list[str] = []
    for name in sorted(name for name in folder.result_files if name.startswith(ROLLOUT)):
        old, new = f"{results}/{name}", f"{results}/{RELEASE}{number}/{name}"
        refuse_linked_folders(root, new)
        try:
            content = (root / old).read_bytes()
            if not (root / new).exists():
                write_atomically(root / new, content, durable=True)
            elif (root / new).read_bytes() != content:
                remedy = f"move {new} to another place"
                raise IterataError("there is another result of that name", remedy=remedy, where=new)
            (root / old).unlink()
        except OSError as error:
            message = f"could not be moved to {new}: {error.strerror}"
            raise IterataError(message, remedy="check the folder's permissions", where=old) from None
        changed += [new, old]
    return changed
