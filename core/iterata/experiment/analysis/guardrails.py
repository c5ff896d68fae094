"""Guardrails: what must not get worse by more than a margin, whatever the KPI gains.

A guardrail is a test of non-inferiority: it holds if the upper end of the one-sided confidence interval of
the worsening is within the margin. A wide interval is no excuse: it counts against the variant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.documents.models.enums import STATUS_QUO, Direction
from iterata.documents.models.kpi import CellValues, TargetingSpec
from iterata.experiment.analysis.evidence import by_model
from iterata.measure.kpi import from_spec
from iterata.measure.measures import combine
from iterata.measure.outcomes import Outcomes
from iterata.results import GuardrailResult

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats
    from iterata.documents.models.proposal import Guardrail
    from iterata.experiment.analysis.evidence import Evidence, Figure, Predictions
    from iterata.measure.kpi import Kpi
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.measures import Measure
    from iterata.measure.predictions import PredictionColumn


def measure_share(predictions: Predictions, kpi_scale: KpiScale, mask: Bools) -> dict[str, Measure]:
    """The share of rows in `mask`, `(n,)`, among the rows that each model acts on; weighted like the KPI."""
    counter = _counter(kpi_scale)
    return by_model(predictions, lambda column: _share_of(mask, column, counter, kpi_scale.outcomes.weight))


def result(guardrail: Guardrail, variant: str, evidence: Evidence) -> GuardrailResult:
    """Whether a variant keeps a guardrail. It does not if the worsening cannot be measured."""
    figure, status_quo = (_figure(guardrail, model, evidence) for model in (variant, STATUS_QUO))
    worsening = None
    if figure is not None and status_quo is not None:
        worsening = figure.minus(status_quo, -1.0 if guardrail.better == "higher" else 1.0)
    upper_bound = worsening.upper_bound() if worsening is not None and worsening.is_defined else None
    return GuardrailResult(
        name=guardrail.name,
        variant=variant,
        better=guardrail.better,
        share_of=guardrail.share_of,
        status_quo=_value(status_quo),
        value=_value(figure),
        worsening=_value(worsening),
        worsening_at_most=upper_bound,
        margin=guardrail.margin,
        holds=upper_bound is not None and upper_bound <= guardrail.margin,
    )


def _figure(guardrail: Guardrail, model: str, evidence: Evidence) -> Figure | None:
    if guardrail.metric is not None:
        return evidence.metric(guardrail.metric, model)
    return evidence.share(guardrail.name, model)


def _value(figure: Figure | None) -> float | None:
    return figure.value if figure is not None and figure.is_defined else None


def _share_of(mask: Bools, column: PredictionColumn, counter: Kpi, weight: Floats | None) -> Measure:
    """The share of rows in `mask` among the rows acted on, which can be other rows in every resample."""

    def share(masked: Floats, acted_on: Floats) -> Floats:
        undefined = np.full_like(masked, np.nan)
        shares: Floats = np.divide(masked, acted_on, out=undefined, where=acted_on > 0)
        return shares

    count_masked = counter.measure(Outcomes(mask.astype(np.float64), weight), column.values)
    budget = counter.budget
    if budget and (column.values > -np.inf).all():
        return count_masked.map(lambda masked: share(masked, np.full_like(masked, budget)))
    count_all = counter.measure(Outcomes(np.ones(len(mask)), weight), column.values)
    rows = len(mask)
    return combine(share, count_masked, count_all).of_trials(count_all.map(lambda acted_on: rows * acted_on))


def _counter(kpi_scale: KpiScale) -> Kpi:
    """A KPI that acts on the same rows as that of the scale, and counts the positive rows among them."""
    spec = kpi_scale.spec
    if isinstance(spec, TargetingSpec):
        counting: dict[str, object] = {"value_per_hit": 1.0, "cost_per_contact": 0.0}
        counting["budget"] = kpi_scale.kpi.budget
    else:
        counting = {"values": CellValues(tp=1, fp=0, fn=0, tn=0)}
    counting["direction"] = Direction.MAXIMISE
    return from_spec(spec.model_copy(update=counting), kpi_scale.period_rows)
