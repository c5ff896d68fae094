"""Keeping a result: the file under `results/`, and the block on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata import results
from iterata.documents import blocks
from iterata.errors import IterataError, ProblemsError
from iterata.render.page_blocks import blocks_of
from iterata.repository import git
from iterata.repository.files import write_within
from iterata.stages import Status

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.documents import Document
    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult, LiftResult

    Result = LiftResult | ExperimentResult


def sound(document: Document) -> Document:
    """The document, if it has no problems of its own, and its blocks can be written.

    Raises:
        ProblemsError: it has some.
    """
    _, faults = blocks.find(document.body)
    torn = [document.problem_in_body("RES004", each.offset, each.message, each.remedy) for each in faults]
    if problems := [*document.problems, *torn]:
        raise ProblemsError(
            "the document has problems", problems, remedy="mend them, then run the command again"
        )
    return document


def keep(root: Path, folder: IterationFolder, result: Result, *, frozen: bool) -> list[str]:
    """Write the result file unless the one that is there says the same; return the paths that changed.

    Raises:
        IterataError: the result differs from the one that an approved document stands on.
    """
    path = folder.result_path(result.kind)
    old = results.read_or_none(result.kind, root / path)
    if frozen and (root / path).exists():
        if old is not None and results.extends(old, result):
            return []
        remedy = (
            "find out what changed (data, versions, code); new numbers need an amendment or a new iteration"
        )
        message = "the result differs from the one that was approved; nothing was written"
        raise IterataError(message, remedy=remedy, where=path)
    if old is not None and results.equal_apart_from_provenance(old, result) and _traceable(root, old):
        return []
    return [path] if write_within(root, path, results.to_json(result)) else []


def _traceable(root: Path, result: Result) -> bool:
    """Whether the commit the result names is still part of the history; a rebase may have rewritten it."""
    commit = result.provenance.commit
    return commit is None or git.is_ancestor(root, commit, "HEAD")


def show(
    root: Path, document: Document, folder: IterationFolder, result: LiftResult | ExperimentResult
) -> list[str]:
    """Write the blocks of a sound page; return the paths that changed."""
    front = document.source.text[: len(document.source.text) - len(document.body)]
    body = document.body
    for block in blocks_of(document.stage):
        body = blocks.replace(body, block.name, block.render(result, folder))
    text = front + body
    return [document.path] if write_within(root, document.path, text) else []


def is_frozen(document: Document | None) -> bool:
    """Whether a document is agreed on, so that what it stands on may not change."""
    return document is not None and document.status in (Status.APPROVED, Status.SUPERSEDED)
