"""`iterata affirm`: confirm that a suspect document is still correct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents import edit, parse
from iterata.errors import IterataError, ProblemsError
from iterata.lifecycle.staleness import UpstreamChange, fingerprints, upstream_changes
from iterata.repository.files import write_within

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.lifecycle.context import DocumentContext


def affirm(context: DocumentContext, root: Path) -> list[UpstreamChange]:
    """Record the current fingerprints of the documents that this one depends on; return those that changed.

    Raises:
        ProblemsError: the document has problems.
        IterataError: the document does not depend on another one.
    """
    document = context.document
    if document.problems:
        raise ProblemsError("the document has problems", document.problems, remedy="fix them first")
    changed = upstream_changes(context)
    if context.model is None or not context.model.written_against:
        remedy = "affirm an approved assessment, proposal or report; only these record what they depend on"
        raise IterataError("there is nothing to affirm", remedy=remedy, where=document.path)
    if changed:
        text = edit.set_keys(document, {"written_against": fingerprints(context)})
        affirmed = parse(document.path, document.stage, text.encode())
        write_within(root, affirmed.path, affirmed.source.text)
    return changed
