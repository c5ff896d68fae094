"""Descriptions of KPIs that cannot be computed are refused, with a location and a fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter

from iterata.documents.models.kpi import KpiSpec
from iterata.errors import DataError, Location, at_field
from iterata.kpi import describe
from iterata.measure.kpi import from_spec

if TYPE_CHECKING:
    from ....helpers.golden import Golden

ROWS = 400


@pytest.mark.parametrize(
    ("name", "keys", "location"),
    [
        ("budget_above_rows", {"kind": "targeting", "budget": 800}, at_field("kpi.budget")),
        ("function_without_project", {"kind": "python", "function": "kpis:margin"}, at_field("kpi.function")),
        ("misspelt_metric", {"kind": "metric", "metric": "neg_mean_absolut_error"}, at_field("kpi.metric")),
        ("unknown_metric", {"kind": "metric", "metric": "happiness"}, at_field("kpi.metric")),
    ],
)
def test_described_kpi_is_refused(
    name: str, keys: dict[str, Any], location: Location, golden: Golden
) -> None:
    spec = TypeAdapter(KpiSpec).validate_python({"name": "n", "unit": "u", **keys})
    with pytest.raises(DataError) as refused:
        from_spec(spec, ROWS)
    assert refused.value.location == location
    golden.check(name, str(refused.value))


@pytest.mark.parametrize(
    ("name", "kind", "keys"),
    [
        ("misspelt_kind", "targetting", {"budget": 0.2}),
        ("unknown_kind", "happiness", {}),
        ("missing_key", "forecast_cost", {"under": 2}),
        ("unknown_key", "targeting", {"budget": 0.2, "budgt": 0.3}),
    ],
)
def test_keywords_that_describe_no_kpi_are_refused(
    name: str, kind: Any, keys: dict[str, Any], golden: Golden
) -> None:
    with pytest.raises(DataError) as refused:
        describe(kind, **keys)
    golden.check(name, str(refused.value))
