"""How an assessment describes its KPI: one model per kind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from iterata.documents.base import Name, Part
from iterata.documents.vocabulary import Direction, Spend


class KpiBase(Part):
    """What every KPI says of itself."""

    name: Name = Field(description="What it is called, such as policies sold.")
    unit: Name = Field(description="What it is counted in, such as policies or EUR.")
    direction: Direction = Field(Direction.MAXIMISE, description="Which way is better.")


def _share_or_number(budget: float) -> float:
    if budget > 1 and (budget < 2 or budget != int(budget)):
        raise ValueError("must be a share up to 1, such as 0.2, or a whole number of units, such as 800")
    return budget


Budget = Annotated[float, Field(gt=0), AfterValidator(_share_or_number)]
"""A share of the units, or their number."""


class TargetingSpec(KpiBase):
    """The value of contacting the best-scored units within a budget."""

    kind: Literal["targeting"] = Field(description="Contact the best-scored units within a budget.")
    budget: Budget = Field(description="Up to 1: the share of units to contact. From 2: their number.")
    value_per_hit: float = Field(1.0, description="What one contacted positive is worth, in the unit.")
    cost_per_contact: float = Field(0.0, ge=0, description="What one contact costs, in the unit.")
    spend: Spend = Field(Spend.FORCED, description="Whether the whole budget is spent whoever is left.")


class CellValues(Part):
    """What one row in each cell of the confusion table is worth, in the KPI's unit."""

    tp: float = Field(description="Positive, and acted upon.")
    fp: float = Field(description="Negative, and acted upon.")
    fn: float = Field(description="Positive, and left alone.")
    tn: float = Field(description="Negative, and left alone.")


class OutcomeValueSpec(KpiBase):
    """The summed value of yes / no decisions."""

    kind: Literal["outcome_value"] = Field(description="Sum the value of each yes / no decision.")
    values: CellValues = Field(description="What each kind of outcome is worth.")
    threshold: float = Field(0.5, description="A score from here on counts as yes; decisions are 0 or 1.")


KpiSpec = Annotated[TargetingSpec | OutcomeValueSpec, Field(discriminator="kind")]
