"""A repository with one project whose rows are few enough to count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from iterata.documents.models.lift import LiftSpec
from iterata.lift.from_data import compute

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.results import LiftResult

TARGETING: dict[str, Any] = {"kind": "targeting", "name": "sales", "unit": "policies", "budget": 0.2}


def _kpi(described: dict[str, Any]) -> dict[str, Any]:
    return described if "kind" in described else {**TARGETING, **described}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """100 customers in 50 households; 10 buy; today's score finds 4 of them in its first 20."""
    folder = tmp_path / "projects" / "mail"
    (folder / "data").mkdir(parents=True)
    bought = np.zeros(100, dtype=int)
    bought[[0, 3, 8, 15, 30, 41, 52, 63, 74, 85]] = 1
    lines = [f"{row // 2},{100 - row},{bought[row]},{int(bought[row] == 0)}" for row in range(100)]
    text = "household,score,bought,kept\n" + "\n".join(lines) + "\n"
    (folder / "data" / "customers.csv").write_text(text, "utf-8")
    return folder


@pytest.fixture
def lift(project: Path) -> Callable[..., LiftResult]:
    """Computes the expected lift of the customers, as an assessment describes it."""

    def make(
        kpi: dict[str, Any] | None = None, data: dict[str, Any] | None = None, **described: Any
    ) -> LiftResult:
        rows = {"source": "data/customers.csv", "target": "bought", "status_quo": {"column": "score"}}
        said = {"kpi": _kpi(kpi or {}), "data": {**rows, **(data or {})}, **described}
        spec = LiftSpec.model_validate({"resamples": 500, **said})
        return compute(spec, project, project.parents[1])

    return make


@pytest.fixture
def from_rows(tmp_path: Path) -> Callable[..., LiftResult]:
    """Computes the expected lift of 1,000 rows with counted outcomes and actions."""

    def make(kpi: dict[str, Any], *, positives: int, acted: int, hits: int) -> LiftResult:
        rows = [(1, 1)] * hits + [(0, 1)] * (acted - hits) + [(1, 0)] * (positives - hits)
        rows += [(0, 0)] * (1000 - len(rows))
        text = "positive,acted\n" + "".join(f"{happened},{done}\n" for happened, done in rows)
        (tmp_path / "rows.csv").write_text(text, "utf-8")
        data = {"source": "rows.csv", "target": "positive", "status_quo": {"column": "acted"}}
        return compute(
            LiftSpec.model_validate({"kpi": kpi, "data": data, "resamples": 200}), tmp_path, tmp_path
        )

    return make
