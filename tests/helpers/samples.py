"""Valid documents of every stage in every status, and results that belong to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from iterata import results
from iterata.documents import scaffold
from iterata.documents.fingerprint import digest, plan_digest
from iterata.documents.models.enums import Direction, Verdict
from iterata.documents.yaml.loader import load
from iterata.stages import Stage, Status, initial

_SAMPLES, _ = load(Path(__file__).with_name("samples.yaml").read_text("utf-8"))


def merge(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Two nested blocks as one; `more` wins, and None removes."""
    merged = dict(base)
    for key, value in more.items():
        base_value = merged.get(key)
        merged[key] = (
            merge(base_value, value) if isinstance(base_value, dict) and isinstance(value, dict) else value
        )
    return {key: value for key, value in merged.items() if value is not None}


def values(stage: Stage, status: Status | None = None, **changes: Any) -> dict[str, Any]:
    """The values that an author fills in, in a document of `stage` and `status`."""
    status = status or initial(stage)
    fields = _SAMPLES["documents"][stage] | {"status": status.value}
    for extra in _SAMPLES["statuses"]:
        if stage in extra["stages"] and status in extra["statuses"]:
            fields = merge(fields, extra["adds"])
    if stage is Stage.PROPOSAL and status in (Status.APPROVED, Status.SUPERSEDED):
        plan = _front_matter(stage, merge(fields, changes))["plan"]
        fields["plan_digest"] = plan_digest(plan)
    return merge(fields, changes)


def document(stage: Stage, status: Status | None = None, **changes: Any) -> str:
    """A document as created by `iterata new` and filled in by an author."""
    return scaffold.new(stage, values(stage, status, **changes))


def data(stage: Stage, status: Status | None = None, **changes: Any) -> dict[str, Any]:
    """The front matter of such a document."""
    return _front_matter(stage, values(stage, status, **changes))


def _front_matter(stage: Stage, fields: dict[str, Any]) -> dict[str, Any]:
    loaded, problems = load(scaffold.new(stage, fields).split("---\n")[1])
    assert problems == []
    assert isinstance(loaded, dict)
    return loaded


def _estimate(value: float) -> results.Estimate:
    return results.Estimate(value=value, low=value - 5, high=value + 5)


_SHARED: dict[str, Any] = {
    "kpi": results.Kpi(
        name="customers kept", kind="targeting", unit="customers", direction=Direction.MAXIMISE,
        period_rows=1000, budget=0.2,
    ),
    "sample": results.Sample(source="data/customers.csv", rows=1000, units=1000, positives=300),
    "scale": results.Scale(
        random=results.RandomModel(
            expectation=_estimate(60), sd_of_one_draw=6, meaning="20 % of the rows, drawn blindly"
        ),
        status_quo=_estimate(80), status_quo_label="status quo", perfect=_estimate(200), do_nothing=0,
    ),
    "interval": results.IntervalMethod(resamples=2000, unit="row"),
    "seed": 0,
    "provenance": results.Provenance(commit=None, dirty=False, data={}, packages={}, python="3.11"),
}  # fmt: skip


def lift(spec: dict[str, Any] | None = None) -> results.LiftResult:
    """The expected lift of an assessment, with round numbers."""
    return results.LiftResult(
        **_SHARED,
        spec_digest=digest(spec),
        potential_lift=_estimate(120),
        risk=_estimate(20),
        position=None,
        break_even=None,
    )


def experiment(plan: dict[str, Any]) -> results.ExperimentResult:
    """A complete result of a plan, in which each hypothesis is supported."""
    metrics = plan["metrics"]
    metric_values = [
        results.MetricValue(name=metric["metric"], value=_estimate(0.5))
        for metric in metrics.get("secondary", [])
    ]
    variants = [variant["name"] for variant in plan["variants"]]
    return results.ExperimentResult(
        **_SHARED,
        plan_digest=plan_digest(plan),
        status_quo_metrics=metric_values,
        variants=[_variant(variant, metric_values) for variant in plan["variants"]],
        guardrails=[
            results.GuardrailResult(
                name=guardrail["name"], variant=name, status_quo=0.1, value=0.1, worsening=0,
                worsening_at_most=0.01, margin=guardrail["margin"], holds=True,
            )
            for guardrail in metrics.get("guardrail", [])
            for name in variants
        ],
        segments=[
            results.SegmentResult(
                column=column, value="blue", rows=500, positives=150, status_quo=_estimate(40),
                variants=[
                    results.SegmentVariant(name=name, kpi=_estimate(60), difference=_estimate(20))
                    for name in variants
                ],
            )
            for column in plan.get("segments", [])
        ],
        hypotheses=[_hypothesis(hypothesis) for hypothesis in plan["hypotheses"]],
        split="5 stratified folds, 2 times",
    )  # fmt: skip


def _variant(planned: dict[str, Any], metric_values: list[results.MetricValue]) -> results.VariantResult:
    return results.VariantResult(
        name=planned["name"], estimator=planned["estimator"], features=planned["features"], columns=3,
        kpi=_estimate(100), difference=_estimate(20), captured_share=None, metrics=metric_values,
    )  # fmt: skip


def _hypothesis(planned: dict[str, Any]) -> results.HypothesisResult:
    condition = planned["supported_if"]
    return results.HypothesisResult(
        id=planned["id"], claim=planned["claim"], variant=condition["variant"],
        over=condition.get("over", "status quo"), by=condition.get("by", 0),
        difference=_estimate(20), verdict=Verdict.SUPPORTED,
    )  # fmt: skip
