"""`iterata affirm`: a document that was looked at again and still holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents import edit, parse
from iterata.errors import IterataError, ProblemsError
from iterata.lifecycle.staleness import UpstreamChange, fingerprints, upstream_changes
from iterata.repository.files import write_within

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.lifecycle.context import DocumentContext


def affirm(case: DocumentContext, root: Path) -> list[UpstreamChange]:
    """Record that somebody looked again and the document still holds; return what had made it suspect.

    Raises:
        ProblemsError: the document has problems of its own.
        IterataError: the document was never written against anything.
    """
    if case.document.problems:
        raise ProblemsError("the document has problems", case.document.problems, remedy="mend them first")
    found = upstream_changes(case)
    if case.model is None or not case.model.written_against:
        remedy = "only an approved assessment, proposal or report records what it was written against"
        raise IterataError("there is nothing to affirm", remedy=remedy, where=case.document.path)
    if found:
        text = edit.set_keys(case.document, {"written_against": fingerprints(case)})
        affirmed = parse(case.document.path, case.document.stage, text.encode())
        write_within(root, affirmed.path, affirmed.source.text)
    return found
