"""Projects that were read by an earlier build of the same process, for a site that follows edits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from iterata.knowledge.build import combined, read_project
from iterata.rules.cache import file_stamp

if TYPE_CHECKING:
    from iterata.knowledge import Knowledge
    from iterata.knowledge.build import ProjectReading
    from iterata.repository.projects import Project, Repository


class ProjectMemory:
    """Reads a repository, and again only the projects with a file that changed."""

    def __init__(self) -> None:
        self._readings: dict[str, tuple[str, ProjectReading]] = {}

    def read(self, repository: Repository) -> Knowledge:
        """The read model of a repository."""
        started = time.time_ns()
        return combined([self._read(project, started) for project in repository.projects])

    def _read(self, project: Project, started: int) -> ProjectReading:
        stamp = file_stamp(project, started)
        earlier = self._readings.get(project.path)
        if earlier and stamp and earlier[0] == stamp:
            return earlier[1]
        reading = read_project(project)
        self._readings[project.path] = (stamp, reading)
        return reading
