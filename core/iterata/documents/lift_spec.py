"""How an assessment describes its expected-lift analysis."""

from __future__ import annotations

from pydantic import Field

from iterata.documents.base import Name, Part
from iterata.documents.kpi_spec import KpiSpec
from iterata.documents.rows_spec import LiftData


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
