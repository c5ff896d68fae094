"""The next step of an iteration: what it waits for, who must act, and the command that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import NewerVersion
from iterata.lifecycle.agreement import agreement, approval_options
from iterata.lifecycle.context import DocumentContext
from iterata.lifecycle.gates import unmet_conditions
from iterata.lifecycle.release import (
    how_to_explain,
    next_phase,
    obstacles,
    owed_in_report,
    percent,
    present_phase,
    specification,
)
from iterata.lifecycle.remedies import to_repair
from iterata.repository.git_index import how_to_initialise, submodule_of
from iterata.repository.iteration_results import in_percent
from iterata.repository.tree import DiskTree
from iterata.stages import FIRST_STAGE, RESULT_STAGES, STAGES, IterationKind, Outcome, Stage, Status, initial

if TYPE_CHECKING:
    from iterata.documents import Document
    from iterata.lifecycle.conditions import UnmetCondition
    from iterata.repository.projects import IterationFolder, Project


class NextStep(NamedTuple):
    """The next step of an iteration, or of a project without iterations."""

    stage: Stage | None
    """The stage that the work is at; None if everything is done."""
    what: str
    """What it waits for, such as `the report to be finished`."""
    who: str
    """The role that must act; empty if everything is done."""
    command: str
    """The command to type, or empty."""
    remedy: str = ""
    """What to do if there is no command to type; empty otherwise."""
    is_decision: bool = False
    """Whether somebody must agree, decide on a report, or let a release go on; otherwise it is work to do."""


_DONE = frozenset({Status.APPROVED, Status.COMPLETED, Status.STOPPED, Status.DEPLOYED})
_ENDED = frozenset({Status.ABANDONED, Status.SUPERSEDED})


def project_next_step(project: Project) -> NextStep:
    """The next step of a project before its first iteration."""
    requirements = project.requirements
    if requirements is None:
        if command := _initialisation(project):
            return _step(Stage.REQUIREMENTS, "its submodule to be initialised", command)
        command = f"iterata new document {project.name} requirements"
        return _step(Stage.REQUIREMENTS, "requirements to be written", command)
    if requirements.status in _ENDED:
        return _nothing(str(requirements.status))
    if requirements.status is not Status.APPROVED:
        return _document_step(DocumentContext(requirements, project))
    return _step(Stage.ASSESSMENT, "its first iteration", f"iterata new iteration {project.name}")


def _initialisation(project: Project) -> str:
    """The command that fetches a project in a submodule that is not initialised; empty if it is in none."""
    tree = project.repository.tree
    if not isinstance(tree, DiskTree):
        return ""
    module = submodule_of(tree.root, project.path)
    return "" if module is None or module.initialised else how_to_initialise(tree.root, module)


def next_step(folder: IterationFolder) -> NextStep:
    """The next step of an iteration: of its first stage that is not done."""
    if (requirements_step := _requirements_step(folder)) is not None:
        return requirements_step
    for kind, share in folder.result_slots():
        error, stage = folder.unreadable_result(kind, share), RESULT_STAGES[kind].computed_at
        file = folder.result_path(kind, share).removeprefix(f"{folder.path}/")
        if isinstance(error, NewerVersion):
            return _step(stage, f"a newer iterata, for {file}", remedy=error.remedy)
        if error is not None:
            return _step(stage, f"a {file} that can be read", remedy=to_repair(folder, kind, error, share))
    if owed := owed_in_report(folder):
        who = f"{STAGES[Stage.REPORT].owner} and stakeholders" if "decision" in owed else ""
        what, remedy = f"{owed}: the release was reverted", how_to_explain(folder)
        return _step(Stage.REPORT, what, who=who, remedy=remedy, is_decision=owed == "a new decision")
    for stage in list(Stage)[_first_stage(folder).number - 1 : Stage.REPORT.number]:
        if (step := _stage_step(folder, stage)) is not None:
            return step
    return _step_after_report(folder)


def open_document(folder: IterationFolder) -> Document | None:
    """The latest document of an iteration that has not ended; None if it has.

    An iteration has ended if its report is approved and no release is under way, or if a document of it was
    abandoned or superseded.
    """
    documents = folder.documents
    if any(document.status in _ENDED for document in documents.values()):
        return None
    report, deployment = documents.get(Stage.REPORT), documents.get(Stage.DEPLOYMENT)
    if report is not None and report.status is Status.APPROVED:
        return deployment if deployment is not None and deployment.status in _ROLLOUT else None
    return next(reversed(documents.values()), None)


def _stage_step(folder: IterationFolder, stage: Stage) -> NextStep | None:
    """The next step of a stage; None if it is done."""
    document = folder.document(stage)
    if document is None:
        return _missing_document_step(folder, stage)
    if document.problems:
        return _problems_step(document)
    if document.status in _DONE:
        return None
    if document.status in _ENDED:
        return _nothing(str(document.status))
    if stage is Stage.EXPERIMENT:
        return _run_step(folder, document)
    return _document_step(DocumentContext(document, folder.project, folder))


def _first_stage(folder: IterationFolder) -> Stage:
    block = folder.iteration_block
    if block and block.inherits_assessment and folder.assessment_folder is not folder:
        return Stage.PROPOSAL
    return FIRST_STAGE[block.kind if block else IterationKind.SETUP]


def _requirements_step(folder: IterationFolder) -> NextStep | None:
    """The step of the requirements while they are open and no document of the iteration is agreed yet."""
    requirements, first = folder.project.requirements, folder.first_document
    if requirements is None:
        return project_next_step(folder.project)
    if requirements.status in (Status.APPROVED, *_ENDED) or (first is not None and first.status in _DONE):
        return None
    return _document_step(DocumentContext(requirements, folder.project))


def _missing_document_step(folder: IterationFolder, stage: Stage) -> NextStep:
    match stage:
        case Stage.EXPERIMENT:
            return _step(stage, "its plan to be run", f"iterata run {folder.ref}")
        case Stage.REPORT:
            command = f"iterata report {folder.ref}"
        case _:
            command = f"iterata new document {folder.ref} {stage}"
    return _step(stage, f"the {stage} to be written", command)


def _run_step(folder: IterationFolder, document: Document) -> NextStep:
    planned = document.status is initial(Stage.EXPERIMENT)
    what = "its plan to be run" if planned else "its run to be completed"
    return _step(Stage.EXPERIMENT, what, f"iterata run {folder.ref}")


def _document_step(context: DocumentContext) -> NextStep:
    """The step of a document that is being written or reviewed."""
    document = context.document
    if document.problems:
        return _problems_step(document)
    match document.status:
        case Status.IN_REVIEW:
            return _approval_step(context)
        case Status.REJECTED:
            command = f"iterata move {document.path} draft"
            return _step(document.stage, f"the {document.stage} to be revised", command)
    unmet = [
        condition for gate, condition in unmet_conditions(context, Status.IN_REVIEW) if gate != "GATE001"
    ]
    if unmet:
        return _gate_step(document.stage, unmet[0])
    command = f"iterata move {document.path} in_review"
    return _step(document.stage, f"the {document.stage} to be finished", command)


def _problems_step(document: Document) -> NextStep:
    what = "problems in its front matter to be corrected"
    return _step(document.stage, what, f"iterata check {document.path}")


def _approval_step(context: DocumentContext) -> NextStep:
    """The roles that have not agreed yet, once every other gate is open."""
    document = context.document
    if unmet := _first_unmet(context, Status.APPROVED, except_gate="GATE002"):
        # What another role than the owner owes to a document in review is its decision.
        return _gate_step(document.stage, unmet, is_decision=bool(unmet.who))
    state = agreement(context)
    command = f"iterata move {document.path} approved {approval_options(state.missing)}".rstrip()
    what = f"the {document.stage} to be approved"
    if state.agreed or state.outdated:
        what += f" ({state.sentence})"
    return _step(document.stage, what, command, who=" and ".join(state.missing), is_decision=True)


def _first_unmet(context: DocumentContext, status: Status, *, except_gate: str) -> UnmetCondition | None:
    conditions = (condition for gate, condition in unmet_conditions(context, status) if gate != except_gate)
    return next(conditions, None)


def _gate_step(stage: Stage, condition: UnmetCondition, *, is_decision: bool = False) -> NextStep:
    """The remedy of an unmet condition: a command, or something to write."""
    what = f"{stage}: {condition.message}"
    return _remedy_step(stage, what, condition.remedy, condition.who, is_decision=is_decision)


def _remedy_step(stage: Stage, what: str, remedy: str, who: str, *, is_decision: bool) -> NextStep:
    """A step whose remedy is a command, or something to write."""
    if remedy.startswith("`iterata "):
        return _step(stage, what, remedy.split("`")[1], who=who, is_decision=is_decision)
    return _step(stage, what, who=who, remedy=remedy, is_decision=is_decision)


class _Rollout(NamedTuple):
    what: str
    target: Status


_ROLLOUT = {
    Status.PLANNED: _Rollout("its rollout to begin", Status.ROLLING_OUT),
    Status.ROLLING_OUT: _Rollout("its rollout to be completed", Status.DEPLOYED),
}


def _step_after_report(folder: IterationFolder) -> NextStep:
    report, deployment = folder.report, folder.document(Stage.DEPLOYMENT)
    outcome = report.decision.outcome if report and report.decision else None
    status = deployment.status if deployment else None
    if status is Status.REVERTED and outcome is Outcome.DEPLOY and deployment is not None:
        command = f"iterata move {deployment.path} {Status.PLANNED}"
        return _step(Stage.DEPLOYMENT, "another release, as decided after the revert", command)
    if outcome is Outcome.DEPLOY and deployment is None:
        command = f"iterata new document {folder.ref} deployment"
        return _step(Stage.DEPLOYMENT, "its deployment to be planned", command)
    if deployment is not None and status in _ROLLOUT:
        return _rollout_step(DocumentContext(deployment, folder.project, folder), _ROLLOUT[status])
    if outcome is Outcome.ITERATE and not _is_followed(folder):
        return _next_iteration(folder)
    if outcome is Outcome.REVISIT_REQUIREMENTS and not _is_followed(folder):
        return _revision_step(folder)
    return _nothing(f"decided to {str(outcome).replace('_', ' ')}")


def _rollout_step(context: DocumentContext, rollout: _Rollout) -> NextStep:
    if context.document.problems:
        return _problems_step(context.document)
    if (step := _phase_step(context)) is not None:
        return step
    for _, condition in unmet_conditions(context, rollout.target):
        return _step(Stage.DEPLOYMENT, rollout.what, remedy=condition.remedy)
    return _step(Stage.DEPLOYMENT, rollout.what, f"iterata move {context.document.path} {rollout.target}")


def _phase_step(context: DocumentContext) -> NextStep | None:
    """The step of a release with a split test that is rolling out; None for other releases."""
    deployment, folder, path = context.deployment, context.iteration, context.document.path
    if deployment is None or folder is None or deployment.split_test is None:
        return None
    present = present_phase(deployment)
    if context.document.status is not Status.ROLLING_OUT or present is None:
        return None
    phase, following = deployment.phases[present], next_phase(deployment)
    for found in obstacles(folder, deployment, phase, specification=specification(deployment)):
        what = found.short or f"{Stage.DEPLOYMENT}: {found.message}"
        return _remedy_step(Stage.DEPLOYMENT, what, found.remedy, found.who, is_decision=found.is_decision)
    if following is None:
        what, command = "its rollout to be completed", f"iterata move {path} {Status.DEPLOYED}"
    else:
        what = f"its phase of {percent(following.share)} to begin"
        command = f"iterata move {path} {Status.ROLLING_OUT} --phase {in_percent(following.share)}"
    return _step(Stage.DEPLOYMENT, what, command, is_decision=True)


def _revision_step(folder: IterationFolder) -> NextStep:
    """The step of requirements that a decision asks to revise, until an iteration follows."""
    requirements, block = folder.project.requirements_model, folder.iteration_block
    document = folder.project.requirements
    what, earlier = "the requirements to be revised", block.requirements_revision if block else 1
    if requirements is None or document is None or document.status in _ENDED:
        return project_next_step(folder.project)
    if requirements.revision > earlier:
        open_document = document.status is not Status.APPROVED
        return project_next_step(folder.project) if open_document else _next_iteration(folder)
    if document.status is Status.APPROVED:
        return _step(Stage.REQUIREMENTS, what, f"iterata move {document.path} draft")
    remedy = f"raise `revision:` in {document.path}, and give the reason under `revisions:`"
    return _step(Stage.REQUIREMENTS, what, remedy=remedy)


def _next_iteration(folder: IterationFolder) -> NextStep:
    report = folder.report
    kind = report.recommendation.kind if report and report.recommendation.kind else IterationKind.DATA
    command = f"iterata new iteration {folder.project.name} --kind {kind} --follows {folder.name}"
    return NextStep(None, "the next iteration, as decided", STAGES[Stage.PROPOSAL].owner, command)


def _is_followed(folder: IterationFolder) -> bool:
    blocks = (other.iteration_block for other in folder.project.iterations)
    return any(block is not None and block.follows == folder.name for block in blocks)


def _step(
    stage: Stage, what: str, command: str = "", *, who: str = "", remedy: str = "", is_decision: bool = False
) -> NextStep:
    return NextStep(stage, what, who or STAGES[stage].owner, command, remedy, is_decision)


def _nothing(reason: str) -> NextStep:
    return NextStep(None, f"nothing: {reason}", "", "")
