"""Rules about a document's place in the lifecycle; the gates are asked here as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.lifecycle.gates import gate_problems
from iterata.stages import ENTRY, IterationKind, Stage, statuses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem


def status_belongs_to_stage(case: DocumentContext) -> Iterator[Problem]:
    """LIFE001."""
    document = case.document
    allowed = statuses(document.stage)
    if document.status is not None and document.status not in allowed:
        message = f"a {document.stage} is never {document.status}"
        yield document.problem("LIFE001", ["status"], message, f"use one of {', '.join(allowed)}")


def gates_hold(case: DocumentContext) -> Iterator[Problem]:
    """GATE001 and onwards, for the status the document has."""
    document = case.document
    if document.model is not None and document.status is not None:
        yield from gate_problems(case, document.status)


_BEFORE = {
    Stage.PROPOSAL: Stage.ASSESSMENT,
    Stage.EXPERIMENT: Stage.PROPOSAL,
    Stage.REPORT: Stage.EXPERIMENT,
    Stage.DEPLOYMENT: Stage.REPORT,
}


def no_stage_is_skipped(case: DocumentContext) -> Iterator[Problem]:
    """LIFE002."""
    document, before = case.document, _BEFORE.get(case.document.stage)
    if before is None or case.iteration is None or case.of(before) is not None:
        return
    if before is Stage.ASSESSMENT and case.iteration_block is not None:
        return  # an iteration that begins at its proposal; LIFE003 looks at what it inherits
    remedy = f"write {before.filename} first: `iterata new document {case.iteration.ref} {before}`"
    yield document.problem("LIFE002", ["stage"], f"there is no {before.filename} before it", remedy)


def iteration_begins_rightly(case: DocumentContext) -> Iterator[Problem]:
    """LIFE003."""
    said = case.iteration_block
    if said is None or case.iteration is None:
        return
    document, entry = case.document, ENTRY[said.kind]
    if document.stage is Stage.PROPOSAL and case.of(Stage.ASSESSMENT) is not None:
        remedy = "remove `iteration:` here; the assessment holds it"
        yield document.problem(
            "LIFE003", ["iteration"], "the iteration begins with its assessment", remedy, key=True
        )
    elif entry is Stage.ASSESSMENT and document.stage is Stage.PROPOSAL:
        remedy = f"`iterata new document {case.iteration.ref} assessment`, and move `iteration:` there"
        yield document.problem(
            "LIFE003", ["iteration", "kind"], f"a {said.kind} iteration begins with an assessment", remedy
        )
    elif document.stage is Stage.PROPOSAL and said.inherits_assessment is None:
        remedy = "add `inherits_assessment:` with the iteration whose assessment still holds"
        yield document.problem("LIFE003", ["iteration"], "it has no assessment and inherits none", remedy)
    if said.kind is not IterationKind.SETUP and said.follows is None:
        remedy = "add `follows:` with the iteration whose report led here"
        yield document.problem(
            "LIFE003", ["iteration"], f"a {said.kind} iteration follows another one", remedy
        )


def named_iterations_exist(case: DocumentContext) -> Iterator[Problem]:
    """LIFE004."""
    said = case.iteration_block
    if said is None or case.iteration is None:
        return
    names = [folder.name for folder in case.project.iterations if folder.number < case.iteration.number]
    references = {"follows": said.follows, "inherits_assessment": said.inherits_assessment}
    for key, named in references.items():
        if named is not None and named not in names:
            remedy = (
                f"name an earlier one: {', '.join(names)}"
                if names
                else f"remove `{key}:`; there is no earlier one"
            )
            yield case.document.problem(
                "LIFE004", ["iteration", key], f"there is no earlier iteration {named}", remedy
            )
    if said.inherits_assessment in names and case.iteration.assessment_document is None:
        message = f"{said.inherits_assessment} has no assessment of its own"
        remedy = "name the iteration that holds assessment.md"
        yield case.document.problem("LIFE004", ["iteration", "inherits_assessment"], message, remedy)
    requirements = case.requirements
    if requirements is not None and said.requirements_revision > (revision := requirements.revision):
        message = f"the requirements are at revision {revision}"
        place = ["iteration", "requirements_revision"]
        yield case.document.problem(
            "LIFE004", place, message, f"write {revision}, or revise requirements.md first"
        )


CHECKS = (
    status_belongs_to_stage,
    no_stage_is_skipped,
    iteration_begins_rightly,
    named_iterations_exist,
    gates_hold,
)
