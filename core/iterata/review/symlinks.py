"""Symbolic links and submodules in place of documents: changes behind them do not show in a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.problems import Position, Problem, Severity
from iterata.repository.git_index import own_folder
from iterata.repository.projects import ITERATION_NAME, PROJECT_NAME
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.review.changes import Comparison

_REPLACE = "replace it by the file or folder itself"
_FILENAMES = frozenset(stage.filename for stage in Stage)


def check_symlinks(comparison: Comparison) -> Iterator[Problem]:
    """TREE006: projects, iterations, documents and results are plain folders and files."""
    tree, folder = comparison.head_tree, comparison.head.projects_dir
    for path in sorted(path.rstrip("/") for path in comparison.changed_paths):
        if not path.startswith(f"{folder}/"):
            continue
        if _is_checked(path.removeprefix(f"{folder}/").split("/")) and not tree.is_plain(path):
            message, remedy = "is a symbolic link; changes behind it cannot be compared", _REPLACE
            if tree.is_submodule(path):
                message, remedy = "is a submodule; changes in it cannot be compared here", own_folder(path)
            yield Problem("TREE006", Severity.ERROR, path, Position(1), "", message, remedy)


def _is_checked(parts: list[str]) -> bool:
    """Whether rules read this path; `parts` begin with the project."""
    match parts:
        case [project]:
            return PROJECT_NAME.match(project) is not None
        case [_, name]:
            return name in _FILENAMES or ITERATION_NAME.match(name) is not None
        case [_, _, name]:
            return name in _FILENAMES or name == "results"
        case [_, _, "results", _]:
            return True
    return False
