"""A folder of projects that a pull request moves: each file is looked for at its new place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.repository.git import Difference
from iterata.rules.cache import files_of

if TYPE_CHECKING:
    from iterata.repository.projects import Repository


def moved_folder(before: Repository, after: Repository) -> list[Difference]:
    """What differs between the two folders; a file that only came along with its folder does not."""
    old, new = _judged(before), _judged(after)
    return [
        Difference(
            f"{before.projects_dir}/{name}" if name in old else None,
            f"{after.projects_dir}/{name}" if name in new else None,
        )
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def _judged(repository: Repository) -> dict[str, bytes]:
    """The files of every project that a rule reads, by their path below the folder of the projects."""
    folder = f"{repository.projects_dir}/"
    return {
        path.removeprefix(folder): raw
        for project in repository.projects
        for path, raw in files_of(project)
        if path.endswith((".md", ".json"))
    }
