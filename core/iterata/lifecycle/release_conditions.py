"""The conditions of a release's gates: its phases in turn, and a new decision after a revert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.lifecycle.conditions import UnmetCondition
from iterata.lifecycle.release import has_new_decision, how_to_explain, obstacles, percent
from iterata.stages import Outcome, Stage, Status

if TYPE_CHECKING:
    from iterata.lifecycle.conditions import UnmetConditions
    from iterata.lifecycle.context import DocumentContext


def phases_in_turn(context: DocumentContext) -> UnmetConditions:
    """Each phase ended because its result advises it, or by a recorded override.

    Without a declared split test, nobody can tell; phases are then dated by hand.
    """
    deployment, folder = context.deployment, context.iteration
    if deployment is None or folder is None or deployment.split_test is None:
        return
    if context.document.stage is not Stage.DEPLOYMENT:
        return
    if deployment.phases[0].started is None and context.document.status is not Status.PLANNED:
        message = f"the phase of {percent(deployment.phases[0].share)} has not begun"
        remedy = f"write `status: planned`, then `iterata move {context.document.path} {Status.ROLLING_OUT}`"
        yield UnmetCondition(("phases", 0), message, remedy)
    for index, phase in enumerate(deployment.phases):
        if phase.ended is None or phase.override is not None:
            continue
        for found in obstacles(folder, deployment, phase):
            place = ("phases", index, "ended")
            yield UnmetCondition(place, found.message, found.remedy, found.who)
        lasted = (phase.ended - phase.started).days + 1 if phase.started else None
        if lasted is not None and phase.hold.days is not None and lasted < phase.hold.days:
            message = f"the phase of {percent(phase.share)} ended after {lasted} of {phase.hold.days} days"
            remedy = "restore its days; a step that is taken early needs `--override` and its reason"
            yield UnmetCondition(("phases", index, "ended"), message, remedy)


def released_again_by_decision(context: DocumentContext) -> UnmetConditions:
    """After a revert, a release is planned again after a post-mortem and a new decision to deploy."""
    deployment, folder = context.deployment, context.iteration
    if deployment is None or folder is None or not deployment.earlier:
        return
    revert, report = deployment.earlier[-1].revert, folder.report
    remedy = how_to_explain(folder)
    explained = [release.post_mortem for release in deployment.earlier if release.post_mortem]
    if report is None or report.post_mortem is None or len(explained) > len(set(explained)):
        message = f"the report has no post-mortem of the release that was reverted on {revert.on}"
        yield UnmetCondition((), message, remedy)
    if not has_new_decision(folder, revert):
        message = f"there is no decision since the release was reverted on {revert.on}"
        yield UnmetCondition((), message, remedy, "stakeholders")
    elif report is not None and report.decision and report.decision.outcome is not Outcome.DEPLOY:
        message = f"the decision after the revert is {report.decision.outcome}"
        yield UnmetCondition((), message, "do not release it again, unless the stakeholders decide so")
