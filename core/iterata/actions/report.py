"""`iterata report`: write the tables of the result, and of the parts that were not run, into report.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.actions import new
from iterata.actions.publish import require_valid, write_blocks
from iterata.documents import parse
from iterata.errors import NotFoundError
from iterata.execution.installed import is_newer
from iterata.stages import Stage

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.repository.projects import IterationFolder


class ReportUpdate(NamedTuple):
    """The outcome of `report`."""

    path: str
    created: bool
    """Whether the report was created from its template."""
    changed: list[str]
    """The paths of the files that changed."""
    newer_author: str
    """The version of iterata that wrote the result, if it is newer than this one; else empty."""


def report(root: Path, folder: IterationFolder, *, overwrite_newer: bool = False) -> ReportUpdate:
    """Write the tables into the report; create it if there is none.

    Raises:
        NotFoundError: there is no result.
        DataError: the result file cannot be read.
        NewerVersion: a newer version wrote the result, and the report shows it otherwise than this one would.
        ProblemsError: the report has problems.
    """
    result = folder.result("experiment")
    if result is None:
        remedy = f"`iterata run {folder.ref}`"
        raise NotFoundError("there is no result to report on", remedy=remedy, where=folder.ref)
    document = folder.document(Stage.REPORT)
    created = document is None
    if document is None:
        path = new.create_document(folder, root, Stage.REPORT)
        document = parse(path, Stage.REPORT, (root / path).read_bytes())
    changed = write_blocks(
        root, require_valid(document), folder, result, overwrite_newer=overwrite_newer or created
    )
    author = result.provenance.author if is_newer(result.provenance.author) else ""
    return ReportUpdate(document.path, created, [document.path] if created else changed, author)
