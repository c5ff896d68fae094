"""How an assessment describes its KPI and its expected-lift analysis."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from iterata.documents.base import Name, Part, RepoPath, Text
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


class StatusQuo(Part):
    """What is done today, as a prediction over the same rows: a column, or a rule over columns."""

    column: Name | None = Field(None, description="The column that holds today's score or decision.")
    rule: Text | None = Field(
        None,
        description="An expression over columns, such as `income * 2 + (age > 40)`; highest first.",
    )
    label: Name = Field("status quo", description="What to call it in tables, such as today's mailing rule.")

    @model_validator(mode="after")
    def _one_source(self) -> StatusQuo:
        if (self.column is None) == (self.rule is None):
            raise ValueError("the status quo needs either column or rule, and not both")
        return self


class Rows(Part):
    """Rows of data with a target."""

    source: RepoPath = Field(description="A CSV or Parquet file, relative to the project's folder.")
    made_by: Text | None = Field(None, description="The command that makes the file, for whoever lacks it.")
    target: Name = Field(description="The column that holds what really happened.")
    positive: str | int | float | bool = Field(1, description="The target's value that counts as positive.")
    unit_id: Name | None = Field(
        None,
        description="The column naming the independent unit (user, account); leave out if each row is one.",
    )


class LiftData(Rows):
    """Labelled rows and what is done with them today."""

    status_quo: StatusQuo = Field(description="What is done today.")


class Period(Part):
    """The stretch of business the numbers are scaled to."""

    name: Name = Field(description="What it is, such as mailing, month or season.")
    rows: int = Field(gt=0, description="How many rows such a period has.")


class Worth(Part):
    """What one unit of the KPI is worth in money."""

    per_unit: float = Field(gt=0, description="Money per unit of the KPI.")
    currency: Name = Field(description="The currency, such as EUR.")


class LiftSpec(Part):
    """The expected-lift analysis: perfect, random and status quo on one scale."""

    kpi: KpiSpec = Field(description="The number that decides, in business units.")
    data: LiftData = Field(description="Where the labelled rows are.")
    period: Period | None = Field(
        None, description="What to scale to; leave out to keep to the rows at hand."
    )
    worth: Worth | None = Field(None, description="Money per unit, for the break-even.")
    project_cost: float | None = Field(
        None, gt=0, description="What the project costs, in the same currency."
    )
    resamples: int = Field(
        2000, ge=200, le=100_000, description="How many bootstrap resamples the intervals use."
    )
    seed: int = Field(0, ge=0, description="Makes the intervals repeatable.")
