"""Stage 1: what the business hopes a model will change."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from iterata.documents.models.base import Day, Header, Identifier, Name, Part, Text
from iterata.documents.models.enums import Direction, ModelKind
from iterata.stages import Stage

MOST_REVISIONS = 999
"""Each revision needs a reason and a missing reason is a problem, so the number must have a bound."""


class BusinessHypothesis(Part):
    """A belief of the business that a model may turn into value."""

    id: Identifier = Field(description="B1, B2 …, unique in the document.")
    statement: Text = Field(description="The belief, such as: personalised offers raise purchases.")


class Stakeholder(Part):
    """A role that decides on the project, or that its outcome affects."""

    role: Name = Field(description="The role, such as marketing.")
    interest: Text = Field(description="What they expect from the project, or what worries them.")
    name: Name | None = Field(None, description="The person or account that holds the role.")


class KpiGoal(Part):
    """A number that the business wants to improve."""

    name: Name = Field(description="The name, such as policies sold.")
    unit: Name = Field(description="The unit, such as policies.")
    direction: Direction = Field(description="Whether more or less is better: maximise or minimise.")
    current: float | None = Field(None, description="Its current value, if known.")
    definition: Text | None = Field(None, description="How it is measured, if the name alone is ambiguous.")


class Revision(Part):
    """Why the requirements were revised."""

    revision: int = Field(
        ge=2, le=MOST_REVISIONS, description="The number of the revision this entry explains."
    )
    on: Day = Field(description="The day of the revision, as YYYY-MM-DD.")
    reason: Text = Field(description="The market insight or the new requirement that caused it.")


class Requirements(Header):
    """The front matter of `requirements.md`."""

    stage: Literal[Stage.REQUIREMENTS] = Field(description="Always requirements.")
    business_problem: Text = Field(description="What is wrong today, or what could be better.")
    business_context: Text = Field(
        description="The market, the customers, the season: what a reader has to know."
    )
    hypotheses: list[BusinessHypothesis] = Field(
        min_length=1, description="What the business believes will help."
    )
    stakeholders: list[Stakeholder] = Field(min_length=1, description="Who is involved, by role.")
    kpis: list[KpiGoal] = Field(min_length=1, description="The numbers to improve, the most important first.")
    model_kind: ModelKind = Field(description="The kind of model the hypotheses suggest.")
    constraints: list[Text] = Field(
        default_factory=list, description="Conditions such as law, budget, brand and time."
    )
    revision: int = Field(
        1, ge=1, le=MOST_REVISIONS, description="Increases whenever new insight leads back to this stage."
    )
    revisions: list[Revision] = Field(
        default_factory=list, description="The reason for each revision after the first."
    )
