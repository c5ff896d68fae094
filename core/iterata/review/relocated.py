"""Differences between two revisions whose folders of projects have different paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.repository.git import Difference
from iterata.rules.cache import project_files

if TYPE_CHECKING:
    from iterata.repository.projects import Repository


def relocated_differences(before: Repository, after: Repository) -> list[Difference]:
    """The files that differ below the two folders; a file that only moved with its folder does not."""
    old, new = _checked_files(before), _checked_files(after)
    return [
        Difference(
            f"{before.projects_dir}/{name}" if name in old else None,
            f"{after.projects_dir}/{name}" if name in new else None,
        )
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def _checked_files(repository: Repository) -> dict[str, bytes]:
    """The files that rules read, by their path relative to the folder of projects."""
    folder = f"{repository.projects_dir}/"
    return {
        path.removeprefix(folder): raw
        for project in repository.projects
        for path, raw in project_files(project)
        if path.endswith((".md", ".json"))
    }
