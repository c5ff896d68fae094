"""KPIs: from a column of predictions to one number in business units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.kpi_spec import OutcomeValueSpec, TargetingSpec
from iterata.documents.vocabulary import Direction, Spend
from iterata.errors import DataError
from iterata.kpi.base import ActingKpi, Bools, Floats, Kpi, Outcomes
from iterata.kpi.outcome_value import OutcomeValue
from iterata.kpi.targeting import Targeting

if TYPE_CHECKING:
    from iterata.documents.kpi_spec import KpiSpec

__all__ = ["ActingKpi", "Bools", "Floats", "Kpi", "Outcomes", "from_spec", "sign_of"]


def sign_of(spec: KpiSpec) -> float:
    """What turns the KPI into utility: 1 where more is better, -1 where less is."""
    return 1.0 if spec.direction is Direction.MAXIMISE else -1.0


def from_spec(spec: KpiSpec, rows: int) -> Kpi:
    """The KPI that a document describes; a budget that is a number is taken from `rows`.

    Raises:
        DataError: the budget is a number larger than `rows`.
    """
    match spec:
        case TargetingSpec():
            share = _share(spec.budget, rows)
            sign, forced = sign_of(spec), spec.spend is Spend.FORCED
            return Targeting(share, spec.value_per_hit, sign * spec.cost_per_contact, forced, sign)
        case OutcomeValueSpec():
            return OutcomeValue(**spec.values.model_dump(), threshold=spec.threshold, sign=sign_of(spec))


def _share(budget: float, rows: int) -> float:
    """The budget as a share; the document's model has seen to it that it is one, or a whole number."""
    if budget > rows:
        remedy = f"write at most {rows}, or a share up to 1"
        message = f"the budget of {budget:g} is more than the {rows:,} rows it is taken from"
        raise DataError(message, remedy=remedy, where="kpi.budget")
    return budget if budget <= 1 else budget / rows
