"""The period that figures are scaled to, and their worth in money."""

from __future__ import annotations

from pydantic import Field

from iterata.documents.models.base import Day, Name, Part


class Period(Part):
    """The period that figures are scaled to."""

    name: Name = Field(description="The name, such as mailing, month or season.")
    rows: int = Field(gt=0, description="The number of rows in one period.")
    days: float | None = Field(None, gt=0, description="The length in days, for dates and the split test.")
    starts: Day | None = Field(
        None, description="The day a model would start, as YYYY-MM-DD, for the date of the break-even."
    )


class Worth(Part):
    """What one unit of the KPI is worth in money."""

    per_unit: float = Field(gt=0, description="Money per unit of the KPI.")
    currency: Name = Field(description="The currency, such as EUR.")
