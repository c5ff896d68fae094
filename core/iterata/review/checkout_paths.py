"""Paths that a checkout does not show as the revision has them.

Changes behind symbolic links and submodules do not show in a comparison. Of two names that differ in upper
and lower case only, many file systems keep one file.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from unicodedata import normalize

from iterata.problems import Position, Problem, Severity
from iterata.repository.git_index import own_folder
from iterata.repository.git_tree import names_in
from iterata.repository.projects import ITERATION_NAME, PROJECT_NAME
from iterata.rules.tree import printable
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


def check_file_names(comparison: Comparison) -> Iterator[Problem]:
    """TREE007: no name differs from a checked one in upper and lower case, or in its encoding, only."""
    folder = comparison.head.projects_dir
    for path, others in _new_names(comparison, folder):
        other = next((other for other in others if other != path and _folded(other) == _folded(path)), None)
        if other is not None:
            message = f"many file systems do not tell this name from {other}"
            remedy = f"rename it, or remove it: `git rm -r --cached -- {shlex.quote(path)}`"
            yield Problem("TREE007", Severity.ERROR, printable(path), Position(1), "", message, remedy)


def _new_names(comparison: Comparison, folder: str) -> Iterator[tuple[str, Iterable[str]]]:
    """The files and folders that the pull request adds, each with what is beside it."""
    tree = comparison.head_tree
    parts = folder.split("/")
    for depth in range(len(parts)):
        parent = "/".join(parts[:depth])
        before, after = (
            set(names_in(tree.root, commit, parent)) for commit in (comparison.base_commit, tree.revision)
        )
        yield from ((path, after) for path in sorted(after - before) if path != folder)
    added = [path for path in comparison.changed_paths if path.startswith(f"{folder}/")]
    for path in sorted({step for file in added for step in _steps(file, folder)}):
        parent = path.rpartition("/")[0]
        if path not in {f"{parent}/{entry.name}" for entry in comparison.base.entries(parent)}:
            yield path, [f"{parent}/{entry.name}" for entry in comparison.head.entries(parent)]


def _steps(path: str, folder: str) -> Iterator[str]:
    """A path below a folder, and the folders on its way."""
    while path != folder:
        yield path
        path = path.rpartition("/")[0]


def _folded(name: str) -> str:
    """How a file system compares names that ignores case."""
    return normalize("NFC", normalize("NFC", name).casefold())


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
