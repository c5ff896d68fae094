"""Small comparisons: plans with one hypothesis, and predictions given as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from iterata.documents.models.enums import STATUS_QUO
from iterata.documents.models.kpi import OutcomeValueSpec
from iterata.experiment.analysis.compare import compare
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes
from iterata.measure.predictions import column

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.documents.models.proposal import Plan
    from iterata.experiment.analysis.compare import Comparison

    MakePlan = Callable[..., Plan]
    Crowd = tuple[Any, dict[str, Any]]


def hypothesis(variant: str, over: str = STATUS_QUO, by: float = 0) -> dict[str, Any]:
    return {"id": "H", "claim": "It is better.", "supported_if": {"variant": variant, "over": over, "by": by}}


def secondary(*metrics: str) -> dict[str, Any]:
    return {"primary": "sales", "secondary": [{"metric": name} for name in metrics]}


def guarded(**guardrail: Any) -> dict[str, Any]:
    return {"primary": "sales", "guardrail": [{"margin": 0, **guardrail}]}


def outcome_value(direction: str = "maximise", **cells: float) -> OutcomeValueSpec:
    values = {"tp": 0, "fp": 0, "fn": 0, "tn": 0, **cells}
    return OutcomeValueSpec.model_validate(
        {"kind": "outcome_value", "name": "sales", "unit": "EUR", "direction": direction, "values": values}
    )


def compared(plan: Plan, kpi: Any, positive: Any, predictions: dict[str, Any], **rows: Any) -> Comparison:
    kpi_scale = KpiScale.of(kpi, Outcomes.of(positive), predictions[STATUS_QUO], None)
    columns = {
        model: [column(repeat) for repeat in np.atleast_2d(repeats)] for model, repeats in predictions.items()
    }
    return compare(
        plan, kpi_scale, columns, **{"units": None, "plan_segments": [], "guardrail_masks": {}, **rows}
    )
