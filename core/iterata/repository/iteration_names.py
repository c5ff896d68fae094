"""The iteration that a name on the command line means."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from iterata.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

MAX_LISTED = 10
"""How many names a message lists."""


def find(name: str, refs: Collection[str], projects: Sequence[str], projects_dir: str) -> str:
    """The iteration that a path or `project/iteration` means; a unique prefix of each part is enough.

    Args:
        name: as the user typed it.
        refs: all iterations, as `project/iteration`.
        projects: all projects, by name.
        projects_dir: their folder.

    Raises:
        NotFoundError: no iteration matches, or several do.
    """
    path = PurePosixPath(name.replace("\\", "/")).as_posix()
    parts = PurePosixPath(path.removeprefix(f"{projects_dir}/")).parts[:2]
    matches = [ref for ref in refs if _matches(ref, parts)]
    in_project = [ref for ref in matches if ref.partition("/")[0] == parts[0]]
    exact = [ref for ref in in_project if ref.partition("/")[2] == parts[-1]]
    for candidates in (exact, in_project, matches):
        if len(candidates) == 1:
            return candidates[0]
    message = "several iterations match this name" if matches else "no such iteration"
    listed = matches or list(refs)
    remedy = _choices(listed) if listed else _first_iteration(projects, parts[0] if parts else "")
    raise NotFoundError(message, remedy=remedy, where=name)


def _first_iteration(projects: Sequence[str], name: str) -> str:
    """How to start the first iteration, in the project that was named if there is one."""
    if not projects:
        return "start a project, such as `iterata new project churn`"
    return f"start one: `iterata new iteration {name if name in projects else projects[0]}`"


def _choices(refs: Sequence[str]) -> str:
    more = f", or one of {len(refs) - MAX_LISTED} more" if len(refs) > MAX_LISTED else ""
    return f"name one of: {', '.join(refs[:MAX_LISTED])}{more}"


def _matches(ref: str, parts: tuple[str, ...]) -> bool:
    in_project, _, iteration_name = ref.partition("/")
    match parts:
        case (project, iteration):
            return in_project.startswith(project) and iteration_name.startswith(iteration)
        case (name,):
            return ref.startswith(name) or iteration_name.startswith(name)
        case _:
            return False
