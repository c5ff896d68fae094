"""The views that are derived from a knowledge base, each computed once and not before a page needs it.

What follows from one project alone is kept until the project is read again: a site that is served is built
after every edit, and mostly one project has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from iterata.knowledge import decisions as decision_log
from iterata.knowledge import surprise
from iterata.knowledge import trace as tracing
from iterata.knowledge.finding_status import FindingState, finding_states
from iterata.knowledge.pace import Pace, pace
from iterata.knowledge.reading_list import Reading, reading_list
from iterata.knowledge.similar import TriedBefore
from iterata.knowledge.tried import Tried, tried_in
from iterata.site.front_pages.headline import newest_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iterata.knowledge import Knowledge, ProjectView
    from iterata.knowledge.decisions import LoggedDecision
    from iterata.knowledge.pace import DatesOf
    from iterata.knowledge.surprise import Surprises
    from iterata.knowledge.trace import Trace
    from iterata.repository.history import Dates
    from iterata.site.front_pages.headline import NewestRun

T = TypeVar("T")


class ProjectResults:
    """What was computed from projects by this process, as long as they are the same objects."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[ProjectView, object]] = {}

    def of(self, compute: Callable[[ProjectView], T], projects: tuple[ProjectView, ...]) -> Iterator[T]:
        """What `compute` returns for each project. Other projects are forgotten."""
        name = f"{compute.__module__}.{compute.__qualname__}"
        earlier = {path: kept for (kind, path), kept in self._kept.items() if kind == name}
        self._kept = {key: kept for key, kept in self._kept.items() if key[0] != name}
        for project in projects:
            known, value = earlier.get(project.path, (None, None))
            result = cast("T", value) if known is project else compute(project)
            self._kept[name, project.path] = project, result
            yield result


_RESULTS = ProjectResults()


def without_dates(path: str) -> Dates | None:
    """No dates: for readers without Git."""
    del path
    return None


@dataclass(frozen=True)
class Derived:
    """What follows from a knowledge base as a whole."""

    knowledge: Knowledge
    dates_of: DatesOf = without_dates
    """The dates of a document in Git's history."""

    @cached_property
    def states(self) -> Mapping[str, FindingState]:
        """The status and the use of every finding, by its key."""
        return finding_states(self.knowledge)

    @cached_property
    def surprises(self) -> Surprises:
        """Results against what was expected of them."""
        return surprise.arranged(_RESULTS.of(surprise.compare, self.knowledge.projects))

    @cached_property
    def reading_list(self) -> tuple[Reading, ...]:
        """The findings that a newcomer reads first."""
        return reading_list(self.knowledge, states=self.states)

    @cached_property
    def traces(self) -> Mapping[str, Trace]:
        """From business hypotheses to monitors, by the name of the project."""
        found = tracing.arranged(_RESULTS.of(tracing.trace, self.knowledge.projects))
        return {trace.project.name: trace for trace in found}

    @cached_property
    def tried(self) -> tuple[Tried, ...]:
        """What plans compare."""
        entries = _RESULTS.of(tried_in, self.knowledge.projects)
        return tuple(entry for project in entries for entry in project)

    @cached_property
    def newest_runs(self) -> tuple[NewestRun | None, ...]:
        """The newest iteration of each project that was run, in the order of the projects."""
        return tuple(_RESULTS.of(newest_run, self.knowledge.projects))

    @cached_property
    def tried_before(self) -> TriedBefore:
        """The earlier ideas that resemble what an iteration is about to try."""
        return TriedBefore(self.knowledge)

    @cached_property
    def decisions(self) -> tuple[LoggedDecision, ...]:
        """The log of decisions, the newest first."""
        return decision_log.arranged(_RESULTS.of(decision_log.decided_in, self.knowledge.projects))

    @cached_property
    def pace(self) -> Pace:
        """How long iterations take."""
        return pace(self.knowledge, self.dates_of)
