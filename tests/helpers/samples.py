"""Valid documents of every stage in every status, and results that belong to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from iterata import results
from iterata.documents import scaffold
from iterata.documents.fingerprint import digest, plan_digest
from iterata.documents.models.enums import Direction
from iterata.documents.models.splits import Split, describe_split
from iterata.documents.yaml.loader import load
from iterata.measure.multiplicity import holm, verdict
from iterata.measure.random_model import hits_sd
from iterata.measure.student_t import quantile, two_sided_p
from iterata.rules.figures.of_plan import is_selected
from iterata.stages import Stage, Status, initial

_SAMPLES, _ = load(Path(__file__).with_name("samples.yaml").read_text("utf-8"))

_DOCUMENTS: dict[str, str] = {}
"""The documents that were asked for, because writing them takes much of the time of many tests."""


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
    asked = repr((stage, status, changes))
    if asked not in _DOCUMENTS:
        _DOCUMENTS[asked] = scaffold.new(stage, values(stage, status, **changes))
    return _DOCUMENTS[asked]


def data(stage: Stage, status: Status | None = None, **changes: Any) -> dict[str, Any]:
    """The front matter of such a document."""
    return _front_matter(stage, values(stage, status, **changes))


def _front_matter(stage: Stage, fields: dict[str, Any]) -> dict[str, Any]:
    loaded, problems = load(scaffold.new(stage, fields).split("---\n")[1])
    assert problems == []
    assert isinstance(loaded, dict)
    return loaded


def _estimate(value: float, margin: float = 5) -> results.Estimate:
    return results.Estimate(value=value, low=value - margin, high=value + margin)


NO_DIGEST = f"sha256:{'0' * 64}"
NO_COMMIT = "0" * 40


def _shared(project: str, digest_of_data: str | None = None) -> dict[str, Any]:
    source = f"{project}/data/customers.csv"
    return {
        "kpi": results.Kpi(
            name="customers kept", kind="targeting", unit="customers", direction=Direction.MAXIMISE,
            period_rows=1000, budget=0.2,
        ),
        "sample": results.Sample(source=source, rows=1000, units=1000, positives=300),
        "scale": results.Scale(
            random=results.RandomModel(
                expectation=_estimate(60),
                sd_of_one_draw=hits_sd(1000, 0.3, 0.2),
                meaning="20 % of the rows, drawn blindly",
            ),
            status_quo=_estimate(80), status_quo_label="status quo", perfect=_estimate(200, 0), do_nothing=0,
        ),
        "interval": results.IntervalMethod(resamples=2000, unit="row"),
        "provenance": results.Provenance(
            commit=NO_COMMIT, dirty=False, data={source: digest_of_data or NO_DIGEST},
            packages={"iterata": "0.1.0"}, python="3.11.7",
        ),
    }  # fmt: skip


def lift(spec: dict[str, Any] | None = None, project: str = "projects/churn") -> results.LiftResult:
    """The expected lift of an assessment, with round numbers."""
    described = (spec or {}).get("data") or {}
    shared = _shared(project)
    if label := (described.get("status_quo") or {}).get("label"):
        shared["scale"] = shared["scale"].model_copy(update={"status_quo_label": label})
    if unit := described.get("unit_id"):
        shared["interval"] = shared["interval"].model_copy(update={"unit": unit})
    return results.LiftResult(
        **shared,
        spec_digest=digest(spec),
        potential_lift=_estimate(120),
        risk=_estimate(20),
        position=None,
        break_even=None,
        seed=(spec or {}).get("seed", 0),
    )


def experiment(plan: dict[str, Any], project: str = "projects/churn") -> results.ExperimentResult:
    """A complete result of a plan, in which each hypothesis is supported."""
    metrics = plan["metrics"]
    digest_of_data = next((data.get("digest") for data in plan.get("data", ())), plan.get("data_digest"))
    names = [metric["metric"] for metric in metrics.get("secondary", [])]
    columns = _columns(plan)
    variants = [variant["name"] for variant in plan["variants"]]
    return results.ExperimentResult(
        **_shared(project, digest_of_data),
        plan_digest=plan_digest(plan),
        status_quo_metrics=[results.MetricValue(name=name, value=_estimate(0.5, 0.1)) for name in names],
        variants=[_variant(variant, names, columns) for variant in plan["variants"]],
        guardrails=[
            results.GuardrailResult(
                name=guardrail["name"], variant=name, better=guardrail.get("better", "higher"),
                share_of=guardrail.get("share_of"), status_quo=0.1, value=0.1, worsening=0,
                worsening_at_most=0.01, margin=guardrail["margin"], holds=guardrail["margin"] >= 0.01,
            )
            for guardrail in metrics.get("guardrail", [])
            for name in variants
        ],
        segments=[
            results.SegmentResult(
                column=column, value=value, rows=500, positives=150, status_quo=_estimate(40),
                variants=[
                    results.SegmentVariant(
                        name=name, kpi=_estimate(60), difference=_estimate(20), p=0.02, p_adjusted=0.02
                    )
                    for name in variants
                ],
            )
            for column in plan.get("segments", [])
            for value in ("blue", "red")
        ],
        hypotheses=_hypotheses(plan),
        features=columns,
        split=describe_split(TypeAdapter(Split).validate_python(plan["split"]), None),
        seed=plan.get("seed", 0),
    )  # fmt: skip


def _columns(plan: dict[str, Any]) -> dict[str, list[str]]:
    """Three columns for each pattern of the feature sets, in every set that selects them."""
    patterns = {variant["features"]: plan["features"][variant["features"]] for variant in plan["variants"]}
    every = [
        pattern.replace("*", letter)
        for listed in patterns.values()
        for pattern in listed
        for letter in ("abc" if "*" in pattern else "a")
        if not pattern.startswith("!")
    ]
    return {
        name: [column for column in dict.fromkeys(every) if is_selected(column, listed)]
        for name, listed in patterns.items()
    }


def _variant(
    planned: dict[str, Any], metrics: list[str], columns: dict[str, list[str]]
) -> results.VariantResult:
    same = [
        results.MetricValue(name=name, value=_estimate(0.5, 0.1), difference=_estimate(0, 0.1))
        for name in metrics
    ]
    return results.VariantResult(
        name=planned["name"], estimator=planned["estimator"], params=planned.get("params", {}),
        features=planned["features"], columns=len(columns[planned["features"]]), kpi=_estimate(100),
        difference=_estimate(20), captured_share=_estimate(20 / 120, 0.05), metrics=same,
        predictions="probability",
    )  # fmt: skip


def _hypotheses(plan: dict[str, Any]) -> list[results.HypothesisResult]:
    fits = plan["split"].get("folds", 5) * plan["split"].get("repeats", 1)
    conditions = [planned["supported_if"] for planned in plan["hypotheses"]]
    required = [condition.get("by", 0) for condition in conditions]
    degrees = min(fits - 1, 9)
    p = [two_sided_p((20 - by) / 5 * quantile(0.05, degrees), degrees) for by in required]
    return [
        results.HypothesisResult(
            id=planned["id"], claim=planned["claim"], variant=condition["variant"],
            over=condition.get("over", "status quo"), by=by, difference=_estimate(20), p=p_value,
            p_holm=p_holm, verdict=verdict(p_holm, reached=by < 20),
            method=f"this learner trained on other rows: corrected resampled t over {fits} folds",
        )
        for planned, condition, by, p_value, p_holm in zip(
            plan["hypotheses"], conditions, required, p, holm(p), strict=True
        )
    ]  # fmt: skip
