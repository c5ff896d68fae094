"""The phases of a release: which one is present, and what the step after a phase waits for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.fingerprint import digest
from iterata.documents.models.enums import Advice
from iterata.documents.release_digest import digest_of_release
from iterata.lifecycle.remedies import to_repair
from iterata.repository.iteration_results import in_percent
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from iterata.documents.models.deployment import Deployment, Phase, Revert
    from iterata.repository.projects import IterationFolder
    from iterata.results import RolloutResult
    from iterata.results.rollout import HealthProblem


def percent(share: float) -> str:
    """A share of users for readers: `2.5 %`."""
    return f"{in_percent(share)} %"


def present_phase(deployment: Deployment) -> int | None:
    """The position of the newest phase that began; None before the first one."""
    started = [index for index, phase in enumerate(deployment.phases) if phase.started is not None]
    return started[-1] if started else None


def next_phase(deployment: Deployment) -> Phase | None:
    """The phase after the present one; None if that is the last."""
    present = present_phase(deployment)
    following = deployment.phases[0 if present is None else present + 1 :]
    return following[0] if following else None


def missing_approval(phase: Phase) -> str | None:
    """The role that has not agreed yet to the step after a phase; None if no role has to."""
    role = phase.hold.approval
    agreed = {approval.role.casefold() for approval in phase.approved}
    return role if role is not None and role.casefold() not in agreed else None


def waits_for_approval_only(result: RolloutResult, phase: Phase) -> bool:
    """Whether a result holds for nothing but an approval, which may have been given since."""
    hold = result.hold
    return (
        phase.hold.approval is not None
        and result.advice is Advice.HOLD
        and not result.health
        and hold.days >= (hold.days_needed or 0)
        and hold.units >= (hold.units_needed or 0)
    )


def advises_to_advance(result: RolloutResult, phase: Phase) -> bool:
    """Whether a result advises the step after its phase, as far as approvals do not matter."""
    return result.advice is Advice.ADVANCE or waits_for_approval_only(result, phase)


class Obstacle(NamedTuple):
    """Why the step after a phase cannot be made, and what helps."""

    message: str
    remedy: str
    who: str = ""
    """The role that must act; empty for the document's owner."""
    short: str = ""
    """The message without figures, for a table; empty if it has none."""
    is_decision: bool = False
    """Whether somebody must decide; otherwise there is something to do, or to wait for."""


def obstacles(
    folder: IterationFolder, deployment: Deployment, phase: Phase, *, specification: str | None = None
) -> Iterator[Obstacle]:
    """Why the step after a phase cannot be made.

    Args:
        folder: the iteration.
        deployment: its deployment, with a split test.
        phase: the phase that ends.
        specification: the digest that its result must be of; None for any, as of a phase that has ended.
    """
    share, again = percent(phase.share), f"`iterata rollout {folder.ref} --phase {in_percent(phase.share)}`"
    document, error = f"{folder.path}/deployment.md", folder.unreadable_result("rollout", phase.share)
    result = folder.readable_rollout_result(phase.share)
    override = _override(phase, result)
    if error is not None:
        remedy = to_repair(folder, "rollout", error, phase.share)
        yield Obstacle(f"the result of the phase of {share} cannot be read: {error.message}", remedy)
    elif result is None:
        yield Obstacle(f"the phase of {share} has no result", f"{again}; or {override}")
    elif specification is not None and result.spec_digest != specification:
        message = f"the result of the phase of {share} is of another split test than deployment.md declares"
        yield Obstacle(message, again)
    elif not advises_to_advance(result, phase):
        back = f'`iterata move {document} reverted --reason "what got worse"`'
        step = back if result.advice is Advice.REVERT else f"wait, then {again}"
        message = f"the result of the phase of {share} advises to {result.advice}: {result.reason}"
        stays = phase.ended is not None and result.advice is Advice.HOLD  # its result is not written again
        remedy = override if stays else f"{step}; or {override}"
        decides = stays or result.advice is Advice.REVERT
        yield Obstacle(message, remedy, short=_in_short(result), is_decision=decides)
    if role := missing_approval(phase):
        message = f"{role} has not agreed to the step after the phase of {share}"
        remedy = _how_to_agree(document, deployment, phase, role)
        yield Obstacle(message, remedy, role, is_decision=True)


def _how_to_agree(document: str, deployment: Deployment, phase: Phase, role: str) -> str:
    """How a role agrees to the step after a phase; no command ends a phase again."""
    if phase.ended is not None:
        name = json.dumps(role, ensure_ascii=False) if " " in role else role
        entry = f"`approved: [{{role: {name}, on: {phase.ended}}}]`"
        return f"write {entry} into the phase, with the day on which {role} agreed"
    following = next_phase_after(deployment, phase)
    step = f"rolling_out --phase {in_percent(following.share)}" if following else "deployed"
    option = f'--as "{role}"' if " " in role else f"--as {role}"
    return f"`iterata move {document} {step} {option}`, if {role} agrees"


def _override(phase: Phase, result: RolloutResult | None) -> str:
    """How to go on although the gate is closed; no command ends a phase again."""
    if phase.ended is None:
        return "go on with `--override` and the reason"
    advice = Advice.HOLD if result is None else result.advice
    return f"write `override: {{on: {phase.ended}, advice: {advice}, reason: …}}` into the phase"


_SHORT: dict[HealthProblem, str] = {
    "no_data": "it has no data yet",
    "inconclusive": "nothing is decided yet",
    "sample_ratio": "its sample ratio is off",
    "guardrail": "a guardrail is worse than its margin",
    "harm": "it is worse than the control",
}


def _in_short(result: RolloutResult) -> str:
    """Why a phase does not go on, without figures: these are on the page."""
    why = _SHORT[result.health[0].problem] if result.health else "it has not run long enough yet"
    until = f", until {result.hold.until}" if result.hold.until and result.advice is Advice.HOLD else ""
    return f"its phase of {percent(result.phase)} to go on: {result.advice}, {why}{until}"


def next_phase_after(deployment: Deployment, phase: Phase) -> Phase | None:
    """The phase with the next larger share; None if there is none."""
    return next((other for other in deployment.phases if other.share > phase.share), None)


def next_step(path: str, deployment: Deployment) -> str:
    """The command of the step after the present phase.

    Args:
        path: the deployment.
        deployment: the same, as a model.
    """
    following = next_phase(deployment)
    if following is None:
        return f"`iterata move {path} {Status.DEPLOYED}`"
    first = present_phase(deployment) is None
    phase = "" if first else f" --phase {in_percent(following.share)}"
    return f"`iterata move {path} {Status.ROLLING_OUT}{phase}`"


def specification(deployment: Deployment) -> str:
    """The digest of what the deployment declares, which a result must be of."""
    return digest_of_release(deployment)


def last_revert(folder: IterationFolder) -> Revert | None:
    """The revert of the iteration's present release; None if it is not reverted, or does not say when."""
    deployment = folder.deployment if _is_reverted(folder) else None
    return deployment.revert if deployment else None


def _is_reverted(folder: IterationFolder) -> bool:
    document = folder.document(Stage.DEPLOYMENT)
    return document is not None and document.status is Status.REVERTED


def post_mortem_digest(folder: IterationFolder) -> str | None:
    """The digest of the report's post-mortem; None if there is none."""
    document = folder.document(Stage.REPORT)
    written = document.data.get("post_mortem") if document else None
    return digest(written) if written else None


def decision_digest(folder: IterationFolder) -> str | None:
    """The digest of the report's decision; None if there is none."""
    document = folder.document(Stage.REPORT)
    written = document.data.get("decision") if document else None
    return digest(written) if written else None


def _has_new_post_mortem(folder: IterationFolder) -> bool:
    """Whether the report has a post-mortem that is not one of an earlier revert."""
    present = post_mortem_digest(folder)
    earlier = folder.deployment.earlier if folder.deployment else ()
    return present is not None and present not in {release.post_mortem for release in earlier}


def has_new_decision(folder: IterationFolder, revert: Revert, today: date | None = None) -> bool:
    """Whether the report's decision was made after a revert, and not later than `today`."""
    decision = folder.report.decision if folder.report else None
    if decision is None or decision_digest(folder) == revert.decision:
        return False
    return revert.on <= decision.on and (today is None or decision.on <= today)


def owed_in_report(folder: IterationFolder, today: date | None = None) -> str:
    """What the text of a report still owes after a revert; empty if nothing.

    Args:
        folder: the iteration.
        today: the day of the step; None if a decision of a later day counts.
    """
    if not _is_reverted(folder):
        return ""
    revert = last_revert(folder)
    owed = [] if _has_new_post_mortem(folder) else ["a post-mortem"]
    if revert is not None and not has_new_decision(folder, revert, today):
        owed.append("a new decision")
    return " and ".join(owed)


def owed_after_revert(folder: IterationFolder, today: date | None = None) -> str:
    """What a reverted release still owes, such as `a post-mortem and a new decision`; empty if nothing.

    Args:
        folder: the iteration.
        today: the day of the step; None if a decision of a later day counts.
    """
    report = folder.document(Stage.REPORT)
    is_approved = report is not None and report.status is Status.APPROVED
    approval = "" if is_approved or not _is_reverted(folder) else "the approval of its new decision"
    return owed_in_report(folder, today) or approval


def how_to_explain(folder: IterationFolder) -> str:
    """How to write what a reverted release owes, from the status that the report has."""
    report = folder.document(Stage.REPORT)
    path = f"{folder.path}/{Stage.REPORT.filename}"
    reopen = f"`iterata move {path} draft`, then " if report and report.status is Status.APPROVED else ""
    return (
        f"{reopen}write `post_mortem:` with its findings and the new `decision:` into {path}, and have it "
        "approved again"
    )
