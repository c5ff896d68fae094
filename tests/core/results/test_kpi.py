"""When two KPIs are the same, and when their figures can be subtracted."""

from __future__ import annotations

from typing import Any

import pytest

from iterata.documents.models.enums import Direction
from iterata.results import Kpi

KPI = Kpi(
    name="sales",
    kind="targeting",
    unit="policies",
    direction=Direction.MAXIMISE,
    period_rows=1000,
    budget=0.2,
)


@pytest.mark.parametrize(
    "changes",
    [{"name": "calls"}, {"kind": "outcome_value"}, {"unit": "EUR"}, {"direction": Direction.MINIMISE}],
    ids=lambda changes: next(iter(changes)),
)
def test_another_kpi_is_not_comparable(changes: dict[str, Any]) -> None:
    other = KPI.model_copy(update=changes)
    assert not KPI.comparable_with(other)
    assert not KPI.on_same_scale_as(other)


def test_another_budget_is_comparable_on_the_same_scale() -> None:
    assert KPI.on_same_scale_as(KPI.model_copy(update={"budget": 0.5}))


def test_another_number_of_rows_is_comparable_on_another_scale() -> None:
    other = KPI.model_copy(update={"period": "year", "period_rows": 8000})
    assert KPI.comparable_with(other)
    assert not KPI.on_same_scale_as(other)
