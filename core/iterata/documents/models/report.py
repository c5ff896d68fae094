"""Stage 5: what was learned, and what to do next."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from iterata.documents.models.base import Amendment, Day, Finding, Header, Identifier, Name, Part, Text
from iterata.documents.models.enums import LeakSign, Verdict
from iterata.stages import IterationKind, Outcome, Stage


class Answer(Part):
    """The verdict on one hypothesis of the plan."""

    id: Identifier = Field(description="The hypothesis's id in the plan.")
    verdict: Verdict = Field(description="supported, refuted, inconclusive or too_few, as the results say.")
    interpretation: Text = Field(description="What it suggests about the customers, the market or the data.")
    override_reason: Text | None = Field(
        None, description="Why the verdict differs from the computed one, if it does."
    )


class LeakAnswer(Part):
    """Why a sign of a leak in the result is none, or what was done about it."""

    sign: LeakSign = Field(
        description="near_perfect_model, column_tells_target, copy_of_target or gaps_tell_target, as the "
        "results say."
    )
    answer: Text = Field(
        description="When the columns are known, and how that was checked; or why the figures do not hold."
    )


class Recommendation(Part):
    """What the data scientist recommends."""

    next: Outcome = Field(description="iterate, deploy, stop or revisit_requirements.")
    kind: IterationKind | None = Field(
        None, description="The kind of iteration, if the recommendation is to iterate."
    )
    why: Text = Field(description="The reason, from the findings.")


class DecidedBy(Part):
    """A participant in the decision."""

    role: Name = Field(description="The role, such as product.")
    name: Name | None = Field(None, description="The person or account that holds the role.")


class Decision(Part):
    """What the stakeholders decided on the report."""

    outcome: Outcome = Field(description="iterate, deploy, stop or revisit_requirements.")
    by: list[DecidedBy] = Field(min_length=1, description="Who decided, by role.")
    on: Day = Field(description="The day of the decision, as YYYY-MM-DD.")
    why: Text = Field(description="The reason, in business terms.")


class PostMortem(Part):
    """What was learned from a reverted release."""

    what_happened: Text = Field(description="What went wrong after the launch, and how it was detected.")
    why: Text = Field(description="The cause, as far as it is known.")
    findings: list[Finding] = Field(min_length=1, description="What was learned: at least one finding.")


class Report(Header):
    """The front matter of `report.md`."""

    stage: Literal[Stage.REPORT] = Field(description="Always report.")
    summary: Text = Field(description="The report in two or three sentences for stakeholders.")
    hypotheses: list[Answer] = Field(min_length=1, description="A verdict for every hypothesis of the plan.")
    leaks: list[LeakAnswer] = Field(
        default_factory=list, description="An answer to every sign of a leak in the results."
    )
    findings: list[Finding] = Field(
        min_length=1,
        description="What was learned: at least one finding; a project fails only if nothing is learned.",
    )
    recommendation: Recommendation = Field(description="The data scientist's recommendation.")
    decision: Decision | None = Field(None, description="The stakeholders' decision, once it is made.")
    post_mortem: PostMortem | None = Field(None, description="Required after a release was reverted.")
    amendments: list[Amendment] = Field(
        default_factory=list, description="Changes to the report after its approval."
    )
