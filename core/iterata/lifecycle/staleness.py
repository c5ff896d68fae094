"""What each document was written against, and whether that has changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.lifecycle.context import assessment_document
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.documents import Document
    from iterata.lifecycle.context import DocumentContext

_UPSTREAM: dict[Stage, tuple[Stage, Callable[[DocumentContext], Document | None]]] = {
    Stage.ASSESSMENT: (Stage.REQUIREMENTS, lambda case: case.project.requirements),
    Stage.PROPOSAL: (Stage.ASSESSMENT, lambda case: assessment_document(case.iteration)),
    Stage.REPORT: (Stage.PROPOSAL, lambda case: case.of(Stage.PROPOSAL)),
}


class Suspect(NamedTuple):
    """Something upstream that is no longer what a document was written against."""

    stage: Stage
    path: str


def fingerprints(case: DocumentContext) -> dict[str, str]:
    """What the document rests on, as it is now: fingerprints by stage."""
    stage, find = _UPSTREAM.get(case.document.stage, (None, None))
    document = find(case) if find else None
    return {stage.value: document.fingerprint} if stage and document else {}


def suspects(case: DocumentContext) -> list[Suspect]:
    """What has changed upstream since the document was written, or last affirmed."""
    recorded = case.model.written_against if case.model else {}
    if not recorded:
        return []
    stage, find = _UPSTREAM.get(case.document.stage, (None, None))
    document = find(case) if find else None
    if stage is None or document is None or recorded.get(stage) in (None, document.fingerprint):
        return []
    return [Suspect(stage, document.path)]
