"""Guardrails: what must not get worse by more than a margin, whatever the KPI gains.

Non-inferiority: a guardrail holds if the upper end of the one-sided interval of the worsening stays within
the margin. A wide interval is no excuse; it speaks against the variant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.documents.models.enums import STATUS_QUO, Direction
from iterata.documents.models.kpi import CellValues, TargetingSpec
from iterata.experiment.analysis.figures import per_model
from iterata.measure.kpi import from_spec
from iterata.measure.outcomes import Outcomes
from iterata.results import GuardrailResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.proposal import Guardrail
    from iterata.experiment.analysis.figures import Columns, Evidence, Figure, Key
    from iterata.measure.kpi import Kpi
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.metrics import PredictionColumn
    from iterata.measure.weightings import Measure, Weightings


def measures(
    guardrail: Guardrail, columns: Columns, kpi_scale: KpiScale, guardrail_masks: Bools | None
) -> dict[Key, Measure]:
    """The guardrail's figure of every model.

    `guardrail_masks` says for which rows the guardrail's expression holds, where it has one.
    """
    if guardrail.metric is not None:
        return {}  # measured with the secondary metrics
    counter = _counter(kpi_scale.spec, kpi_scale.period_rows)
    flags = np.zeros(len(kpi_scale.outcomes), dtype=bool) if guardrail_masks is None else guardrail_masks
    return per_model(columns, lambda column: _share_of(flags, column, counter), "share", guardrail.name)


def results(guardrail: Guardrail, variants: Sequence[str], evidence: Evidence) -> list[GuardrailResult]:
    """Whether each variant keeps the guardrail."""
    key = ("share", guardrail.name) if guardrail.metric is None else ("metric", guardrail.metric)
    status_quo = evidence.get((*key, STATUS_QUO))
    return [_result(guardrail, name, evidence.get((*key, name)), status_quo) for name in variants]


def _result(
    guardrail: Guardrail, variant: str, ours: Figure | None, theirs: Figure | None
) -> GuardrailResult:
    worse = ours.minus(theirs, -1.0 if guardrail.better == "higher" else 1.0) if ours and theirs else None
    at_most = worse.at_most() if worse is not None and worse.defined else None
    return GuardrailResult(
        name=guardrail.name,
        variant=variant,
        better=guardrail.better,
        share_of=guardrail.share_of,
        status_quo=_known(theirs),
        value=_known(ours),
        worsening=_known(worse),
        worsening_at_most=at_most,
        margin=guardrail.margin,
        holds=at_most is not None and at_most <= guardrail.margin,
    )


def _known(figure: Figure | None) -> float | None:
    return figure.value if figure is not None and figure.defined else None


def _share_of(flags: Bools, column: PredictionColumn, counter: Kpi) -> Measure:
    """The share of flagged rows among those acted upon, which each resample chooses anew."""
    flagged = counter.measure(Outcomes.of(flags), column.values)
    everybody = counter.measure(Outcomes.of(np.ones(len(flags), dtype=bool)), column.values)

    def share(draws: Weightings) -> Floats:
        of_rows = flagged(draws)
        acted = np.full_like(of_rows, counter.budget) if counter.budget else everybody(draws)
        shares: Floats = np.divide(of_rows, acted, out=np.full_like(of_rows, np.nan), where=acted > 0)
        return shares

    return share


def _counter(spec: KpiSpec, period_rows: int) -> Kpi:
    """A KPI that acts as `spec` does, and counts the positives it acts upon."""
    if isinstance(spec, TargetingSpec):
        counting: dict[str, object] = {"value_per_hit": 1.0, "cost_per_contact": 0.0}
    else:
        counting = {"values": CellValues(tp=1, fp=0, fn=0, tn=0)}
    return from_spec(spec.model_copy(update={**counting, "direction": Direction.MAXIMISE}), period_rows)
