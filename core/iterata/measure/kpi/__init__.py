"""KPIs: from a column of predictions to one number in business units. Notebooks import `iterata.kpi`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import EmptyGroups, Spend
from iterata.documents.models.kpi import (
    ClassValueSpec,
    ForecastCostSpec,
    MetricSpec,
    OutcomeValueSpec,
    PythonSpec,
    RankingSpec,
    TargetingSpec,
    UpliftSpec,
)
from iterata.errors import DataError, at_field
from iterata.measure.kpi.base import Kpi
from iterata.measure.kpi.class_metric import ClassMetricKpi
from iterata.measure.kpi.class_value import ClassValue
from iterata.measure.kpi.description import CallableSpec
from iterata.measure.kpi.forecast_cost import ForecastCost
from iterata.measure.kpi.metric import metric_kpi
from iterata.measure.kpi.outcome_value import OutcomeValue
from iterata.measure.kpi.python import PythonKpi
from iterata.measure.kpi.ranking import RankingKpi
from iterata.measure.kpi.targeting import Targeting
from iterata.measure.kpi.uplift import Uplift

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.documents.models.kpi import KpiSpec

__all__ = ["Kpi", "from_spec"]


def from_spec(spec: KpiSpec, rows: int, project: Path | None = None) -> Kpi:
    """The KPI that a document describes.

    Args:
        spec: the description.
        rows: the number of rows that a budget given as a number is taken from.
        project: the folder whose code may be run; only a KPI of kind `python` needs it.

    Raises:
        DataError: the budget is a number larger than `rows`, or there is no such metric or function.
    """
    sign = spec.direction.sign
    match spec:
        case TargetingSpec() | UpliftSpec():
            return _with_budget(spec, rows)
        case OutcomeValueSpec():
            values = spec.values
            return OutcomeValue(values.tp, values.fp, values.fn, values.tn, spec.threshold, sign, spec.random)
        case MetricSpec() if spec.of_classes:
            return ClassMetricKpi.of(spec.metric)
        case MetricSpec():
            return metric_kpi(spec.metric, of_numbers=spec.of_numbers)
        case PythonSpec():
            return _of_project(spec, project)
        case _:
            return _without_actions(spec)


def _without_actions(spec: ClassValueSpec | ForecastCostSpec | RankingSpec) -> Kpi:
    match spec:
        case ClassValueSpec():
            return ClassValue.of(spec)
        case ForecastCostSpec():
            return ForecastCost(spec.under, spec.over)
        case RankingSpec():
            return RankingKpi(spec.measure, spec.k, spec.empty_groups is EmptyGroups.ZERO)


def _with_budget(spec: TargetingSpec | UpliftSpec, rows: int) -> Kpi:
    share, forced, sign = _share(spec.budget, rows), spec.spend is Spend.FORCED, spec.direction.sign
    cost = sign * spec.cost_per_contact
    if isinstance(spec, UpliftSpec):
        return Uplift(share, spec.value_per_outcome, cost, forced, sign, spec.turned_away_at_most)
    return Targeting(share, spec.value_per_hit, cost, forced, sign)


def _of_project(spec: PythonSpec, project: Path | None) -> Kpi:
    if isinstance(spec, CallableSpec):
        return PythonKpi(spec.call, spec.function)
    from iterata.execution.project_code import load_function  # noqa: PLC0415  # runs code of the project

    if project is None:
        remedy = "pass the function itself: describe('python', function=margin, ...)"
        message = f"the function {spec.function} is project code, but no project is given"
        raise DataError(message, remedy=remedy, where=at_field("kpi.function"))
    return PythonKpi(load_function(project, spec.function), spec.function)


def _share(budget: float, rows: int) -> float:
    """The budget as a share of the rows; the document's model admits only shares and whole numbers."""
    if budget > rows:
        remedy = f"write at most {rows}, or a share up to 1"
        if budget <= 100:  # per cent
            remedy = (
                f"write `budget: {budget / 100:g}` for {budget:g} % of the rows, or a number up to {rows}"
            )
        message = f"the budget of {budget:g} is more than the {rows:,} rows it is taken from"
        raise DataError(message, remedy=remedy, where=at_field("kpi.budget"))
    return budget if budget <= 1 else budget / rows
