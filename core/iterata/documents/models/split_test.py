"""How a deployment describes the rows of its split test, and what is measured in them."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from iterata.documents.models.base import Name, Part, Text
from iterata.documents.models.rows import RowSource, TargetValue, TargetValues
from iterata.errors import DataError
from iterata.expressions.parse import parse


class Arms(Part):
    """Which arm chance assigned a unit to: it is the assignment, not who was reached or opened."""

    column: Name = Field(description="The column of the arm.")
    control: TargetValue | TargetValues = Field(
        description="The value of the arm that keeps the status quo; a list if it is written in several ways."
    )
    treatment: TargetValue | TargetValues = Field(
        description="The value of the arm that gets the variant; a list if it is written in several ways."
    )


class OnlineMeasure(Part):
    """How a metric is measured in the split test: the mean of a unit's total, or a ratio of two totals."""

    of: Text = Field(
        description="What is measured in each row, added up over the rows of a unit: a column, or an "
        "expression such as `bought * 12`."
    )
    per: Text | None = Field(
        None, description="The metric is then the ratio of both totals, such as clicks per view."
    )
    before: Text | None = Field(
        None,
        description="The same measured before the unit was exposed, such as last year's spending: it makes "
        "the interval narrower (CUPED).",
    )
    better: Literal["higher", "lower"] | None = Field(
        None, description="Whether more or less is better; leave it out to take it over from the proposal."
    )
    margin: float | None = Field(
        None,
        ge=0,
        description="How much worse than the control is still acceptable, in the unit of this metric; leave "
        "it out for a guardrail to take it over from the proposal.",
    )
    at_least: float | None = Field(
        None, description="The smallest value that one row can have, such as 0; a smaller one is refused."
    )
    worth: float = Field(
        1.0,
        gt=0,
        description="For the primary metric: how much of the assessment's KPI one unit of this metric is.",
    )

    @field_validator("of", "per", "before")
    @classmethod
    def _is_an_expression(cls, expression: str | None) -> str | None:
        try:
            parse(expression or "0")
        except DataError as error:
            raise PydanticCustomError("monitor", "{message}", {"message": error.message}) from None
        return expression


class SplitTestSpec(RowSource):
    """The rows of the split test: rows of units, or rows that count many units (`units`)."""

    arm: Arms = Field(description="The arm of each row.")
    unit_id: Name | None = Field(
        None, description="The column of the unit that chance assigned; leave it out if each row is one."
    )
    date: Name | None = Field(
        None,
        description="The column of each row's day or time. A unit belongs to the phase of its first row. "
        "Leave it out if there is one phase, or a column `phase`.",
    )
    time_zone: Name | None = Field(
        None,
        description="The time zone of the team's days, such as Europe/Berlin, for times with a zone; UTC by "
        "default. Times without a zone are taken as they are written.",
    )
    phase: Name | None = Field(
        None, description="Instead of dates: the column of each row's phase, as its share."
    )
    crossed: Literal["refuse", "exclude"] = Field(
        "refuse",
        description="What to do with units that have rows in both arms: refuse them, or leave them out.",
    )
    units: Name | None = Field(
        None,
        description="For data that are already summed: the column with the number of units of a row; every "
        "other column is then a sum, and `squares` names the sums of squares.",
    )
    squares: dict[Name, Name] = Field(
        default_factory=dict,
        description="For summed data: the column with the sum of squares of each summed column, and of "
        "products, such as `spent * visits`, for a ratio. A column of 0 and 1 needs no squares.",
    )
    metrics: dict[Name, OnlineMeasure] = Field(
        min_length=1,
        description="How each metric is measured: the primary metric and the guardrails of the proposal by "
        "their names, and any other by a name of its own.",
    )

    not_measured: dict[Name, Text] = Field(
        default_factory=dict,
        description="The metrics of the proposal that no split test can measure, such as roc_auc, each with "
        "the reason.",
    )

    @field_validator("time_zone")
    @classmethod
    def _time_zone_exists(cls, name: str | None) -> str | None:
        try:
            if name is not None:
                ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            raise ValueError(f"there is no time zone {name}; write one such as Europe/Berlin") from None
        return name

    @model_validator(mode="after")
    def _phases_by_one_column(self) -> SplitTestSpec:
        if self.date is not None and self.phase is not None:
            raise ValueError("give either `date` or `phase`, and not both")
        if self.squares and self.units is None:
            raise ValueError("`squares` are for summed data, which name the column `units`")
        if self.units is not None and self.unit_id is not None:
            raise ValueError("summed rows have no `unit_id`; remove it, or `units`")
        return self
