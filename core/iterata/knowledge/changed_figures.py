"""Pages that were agreed on and no longer say what their result says: people agreed to other figures.

`iterata check` compares all of a page's tables with the result (RES003), and a result with itself. Readers of
a site do not see what it finds, so the figures that other pages quote are compared here too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iterata.documents import blocks
from iterata.execution.installed import is_newer
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.documents import Document
    from iterata.problems import Problem
    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult, LiftResult


def compared_documents(folder: IterationFolder) -> Mapping[Stage, Document]:
    """The documents of an iteration, compared with its results: see `Document.changed_figures`.

    Not on first use: a result is in memory while its iteration is read, and later is parsed again.
    """
    documents = dict(folder.documents)
    for stage, compare in ((Stage.REPORT, _of_report), (Stage.ASSESSMENT, _of_assessment)):
        document = documents.get(stage)
        if document and not document.is_provisional and (change := compare(document, folder)):
            documents[stage] = replace(document, changed_figures=change)
    return documents


def _of_report(document: Document, folder: IterationFolder) -> Problem | None:
    result, proposal = folder.experiment_result, folder.document(Stage.PROPOSAL)
    block = blocks.find(document.body)[0].get("experiment")
    if result is None or block is None or not block.content.strip() or is_newer(result.provenance.author):
        return None
    planned = proposal.data.get("plan_digest") if proposal else None
    remedy = f"`iterata report {folder.ref}`, and approve the report again; or restore both from Git"
    if planned not in (None, result.plan_digest):
        message = "its result belongs to another plan than proposal.md"
        return document.problem_in_body("RES002", block.start, message, remedy)
    if _says(block.content, _quoted(result)):
        return None
    message = "its figures differ from results/experiment.json"
    return document.problem_in_body("RES003", block.start, message, remedy)


def _of_assessment(document: Document, folder: IterationFolder) -> Problem | None:
    """An expected lift is only quoted as long as nothing was run."""
    result = None if folder.experiment_result else folder.lift_result
    block = blocks.find(document.body)[0].get("lift")
    if result is None or block is None or is_newer(result.provenance.author):
        return None
    if not block.content.strip() or blocks.same(block.content, _lift_table(result)):
        return None
    remedy = f"`iterata lift {folder.ref}`, and approve the assessment again; or restore both from Git"
    message = "its figures differ from results/lift.json"
    return document.problem_in_body("RES003", block.start, message, remedy)


def _says(content: str, sections: tuple[str, ...]) -> bool:
    written = content.replace("\r\n", "\n")
    return all(section in written for section in sections)


def _quoted(result: ExperimentResult) -> tuple[str, ...]:
    from iterata.render.experiment.tables import quoted  # noqa: PLC0415  # only for a page with a result

    return quoted(result)


def _lift_table(result: LiftResult) -> str:
    from iterata.render.lift.table import render  # noqa: PLC0415  # only for a page with a result

    return render(result)
