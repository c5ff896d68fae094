"""Staleness: the document that each document was written against, and whether it has changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.stages import Stage

if TYPE_CHECKING:
    from iterata.documents import Document
    from iterata.lifecycle.context import DocumentContext

UPSTREAM = {
    Stage.ASSESSMENT: Stage.REQUIREMENTS,
    Stage.PROPOSAL: Stage.ASSESSMENT,
    Stage.REPORT: Stage.PROPOSAL,
}
"""The stage whose document each stage's document is written against."""


class UpstreamChange(NamedTuple):
    """An upstream document that is no longer the one a document was written against."""

    stage: Stage
    path: str


def fingerprints(context: DocumentContext) -> dict[str, str]:
    """The current fingerprint of the upstream document, by its stage; empty if there is none."""
    document = _upstream_document(context)
    return {document.stage.value: document.fingerprint} if document else {}


def upstream_changes(context: DocumentContext) -> list[UpstreamChange]:
    """The upstream documents that changed since the document was written, or last affirmed."""
    recorded = context.model.written_against if context.model else {}
    document = _upstream_document(context) if recorded else None
    if document is None or recorded.get(document.stage) in (None, document.fingerprint):
        return []
    return [UpstreamChange(document.stage, document.path)]


def _upstream_document(context: DocumentContext) -> Document | None:
    stage = UPSTREAM.get(context.document.stage)
    if stage is Stage.ASSESSMENT:
        return context.iteration.assessment_document if context.iteration else None
    return context.of(stage) if stage else None
