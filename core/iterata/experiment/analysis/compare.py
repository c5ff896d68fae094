"""Compares what was predicted: every model on the same rows and the same resamples.

The question answered is about *these fitted predictions*: how much of what they won on the rows at hand is
chance in the rows. Repeats are averaged within each resample, so that they do not count as more rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import STATUS_QUO
from iterata.experiment.analysis import guardrails, secondary_metrics, segments
from iterata.experiment.analysis.figures import gather, per_model
from iterata.experiment.analysis.verdict import judge
from iterata.results import HypothesisResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from iterata.arrays import Bools
    from iterata.documents.models.proposal import Hypothesis, Plan
    from iterata.experiment.analysis.figures import Columns, Evidence, Figure, Key
    from iterata.experiment.analysis.segments import Segment
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.weightings import Measure
    from iterata.results import Estimate, GuardrailResult, MetricValue, Scale, SegmentResult


class Standing(NamedTuple):
    """Where a variant stands."""

    kpi: Estimate
    difference: Estimate
    """Against the status quo, in utility."""
    captured_share: Estimate | None
    metrics: list[MetricValue]


class Comparison(NamedTuple):
    """What the predictions show."""

    scale: Scale
    status_quo_metrics: list[MetricValue]
    variants: dict[str, Standing]
    guardrails: list[GuardrailResult]
    segments: list[SegmentResult]
    hypotheses: list[HypothesisResult]


def compare(
    plan: Plan,
    kpi_scale: KpiScale,
    columns: Columns,
    *,
    units: NDArray[np.intp] | None,
    found: Sequence[Segment],
    guardrail_masks: Mapping[str, Bools],
) -> Comparison:
    """Compare the variants with the status quo and with each other.

    Args:
        plan: what is to be found out.
        kpi_scale: measures the KPI.
        columns: predictions of the status quo and of every variant.
        units: `(n,)`, the independent unit of each row; none if every row is one.
        found: the segments of the plan.
        belongs: for which rows a guardrail's expression holds, by the guardrail's name.
    """
    metrics = [each.metric for each in plan.metrics.secondary]
    variants = {name: each for name, each in columns.items() if name != STATUS_QUO}
    names = list(variants)
    measures: dict[Key, Measure] = {("bound", name): bound for name, bound in kpi_scale.bounds.items()}
    measures |= per_model(variants, lambda column: kpi_scale.column(column.values), "kpi")
    guarded = [each.metric for each in plan.metrics.guardrail if each.metric is not None]
    measures |= secondary_metrics.measures(dict.fromkeys([*metrics, *guarded]), columns, kpi_scale)
    for guardrail in plan.metrics.guardrail:
        measures |= guardrails.measures(guardrail, columns, kpi_scale, guardrail_masks.get(guardrail.name))
    for segment in found:
        measures |= segments.measures(segment, columns, kpi_scale)
    rows = len(kpi_scale.outcomes)
    evidence = gather(measures, rows, resamples=plan.resamples, seed=plan.seed, units=units)
    return Comparison(
        _scale(plan, kpi_scale, evidence),
        secondary_metrics.results(metrics, STATUS_QUO, evidence),
        {name: _standing(name, metrics, kpi_scale, evidence) for name in names},
        [
            each
            for rail in plan.metrics.guardrail
            for each in guardrails.results(rail, list(variants), evidence)
        ],
        [segments.result(each, list(variants), kpi_scale, evidence) for each in found],
        [_answer(each, kpi_scale, evidence) for each in plan.hypotheses],
    )


def _scale(plan: Plan, kpi_scale: KpiScale, evidence: Evidence) -> Scale:
    bounds = {key[1]: figure for key, figure in evidence.items() if key[0] == "bound"}
    sample = {name: figure.value for name, figure in bounds.items()}
    draws = {name: figure.draws for name, figure in bounds.items()}
    return kpi_scale.scale(sample, draws, plan.status_quo.label)


def _kpi(model: str, evidence: Evidence) -> Figure:
    return evidence["bound", "status_quo"] if model == STATUS_QUO else evidence["kpi", model]


def _standing(name: str, metrics: Sequence[str], kpi_scale: KpiScale, evidence: Evidence) -> Standing:
    today = _kpi(STATUS_QUO, evidence)
    gain = _kpi(name, evidence).minus(today, kpi_scale.sign)
    potential = evidence["bound", "perfect"].minus(today, kpi_scale.sign)
    captured = kpi_scale.share_estimate((gain.value, potential.value), (gain.draws, potential.draws))
    values = secondary_metrics.results(metrics, name, evidence)
    return Standing(_kpi(name, evidence).estimate(), gain.estimate(), captured, values)


def _answer(hypothesis: Hypothesis, kpi_scale: KpiScale, evidence: Evidence) -> HypothesisResult:
    asked = hypothesis.supported_if
    difference = _kpi(asked.variant, evidence).minus(_kpi(asked.over, evidence), kpi_scale.sign).estimate()
    return HypothesisResult(
        id=hypothesis.id,
        claim=hypothesis.claim,
        variant=asked.variant,
        over=asked.over,
        by=asked.by,
        difference=difference,
        verdict=judge(difference, asked.by),
    )
