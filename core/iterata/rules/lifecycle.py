"""Rules about a document's place in the lifecycle. They apply the gates as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import CheckState
from iterata.documents.stage_models import valid_model
from iterata.lifecycle.conditions import followed_iteration_decided, last_reported
from iterata.lifecycle.gates import gate_problems
from iterata.lifecycle.next_step import open_document
from iterata.rules.rule import RuleSet
from iterata.stages import FIRST_STAGE, IterationKind, Stage, Status, statuses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents import Document
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem
    from iterata.repository.projects import IterationFolder

RULES = RuleSet()

_FIRST_STAGES = tuple(dict.fromkeys(FIRST_STAGE.values()))
"""The stages whose documents have an `iteration:` block."""

_OPEN = (Status.DRAFT, Status.IN_REVIEW, Status.REJECTED)
"""The statuses of documents that are not agreed to yet."""


@RULES.rule(
    "LIFE001",
    "A document's status is one that its stage has.",
    why="An experiment is planned or running, not approved; a wrong status hides the state of the work.",
    bad="status: approved  # in experiment.md",
    good="status: completed  # in experiment.md",
)
def status_belongs_to_stage(context: DocumentContext) -> Iterator[Problem]:
    """LIFE001."""
    document = context.document
    allowed = statuses(document.stage)
    if document.status is not None and document.status not in allowed:
        message = f"a document of stage {document.stage} has no status {document.status}"
        yield document.problem("LIFE001", ["status"], message, f"use one of {', '.join(allowed)}")


_PREVIOUS = {
    Stage.PROPOSAL: Stage.ASSESSMENT,
    Stage.EXPERIMENT: Stage.PROPOSAL,
    Stage.REPORT: Stage.EXPERIMENT,
    Stage.DEPLOYMENT: Stage.REPORT,
}


@RULES.rule(
    "LIFE002",
    "No stage is skipped.",
    *_PREVIOUS,
    why="Each stage answers the one before it.",
    bad="a report.md without an experiment.md",
    good="experiment.md, then report.md",
)
def no_stage_is_skipped(context: DocumentContext) -> Iterator[Problem]:
    """LIFE002."""
    document, previous = context.document, _PREVIOUS.get(context.document.stage)
    if previous is None or context.iteration is None or context.of(previous) is not None:
        return
    if previous is Stage.ASSESSMENT and context.iteration_block is not None:
        return  # the iteration begins with its proposal; LIFE003 checks what it inherits
    remedy = f"write {previous.filename} first: `iterata new document {context.iteration.ref} {previous}`"
    yield document.problem("LIFE002", ["stage"], f"there is no {previous.filename} before it", remedy)


@RULES.rule(
    "LIFE003",
    "An iteration begins at the stage of its kind, and says what it follows.",
    Stage.PROPOSAL,
    why="A new algorithm asks again whether a model is needed; more data or features may inherit the answer.",
    bad="iteration: {kind: feature}",
    good="iteration: {kind: feature, follows: 01-setup, inherits_assessment: 01-setup}",
)
def iteration_begins_at_its_stage(context: DocumentContext) -> Iterator[Problem]:
    """LIFE003: where an iteration begins."""
    block, document = context.iteration_block, context.document
    if block is None or context.iteration is None or document.stage is not Stage.PROPOSAL:
        return
    if context.of(Stage.ASSESSMENT) is not None:
        message, remedy = "the iteration begins with its assessment", "remove `iteration:` here"
        yield document.problem("LIFE003", ["iteration"], message, remedy, key=True)
    elif FIRST_STAGE[block.kind] is Stage.ASSESSMENT:
        message = f"an iteration of kind {block.kind} begins with an assessment"
        remedy = f"`iterata new document {context.iteration.ref} assessment`, and move `iteration:` there"
        yield document.problem("LIFE003", ["iteration", "kind"], message, remedy)
    elif block.inherits_assessment is None:
        remedy = "add `inherits_assessment:` with the iteration whose assessment is still valid"
        yield document.problem("LIFE003", ["iteration"], "it has no assessment and inherits none", remedy)


@RULES.check(*_FIRST_STAGES)
def iteration_follows_another(context: DocumentContext) -> Iterator[Problem]:
    """LIFE003: every iteration after the setup says what it follows, and so does another setup."""
    block, document = context.iteration_block, context.document
    if block is None or context.iteration is None or block.follows is not None:
        return
    if block.kind is not IterationKind.SETUP:
        message = f"an iteration of kind {block.kind} follows another one"
        remedy = "add `follows:` with the iteration whose report led here"
        yield document.problem("LIFE003", ["iteration"], message, remedy)
    elif document.status in _OPEN and (reported := last_reported(context.project, context.iteration.number)):
        message = f"another setup follows an iteration: the report of {reported.name} is approved"
        remedy = f"add `follows: {reported.name}`, or the iteration whose report led here"
        yield document.problem("LIFE003", ["iteration"], message, remedy)


@RULES.rule(
    "LIFE004",
    "The iterations and revisions that a document names exist.",
    *_FIRST_STAGES,
    why="Findings can be traced back only along references that exist.",
    bad="follows: 01-steup",
    good="follows: 01-setup",
)
def named_iterations_exist(context: DocumentContext) -> Iterator[Problem]:
    """LIFE004: iterations."""
    block, iteration = context.iteration_block, context.iteration
    if block is None or iteration is None:
        return
    earlier_names = [folder.name for folder in context.project.iterations if folder.number < iteration.number]
    names = {"follows": block.follows, "inherits_assessment": block.inherits_assessment}
    for key, name in names.items():
        if name is not None and name not in earlier_names:
            message = f"there is no earlier iteration {name}"
            remedy = (
                f"name an earlier one: {', '.join(earlier_names)}"
                if earlier_names
                else f"remove `{key}:`; it is the first"
            )
            yield context.document.problem("LIFE004", ["iteration", key], message, remedy)
    if block.inherits_assessment in earlier_names and iteration.assessment_document is None:
        message = f"{block.inherits_assessment} has no assessment of its own"
        remedy = "name the iteration that has assessment.md"
        yield context.document.problem("LIFE004", ["iteration", "inherits_assessment"], message, remedy)


@RULES.check(*_FIRST_STAGES)
def named_revision_exists(context: DocumentContext) -> Iterator[Problem]:
    """LIFE004: the revision of the requirements."""
    block, requirements = context.iteration_block, context.requirements
    if block is None or requirements is None or block.requirements_revision <= requirements.revision:
        return
    message = f"the requirements are at revision {requirements.revision}"
    remedy = f"write {requirements.revision}, or revise requirements.md first"
    yield context.document.problem("LIFE004", ["iteration", "requirements_revision"], message, remedy)


@RULES.rule(
    "LIFE022",
    "A release procedure that is not needed says why.",
    Stage.DEPLOYMENT,
    why="A procedure that is left out without a reason was forgotten.",
    bad="simulation: {state: not_needed}",
    good="simulation: {state: not_needed, note: There is no past traffic.}",
)
def unneeded_procedures_say_why(context: DocumentContext) -> Iterator[Problem]:
    """LIFE022."""
    deployment = valid_model(context.document, Stage.DEPLOYMENT)
    for name, item in deployment.checklist if deployment else ():
        if item.state is CheckState.NOT_NEEDED and item.note is None:
            message, remedy = "it is not needed, and nothing says why", "add `note:` with the reason"
            yield context.document.problem("LIFE022", ["checklist", name], message, remedy, key=True)


@RULES.rule(
    "LIFE023",
    "Requirements are abandoned after their iterations have ended.",
    Stage.REQUIREMENTS,
    why="Work for a question that nobody asks any more is lost.",
    bad="status: abandoned  # in requirements.md, while 02-trees has a proposal in review",
    good="status: abandoned  # after the proposal of 02-trees was abandoned with its findings",
)
def abandoned_requirements_have_no_open_iterations(context: DocumentContext) -> Iterator[Problem]:
    """LIFE023."""
    document = context.document
    if document.stage is not Stage.REQUIREMENTS or document.status is not Status.ABANDONED:
        return
    for folder in context.project.iterations:
        if (latest := open_document(folder)) is not None:
            message = f"the iteration {folder.name} is still open: its {latest.stage} is {latest.status}"
            remedy = f"{_way_to_end(folder, latest)}; or withdraw the change of this status"
            yield document.problem("LIFE023", ["status"], message, remedy)


def _way_to_end(folder: IterationFolder, latest: Document) -> str:
    """How an iteration ends without being approved."""
    match latest.stage, latest.status:
        case Stage.DEPLOYMENT, Status.PLANNED:
            return f"remove {latest.path}, because nothing was released"
        case Stage.DEPLOYMENT, _:
            return f'`iterata move {latest.path} reverted --reason "what got worse"`'
        case Stage.EXPERIMENT, Status.RUNNING:
            return f"add `stopped_because:` to {latest.path}, then `iterata move {latest.path} stopped`"
        case Stage.EXPERIMENT, _:
            path = f"{folder.path}/{Stage.PROPOSAL.filename}"
        case _:
            path = latest.path
    return f"add `abandoned:` to {path}, then `iterata move {path} abandoned`"


@RULES.rule(
    "LIFE024",
    "An iteration begins after the decision on the one it follows, and after the post-mortem of a revert.",
    *_FIRST_STAGES,
    why="Each iteration builds on what was learned and decided before it.",
    bad="iteration: {kind: feature, follows: 01-setup}  # the report of 01-setup has no decision",
    good="iteration: {kind: feature, follows: 01-setup}  # the decision of its report is iterate",
)
def iteration_begins_after_the_decision(context: DocumentContext) -> Iterator[Problem]:
    """LIFE024 for a document that is not approved yet; GATE005 checks an approved one."""
    document = context.document
    if document.status in _OPEN:
        for condition in followed_iteration_decided(context):
            yield document.problem("LIFE024", condition.field, condition.message, condition.remedy)


@RULES.check()
def gates_are_open(context: DocumentContext) -> Iterator[Problem]:
    """GATE001 and following, for the status that the document has."""
    document = context.document
    if document.model is not None and document.status is not None:
        yield from gate_problems(context, document.status)
