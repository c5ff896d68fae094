"""Stage 1: what the business hopes a model will change."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from iterata.documents.models.base import Day, Header, Identifier, Name, Part, Text
from iterata.documents.models.enums import Direction, ModelKind
from iterata.stages import Stage

MOST_REVISIONS = 999
"""Each needs its reason, and every missing one is told of; a number without a bound would never end that."""


class BusinessHypothesis(Part):
    """A belief of the business that a model could turn into value."""

    id: Identifier = Field(description="B1, B2 …, unique in the document.")
    statement: Text = Field(description="The belief, such as: personalised offers raise purchases.")


class Stakeholder(Part):
    """Somebody who has a say, or who lives with the outcome."""

    role: Name = Field(description="The role, such as marketing.")
    interest: Text = Field(description="What they want from the project, or fear from it.")
    name: Name | None = Field(None, description="The person or account that holds the role.")


class KpiWanted(Part):
    """A number the business watches and wants moved."""

    name: Name = Field(description="What it is called, such as policies sold.")
    unit: Name = Field(description="What it is counted in, such as policies.")
    direction: Direction = Field(description="Which way is better: maximise or minimise.")
    current: float | None = Field(None, description="Its value today, where it is known.")
    definition: Text | None = Field(
        None, description="How it is measured, where the name leaves room for doubt."
    )


class Revision(Part):
    """Why the requirements were opened again."""

    revision: int = Field(
        ge=2, le=MOST_REVISIONS, description="The number of the revision this entry explains."
    )
    on: Day = Field(description="The day it was opened, as YYYY-MM-DD.")
    reason: Text = Field(description="The market insight or the new requirement that led back here.")


class Requirements(Header):
    """The front matter of `requirements.md`."""

    stage: Literal[Stage.REQUIREMENTS] = Field(description="Always requirements.")
    business_problem: Text = Field(description="What is wrong today, or what could be better.")
    business_context: Text = Field(
        description="The market, the customers, the season: what a reader must know."
    )
    hypotheses: list[BusinessHypothesis] = Field(
        min_length=1, description="What the business believes would help."
    )
    stakeholders: list[Stakeholder] = Field(min_length=1, description="Who has a say, by role.")
    kpis: list[KpiWanted] = Field(min_length=1, description="The numbers to move, the most important first.")
    model_kind: ModelKind = Field(description="The kind of model the hypotheses suggest.")
    constraints: list[Text] = Field(
        default_factory=list, description="Law, budget, brand, time: what must hold."
    )
    revision: int = Field(
        1, ge=1, le=MOST_REVISIONS, description="Counts up whenever new insight leads back to this stage."
    )
    revisions: list[Revision] = Field(
        default_factory=list, description="Why each revision after the first was made."
    )
