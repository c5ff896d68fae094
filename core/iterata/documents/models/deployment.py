"""Stage 6, optional: the release and its monitors."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from iterata.documents.models.base import Day, Header, Name, Part, RepoPath, Text
from iterata.documents.models.enums import CheckState
from iterata.documents.models.monitors import Monitor
from iterata.stages import Stage


class ChecklistItem(Part):
    """A procedure of the release."""

    state: CheckState = Field(description="todo, done or not_needed.")
    note: Text | None = Field(None, description="Where its result is, or why it is not needed.")


class Checklist(Part):
    """The procedures of a release."""

    quality_assurance: ChecklistItem = Field(description="The team's tests of model and code.")
    split_test: ChecklistItem = Field(description="An A/B test against the status quo.")
    phased_rollout: ChecklistItem = Field(description="A growing share of users.")
    simulation: ChecklistItem = Field(description="A replay of past traffic.")


class Phase(Part):
    """A step of the rollout."""

    share: float = Field(gt=0, le=1, description="The share of users it reaches.")
    started: Day | None = Field(None, description="The day it went live, as YYYY-MM-DD.")
    ended: Day | None = Field(None, description="The day it was evaluated, as YYYY-MM-DD.")
    result: RepoPath | None = Field(None, description="The result file of its split test.")
    conclusion: Text | None = Field(None, description="How it compares with the expected lift.")


class Revert(Part):
    """Why the release was reverted."""

    on: Day = Field(description="The day, as YYYY-MM-DD.")
    why: Text = Field(description="What got worse, and by how much.")


class Deployment(Header):
    """The front matter of `deployment.md`."""

    stage: Literal[Stage.DEPLOYMENT] = Field(description="Always deployment.")
    variant: Name = Field(description="The variant that is released.")
    checklist: Checklist = Field(description="The release procedures, each done or not needed.")
    phases: list[Phase] = Field(min_length=1, description="The rollout, usually 10, 25, 50 and 100 %.")
    monitors: list[Monitor] = Field(min_length=1, description="The numbers to watch, with thresholds.")
    revert: Revert | None = Field(None, description="Why it was reverted, if it was.")

    @field_validator("phases")
    @classmethod
    def _phases_grow(cls, phases: list[Phase]) -> list[Phase]:
        shares = [phase.share for phase in phases]
        if shares != sorted(set(shares)):
            raise ValueError("the share of each phase must be larger than the one before")
        return phases
