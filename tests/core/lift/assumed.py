"""Results of assumptions, and what tests ask of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.documents.models.lift import LiftSpec
from iterata.lift.from_assumptions import compute

if TYPE_CHECKING:
    from iterata.results import Estimate, LiftResult

MAILING: dict[str, Any] = {"kind": "targeting", "name": "sales", "unit": "policies", "budget": 0.2}
PROFIT: dict[str, Any] = {"kind": "outcome_value", "name": "profit", "unit": "EUR"}


def lift(kpi: dict[str, Any], described: dict[str, Any] | None = None, **assumed: Any) -> LiftResult:
    said = {"kpi": kpi, "assumptions": {"draws": 2000, **assumed}, **(described or {})}
    return compute(LiftSpec.model_validate(said), "assessment.md:20")


def mailing(capture: Any = 0.3, base_rate: Any = 0.06, **more: Any) -> LiftResult:
    described = {key: more.pop(key) for key in ("period", "worth", "project_cost", "seed") if key in more}
    kpi = {**MAILING, **more.pop("kpi", {})}
    assumed = {"volume": 4000, "base_rate": base_rate, "status_quo": {"capture": capture}, **more}
    return lift(kpi, described, **assumed)


def figures(found: LiftResult) -> dict[str, float]:
    scale = found.scale
    return {
        "random": scale.random.expectation.value,
        "status_quo": scale.status_quo.value,
        "perfect": scale.perfect.value,
        "potential": found.potential_lift.value,
        "risk": found.risk.value,
    }


def estimates(found: LiftResult) -> list[Estimate]:
    scale, assumed = found.scale, found.assumed
    assert assumed is not None
    every = [scale.random.expectation, scale.status_quo, scale.perfect, found.potential_lift, found.risk]
    every += [each for each in (found.position, assumed.do_nothing, assumed.treat_all) if each]
    return every
