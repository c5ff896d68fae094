"""An expected lift whose rows come from a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError

from iterata.documents.models.lift import LiftSpec
from iterata.lift.from_data import compute

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 400
RNG = np.random.default_rng(4)
TABLE = pd.DataFrame(
    {
        "customer": [f"c{row // 2}" for row in range(ROWS)],
        "score": RNG.normal(size=ROWS).round(3),
        "bought": (RNG.random(ROWS) < 0.2).astype(int),
    }
)


def _spec(**data: Any) -> LiftSpec:
    described = {
        "kpi": {"kind": "targeting", "name": "sales", "unit": "policies", "budget": 0.2},
        "data": {"target": "bought", "unit_id": "customer", "status_quo": {"column": "score"}, **data},
    }
    return TypeAdapter(LiftSpec).validate_python(described)


def test_expected_lift_of_a_query_equals_that_of_the_file(tmp_path: Path) -> None:
    TABLE.to_csv(tmp_path / "calls.csv", index=False)
    of_query = compute(_spec(query="SELECT * FROM 'calls.csv'"), tmp_path, tmp_path)
    of_file = compute(_spec(source="calls.csv"), tmp_path, tmp_path)
    assert of_query.potential_lift is not None
    assert of_file.potential_lift is not None
    assert of_query.potential_lift.value == of_file.potential_lift.value
    assert of_query.potential_lift.low == pytest.approx(
        of_file.potential_lift.low, abs=3
    )  # other order of rows
    assert of_query.sample is not None
    assert of_query.sample.source == "query of the project's files"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"source": "calls.csv", "query": "SELECT 1"},
        {"source": "calls.csv", "database": "WAREHOUSE"},
        {"query": "SELECT 1", "database": "postgresql://me:pw@host/x"},
    ],
)
def test_rows_have_one_source_and_no_url_in_the_document(data: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        _spec(**data)
