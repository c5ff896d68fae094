"""The views that are derived from a knowledge base, each computed once and not before a page needs it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from iterata.knowledge.decisions import LoggedDecision, decisions
from iterata.knowledge.finding_status import FindingState, finding_states
from iterata.knowledge.pace import Pace, pace
from iterata.knowledge.reading_list import Reading, reading_list
from iterata.knowledge.similar import TriedBefore
from iterata.knowledge.surprise import Surprises, surprises
from iterata.knowledge.trace import Trace, traces
from iterata.knowledge.tried import Tried, tried

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.knowledge import Knowledge
    from iterata.knowledge.pace import DatesOf
    from iterata.repository.history import Dates


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
        return surprises(self.knowledge)

    @cached_property
    def reading_list(self) -> tuple[Reading, ...]:
        """The findings that a newcomer reads first."""
        return reading_list(self.knowledge, states=self.states)

    @cached_property
    def traces(self) -> Mapping[str, Trace]:
        """From business hypotheses to monitors, by the name of the project."""
        return {trace.project.name: trace for trace in traces(self.knowledge)}

    @cached_property
    def tried(self) -> tuple[Tried, ...]:
        """What plans compare."""
        return tried(self.knowledge)

    @cached_property
    def tried_before(self) -> TriedBefore:
        """The earlier ideas that resemble what an iteration is about to try."""
        return TriedBefore(self.knowledge)

    @cached_property
    def decisions(self) -> tuple[LoggedDecision, ...]:
        """The log of decisions, the newest first."""
        return decisions(self.knowledge)

    @cached_property
    def pace(self) -> Pace:
        """How long iterations take."""
        return pace(self.knowledge, self.dates_of)
