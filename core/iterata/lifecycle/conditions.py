"""The conditions of the gates: one function each. The table of gates is in `gates`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iterata.lifecycle.agreement import (
    agreement,
    approval_options,
    outdated_approvals,
    outdated_message,
    outdated_remedy,
)
from iterata.lifecycle.context import DocumentContext
from iterata.lifecycle.release import how_to_explain, next_step, owed_after_revert, percent
from iterata.lifecycle.remedies import keeps_lift, to_approve, to_approve_document, to_repair, to_run
from iterata.stages import Outcome, Stage, Status

if TYPE_CHECKING:
    from iterata.documents.models.base import Iteration
    from iterata.documents.models.proposal import ProposedPlan
    from iterata.repository.projects import IterationFolder, Project
    from iterata.results import ExperimentResult

TODO = "TODO"
"""What a template leaves for its author to replace."""

_TODO_IN_PROSE = re.compile(rf"^[^\w\n]*({TODO})\b", re.MULTILINE)

FieldPath: TypeAlias = tuple[str | int, ...]
"""A place in front matter: keys and list indices from the top."""


class UnmetCondition(NamedTuple):
    """What is missing for a gate to open."""

    field: FieldPath
    """The field of the front matter; empty for the document as a whole."""
    message: str
    remedy: str
    who: str = ""
    """Who must act; empty for the document's owner."""


UnmetConditions: TypeAlias = Iterator[UnmetCondition]


def nothing_left_to_fill_in(context: DocumentContext) -> UnmetConditions:
    """No value and no line of the prose begins with TODO."""
    document, remedy = context.document, "replace the text that begins with TODO"
    for path, value in _texts(document.data, ()):
        if value.strip().startswith(TODO):
            yield UnmetCondition(path, "is not filled in yet", remedy)
    if todo := _TODO_IN_PROSE.search(document.body):
        line = document.source.body_line + document.body.count("\n", 0, todo.start(1))
        yield UnmetCondition((), f"line {line} of the prose is not filled in yet", remedy)


def _texts(data: object, path: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    match data:
        case str():
            yield path, data
        case dict():
            for key, value in data.items():
                yield from _texts(value, (*path, str(key)))
        case list():
            for index, value in enumerate(data):
                yield from _texts(value, (*path, index))


def required_roles_agreed(context: DocumentContext) -> UnmetConditions:
    """Every role that the configuration requires has approved the document."""
    state = agreement(context)
    if state.missing:
        command = f"`iterata move {context.document.path} approved {approval_options(state.missing)}`"
        yield UnmetCondition(("approvals",), state.sentence, command)


def agreed_to_present_content(context: DocumentContext) -> UnmetConditions:
    """Every approval that records its content was given for the present one."""
    approvals = context.model.approvals if context.model else []
    for approval in outdated_approvals(context):
        field, remedy = ("approvals", approvals.index(approval)), outdated_remedy(context.document, approval)
        yield UnmetCondition(field, outdated_message(approval), remedy, approval.role)


def requirements_approved(context: DocumentContext) -> UnmetConditions:
    """The requirements are approved, or a later revision of them is in progress."""
    requirements = context.requirements
    if requirements is None:
        message = "the requirements are missing or have problems"
        yield UnmetCondition((), message, to_approve(context, Stage.REQUIREMENTS))
    elif requirements.status is not Status.APPROVED:
        block = context.iteration.iteration_block if context.iteration else None
        if (block.requirements_revision if block else 1) >= requirements.revision:
            message = f"the requirements are {requirements.status}"
            yield UnmetCondition((), message, to_approve(context, Stage.REQUIREMENTS))


def lift_computed(context: DocumentContext) -> UnmetConditions:
    """`results/lift.json` exists and was computed from the current `lift:` block."""
    if context.iteration is None:
        return
    result, command = context.lift_result, f"`iterata lift {context.iteration.ref}`"
    if error := context.iteration.unreadable_result("lift"):
        remedy = to_repair(context.iteration, "lift", error)
        yield UnmetCondition(("lift",), f"the expected lift cannot be read: {error.message}", remedy)
    elif result is None:
        yield UnmetCondition(("lift",), "the expected lift is not computed", command)
    elif result.spec_digest != context.lift_digest:
        message = "the expected lift was computed from another `lift:` block"
        undo = "undo the change, or restore results/lift.json from Git; other figures need a new iteration"
        yield UnmetCondition(("lift",), message, undo if keeps_lift(context.iteration) else command)


def followed_iteration_decided(context: DocumentContext) -> UnmetConditions:
    """The report of the followed iteration asks for another iteration, and a revert is explained."""
    block = context.iteration_block
    if context.iteration is not None and block is not None:
        yield from may_follow(context.project, block)


def may_follow(project: Project, block: Iteration) -> UnmetConditions:
    """Why an iteration with this `iteration:` block cannot begin yet."""
    if block.follows is None:
        return
    field, name = ("iteration", "follows"), block.follows
    followed = project.iteration(name)
    report = followed.report if followed else None
    if followed is None or report is None:
        remedy = "finish the report of that iteration first"
        yield UnmetCondition(field, f"{name} has no valid report yet", remedy)
        return
    for folder in followed_so_far(followed):
        if owed := owed_after_revert(folder):
            message = f"the release of {folder.name} was reverted, and its report owes {owed}"
            yield UnmetCondition(field, message, how_to_explain(folder))
    outcome = report.decision.outcome if report.decision else None
    if outcome not in (Outcome.ITERATE, Outcome.REVISIT_REQUIREMENTS, Outcome.DEPLOY):
        state = f"the decision is {outcome}" if outcome else "there is no decision"
        remedy = "follow an iteration with the decision iterate"
        if outcome is None:
            remedy = f"add `decision:` to {followed.path}/report.md"
        yield UnmetCondition(field, f"in the report of {name}, {state}", remedy)
    if outcome is Outcome.REVISIT_REQUIREMENTS and not _names_new_revision(block, followed.iteration_block):
        message = f"the decision on {name} is revisit_requirements; this iteration names the old revision"
        remedy = "revise requirements.md, and write the new revision here"
        yield UnmetCondition(("iteration", "requirements_revision"), message, remedy)


def last_reported(project: Project, before: int) -> IterationFolder | None:
    """The last iteration with a number below this one whose report is approved."""
    earlier = (folder for folder in project.iterations if folder.number < before)
    reports = [(folder, folder.document(Stage.REPORT)) for folder in earlier]
    approved = [folder for folder, report in reports if report and report.status is Status.APPROVED]
    return approved[-1] if approved else None


def followed_so_far(folder: IterationFolder) -> Iterator[IterationFolder]:
    """The iteration and those that led to it; numbers fall, so that a circle ends."""
    while True:
        yield folder
        block = folder.iteration_block
        earlier = folder.project.iteration(block.follows) if block else None
        if earlier is None or earlier.number >= folder.number:
            return
        folder = earlier


def _names_new_revision(block: Iteration, followed: Iteration | None) -> bool:
    return followed is None or block.requirements_revision > followed.requirements_revision


def assessment_says_go(context: DocumentContext) -> UnmetConditions:
    """The assessment that applies to this iteration is approved and recommends to continue."""
    folder = context.iteration.assessment_folder if context.iteration else None
    assessment = context.assessment
    if folder is None or assessment is None:
        yield UnmetCondition((), "there is no valid assessment to build on", _to_approve_assessment(context))
    elif assessment.status is not Status.APPROVED:
        message = f"the assessment of {folder.name} is {assessment.status}"
        yield UnmetCondition((), message, _to_approve_assessment(context))
    elif assessment.recommendation != "go":
        message = f"the assessment of {folder.name} recommends {assessment.recommendation}"
        yield UnmetCondition((), message, "stop here, or start an iteration with a new assessment")


def _to_approve_assessment(context: DocumentContext) -> str:
    """How to get the assessment approved that applies to the iteration: its own or the inherited one."""
    folder = context.iteration.assessment_folder if context.iteration else None
    document = folder.document(Stage.ASSESSMENT) if folder else None
    if document is None:
        other = "; or name an iteration under `inherits_assessment:`"
        return f"{to_approve(context, Stage.ASSESSMENT)}{other}"
    return to_approve_document(DocumentContext(document, context.project, folder))


def proposal_approved(context: DocumentContext) -> UnmetConditions:
    """The proposal of the iteration is approved."""
    proposal = context.proposal
    if proposal is None or proposal.status is not Status.APPROVED:
        state = f"is {proposal.status}" if proposal else "is missing or has problems"
        yield UnmetCondition((), f"the proposal {state}", to_approve(context, Stage.PROPOSAL))


def results_cover_the_plan(context: DocumentContext) -> UnmetConditions:
    """The result has every variant, metric, guardrail, segment and hypothesis of the plan, and no other."""
    proposal, result = context.proposal, context.experiment_result
    if proposal is None or context.iteration is None:
        return
    command = to_run(context.iteration)
    if error := context.iteration.unreadable_result("experiment"):
        message = f"the result of the experiment cannot be read: {error.message}"
        yield UnmetCondition((), message, to_repair(context.iteration, "experiment", error))
        return
    if result is None:
        yield UnmetCondition((), "there is no result of the experiment", command)
        return
    result_names = _result_names(result)
    for kind, plan_names in _plan_names(proposal.plan).items():
        for name in sorted(plan_names - result_names[kind]):
            yield UnmetCondition((), f"the result lacks the {kind} {name}", command)
        for name in sorted(result_names[kind] - plan_names if kind != "metric" else ()):
            message = f"the result has the {kind} {name}, which the plan does not name"
            yield UnmetCondition((), message, command)


def _plan_names(plan: ProposedPlan) -> dict[str, set[str]]:
    return {
        "variant": {variant.name for variant in plan.variants},
        "metric": {metric.metric for metric in plan.metrics.secondary},
        "guardrail": {guardrail.name for guardrail in plan.metrics.guardrail},
        "segment": set(plan.segments),
        "hypothesis": {hypothesis.id for hypothesis in plan.hypotheses},
    }


def _result_names(result: ExperimentResult) -> dict[str, set[str]]:
    return {
        "variant": {variant.name for variant in result.variants},
        "metric": {metric.name for metric in result.status_quo_metrics},
        "guardrail": {guardrail.name for guardrail in result.guardrails},
        "segment": {segment.column for segment in result.segments},
        "hypothesis": {hypothesis.id for hypothesis in result.hypotheses},
    }


def stop_explained(context: DocumentContext) -> UnmetConditions:
    """`stopped_because` is filled in."""
    if context.experiment and not context.experiment.stopped_because:
        remedy = "add `stopped_because:` with the reason"
        yield UnmetCondition(("status",), "no reason is given for stopping it", remedy)


def experiment_ended(context: DocumentContext) -> UnmetConditions:
    """The experiment of the iteration is completed or stopped."""
    experiment = context.of(Stage.EXPERIMENT)
    if experiment is None or experiment.status not in (Status.COMPLETED, Status.STOPPED):
        state = f"is {experiment.status or 'without a status'}" if experiment else "is missing"
        iteration = context.iteration.ref if context.iteration else ""
        yield UnmetCondition((), f"the experiment {state}", f"`iterata run {iteration}`")


def hypotheses_answered(context: DocumentContext) -> UnmetConditions:
    """Every hypothesis of the plan has an answer, and every answer has a hypothesis."""
    proposal, report = context.proposal, context.report
    if proposal is None or report is None:
        return
    hypothesis_ids = {hypothesis.id for hypothesis in proposal.plan.hypotheses}
    answer_ids = [answer.id for answer in report.hypotheses]
    for name in sorted(hypothesis_ids - set(answer_ids)):
        yield UnmetCondition(
            ("hypotheses",), f"hypothesis {name} has no answer", f"add an entry `id: {name}`"
        )
    for index, name in enumerate(answer_ids):
        if name not in hypothesis_ids:
            field = ("hypotheses", index, "id")
            yield UnmetCondition(field, f"the plan has no hypothesis {name}", "remove the entry")


def leaks_answered(context: DocumentContext) -> UnmetConditions:
    """Every sign of a leak in the result has an answer, and every answer a sign."""
    report, result = context.report, context.experiment_result
    if report is None or result is None:
        return
    answered = [answer.sign for answer in report.leaks]
    for notice in result.leaks:
        if notice.sign not in answered:
            names = ", ".join(figure.name for figure in notice.found)
            message = f"the sign of a leak {notice.sign} has no answer ({names})"
            remedy = f"add an entry `sign: {notice.sign}` with its `answer:`: when is this known?"
            yield UnmetCondition(("leaks",), message, remedy)
    for index, sign in enumerate(answered):
        if sign not in [notice.sign for notice in result.leaks]:
            yield UnmetCondition(
                ("leaks", index, "sign"), f"the result has no sign {sign}", "remove the entry"
            )


def stakeholders_decided(context: DocumentContext) -> UnmetConditions:
    """`decision` is filled in."""
    if context.report and context.report.decision is None:
        remedy = "add `decision:` with outcome, by, on and why, as the stakeholders decided"
        yield UnmetCondition((), "the stakeholders have not decided", remedy, "stakeholders")


def report_says_deploy(context: DocumentContext) -> UnmetConditions:
    """The report is approved, and its decision is to deploy."""
    report = context.report
    if report is None or report.status is not Status.APPROVED:
        yield UnmetCondition((), "the report is not approved", to_approve(context, Stage.REPORT))
    elif report.decision is None or report.decision.outcome is not Outcome.DEPLOY:
        outcome = report.decision.outcome if report.decision else "missing"
        remedy = "leave it planned until the decision is deploy"
        yield UnmetCondition((), f"the report's decision is {outcome}", remedy)


def release_complete(context: DocumentContext) -> UnmetConditions:
    """No item of the checklist is left to do, and every phase has ended."""
    deployment = context.deployment
    if deployment is None:
        return
    for name, item in deployment.checklist:
        if item.state == "todo":
            field, message = ("checklist", name, "state"), f"{name.replace('_', ' ')} is not done yet"
            yield UnmetCondition(field, message, "do it, or write not_needed and the reason")
    for index, phase in enumerate(deployment.phases):
        if phase.ended is None:
            message = f"the phase of {percent(phase.share)} has not ended"
            remedy = "add `ended:` with its date"
            if deployment.split_test is not None:  # its steps have a gate of their own
                step = next_step(context.document.path, deployment)
                begun = deployment.phases[0].started is not None
                remedy = f"write `status: {Status.ROLLING_OUT if begun else Status.PLANNED}`, then {step}"
            yield UnmetCondition(("phases", index), message, remedy)


def revert_recorded(context: DocumentContext) -> UnmetConditions:
    """`revert` is filled in."""
    if context.deployment and context.deployment.revert is None:
        command = f'`iterata move {context.document.path} {Status.REVERTED} --reason "what got worse"`'
        remedy = f"{command}, or add `revert:` with on and why"
        yield UnmetCondition(("status",), "no reason is given for reverting it", remedy)


def abandonment_explained(context: DocumentContext) -> UnmetConditions:
    """`abandoned` is filled in; its model requires a finding."""
    if context.model and context.model.abandoned is None:
        message = "no reason is given for abandoning it"
        yield UnmetCondition(("status",), message, "add `abandoned:` with on, why and at least one finding")


def successor_exists(context: DocumentContext) -> UnmetConditions:
    """`superseded_by` names a document, relative to the project or to the repository."""
    successor = context.model.superseded_by if context.model else None
    paths = {document.path for document in context.project.repository.documents}
    if successor is None:
        message = "it does not name the document that replaces it"
        yield UnmetCondition(("status",), message, "add `superseded_by:` with the path of that document")
    elif f"{context.project.path}/{successor}" not in paths and successor not in paths:
        remedy = "write its path relative to the project, such as 02-x/proposal.md"
        yield UnmetCondition(("superseded_by",), f"there is no document {successor}", remedy)


def revisions_explained(context: DocumentContext) -> UnmetConditions:
    """Every revision from the second to the current one has an entry."""
    requirements = context.requirements
    if requirements is None:
        return
    explained_revisions = {entry.revision for entry in requirements.revisions}
    for number in range(2, requirements.revision + 1):
        if number not in explained_revisions:
            remedy = f"add an entry `revision: {number}` under `revisions:`"
            yield UnmetCondition(("revision",), f"revision {number} has no reason", remedy)
