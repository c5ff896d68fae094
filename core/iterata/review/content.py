"""Whether a document still says what it said: to those who approved it before, or at an earlier commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.documents import parse
from iterata.documents.fingerprint import digest, prose
from iterata.errors import DataError
from iterata.lifecycle.context import result_or_none
from iterata.render.page_blocks import blocks_of
from iterata.repository import git
from iterata.review.immutability import changed_keys
from iterata.stages import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from iterata.documents import Document
    from iterata.lifecycle.context import DocumentContext
    from iterata.results import ExperimentResult, LiftResult
    from iterata.stages import ResultKind


def says_other_things(before: DocumentContext, after: DocumentContext) -> bool:
    """Whether an approval of the one tells nothing of the other.

    The prose of an approved document does not matter here: it is mended with an erratum, or MOVE003 says so.
    """
    old, new = before.document, after.document
    return (
        (before.project.name, old.stage) != (after.project.name, new.stage)
        or (before.iteration and before.iteration.name) != (after.iteration and after.iteration.name)
        or bool(changed_keys(old, new))
        or _decision(old) != _decision(new)
        or _figures_of(before) != _figures_of(after)
        or (old.status is not Status.APPROVED and prose(old.body) != prose(new.body))
    )


def unchanged_since(root: Path, case: DocumentContext) -> Callable[[str], bool]:
    """Whether a document says the same as at a commit; what cannot be looked up counts as changed."""
    document, folder = case.document, case.iteration

    def unchanged(commit: str) -> bool:
        raw = git.show(root, commit, document.path)
        if raw is None:
            return False
        results = {kind: git.show(root, commit, folder.result_path(kind)) for kind in _kinds(case) if folder}
        figures = [_figures(_result(kind, result)) for kind, result in results.items()]
        return _said(parse(document.path, document.stage, raw), figures) == _said(document, _figures_of(case))

    return unchanged


def _said(document: Document, figures: Sequence[Any]) -> str:
    """All that a reviewer reads, however it is laid out, without what tools write of the approval."""
    return digest([document.fingerprint, _decision(document), prose(document.body), figures])


def _decision(document: Document) -> Any:
    """No part of the fingerprint, since others do not rely on it; but what a report's approval is about."""
    return document.data.get("decision")


def _kinds(case: DocumentContext) -> list[ResultKind]:
    """The results whose figures the document shows."""
    return list(dict.fromkeys(block.result for block in blocks_of(case.document.stage)))


def _figures_of(case: DocumentContext) -> list[Any]:
    return [_figures(result_or_none(case.iteration, kind)) for kind in _kinds(case)]


def _figures(result: LiftResult | ExperimentResult | None) -> Any:
    """What a result says, wherever it comes from."""
    return result.model_dump(mode="json", exclude={"provenance"}) if result else None


def _result(kind: ResultKind, raw: bytes | None) -> LiftResult | ExperimentResult | None:
    from iterata.results.store import parse as parse_result  # noqa: PLC0415  # only where results are read

    try:
        return parse_result(kind, raw, "") if raw is not None else None
    except DataError:
        return None
