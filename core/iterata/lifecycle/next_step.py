"""What an iteration waits for, who must act, and the command that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.lifecycle.context import DocumentContext
from iterata.lifecycle.gates import closed
from iterata.stages import ENTRY, STAGES, IterationKind, Outcome, Stage, Status, initial

if TYPE_CHECKING:
    from iterata.documents import Document
    from iterata.lifecycle.conditions import UnmetCondition
    from iterata.repository.projects import IterationFolder, Project


class NextStep(NamedTuple):
    """The next step of an iteration, or of a project that has none yet."""

    stage: Stage | None
    """The stage the work is at; none when everything is done."""
    what: str
    who: str
    """The role that must act, or empty when nobody must."""
    command: str
    """What to type, or empty."""
    remedy: str = ""
    """What to do where there is nothing to type yet; empty where there is a command."""


_DONE = frozenset({Status.APPROVED, Status.COMPLETED, Status.STOPPED, Status.DEPLOYED})
_ENDED = frozenset({Status.ABANDONED, Status.SUPERSEDED})


def waiting_project(project: Project) -> NextStep:
    """What a project waits for before its first iteration."""
    requirements = project.requirements
    if requirements is None:
        return NextStep(
            Stage.REQUIREMENTS,
            "requirements to be written",
            "product",
            f"iterata new document {project.name} requirements",
        )
    if requirements.status in _ENDED:
        return NextStep(None, f"nothing: {requirements.status}", "", "")
    if requirements.status is not Status.APPROVED:
        return _written(requirements, DocumentContext(requirements, project))
    return NextStep(
        Stage.ASSESSMENT, "its first iteration", "data science", f"iterata new iteration {project.name}"
    )


def waiting(folder: IterationFolder) -> NextStep:
    """What an iteration waits for: its first stage that is not done."""
    said = folder.iteration_block
    entry = ENTRY[said.kind] if said else ENTRY[IterationKind.SETUP]
    if said and said.inherits_assessment and folder.assessment_folder is not folder:
        entry = Stage.PROPOSAL
    if (first := _requirements_first(folder)) is not None:
        return first
    for stage in list(Stage)[entry.number - 1 : Stage.REPORT.number]:
        document = folder.document(stage)
        if document is None:
            return _missing(folder, stage)
        if document.problems:
            return NextStep(
                stage,
                "problems in its front matter to be mended",
                STAGES[stage].owner,
                f"iterata check {document.path}",
            )
        if document.status in _ENDED:
            return NextStep(None, f"nothing: {document.status}", "", "")
        if document.status not in _DONE:
            case = DocumentContext(document, folder.project, folder)
            return _run(folder, document) if stage is Stage.EXPERIMENT else _written(document, case)
    return _after_decision(folder)


def _requirements_first(folder: IterationFolder) -> NextStep | None:
    """The project's requirements, while they are open and nothing of the iteration is agreed yet."""
    requirements, begun = folder.project.requirements, folder.entry
    if requirements is None:
        return waiting_project(folder.project)
    if requirements.status in (Status.APPROVED, *_ENDED) or (begun is not None and begun.status in _DONE):
        return None
    return _written(requirements, DocumentContext(requirements, folder.project))


def _missing(folder: IterationFolder, stage: Stage) -> NextStep:
    if stage is Stage.EXPERIMENT:
        return NextStep(stage, "its plan to be run", STAGES[stage].owner, f"iterata run {folder.ref}")
    command = (
        f"iterata report {folder.ref}"
        if stage is Stage.REPORT
        else f"iterata new document {folder.ref} {stage}"
    )
    return NextStep(stage, f"the {stage} to be written", STAGES[stage].owner, command)


def _run(folder: IterationFolder, document: Document) -> NextStep:
    begun = document.status is not initial(Stage.EXPERIMENT)
    what = "its run to be completed" if begun else "its plan to be run"
    return NextStep(Stage.EXPERIMENT, what, STAGES[Stage.EXPERIMENT].owner, f"iterata run {folder.ref}")


def _written(document: Document, case: DocumentContext) -> NextStep:
    owner = STAGES[document.stage].owner
    if document.problems:
        return NextStep(
            document.stage,
            "problems in its front matter to be mended",
            owner,
            f"iterata check {document.path}",
        )
    if document.status is Status.IN_REVIEW:
        gates = list(closed(case, Status.APPROVED))
        if others := [reason for gate, reason in gates if gate.code != "GATE002"]:
            return _held(document.stage, others[0])
        required = case.project.repository.required_roles.get(document.stage, [])
        agreed = {
            approval.role.casefold() for approval in (document.model.approvals if document.model else ())
        }
        roles = [role for role in required if role.casefold() not in agreed]
        options = " ".join(f'--as "{role}"' for role in roles)
        command = f"iterata move {document.path} approved {options}".rstrip()
        return NextStep(
            document.stage, f"the {document.stage} to be approved", " and ".join(roles) or owner, command
        )
    if document.status is Status.REJECTED:
        return NextStep(
            document.stage,
            f"the {document.stage} to be taken up again",
            owner,
            f"iterata move {document.path} draft",
        )
    if reasons := [reason for gate, reason in closed(case, Status.IN_REVIEW) if gate.code != "GATE001"]:
        return _held(document.stage, reasons[0])
    return NextStep(
        document.stage,
        f"the {document.stage} to be finished",
        owner,
        f"iterata move {document.path} in_review",
    )


def _held(stage: Stage, by: UnmetCondition) -> NextStep:
    """A gate holds the document; its remedy is a command, or something to be written."""
    what, owner = f"{stage}: {by.message}", by.who or STAGES[stage].owner
    quoted = by.remedy.startswith("`iterata ") and by.remedy.endswith("`") and by.remedy.count("`") == 2
    return (
        NextStep(stage, what, owner, by.remedy.strip("`"))
        if quoted
        else NextStep(stage, what, owner, "", by.remedy)
    )


def _after_decision(folder: IterationFolder) -> NextStep:
    report = folder.report
    outcome = report.decision.outcome if report and report.decision else None
    deployment = folder.document(Stage.DEPLOYMENT)
    if deployment is not None and deployment.status is Status.REVERTED and report and not report.post_mortem:
        return NextStep(Stage.REPORT, "a post-mortem of the reverted release", STAGES[Stage.REPORT].owner, "")
    if outcome is Outcome.DEPLOY and deployment is None:
        command = f"iterata new document {folder.ref} deployment"
        return NextStep(
            Stage.DEPLOYMENT, "its deployment to be planned", STAGES[Stage.DEPLOYMENT].owner, command
        )
    if deployment is not None and deployment.status in (Status.PLANNED, Status.ROLLING_OUT):
        what = (
            "its rollout to begin" if deployment.status is Status.PLANNED else "its rollout to be completed"
        )
        return NextStep(Stage.DEPLOYMENT, what, STAGES[Stage.DEPLOYMENT].owner, "")
    if outcome is Outcome.ITERATE and not _followers(folder):
        kind = report.recommendation.kind if report and report.recommendation.kind else "data"
        command = f"iterata new iteration {folder.project.name} --kind {kind} --follows {folder.name}"
        return NextStep(None, "the iteration that was decided on", STAGES[Stage.PROPOSAL].owner, command)
    if outcome is Outcome.REVISIT_REQUIREMENTS and not _followers(folder):
        return NextStep(
            Stage.REQUIREMENTS, "the requirements to be revised", STAGES[Stage.REQUIREMENTS].owner, ""
        )
    return NextStep(None, f"nothing: decided {outcome}", "", "")


def _followers(folder: IterationFolder) -> list[IterationFolder]:
    others = ((other, other.iteration_block) for other in folder.project.iterations)
    return [other for other, said in others if said is not None and said.follows == folder.name]
