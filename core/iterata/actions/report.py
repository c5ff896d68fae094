"""`iterata report`: what report.md shows of the result and of what was not done."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.actions import new
from iterata.actions.publish import show, sound
from iterata.documents import parse
from iterata.errors import NotFoundError
from iterata.stages import Stage

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.repository.projects import IterationFolder


class Reported(NamedTuple):
    """What `report` did."""

    path: str
    begun: bool
    """Whether the report was begun from its template."""
    changed: list[str]


def report(root: Path, folder: IterationFolder) -> Reported:
    """Write the tables into the report; begin one if there is none.

    Raises:
        NotFoundError: the experiment was not run.
        DataError: the result file cannot be read.
        ProblemsError: the report has problems.
    """
    result = folder.result("experiment")
    if result is None:
        raise NotFoundError(
            "there is no result to report on", remedy=f"`iterata run {folder.ref}`", where=folder.ref
        )
    document = folder.document(Stage.REPORT)
    begun = document is None
    if document is None:
        path = new.document(folder, root, Stage.REPORT)
        document = parse(path, Stage.REPORT, (root / path).read_bytes())
    changed = show(root, sound(document), folder, result)
    return Reported(document.path, begun, [document.path] if begun else changed)
