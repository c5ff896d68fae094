"""KPIs: from a column of predictions to one number in business units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.arrays import Bools, Floats
from iterata.documents.models.enums import Direction, EmptyGroups, Spend
from iterata.documents.models.kpi import (
    ForecastCostSpec,
    MetricSpec,
    OutcomeValueSpec,
    PythonSpec,
    RankingSpec,
    TargetingSpec,
)
from iterata.errors import DataError, at_field
from iterata.measure.kpi.base import ActingKpi, Kpi
from iterata.measure.kpi.description import CallableSpec, describe
from iterata.measure.kpi.forecast_cost import ForecastCost
from iterata.measure.kpi.metric import find
from iterata.measure.kpi.outcome_value import OutcomeValue
from iterata.measure.kpi.python import Python
from iterata.measure.kpi.ranking import RankingKpi
from iterata.measure.kpi.targeting import Targeting
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.documents.models.kpi import KpiSpec

__all__ = ["ActingKpi", "Kpi", "describe", "from_spec", "sign_of"]


def sign_of(spec: KpiSpec) -> float:
    """What turns the KPI into utility: 1 where more is better, -1 where less is."""
    return 1.0 if spec.direction is Direction.MAXIMISE else -1.0


def from_spec(spec: KpiSpec, rows: int, project: Path | None = None) -> Kpi:
    """The KPI that a document describes.

    Args:
        spec: what the document says.
        rows: what a budget that is a number is taken from.
        project: the folder whose code may be run; only a KPI of kind `python` needs it.

    Raises:
        DataError: the budget is a number larger than `rows`, or there is no such metric or function.
    """
    sign = sign_of(spec)
    match spec:
        case TargetingSpec():
            forced = spec.spend is Spend.FORCED
            share = _share(spec.budget, rows)
            return Targeting(share, spec.value_per_hit, sign * spec.cost_per_contact, forced, sign)
        case OutcomeValueSpec():
            return OutcomeValue(
                **spec.values.model_dump(), threshold=spec.threshold, sign=sign, blindly=spec.random
            )
        case ForecastCostSpec():
            return ForecastCost(spec.under, spec.over)
        case RankingSpec():
            return RankingKpi(spec.measure, spec.k, spec.empty_groups is EmptyGroups.ZERO)
        case MetricSpec():
            return find(spec.metric, of_numbers=spec.of_numbers)
        case PythonSpec():
            return _of_project(spec, project)


def _of_project(spec: PythonSpec, project: Path | None) -> Kpi:
    if isinstance(spec, CallableSpec):
        return Python(spec.call, spec.function)
    from iterata.execution.project_code import load_function  # noqa: PLC0415  # runs code of the project

    if project is None:
        remedy = "call it yourself, or give the folder that holds it"
        raise DataError(
            "a KPI of kind python belongs to a project", remedy=remedy, where=at_field("kpi.function")
        )
    return Python(load_function(project, spec.function), spec.function)


def _share(budget: float, rows: int) -> float:
    """The budget as a share; the document's model has seen to it that it is one, or a whole number."""
    if budget > rows:
        remedy = f"write at most {rows}, or a share up to 1"
        message = f"the budget of {budget:g} is more than the {rows:,} rows it is taken from"
        raise DataError(message, remedy=remedy, where=at_field("kpi.budget"))
    return budget if budget <= 1 else budget / rows
