"""Stage 2: whether a model is needed, and what it could gain at best."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from iterata.documents.models.base import Header, Iteration, Name, Part, Text
from iterata.documents.models.enums import AlternativeVerdict, Approach, Go
from iterata.documents.models.lift import LiftSpec
from iterata.stages import Stage


class Alternative(Part):
    """A way to solve the problem, and the decision on it."""

    approach: Approach = Field(description="The kind of solution.")
    idea: Text = Field(description="The solution in one sentence.")
    verdict: AlternativeVerdict = Field(description="The decision on it.")
    why: Text = Field(description="The reason for the verdict.")


class Assessment(Header):
    """The front matter of `assessment.md`."""

    stage: Literal[Stage.ASSESSMENT] = Field(description="Always assessment.")
    iteration: Iteration = Field(description="The iteration that begins here.")
    problem_confirmed: Text = Field(description="The business problem, in the data scientist's words.")
    stakeholders_confirmed: list[Name] | None = Field(
        None,
        min_length=1,
        description="The roles that confirmed the problem; leave it out for all stakeholders.",
    )
    success_metrics: list[Name] | None = Field(
        None,
        min_length=1,
        description="The KPIs that measure success; leave it out for all KPIs of the requirements.",
    )
    override_reason: Text | None = Field(
        None, description="Why the KPI differs from the one of the requirements."
    )
    why_a_model: Text | None = Field(
        None, description="Why a trained model suits this problem, if the alternatives do not say it."
    )
    alternatives: list[Alternative] = Field(
        min_length=2, description="Other solutions considered, each with a verdict."
    )
    lift: LiftSpec = Field(description="The expected-lift analysis, computed by `iterata lift`.")
    recommendation: Go = Field(description="Whether to go on to a proposal.")
