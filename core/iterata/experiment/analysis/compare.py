"""Compares the predictions of all models on the same rows and the same resamples.

Figures and their intervals are about *these fitted predictions*: how much of their gain on these rows is due
to the choice of the rows. Repeats are averaged within each resample; otherwise they would count as more rows.

The verdict on a hypothesis is about the claim behind it. If a variant was fitted on random folds, its
predictions share training rows, and a bootstrap of them errs two to five times as often as it says: the folds
decide.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import STATUS_QUO
from iterata.documents.models.kpi import UpliftSpec
from iterata.experiment.analysis import guardrails, secondary_metrics, segments, uplift_curves
from iterata.experiment.analysis.answer_shares import measure_shares
from iterata.experiment.analysis.answers import AnswerTables
from iterata.experiment.analysis.claims import Comparer
from iterata.experiment.analysis.evidence import FigureSet, by_model, gather
from iterata.measure.multiplicity import holm
from iterata.measure.uplift.identification import Drawn
from iterata.results import Estimate, HypothesisResult, Identified

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.proposal import Plan
    from iterata.experiment.analysis.answer_shares import AnswerMasks
    from iterata.experiment.analysis.answers import AnswerFigures
    from iterata.experiment.analysis.evidence import Evidence, Predictions
    from iterata.experiment.analysis.learners import FoldComparison
    from iterata.experiment.analysis.segments import Segment
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.measures import Measure
    from iterata.results import GuardrailResult, MetricValue, Scale, SegmentResult, UpliftCurve


class VariantFigures(NamedTuple):
    """The figures of one variant."""

    kpi: Estimate
    difference: Estimate
    """From the status quo, in utility: positive is better."""
    captured_share: Estimate | None
    """Of the potential lift; None if there is no potential lift."""
    metrics: list[MetricValue]
    curve: UpliftCurve | None = None
    """The gain by depth; None if the KPI is not one of effects."""
    captured_identified: Identified | None = None
    """The captured share at both ends of the potential lift; None if perfect is known row by row."""
    answers: AnswerFigures | None = None
    """None if the target has no classes."""


class Comparison(NamedTuple):
    """What the predictions show."""

    scale: Scale
    status_quo_metrics: list[MetricValue]
    variants: dict[str, VariantFigures]
    guardrails: list[GuardrailResult]
    segments: list[SegmentResult]
    hypotheses: list[HypothesisResult]
    status_quo_curve: UpliftCurve | None = None
    """The status quo's gain by depth; None if the KPI is not one of effects."""
    potential_identified: Identified | None = None
    """The potential lift at both ends of perfect; None if perfect is known row by row."""
    status_quo_answers: AnswerFigures | None = None
    """None if the target has no classes."""


def compare(  # noqa: PLR0913  # what a finished run knows
    plan: Plan,
    kpi_scale: KpiScale,
    predictions: Predictions,
    *,
    units: NDArray[np.intp] | None,
    plan_segments: Sequence[Segment],
    guardrail_masks: Mapping[str, Bools],
    by_fold: FoldComparison | None = None,
    resampled: str = "rows",
    answer_masks: AnswerMasks | None = None,
) -> Comparison:
    """Compare the variants with the status quo and with each other.

    Args:
        plan: the metrics, guardrails and hypotheses in question.
        kpi_scale: measures the KPI.
        predictions: of the status quo and of every variant.
        units: `(n,)`, the independent unit of each row; None if every row is a unit.
        plan_segments: the segments of the plan.
        guardrail_masks: for which rows the expression of a guardrail holds, by the guardrail's name.
        by_fold: the same models in each of the random folds; None if folds are not random.
        resampled: what the bootstrap resamples, in words.
        answer_masks: for which rows the expression of a guardrail on answers is true; None without classes.
    """
    tables = AnswerTables(predictions, kpi_scale, units) if kpi_scale.outcomes.classes else None
    measures = _measures(plan, kpi_scale, predictions, plan_segments, guardrail_masks)
    if tables is not None:
        shares = measure_shares(answer_masks or {}, kpi_scale.outcomes)
        measures = replace(measures, answers=tables.measures(), shares=shares)
    evidence = gather(measures, kpi_scale.outcomes, resamples=plan.resamples, seed=plan.seed, units=units)
    comparer = Comparer(kpi_scale, predictions, units, resampled, by_fold)
    metrics = [secondary.metric for secondary in plan.metrics.secondary]
    _require_both_arms(kpi_scale, predictions, evidence)
    kept = _guardrails(plan, comparer, guardrail_masks, evidence)
    variants = [model for model in predictions if model != STATUS_QUO]
    return Comparison(
        scale=_scale(plan, kpi_scale, evidence),
        status_quo_metrics=secondary_metrics.results(metrics, STATUS_QUO, evidence),
        variants={
            name: _variant_figures(name, metrics, comparer, evidence)._replace(
                answers=None if tables is None else tables.figures(name, evidence.answers(name))
            )
            for name in variants
        },
        guardrails=kept,
        segments=segments.adjusted(
            [
                segments.result(
                    segment,
                    {name: comparer.in_segment(segment, name, evidence) for name in variants},
                    kpi_scale,
                    evidence,
                )
                for segment in plan_segments
            ]
        ),
        hypotheses=_answers(plan, comparer, evidence, kept),
        status_quo_curve=uplift_curves.result(evidence.curve(STATUS_QUO)),
        potential_identified=kpi_scale.potential_lift_identified(*_bounds(evidence)),
        status_quo_answers=(
            None if tables is None else tables.figures(STATUS_QUO, evidence.answers(STATUS_QUO))
        ),
    )


def _require_both_arms(kpi_scale: KpiScale, predictions: Predictions, evidence: Evidence) -> None:
    """Refuse a model of effects whose choice has no row of an arm: its gain is not defined."""
    if isinstance(kpi_scale.spec, UpliftSpec):
        for name in predictions:
            if not evidence.kpi(name).is_defined:
                raise uplift_curves.OneArmChosen(name)


def _guardrails(
    plan: Plan, comparer: Comparer, guardrail_masks: Mapping[str, Bools], evidence: Evidence
) -> list[GuardrailResult]:
    acted = {
        name: guardrails.acted_upon(comparer.predictions, comparer.kpi_scale, mask, comparer.units)
        for name, mask in guardrail_masks.items()
    }
    return [
        guardrails.result(guardrail, name, evidence, acted.get(guardrail.name), comparer.missing_outcomes)
        for guardrail in plan.metrics.guardrail
        for name in comparer.predictions
        if name != STATUS_QUO
    ]


def _measures(
    plan: Plan,
    kpi_scale: KpiScale,
    predictions: Predictions,
    plan_segments: Sequence[Segment],
    guardrail_masks: Mapping[str, Bools],
) -> FigureSet[Measure]:
    """How every figure that the plan asks for is measured."""
    variants = {model: columns for model, columns in predictions.items() if model != STATUS_QUO}
    secondary = [metric.metric for metric in plan.metrics.secondary]
    guarding = [guardrail.metric for guardrail in plan.metrics.guardrail if guardrail.metric is not None]
    return FigureSet(
        bounds=kpi_scale.bounds,
        kpis=by_model(variants, kpi_scale.predictions),
        metrics=secondary_metrics.measures(dict.fromkeys([*secondary, *guarding]), predictions, kpi_scale),
        shares={
            name: guardrails.measure_share(predictions, kpi_scale, mask)
            for name, mask in guardrail_masks.items()
        },
        segments={
            segment.key: segments.measure_segment(segment, predictions, kpi_scale)
            for segment in plan_segments
        },
        **uplift_curves.measures(predictions, kpi_scale),
    )


def _scale(plan: Plan, kpi_scale: KpiScale, evidence: Evidence) -> Scale:
    return kpi_scale.scale(*_bounds(evidence), plan.status_quo.label)


def _bounds(evidence: Evidence) -> tuple[dict[str, float], dict[str, Floats]]:
    """The figures of the models that need no training, on the sample and on the resamples."""
    sample = {name: figure.value for name, figure in evidence.bounds.items()}
    resampled = {name: figure.resampled for name, figure in evidence.bounds.items()}
    return sample, resampled


def _variant_figures(
    name: str, metrics: Sequence[str], comparer: Comparer, evidence: Evidence
) -> VariantFigures:
    kpi_scale = comparer.kpi_scale
    status_quo = evidence.kpi(STATUS_QUO)
    gain = evidence.kpi(name).minus(status_quo, kpi_scale.sign)
    potential = evidence.bounds["perfect"].minus(status_quo, kpi_scale.sign)
    captured = kpi_scale.share_estimate((gain.value, potential.value), (gain.resampled, potential.resampled))
    difference = gain.estimate()
    if comparer.missing(name, STATUS_QUO):
        difference, captured = Estimate(value=gain.value), captured and Estimate(value=captured.value)
    return VariantFigures(
        kpi=evidence.kpi(name).estimate(),
        difference=difference,
        captured_share=captured,
        metrics=secondary_metrics.results(metrics, name, evidence),
        curve=uplift_curves.result(evidence.curve(name)),
        captured_identified=_captured_identified(name, comparer, evidence),
    )


def _captured_identified(name: str, comparer: Comparer, evidence: Evidence) -> Identified | None:
    """The share of the potential lift at both ends of perfect; without intervals if the rows are too few."""
    figure = evidence.kpi(name)
    if not figure.is_defined:
        return None
    found = comparer.kpi_scale.captured_identified(Drawn(figure.value, figure.resampled), *_bounds(evidence))
    if found is None or not comparer.missing(name, STATUS_QUO):
        return found
    lower, upper = (Estimate(value=end.value) for end in (found.lower, found.upper))
    return Identified(lower=lower, upper=upper)


def _answers(
    plan: Plan, comparer: Comparer, evidence: Evidence, kept: Sequence[GuardrailResult]
) -> list[HypothesisResult]:
    """The verdicts, from p adjusted for the number of hypotheses that the rows can answer."""
    claims = [
        comparer.claim(support.variant, support.over, support.by, evidence)
        for support in (hypothesis.supported_if for hypothesis in plan.hypotheses)
    ]
    adjusted = iter(holm([claim.p for claim in claims if claim.p is not None]))
    answers = []
    for hypothesis, claim in zip(plan.hypotheses, claims, strict=True):
        support, p_holm = hypothesis.supported_if, None if claim.p is None else next(adjusted)
        answers.append(
            HypothesisResult(
                id=hypothesis.id,
                claim=hypothesis.claim,
                variant=support.variant,
                over=support.over,
                by=support.by,
                difference=claim.difference,
                verdict=claim.verdict(p_holm),
                p=claim.p,
                p_holm=p_holm,
                method=claim.method,
                needed=claim.needed,
                broken_guardrails=[
                    guardrail.name
                    for guardrail in kept
                    if guardrail.variant == support.variant and not (guardrail.holds or guardrail.needed)
                ],
            )
        )
    return answers
