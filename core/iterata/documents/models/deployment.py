"""Stage 6, optional: the release and its monitors."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import Field, field_validator

from iterata.documents.models.base import Amendment, Day, Digest, Header, Name, Part, RepoPath, Text
from iterata.documents.models.enums import Advice, CheckState, Reaction, Requirement
from iterata.documents.models.monitors import Monitor
from iterata.documents.models.split_test import SplitTestSpec
from iterata.stages import Stage

WEEK = 7
"""Days of a week: with other numbers, some weekdays count more than others."""


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


class Hold(Part):
    """What a phase waits for before the next one begins; all that is given must hold."""

    days: int | None = Field(
        WEEK,
        ge=1,
        description="Whole days since it began; whole weeks, so that every weekday counts alike. It is 7 by "
        "default, and null for a phase that does not wait for days.",
    )
    units: int | None = Field(None, ge=1, description="Units of both arms that were first exposed in it.")
    approval: Name | None = Field(None, description="The role that agrees to the next step.")


class PhaseApproval(Part):
    """A role that agrees to the step after a phase."""

    role: Name = Field(description="The role.")
    by: Name | None = Field(None, description="The account on the code host.")
    on: Day = Field(description="The day, as YYYY-MM-DD.")


class Override(Part):
    """A step that was taken although its gate was closed."""

    by: Name | None = Field(None, description="The role or the account that decided.")
    on: Day = Field(description="The day, as YYYY-MM-DD.")
    advice: Literal[Advice.HOLD, Advice.REVERT] = Field(
        description="What the result advised at that time: hold or revert."
    )
    reason: Text = Field(description="Why the step was taken all the same.")


class Phase(Part):
    """A step of the rollout."""

    share: float = Field(gt=0, le=1, description="The share of users it reaches.")
    hold: Hold = Field(default_factory=Hold, description="What it waits for before the next one begins.")
    requires: Requirement | None = Field(
        None,
        description="What the split test must show for the next step: no_harm or gain. By default gain for "
        "the last phase with a control group, and no_harm for the others.",
    )
    approved: list[PhaseApproval] = Field(
        default_factory=list, description="Who agreed to the next step; written by `iterata move`."
    )
    override: Override | None = Field(
        None, description="Why it ended although its gate was closed; written by `iterata move`."
    )
    started: Day | None = Field(None, description="The day it went live, as YYYY-MM-DD.")
    ended: Day | None = Field(None, description="The day it was evaluated, as YYYY-MM-DD.")
    result: RepoPath | None = Field(None, description="The result file of its split test.")
    conclusion: Text | None = Field(None, description="How it compares with the expected lift.")


class OnHealth(Part):
    """What follows if the split test cannot be read as planned."""

    no_data: Reaction = Field(Reaction.HOLD, description="No rows of the phase: hold or revert.")
    inconclusive: Reaction = Field(Reaction.HOLD, description="Nothing is shown yet: hold or revert.")
    sample_ratio: Reaction = Field(
        Reaction.HOLD, description="The arms are not as large as chance would make them: hold or revert."
    )
    guardrail: Reaction = Field(
        Reaction.REVERT, description="A guardrail is worse than its margin allows: hold or revert."
    )


class Revert(Part):
    """Why the release was reverted."""

    on: Day = Field(description="The day, as YYYY-MM-DD.")
    why: Text = Field(description="What got worse, and by how much.")
    decision: Digest | None = Field(
        None,
        description="The digest of the report's decision at that time: the new one is another. Written by "
        "`iterata move`.",
    )


class EarlierRelease(Part):
    """A release that was reverted before this one."""

    variant: Name = Field(description="The variant that was released.")
    phases: list[Phase] = Field(min_length=1, description="Its rollout, as far as it came.")
    revert: Revert = Field(description="Why it was reverted.")
    post_mortem: Digest | None = Field(
        None, description="The digest of the report's post-mortem: another revert needs another one."
    )


class Deployment(Header):
    """The front matter of `deployment.md`."""

    stage: Literal[Stage.DEPLOYMENT] = Field(description="Always deployment.")
    variant: Name = Field(description="The variant that is released.")
    checklist: Checklist = Field(description="The release procedures, each done or not needed.")
    phases: list[Phase] = Field(min_length=1, description="The rollout, usually 10, 25, 50 and 100 %.")
    split_test: SplitTestSpec | None = Field(
        None, description="The rows of the split test, and how each metric is measured in them."
    )
    on: OnHealth = Field(default_factory=OnHealth, description="What each problem of the split test means.")
    alpha: float = Field(
        0.05, gt=0, le=0.5, description="The two-sided false positive rate of all looks together."
    )
    holdout: float = Field(
        0, ge=0, lt=1, description="The share of users who keep the status quo at 100 %, to compare with."
    )
    measure_again: Day | None = Field(
        None, description="The day on which the realised lift is measured again, as YYYY-MM-DD."
    )
    monitors: list[Monitor] = Field(min_length=1, description="The numbers to watch, with thresholds.")
    amendments: list[Amendment] = Field(
        default_factory=list,
        description="What was changed while it was rolling out, and why: rows, what is measured, monitors.",
    )
    revert: Revert | None = Field(None, description="Why it was reverted, if it was.")
    earlier: list[EarlierRelease] = Field(
        default_factory=list, description="Releases that were reverted; written by `iterata move`."
    )

    @field_validator("phases")
    @classmethod
    def _phases_grow(cls, phases: list[Phase]) -> list[Phase]:
        for before, phase in pairwise(phases):
            if phase.share == before.share:
                raise ValueError(f"two phases have the share {phase.share:g}; remove one of them")
            if phase.share < before.share:
                raise ValueError(
                    f"the phase with the share {phase.share:g} is below the one with {before.share:g}; write "
                    "the phases in the order of their shares"
                )
        return phases
