"""Links and submodules in the place of documents: what is behind them changes without a trace here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.problems import Position, Problem, Severity
from iterata.repository.git_tree import is_plain
from iterata.repository.projects import ITERATION_NAME, PROJECT_NAME
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.review.changes import Comparison

_FILENAMES = frozenset(stage.filename for stage in Stage)


def nothing_leads_elsewhere(comparison: Comparison) -> Iterator[Problem]:
    """TREE006: a project, an iteration and all that is judged in them are folders and files."""
    tree, folder = comparison.head.tree, comparison.head.projects_dir
    for path in sorted(each.rstrip("/") for each in comparison.touched):
        judged = path.startswith(f"{folder}/") and _is_judged(path.removeprefix(f"{folder}/").split("/"))
        if judged and not is_plain(tree, path):
            message = "is a link or a submodule; what changes there cannot be compared"
            remedy = "replace it by the file or the folder itself"
            yield Problem("TREE006", Severity.ERROR, path, Position(1), "", message, remedy)


def _is_judged(parts: list[str]) -> bool:
    match parts:
        case [project]:
            return PROJECT_NAME.match(project) is not None
        case [_, inside]:
            return inside in _FILENAMES or ITERATION_NAME.match(inside) is not None
        case [_, _, inside]:
            return inside in _FILENAMES or inside == "results"
        case [_, _, "results", _]:
            return True
    return False
