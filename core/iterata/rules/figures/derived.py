"""RES021: differences, shares and expectations follow from the models that they compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import STATUS_QUO
from iterata.documents.models.kpi import PythonSpec
from iterata.rules.figures.fault import Fault, differs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.kpi import KpiSpec
    from iterata.errors import FieldPath
    from iterata.results import Estimate, ExperimentResult, MetricValue, SampleResult

CODE = "RES021"
FOLDS_DECIDE = "this learner trained on other rows"
"""How the method of a verdict from the folds begins; its difference is the mean over the folds."""


def order_faults(result: SampleResult, spec: KpiSpec | None) -> Iterator[Fault]:
    """Models that are better than the perfect one. A function of the project may not know its best value."""
    if isinstance(spec, PythonSpec):
        return
    scale, sign = result.scale, result.kpi.direction.sign
    figures: dict[FieldPath, Estimate] = {
        ("scale", "status_quo", "value"): scale.status_quo,
        ("scale", "random", "expectation", "value"): scale.random.expectation,
    }
    if result.kind == "experiment":
        figures |= {
            ("variants", number, "kpi", "value"): variant.kpi
            for number, variant in enumerate(result.variants)
        }
    best = scale.perfect.value
    for place, figure in figures.items():
        if sign * (figure.value - best) > 1e-5 * max(abs(figure.value), abs(best), 1e-6):
            yield Fault(CODE, place, f"{figure.value:.7g} is better than the perfect model, {best:.7g}")


def variant_faults(result: ExperimentResult) -> Iterator[Fault]:
    """Differences and captured shares of the variants."""
    status_quo, perfect = result.scale.status_quo.value, result.scale.perfect.value
    sign = result.kpi.direction.sign
    potential = sign * (perfect - status_quo)
    at_status_quo = {metric.name: metric.value for metric in result.status_quo_metrics}
    for number, variant in enumerate(result.variants):
        place: FieldPath = ("variants", number)
        gain, scales = sign * (variant.kpi.value - status_quo), (variant.kpi.value, status_quo)
        why = "the variant minus the status quo"
        yield from differs(
            CODE, (*place, "difference", "value"), variant.difference.value, gain, why, *scales
        )
        share = variant.captured_share
        if potential <= 1e-9 * max(abs(perfect), abs(status_quo)):
            if share is not None:
                yield Fault(CODE, (*place, "captured_share"), "there is no potential lift to capture")
        elif share is not None:
            relative = (figure / potential for figure in (variant.kpi.value, status_quo, perfect))
            why, where = "the difference divided by the potential lift", (*place, "captured_share", "value")
            yield from differs(CODE, where, share.value, gain / potential, why, 1.0, *relative)
        for inner, metric in enumerate(variant.metrics):
            yield from _of_metric(metric, at_status_quo.get(metric.name), (*place, "metrics", inner))


def _of_metric(metric: MetricValue, status_quo: Estimate | None, place: FieldPath) -> Iterator[Fault]:
    found, pair = _value(metric.difference), (_value(metric.value), _value(status_quo))
    why = "the model's metric minus the status quo's"
    yield from differs(CODE, (*place, "difference"), found, _gain(*pair), why, *pair)


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value


def _gain(figure: float | None, over: float | None, sign: float = 1.0) -> float | None:
    return None if figure is None or over is None else sign * (figure - over)


def segment_faults(result: ExperimentResult) -> Iterator[Fault]:
    """Differences within segments."""
    sign = result.kpi.direction.sign
    for number, segment in enumerate(result.segments):
        for inner, variant in enumerate(segment.variants):
            place: FieldPath = ("segments", number, "variants", inner, "difference")
            pair, why = (_value(variant.kpi), _value(segment.status_quo)), "the variant minus the status quo"
            found, expected = _value(variant.difference), _gain(*pair, sign)
            yield from differs(CODE, place, found, expected, why, *pair)


def hypothesis_faults(result: ExperimentResult) -> Iterator[Fault]:
    """Differences of hypotheses whose verdict comes from these predictions, not from the folds."""
    kpis = {variant.name: variant.kpi.value for variant in result.variants}
    kpis[STATUS_QUO] = result.scale.status_quo.value
    sign = result.kpi.direction.sign
    for number, hypothesis in enumerate(result.hypotheses):
        pair = kpis.get(hypothesis.variant), kpis.get(hypothesis.over)
        if hypothesis.method.startswith(FOLDS_DECIDE) or pair[0] is None or pair[1] is None:
            continue
        place, why = (
            ("hypotheses", number, "difference", "value"),
            "the variant minus the model it should beat",
        )
        expected, found = sign * (pair[0] - pair[1]), hypothesis.difference.value
        yield from differs(CODE, place, found, expected, why, *pair)


def guardrail_faults(result: ExperimentResult) -> Iterator[Fault]:
    """How much worse than the status quo a variant is."""
    for number, guardrail in enumerate(result.guardrails):
        place: FieldPath = ("guardrails", number, "worsening")
        value, status_quo = guardrail.value, guardrail.status_quo
        expected = None
        if value is not None and status_quo is not None:
            expected = (status_quo - value) * (1.0 if guardrail.better == "higher" else -1.0)
        why = "how much worse the value is than the status quo's"
        yield from differs(CODE, place, guardrail.worsening, expected, why, value, status_quo)


def guardrail_figure_faults(result: ExperimentResult, metrics: dict[str, str]) -> Iterator[Fault]:
    """Guardrails of a metric that is reported as well; `metrics` has the metric by the guardrail's name."""
    of_variant = {
        (variant.name, metric.name): metric.value for variant in result.variants for metric in variant.metrics
    }
    of_status_quo = {metric.name: metric.value for metric in result.status_quo_metrics}
    shares: dict[str, float] = {}
    for number, guardrail in enumerate(result.guardrails):
        metric, place = metrics.get(guardrail.name), ("guardrails", number)
        if guardrail.status_quo is not None:
            first = shares.setdefault(guardrail.name, guardrail.status_quo)
            why = "the status quo has the same figure beside every variant"
            yield from differs(CODE, (*place, "status_quo"), guardrail.status_quo, first, why)
        if metric is None:
            continue
        if reported := of_variant.get((guardrail.variant, metric)):
            yield from differs(CODE, (*place, "value"), guardrail.value, reported.value, f"the {metric}")
        if reported := of_status_quo.get(metric):
            why = f"the status quo's {metric}"
            yield from differs(CODE, (*place, "status_quo"), guardrail.status_quo, reported.value, why)
