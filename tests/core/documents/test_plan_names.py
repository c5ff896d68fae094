"""Wrong names in a plan are found with their field, by one function for every command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.documents.models.kpi import outcome_of
from iterata.documents.models.plan_names import wrong_names, wrong_primary, wrong_target
from iterata.documents.models.rows import LiftData, unfit_for
from iterata.kpi import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.documents.models.proposal import Plan


def variant(name: str = "logistic", features: str = "all") -> dict[str, Any]:
    return {"name": name, "estimator": "sklearn.linear_model.LogisticRegression", "features": features}


def hypothesis(variant: str = "logistic", over: str = "status quo", id: str = "H1") -> dict[str, Any]:  # noqa: A002  # the field's name
    return {"id": id, "claim": "It sells.", "supported_if": {"variant": variant, "over": over}}


def test_plan_whose_names_are_defined_has_no_wrong_name(plan: Callable[..., Plan]) -> None:
    assert list(wrong_names(plan())) == []
    assert list(wrong_primary(plan(), "sales")) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"variants": [variant(), variant()]}, ("plan", "variants", 1, "name")),
        ({"variants": [variant(), variant("random")]}, ("plan", "variants", 1, "name")),
        ({"variants": [variant(features="al")]}, ("plan", "variants", 0, "features")),
        ({"hypotheses": [hypothesis(), hypothesis()]}, ("plan", "hypotheses", 1, "id")),
        ({"hypotheses": [hypothesis("logistik")]}, ("plan", "hypotheses", 0, "supported_if", "variant")),
        ({"hypotheses": [hypothesis(over="perfect")]}, ("plan", "hypotheses", 0, "supported_if", "over")),
        ({"hypotheses": [hypothesis(over="logistic")]}, ("plan", "hypotheses", 0, "supported_if", "over")),
    ],
    ids=["taken", "reserved", "features", "hypothesis", "variant", "undefined", "itself"],
)
def test_wrong_name_is_found_at_its_field(
    plan: Callable[..., Plan], changes: dict[str, Any], field: tuple[str | int, ...]
) -> None:
    written = {"variants": [variant()], "hypotheses": [hypothesis()], **changes}
    assert [wrong.field for wrong in wrong_names(plan(**written))] == [field]


def test_metrics_share_no_name(plan: Callable[..., Plan]) -> None:
    rail = {"name": "area", "metric": "roc_auc", "margin": 0}
    metrics = {"primary": "sales", "secondary": [{"metric": "f1"}] * 2, "guardrail": [rail, rail]}
    found = [wrong.field for wrong in wrong_names(plan(metrics=metrics))]
    assert found == [
        ("plan", "metrics", "secondary", 1, "metric"),
        ("plan", "metrics", "guardrail", 1, "name"),
    ]


NUMBERS: list[dict[str, Any]] = [
    {"kind": "forecast_cost", "under": 2.0, "over": 1.0},
    {"kind": "uplift", "outcome": "number"},
]


@pytest.mark.parametrize("kind", NUMBERS, ids=lambda kind: kind["kind"])
def test_number_has_no_positive_value(plan: Callable[..., Plan], kind: dict[str, Any]) -> None:
    kpi = describe(**kind)
    target = {"column": "sold", "positive": "Yes", "made_by": "the till"}
    found = [wrong.field for wrong in wrong_target(plan(target=target), kpi)]
    assert found == [("plan", "target", "positive")]
    rows = {"source": "data/sales.csv", "target": "sold", "positive": "Yes", "status_quo": {"constant": 1}}
    data = LiftData.model_validate(rows)
    assert [unfit.path for unfit in unfit_for(outcome_of(kpi), data)] == [("positive",)]


def test_primary_metric_is_the_kpi_of_the_assessment(plan: Callable[..., Plan]) -> None:
    (wrong,) = wrong_primary(plan(), "profit")
    assert wrong.field == ("plan", "metrics", "primary")
