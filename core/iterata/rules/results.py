"""Rules about results, the tables rendered from them, and what a report makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents import blocks
from iterata.documents.fingerprint import digest, plan_digest
from iterata.documents.stage_models import valid_model
from iterata.errors import IterataError
from iterata.problems import Position, Problem, Severity
from iterata.render import page_blocks
from iterata.stages import Stage, Status, result_computed_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.lifecycle.context import DocumentContext

_UNFINISHED = (None, Status.DRAFT, Status.PLANNED, Status.RUNNING)
"""Where a table may still be missing; a page whose status cannot be read has a worse problem."""


def result_can_be_read(case: DocumentContext) -> Iterator[Problem]:
    """RES001."""
    kind = result_computed_at(case.document.stage)
    if kind and case.iteration:
        try:
            case.iteration.result(kind)
        except IterataError as error:
            yield Problem(
                "RES001", Severity.ERROR, error.location.source, Position(1), "", error.message, error.remedy
            )


def lift_belongs_to_the_assessment(case: DocumentContext) -> Iterator[Problem]:
    """RES002; where it was agreed to, GATE004 tells."""
    document = case.document
    agreed = document.status is Status.APPROVED
    if document.stage is not Stage.ASSESSMENT or case.iteration is None or agreed:
        return
    asked, result = document.data.get("lift"), case.lift_result
    if result is None or not isinstance(asked, dict) or result.spec_digest == digest(asked):
        return
    message = "results/lift.json was computed for something else than `lift:` says"
    yield document.problem("RES002", ["lift"], message, f"`iterata lift {case.iteration.ref}`", key=True)


def result_belongs_to_the_plan(case: DocumentContext) -> Iterator[Problem]:
    """RES002."""
    if case.document.stage is not Stage.EXPERIMENT or case.iteration is None:
        return
    proposal, result = case.of(Stage.PROPOSAL), case.experiment_result
    plan = proposal.data.get("plan") if proposal is not None else None
    if result is None or not isinstance(plan, dict) or result.plan_digest == plan_digest(plan):
        return
    path = case.iteration.result_path("experiment")
    remedy = (
        f"`iterata run {case.iteration.ref}`; a changed plan needs an amendment and a new approval, "
        "or a new iteration"
    )
    yield Problem(
        "RES002",
        Severity.ERROR,
        path,
        Position(1),
        "plan_digest",
        "it belongs to another plan than proposal.md",
        remedy,
    )


def tables_say_what_results_say(case: DocumentContext) -> Iterator[Problem]:
    """RES003 and RES004."""
    document = case.document
    found, faults = blocks.find(document.body)
    faults += _foreign(document.stage, found)
    for fault in faults:
        yield document.problem_in_body("RES004", fault.offset, fault.message, fault.remedy)
    if case.iteration is None or faults:
        return
    for page_block in page_blocks.blocks_of(document.stage):
        block = found.get(page_block.name)
        result = case.iteration.readable_result(page_block.result)
        rewrite = f"`iterata {page_block.command} {case.iteration.ref}`"
        if result is None:
            if block is not None and block.content.strip():
                message = f"the table `{page_block.name}` has no result file"
                yield document.problem_in_body("RES003", block.start, message, rewrite)
        elif block is None or not block.content.strip():
            if document.status not in _UNFINISHED:
                message = f"the table `{page_block.name}` is not on the page"
                yield document.problem_in_body("RES003", block.start if block else 0, message, rewrite)
        elif not blocks.same(block.content, rendered := page_block.render(result, case.iteration)):
            others = " and the documents beside it say" if page_block.of_documents else " says"
            message = f"the table `{page_block.name}` does not say what {page_block.result}.json{others}"
            yield document.problem_in_body("RES003", _first_difference(block, rendered), message, rewrite)


def _foreign(stage: Stage, found: dict[str, blocks.Block]) -> list[blocks.BlockFault]:
    """Blocks that no command writes on this page; what stands in them would pass for generated."""
    written = {page_block.name for page_block in page_blocks.blocks_of(stage)}
    return [
        blocks.BlockFault(block.start, f"no command writes a block `{name}` here", "remove its two markers")
        for name, block in found.items()
        if name not in written
    ]


def _first_difference(block: blocks.Block, rendered: str) -> int:
    """The offset of the first line that was changed, so that the annotation stands on it."""
    offset = block.inner_start
    wanted = rendered.strip("\n").splitlines()
    for index, line in enumerate(block.content.splitlines(keepends=True)):
        if index >= len(wanted) or line.rstrip("\r\n") != wanted[index]:
            break
        offset += len(line)
    return min(offset, block.inner_end - 1)


def verdicts_agree(case: DocumentContext) -> Iterator[Problem]:
    """REP001."""
    report = valid_model(case.document, Stage.REPORT)
    result = case.experiment_result if report else None
    if report is None or result is None:
        return
    computed = {each.id: each.verdict for each in result.hypotheses}
    for index, answer in enumerate(report.hypotheses):
        verdict = computed.get(answer.id)
        if verdict is not None and verdict != answer.verdict and not answer.override_reason:
            message = f"the results say {verdict}, not {answer.verdict}"
            remedy = f"write `verdict: {verdict}`, or say why under `override_reason:`"
            yield case.document.problem("REP001", ["hypotheses", index, "verdict"], message, remedy)


CHECKS = (
    result_can_be_read,
    lift_belongs_to_the_assessment,
    result_belongs_to_the_plan,
    tables_say_what_results_say,
    verdicts_agree,
)
