"""What a tracking server is told of results: parameters, metrics and tags of a run, and of those below it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from iterata import results

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.repository.projects import IterationFolder
    from iterata.results import Estimate, ExperimentResult, LiftResult, VariantResult
    from iterata.stages import ResultKind

    Kept = Mapping[ResultKind, LiftResult | ExperimentResult]
    """Results by their kind."""

RESULT = "iterata.result"
"""The tag that tells results apart, so that none is logged twice."""


class Entry(NamedTuple):
    """One run."""

    name: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]


def of_iteration(folder: IterationFolder, kept: Kept) -> Entry:
    """The run of an iteration."""
    tags = {"iterata.iteration": folder.ref, RESULT: digest(kept)}
    params: dict[str, str] = {}
    metrics: dict[str, float] = {}
    for result in kept.values():
        made, kpi = result.provenance, result.kpi
        tags |= {
            "iterata.measure.kpi": f"{kpi.name} ({kpi.unit}{' per ' + kpi.period if kpi.period else ''})"
        }
        tags |= {f"iterata.data.{path}": digest for path, digest in made.data.items()}
        if made.commit:
            tags["mlflow.source.git.commit"] = made.commit
        scale = result.scale
        metrics |= {
            **_figures("random", scale.random.expectation),
            **_figures("status_quo", scale.status_quo),
            **_figures("perfect", scale.perfect),
        }
        params |= {"seed": str(result.seed)}
    lift, experiment = kept.get("lift"), kept.get("experiment")
    if lift is not None and lift.kind == "lift":
        metrics |= {**_figures("potential_lift", lift.potential_lift), **_figures("risk", lift.risk)}
    if experiment is not None and experiment.kind == "experiment":
        params |= {"split": experiment.split}
        tags |= {"iterata.plan": experiment.plan_digest}
        tags |= {f"iterata.{each.id}": f"{each.verdict}: {each.claim}" for each in experiment.hypotheses}
    return Entry(folder.name, params, metrics, tags)


def of_variant(variant: VariantResult, result: ExperimentResult) -> Entry:
    """The run of a variant."""
    metrics = {**_figures("kpi", variant.kpi), **_figures("over_status_quo", variant.difference)}
    if variant.captured_share is not None:
        metrics |= _figures("captured_share", variant.captured_share)
    for metric in variant.metrics:
        metrics |= _figures(metric.name, metric.value) if metric.value is not None else {}
    for guardrail in result.guardrails:
        if guardrail.variant == variant.name and guardrail.value is not None:
            metrics[f"guardrail {guardrail.name}"] = guardrail.value
    seconds = result.provenance.seconds.get(variant.name)
    metrics |= {} if seconds is None else {"seconds": seconds}
    params = {
        "estimator": variant.estimator,
        "features": f"{variant.features} ({variant.columns})",
        **{name: str(value) for name, value in variant.params.items()},
    }
    return Entry(variant.name, params, metrics, {"iterata.variant": variant.name})


def _figures(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}.low": estimate.low, f"{name}.high": estimate.high}


def digest(kept: Kept) -> str:
    """What tells these results from any others, provenance included."""
    said = "".join(results.to_json(result) for _, result in sorted(kept.items()))
    return f"sha256:{sha256(said.encode()).hexdigest()}"
