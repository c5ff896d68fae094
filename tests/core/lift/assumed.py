"""Lifts from assumptions for tests, and their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.documents.models.lift import LiftSpec
from iterata.lift.from_assumptions import compute

if TYPE_CHECKING:
    from iterata.results import Estimate, LiftResult

MAILING: dict[str, Any] = {"kind": "targeting", "name": "sales", "unit": "policies", "budget": 0.2}
PROFIT: dict[str, Any] = {"kind": "outcome_value", "name": "profit", "unit": "EUR"}


def lift(kpi: dict[str, Any], keys: dict[str, Any] | None = None, **assumptions: Any) -> LiftResult:
    """The lift of assumptions; `keys` are further keys of the `lift:` block."""
    block = {"kpi": kpi, "assumptions": {"draws": 2000, **assumptions}, **(keys or {})}
    return compute(LiftSpec.model_validate(block), "assessment.md:20")


def mailing(capture: Any = 0.3, base_rate: Any = 0.06, **more: Any) -> LiftResult:
    """The lift of a mailing to 4,000 customers; `more` changes keys of the `lift:` block or assumptions."""
    keys = {key: more.pop(key) for key in ("period", "worth", "project_cost", "seed") if key in more}
    kpi = {**MAILING, **more.pop("kpi", {})}
    assumptions = {"volume": 4000, "base_rate": base_rate, "status_quo": {"capture": capture}, **more}
    return lift(kpi, keys, **assumptions)


def figures(result: LiftResult) -> dict[str, float]:
    """The KPI of the reference models, and the gains."""
    scale = result.scale
    return {
        "random": scale.random.expectation.value,
        "status_quo": scale.status_quo.value,
        "perfect": scale.perfect.value,
        "potential": result.potential_lift.value,
        "risk": result.risk.value,
    }


def estimates(result: LiftResult) -> list[Estimate]:
    """Every figure that has an interval."""
    scale, assumed = result.scale, result.assumed
    assert assumed is not None
    certain = [scale.random.expectation, scale.status_quo, scale.perfect, result.potential_lift, result.risk]
    optional = (result.position, assumed.do_nothing, assumed.treat_all)
    return [*certain, *(estimate for estimate in optional if estimate)]
