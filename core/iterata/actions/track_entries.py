"""The parameters, metrics and tags that MLflow records for an iteration and for each variant."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from iterata import results

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.repository.projects import IterationFolder
    from iterata.results import Estimate, ExperimentResult, LiftResult, VariantResult
    from iterata.stages import ResultKind

    Results = Mapping[ResultKind, LiftResult | ExperimentResult]

RESULT_TAG = "iterata.result"
"""The tag with the digest of the results; a result is not logged twice."""

MAX_CLASSES = 50
"""Of how many classes the figures are logged."""


class RunEntry(NamedTuple):
    """The content of one MLflow run."""

    name: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]


def iteration_entry(folder: IterationFolder, iteration_results: Results) -> RunEntry:
    """The run of an iteration."""
    tags = {"iterata.iteration": folder.ref, RESULT_TAG: digest(iteration_results)}
    params: dict[str, str] = {}
    metrics: dict[str, float] = {}
    for result in iteration_results.values():
        tags |= _tags(result)
        metrics |= {
            **_interval("random", result.scale.random.expectation),
            **_interval("status_quo", result.scale.status_quo),
            **_interval("perfect", result.scale.perfect),
        }
        params["seed"] = str(result.seed)
    lift, experiment = iteration_results.get("lift"), iteration_results.get("experiment")
    if lift is not None and lift.kind == "lift":
        metrics |= {**_interval("potential_lift", lift.potential_lift), **_interval("risk", lift.risk)}
    if experiment is not None and experiment.kind == "experiment":
        params["split"] = experiment.split
        tags["iterata.plan"] = experiment.plan_digest
        for hypothesis in experiment.hypotheses:
            tags[f"iterata.{hypothesis.id}"] = f"{hypothesis.verdict.label}: {hypothesis.claim}"
    return RunEntry(folder.name, params, metrics, tags)


def _tags(result: LiftResult | ExperimentResult) -> dict[str, str]:
    """The tags of a result: its KPI, its data and its commit."""
    kpi, provenance = result.kpi, result.provenance
    tags = {"iterata.kpi": f"{kpi.name} ({kpi.unit}{' per ' + kpi.period if kpi.period else ''})"}
    tags |= {f"iterata.data.{path}": data_digest for path, data_digest in provenance.data.items()}
    if provenance.commit:
        tags["mlflow.source.git.commit"] = provenance.commit
    return tags


def variant_entry(variant: VariantResult, result: ExperimentResult) -> RunEntry:
    """The run of a variant."""
    metrics = {**_interval("kpi", variant.kpi), **_interval("over_status_quo", variant.difference)}
    if variant.captured_share is not None:
        metrics |= _interval("captured_share", variant.captured_share)
    for metric in variant.metrics:
        metrics |= _interval(metric.name, metric.value) if metric.value is not None else {}
    for guardrail in result.guardrails:
        if guardrail.variant == variant.name and guardrail.value is not None:
            metrics[f"guardrail {guardrail.name}"] = guardrail.value
    metrics |= _of_classes(variant)
    seconds = result.provenance.seconds.get(variant.name)
    metrics |= {} if seconds is None else {"seconds": seconds}
    params = {
        "estimator": variant.estimator,
        "features": f"{variant.features} ({variant.columns})",
        **{name: str(value) for name, value in variant.params.items()},
    }
    return RunEntry(variant.name, params, metrics, {"iterata.variant": variant.name})


def _of_classes(variant: VariantResult) -> dict[str, float]:
    """The figures of each class, of those with most rows if there are many; empty without classes."""
    metrics = {} if variant.to_person is None else _interval("to_person", variant.to_person)
    for figure in sorted(variant.classes, key=lambda figure: -figure.rows)[:MAX_CLASSES]:
        figures = {
            "precision": figure.precision,
            "recall": figure.recall,
            "f1": figure.f1,
            "value": figure.value,
        }
        for name, estimate in figures.items():
            metrics |= {} if estimate is None else _interval(f"class {figure.name} {name}", estimate)
    return metrics


def _interval(name: str, estimate: Estimate) -> dict[str, float]:
    """An estimate and its confidence interval, if there is one, as metrics."""
    ends = {} if estimate.interval is None else dict(zip(("low", "high"), estimate.interval, strict=True))
    return {name: estimate.value, **{f"{name}.{end}": figure for end, figure in ends.items()}}


def digest(iteration_results: Results) -> str:
    """The digest of an iteration's results, provenance included."""
    text = "".join(results.to_json(result) for _, result in sorted(iteration_results.items()))
    return f"sha256:{sha256(text.encode()).hexdigest()}"
