"""The stretch of business that figures are of, and what they are worth there."""

from __future__ import annotations

from pydantic import Field

from iterata.documents.models.base import Day, Name, Part


class Period(Part):
    """The stretch of business the numbers are scaled to."""

    name: Name = Field(description="What it is, such as mailing, month or season.")
    rows: int = Field(gt=0, description="How many rows such a period has.")
    days: float | None = Field(None, gt=0, description="How long it is, for dates and the split test.")
    starts: Day | None = Field(
        None, description="When a model would begin to work, as YYYY-MM-DD, for the date of the break-even."
    )


class Worth(Part):
    """What one unit of the KPI is worth in money."""

    per_unit: float = Field(gt=0, description="Money per unit of the KPI.")
    currency: Name = Field(description="The currency, such as EUR.")
