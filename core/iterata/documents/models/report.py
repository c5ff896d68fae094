"""Stage 5: what was learned, and what to do next."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from iterata.documents.models.base import Day, Finding, Header, Identifier, Name, Part, Text
from iterata.documents.models.enums import Verdict
from iterata.stages import IterationKind, Outcome, Stage


class Answer(Part):
    """What the experiment says of one hypothesis of the plan."""

    id: Identifier = Field(description="The hypothesis, by its id in the plan.")
    verdict: Verdict = Field(description="supported, refuted or inconclusive, as the results say.")
    interpretation: Text = Field(description="What this may mean for the world the data comes from.")
    override_reason: Text | None = Field(
        None, description="Why the verdict differs from the computed one, where it does."
    )


class Recommendation(Part):
    """What the data scientist advises."""

    next: Outcome = Field(description="iterate, deploy, stop or revisit_requirements.")
    kind: IterationKind | None = Field(
        None, description="The kind of iteration, if the advice is to iterate."
    )
    why: Text = Field(description="The reason, from the findings.")


class DecidedBy(Part):
    """Somebody who took part in the decision."""

    role: Name = Field(description="The role, such as product.")
    name: Name | None = Field(None, description="The person or account that holds it.")


class Decision(Part):
    """What the stakeholders decided on the report."""

    outcome: Outcome = Field(description="iterate, deploy, stop or revisit_requirements.")
    by: list[DecidedBy] = Field(min_length=1, description="Who decided, by role.")
    on: Day = Field(description="The day of the decision, as YYYY-MM-DD.")
    why: Text = Field(description="The reason, in business terms.")


class PostMortem(Part):
    """What a reverted release taught."""

    what_happened: Text = Field(description="What went wrong after the launch, and how it was noticed.")
    why: Text = Field(description="The cause, as far as it is known.")
    findings: list[Finding] = Field(min_length=1, description="What was learned: at least one finding.")


class Report(Header):
    """The front matter of `report.md`."""

    stage: Literal[Stage.REPORT] = Field(description="Always report.")
    summary: Text = Field(description="The whole report in two or three sentences, for a stakeholder.")
    hypotheses: list[Answer] = Field(min_length=1, description="A verdict for every hypothesis of the plan.")
    findings: list[Finding] = Field(
        min_length=1,
        description="What was learned: at least one; a failed project is one that taught nothing.",
    )
    recommendation: Recommendation = Field(description="The data scientist's advice.")
    decision: Decision | None = Field(None, description="The stakeholders' decision, once they took it.")
    post_mortem: PostMortem | None = Field(None, description="Needed after a release was reverted.")
