"""How an assessment describes its expected-lift analysis: from data or from assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from iterata.documents.models.assumptions import Assumptions
from iterata.documents.models.base import Part, Seed, exactly_one_of
from iterata.documents.models.campaign_checks import wrong_campaign, wrong_strata
from iterata.documents.models.enums import OutcomeKind
from iterata.documents.models.kpi import KpiSpec, is_class_scorer, may_stop, outcome_of
from iterata.documents.models.period import Period, Worth
from iterata.documents.models.rows import LiftData, unfit_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iterata.documents.models.assumption_messages import WrongAssumption
    from iterata.documents.models.rows import UnfitForTarget


class LiftSpec(Part):
    """The expected-lift analysis: the random model, the status quo and the perfect model on one scale."""

    model_config = ConfigDict(json_schema_extra=exactly_one_of(data="object", assumptions="object"))

    kpi: KpiSpec = Field(description="The number that decides, in business units.")
    data: LiftData | None = Field(None, description="The labelled rows; either data or assumptions.")
    assumptions: Assumptions | None = Field(
        None,
        description="Assumptions, if there are no data yet: numbers, [low, high] or [low, likely, high].",
    )
    period: Period | None = Field(
        None, description="The period to scale to; leave it out to scale to the rows."
    )
    worth: Worth | None = Field(None, description="Money per unit, for the break-even.")
    project_cost: float | None = Field(
        None, gt=0, description="What the project costs, in the same currency."
    )
    payback_periods: float = Field(
        1.0,
        gt=0,
        description="The number of periods in which the cost has to be recovered; fractions are possible.",
    )
    resamples: int = Field(
        2000, ge=200, le=100_000, description="How many bootstrap resamples the intervals use."
    )
    seed: Seed = Field(0, description="Makes the intervals reproducible.")

    @model_validator(mode="before")
    @classmethod
    def _averages_of_two_outcomes(cls, values: object) -> object:
        """A scorer such as f1_macro is one of yes / no targets if the document names the positive value."""
        if not isinstance(values, dict):
            return values
        kpi, data = values.get("kpi"), values.get("data")
        if not isinstance(kpi, dict) or not isinstance(data, dict) or "outcome" in kpi:
            return values
        names_positive = "positive" in data or data.get("negative") is not None
        if not names_positive or not is_class_scorer(str(kpi.get("metric"))):
            return values
        return {**values, "kpi": {**kpi, "outcome": OutcomeKind.YES_NO}}

    @model_validator(mode="after")
    def _one_source(self) -> LiftSpec:
        if (self.data is None) == (self.assumptions is None):
            raise ValueError("needs either `data` or `assumptions`, and not both")
        if self.data is not None and self.data.status_quo.stop_below is not None and not may_stop(self.kpi):
            raise ValueError("stop_below needs a KPI of kind targeting or uplift with `spend: optional`")
        if self.data is not None:
            _refuse("data", self.data, unfit_for(outcome_of(self.kpi), self.data))
            _refuse("data", self.data, wrong_campaign(self.kpi, self.data))
            _refuse("kpi", self.kpi, wrong_strata(self.kpi, self.data))
        if self.assumptions is not None:
            from iterata.documents.models.assumption_checks import (  # noqa: PLC0415  # only for assumptions
                wrong_assumptions,
            )

            _refuse(
                "assumptions", self.assumptions, wrong_assumptions(self.kpi, self.assumptions, self.period)
            )
        return self


def _refuse(key: str, part: Part, wrong: Iterable[WrongAssumption | UnfitForTarget]) -> None:
    """Raise one validation error for each thing that is wrong in a part, at its own key."""
    errors: list[InitErrorDetails] = [
        {
            "type": PydanticCustomError("assumption", "{message}", {"message": found.message}),
            "loc": (key, *found.path),
            "input": part,
        }
        for found in wrong
    ]
    if errors:
        raise ValidationError.from_exception_data("lift", errors)
