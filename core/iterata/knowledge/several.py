"""One read model of several knowledge bases, for a site that shows them together."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from iterata.knowledge.views import Knowledge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.knowledge.views import FindingView, IterationView, ProjectView
    from iterata.lifecycle.next_step import NextStep


@dataclass(frozen=True, slots=True)
class Member:
    """A knowledge base in another folder, whose paths are relative to the top of the Git repository."""

    folder: str
    """Its folder, relative to the top of the Git repository."""
    knowledge: Knowledge

    @property
    def projects(self) -> tuple[ProjectView, ...]:
        """Its projects; their names begin with its folder."""
        return tuple(map(self._project, self.knowledge.projects))

    def _name(self, name: str) -> str:
        return f"{self.folder}/{name}"

    def _project(self, project: ProjectView) -> ProjectView:
        return replace(
            project,
            name=self._name(project.name),
            knowledge_base=self.folder,
            iterations=tuple(map(self._iteration, project.iterations)),
            next_step=self._step(project.next_step) if project.next_step else None,
            own_findings=tuple(map(self._finding, project.own_findings)),
        )

    def _iteration(self, iteration: IterationView) -> IterationView:
        return replace(
            iteration,
            project=self._name(iteration.project),
            next_step=self._step(iteration.next_step),
            findings=tuple(map(self._finding, iteration.findings)),
        )

    def _finding(self, finding: FindingView) -> FindingView:
        return replace(
            finding,
            project=self._name(finding.project),
            supports=tuple(map(self._name, finding.supports)),
            contradicts=tuple(map(self._name, finding.contradicts)),
        )

    def _step(self, step: NextStep) -> NextStep:
        """A step with its command as it is typed at the top of the repository."""
        if not step.command.startswith("iterata "):
            return step
        command = step.command.replace(f"{self.folder}/", "").removeprefix("iterata ")
        return step._replace(command=f"iterata -C {shlex.quote(self.folder)} {command}")


def joined(own: Knowledge, members: Sequence[Member]) -> Knowledge:
    """All of them in one.

    A project `churn` of a team becomes `teams/a/churn`, and its findings `teams/a/churn/01-setup#F1`, so that
    two teams may use the same names.
    """
    return Knowledge(
        (*own.projects, *(project for member in members for project in member.projects)),
        (*own.unread, *(error for member in members for error in member.knowledge.unread)),
        (*own.notices, *(notice for member in members for notice in member.knowledge.notices)),
    )
