"""An assessment takes the KPI, the success metrics and the stakeholders from the requirements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.actions.lift import lift_spec
from iterata.documents.fingerprint import digest
from iterata.documents.models.enums import Direction
from iterata.errors import IterataError
from iterata.stages import Status

if TYPE_CHECKING:
    from ...helpers.knowledge_base import KnowledgeBase

ASSESSMENT = "churn/01-setup/assessment"
KPI = {"kind": "targeting", "budget": 0.2}


@pytest.fixture
def short(base: KnowledgeBase) -> KnowledgeBase:
    """An assessment that leaves out all that the requirements say."""
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment")
    base.set("churn/requirements", "kpis", [
        {"name": "customers kept", "unit": "customers", "direction": "maximise"},
        {"name": "complaints", "unit": "calls", "direction": "minimise"},
    ])  # fmt: skip
    for key, value in {"lift.kpi": KPI, "success_metrics": None}.items():
        base.set(ASSESSMENT, key, value)
    return base


def kpi(base: KnowledgeBase, **changes: Any) -> Any:
    base.set(ASSESSMENT, "lift.kpi", {**KPI, **changes})
    assessment = base.context(ASSESSMENT).assessment
    assert assessment is not None
    return assessment.lift.kpi


def test_what_is_left_out_is_as_in_the_requirements(short: KnowledgeBase) -> None:
    assessment = short.context(ASSESSMENT).assessment
    assert assessment is not None
    assert (assessment.lift.kpi.name, assessment.lift.kpi.unit) == ("customers kept", "customers")
    assert assessment.success_metrics == ["customers kept", "complaints"]
    assert assessment.stakeholders_confirmed == ["product"]
    assert short.problems() == []


def test_the_named_kpi_gives_unit_and_direction(short: KnowledgeBase) -> None:
    named = kpi(short, name="complaints")
    assert (named.unit, named.direction) == ("calls", Direction.MINIMISE)
    assert short.problems("LIFE") == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "clicks", "unit": "clicks"}, "lift.kpi.name"),
        ({"unit": "EUR"}, "lift.kpi.unit"),
        ({"direction": "minimise"}, "lift.kpi.direction"),
        ({"kind": "metric", "metric": "roc_auc", "budget": None, "name": "complaints"}, "lift.kpi.kind"),
    ],
)
def test_another_kpi_needs_a_reason(short: KnowledgeBase, changes: dict[str, Any], field: str) -> None:
    values = {key: value for key, value in {**KPI, **changes}.items() if value is not None}
    short.set(ASSESSMENT, "lift.kpi", values)
    (problem,) = short.problems("LIFE020")
    assert problem.field == field
    short.set(ASSESSMENT, "override_reason", "The bank counts money.")
    assert short.problems("LIFE020") == []


def test_digest_of_the_lift_covers_what_it_takes(short: KnowledgeBase) -> None:
    before = short.context(ASSESSMENT).lift_digest
    short.set("churn/requirements", "kpis[0].unit", "households")
    assert short.context(ASSESSMENT).lift_digest != before


def test_digest_of_a_kpi_that_says_everything_is_that_of_its_block(short: KnowledgeBase) -> None:
    kpi(short, name="customers kept", unit="customers")
    assert short.context(ASSESSMENT).lift_digest == digest(short.parsed(ASSESSMENT).data["lift"])


def test_lift_without_a_unit_anywhere_is_refused(short: KnowledgeBase) -> None:
    kpi(short, name="clicks")
    with pytest.raises(IterataError) as refusal:
        lift_spec(short.repository.find_iteration("churn/01-setup"))
    assert refusal.value.location.field == ("lift", "kpi")


def test_plan_names_the_inherited_kpi(short: KnowledgeBase) -> None:
    short.document("churn/01-setup/proposal", Status.DRAFT)
    assert short.problems("PLAN002") == []
    short.set("churn/requirements", "kpis[0].name", "customers won")
    (problem,) = short.problems("PLAN002")
    assert problem.field == "plan.metrics.primary"
