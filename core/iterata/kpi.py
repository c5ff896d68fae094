"""KPIs for notebooks: descriptions of the number that decides, as `iterata.lift` takes them.

`describe` makes one from keywords and checks them. The classes are the types of what it returns.
"""

from iterata.documents.models.kpi import (
    CellValues,
    ClassValueSpec,
    ForecastCostSpec,
    KpiSpec,
    MetricSpec,
    OutcomeValueSpec,
    PersonAnswer,
    PythonSpec,
    RankingSpec,
    TargetingSpec,
    UpliftSpec,
)
from iterata.measure.kpi.description import describe

__all__ = [
    "CellValues",
    "ClassValueSpec",
    "ForecastCostSpec",
    "KpiSpec",
    "MetricSpec",
    "OutcomeValueSpec",
    "PersonAnswer",
    "PythonSpec",
    "RankingSpec",
    "TargetingSpec",
    "UpliftSpec",
    "describe",
]
