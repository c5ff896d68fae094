"""Rules about results, and about the tables that are rendered from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents import blocks
from iterata.errors import NewerVersion
from iterata.execution.installed import how_to_upgrade, is_newer
from iterata.lifecycle.remedies import to_find, to_repair, to_run
from iterata.problems import Position, Problem, Severity
from iterata.render.page_blocks import PAGE_BLOCKS, blocks_of
from iterata.rules.rule import RuleSet
from iterata.stages import RESULT_STAGES, Stage, Status, result_computed_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.documents.blocks import Block, BlockProblem
    from iterata.lifecycle.context import DocumentContext
    from iterata.render.page_blocks import PageBlock
    from iterata.repository.projects import IterationFolder
    from iterata.stages import ResultKind

RULES = RuleSet()

_RESULT_STAGES = tuple(info.computed_at for info in RESULT_STAGES.values())
_TABLE_STAGES = tuple(dict.fromkeys(block.stage for block in PAGE_BLOCKS))

MOST_NAMED = 5
"""How many unknown keys a message names."""

_MAY_LACK_TABLES = (None, Status.DRAFT, Status.PLANNED, Status.RUNNING)
"""Statuses in which a table may be missing; a page without a valid status has another problem."""


@RULES.rule(
    "RES001",
    "A result file is one that iterata wrote.",
    *_RESULT_STAGES,
    why="Tables and verdicts are rendered from it.",
    bad='"value": "about 12"',
    good="the file as `iterata run` writes it",
)
def result_is_readable(context: DocumentContext) -> Iterator[Problem]:
    """RES001 for a damaged file; RES030 and RES031 for one that a newer version wrote."""
    kind, iteration = result_computed_at(context.document.stage), context.iteration
    if kind is None or iteration is None:
        return
    for _, share in iteration.result_slots(kind):
        yield from _unreadable(context, iteration, kind, share)


def _unreadable(
    context: DocumentContext, iteration: IterationFolder, kind: ResultKind, share: float | None
) -> Iterator[Problem]:
    path, error = iteration.result_path(kind, share), iteration.unreadable_result(kind, share)
    if isinstance(error, NewerVersion):
        yield Problem("RES030", Severity.ERROR, path, Position(1), "", error.message, error.remedy)
    elif error is not None:
        remedy = to_repair(iteration, kind, error, share)
        position = Position(error.location.line or 1)
        yield Problem("RES001", Severity.ERROR, path, position, "", error.message, remedy)
    elif unknown := context.project.repository.newer_keys.get(path):
        result = iteration.result(kind, share)
        author = result.provenance.author if result else ""
        message = f"iterata {author} added what this version ignores: {truncated(unknown)}"
        remedy = how_to_upgrade(f">={author}")
        yield Problem("RES031", Severity.WARNING, path, Position(1), unknown[0], message, remedy)


RULES.define(
    "RES030",
    "The iterata that checks a result is as new as the one that wrote it.",
    why="An older version cannot tell whether its figures and tables are true. The file is not damaged.",
    bad='"schema_version": 2  # of a newer iterata than the one that checks it',
    good="the newer iterata, installed by everybody who works on the knowledge base",
)
RULES.define(
    "RES031",
    "This iterata knows every key of a result.",
    why="A newer version added the others. They are ignored, so nobody here sees or checks what they say.",
    bad='"calibration": {"slope": 0.9}  # a key of a newer iterata than the one that checks it',
    good="the newer iterata, installed by everybody who works on the knowledge base",
)


@RULES.rule(
    "RES002",
    "A result was computed from the current plan or assessment of its iteration.",
    Stage.ASSESSMENT,
    why="A result of another plan is scope creep; a lift at another budget does not apply.",
    bad="results/experiment.json of a plan that has changed since",
    good="`iterata run` again, after an amendment or in a new iteration; `iterata lift` again",
)
def lift_belongs_to_the_assessment(context: DocumentContext) -> Iterator[Problem]:
    """RES002 for an assessment that is not approved yet; GATE004 checks an approved one."""
    document, iteration = context.document, context.iteration
    if document.stage is not Stage.ASSESSMENT or document.status is Status.APPROVED or iteration is None:
        return
    result = context.lift_result
    if result is not None and context.lift_digest not in (None, result.spec_digest):
        message = "results/lift.json was computed from another `lift:` block or another KPI"
        yield document.problem("RES002", ["lift"], message, f"`iterata lift {iteration.ref}`", key=True)


@RULES.check(Stage.EXPERIMENT)
def result_belongs_to_the_plan(context: DocumentContext) -> Iterator[Problem]:
    """RES002 for an experiment."""
    if context.document.stage is not Stage.EXPERIMENT or context.iteration is None:
        return
    result = context.experiment_result
    if result is None or context.plan_digest in (None, result.plan_digest):
        return
    path, message = context.iteration.result_path("experiment"), "it belongs to another plan than proposal.md"
    remedy = f"{to_run(context.iteration)}; or restore the result of this plan, or begin a new iteration"
    yield Problem("RES002", Severity.ERROR, path, Position(1), "plan_digest", message, remedy)


@RULES.rule(
    "SCOPE002",
    "The code that a plan names is the code that was approved with it.",
    Stage.EXPERIMENT,
    why="A plan that names a function agrees to what the function does.",
    bad="model.py, changed between the approval of the plan and its run",
    good="an amendment that says what changed in model.py and why, a new approval, and `iterata run` again",
)
def result_has_the_approved_code(context: DocumentContext) -> Iterator[Problem]:
    """SCOPE002 for a result; `iterata.review` checks the code of a proposal."""
    iteration, result = context.iteration, context.experiment_result
    if context.document.stage is not Stage.EXPERIMENT or iteration is None or result is None:
        return
    proposal = iteration.proposal
    if proposal is None or proposal.code_digest is None:
        return
    from iterata.repository.plan_code import has_approved_code  # noqa: PLC0415  # only for plans with code

    if not has_approved_code(proposal, result, context.project.path):
        path, message = iteration.result_path("experiment"), "it was computed with other code than approved"
        remedy = f"`iterata run {iteration.ref}`; changed code needs an amendment and a new approval first"
        yield Problem("SCOPE002", Severity.ERROR, path, Position(1), "provenance.code", message, remedy)


@RULES.rule(
    "RES003",
    "A generated table shows what its result file says.",
    *_TABLE_STAGES,
    why="A number edited by hand is a number that was never computed.",
    bad="| boosted | 131 |  # while the result file says 101.3",
    good="the table as `iterata report` writes it",
)
def tables_show_the_results(context: DocumentContext) -> Iterator[Problem]:
    """RES003; it needs blocks without a problem of RES004."""
    document = context.document
    page, faults = blocks.find(document.body)
    if context.iteration is None or faults or _unknown_blocks(document.stage, page):
        return
    for page_block in blocks_of(document.stage):
        if difference := _difference(context, context.iteration, page_block, page.get(page_block.name)):
            offset, message = difference
            remedy = f"`iterata {page_block.command} {context.iteration.ref}`"
            result = context.result(page_block.result)
            if result is None and page_block.result != "rollout":  # `iterata report` computes none
                remedy = to_find(context.iteration, page_block.result)
            if result is not None and is_newer(result.provenance.author):
                author = result.provenance.author
                message = f"{message}, as this version would write it; iterata {author} wrote the result"
                remedy = how_to_upgrade(f">={author}")
            yield document.problem_in_body("RES003", offset, message, remedy)


@RULES.rule(
    "RES004",
    "The markers of generated blocks pair up, and name a block that a command writes there.",
    why="Commands write between them, and nowhere else; reviewers skip what is between them.",
    bad="<!-- iterata:begin lift --> without an end",
    good="<!-- iterata:begin lift -->\n<!-- iterata:end lift -->",
)
def blocks_are_well_formed(context: DocumentContext) -> Iterator[Problem]:
    """RES004."""
    page, faults = blocks.find(context.document.body)
    for fault in (*faults, *_unknown_blocks(context.document.stage, page)):
        yield context.document.problem_in_body("RES004", fault.offset, fault.message, fault.remedy)


def _unknown_blocks(stage: Stage, page: dict[str, Block]) -> list[BlockProblem]:
    """Blocks that no command writes on this page; readers would take their content for computed tables."""
    generated = {page_block.name for page_block in blocks_of(stage)} if page else set()
    return [
        blocks.BlockProblem(block.start, f"no command writes a block `{name}` here", "remove its two markers")
        for name, block in page.items()
        if name not in generated
    ]


def truncated(keys: Sequence[str]) -> str:
    """The first keys of a list, and the number of the others."""
    more = f" and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else ""
    return ", ".join(keys[:MOST_NAMED]) + more


def _difference(
    context: DocumentContext, iteration: IterationFolder, page_block: PageBlock, block: Block | None
) -> tuple[int, str] | None:
    """Where and how the page differs from the result; None if it does not."""
    name, result = page_block.name, iteration.readable_result(page_block.result)
    is_empty = block is None or not block.content.strip()
    if iteration.unreadable_result(page_block.result):  # RES001 and RES030 tell
        return None
    if result is None:
        has_no_result = f"the table `{name}` has no result file"
        return None if block is None or is_empty else (block.start, has_no_result)
    if block is None or is_empty:
        offset, is_missing = block.start if block else 0, f"the table `{name}` is not on the page"
        return None if context.document.status in _MAY_LACK_TABLES else (offset, is_missing)
    rendered = page_block.render(result, iteration)
    if blocks.same(block.content, rendered):
        return None
    source = iteration.result_path(page_block.result).rpartition("/")[2]
    if page_block.result == "rollout":
        source = "the results of the phases"
    elif page_block.of_documents:
        source = f"{source} and the documents of the iteration"
    return _first_difference(block, rendered), f"the table `{name}` differs from {source}"


def _first_difference(block: Block, rendered: str) -> int:
    """The offset of the first line that differs."""
    offset = block.inner_start
    expected_lines = rendered.strip("\n").splitlines()
    for index, line in enumerate(block.content.splitlines(keepends=True)):
        if index >= len(expected_lines) or line.rstrip("\r\n") != expected_lines[index]:
            break
        offset += len(line)
    return min(offset, block.inner_end - 1)
