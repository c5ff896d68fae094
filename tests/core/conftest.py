"""Small tables, plans and projects that the rooms share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from iterata.documents.models.kpi import TargetingSpec
from iterata.documents.models.lift import LiftSpec
from iterata.documents.models.proposal import Plan
from iterata.documents.models.splits import StratifiedFolds
from iterata.documents.models.variants import SklearnVariant
from iterata.lift.from_data import compute

from ..helpers.postgres import postgres  # noqa: F401  # a fixture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.results import LiftResult


@pytest.fixture(scope="session")
def variant() -> Callable[..., SklearnVariant]:
    """A variant of a plan; a logistic regression unless told otherwise."""

    def make(
        estimator: str | None = "sklearn.linear_model.LogisticRegression", **more: Any
    ) -> SklearnVariant:
        written = {"name": "v", "features": "all", "estimator": estimator, **more}
        return SklearnVariant.model_validate(written)

    return make


@pytest.fixture(scope="session")
def split() -> Callable[..., StratifiedFolds]:
    """A plan's split."""

    def make(folds: int = 3, repeats: int = 1, seed: int = 0) -> StratifiedFolds:
        return StratifiedFolds(kind="stratified_folds", folds=folds, repeats=repeats, seed=seed)

    return make


@pytest.fixture(scope="session")
def customers() -> pd.DataFrame:
    """300 customers: an informative number, a noisy one with holes, a category, and who buys."""
    rng = np.random.default_rng(1)
    rows = 300
    income = rng.normal(size=rows)
    town = rng.choice(["Utrecht", "Delft", "Breda"], size=rows)
    age = np.where(rng.random(rows) < 0.1, np.nan, rng.integers(18, 90, size=rows))
    wish = 1.2 * income + (town == "Delft") + rng.logistic(size=rows)
    return pd.DataFrame(
        {
            "customer": np.arange(rows),
            "household": np.arange(rows) // 3,
            "income": income,
            "age": age,
            "town": town,
            "wealth": income + rng.normal(scale=2, size=rows),
            "buys": np.where(wish > 1, "yes", "no"),
        }
    )


@pytest.fixture(scope="session")
def plan() -> Callable[..., Plan]:
    """A plan over the customers: does a logistic regression sell more than wealth does?"""

    def make(**changes: Any) -> Plan:
        return Plan.model_validate({**PLAN, **changes})

    return make


PLAN: dict[str, Any] = {
    "data": [{"name": "customers", "source": "data/customers.csv"}],
    "target": {"column": "buys", "positive": "yes", "made_by": "the till"},
    "split": {"kind": "stratified_folds", "folds": 3, "repeats": 2, "seed": 1},
    "status_quo": {"column": "wealth", "label": "wealthiest first"},
    "metrics": {"primary": "sales"},
    "features": {"all": ["*"], "income": ["income"]},
    "variants": [
        {
            "name": "logistic",
            "estimator": "sklearn.linear_model.LogisticRegression",
            "features": "all",
        },
        {
            "name": "income only",
            "estimator": "sklearn.linear_model.LogisticRegression",
            "features": "income",
        },
    ],
    "hypotheses": [
        {"id": "H1", "claim": "More than wealth matters.", "supported_if": {"variant": "logistic", "by": 5}}
    ],
    "resamples": 300,
    "seed": 2,
}


@pytest.fixture(scope="session")
def sales() -> TargetingSpec:
    """The KPI: buyers among the best-scored fifth."""
    return TargetingSpec(kind="targeting", name="sales", unit="sales", budget=0.2)


TARGETING: dict[str, Any] = {"kind": "targeting", "name": "sales", "unit": "policies", "budget": 0.2}


def _kpi(described: dict[str, Any]) -> dict[str, Any]:
    return described if "kind" in described else {**TARGETING, **described}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """100 customers in 50 households; 10 buy, and 4 of these are among the 20 with the highest score."""
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
        kpi: dict[str, Any] | None = None, data: dict[str, Any] | None = None, **keys: Any
    ) -> LiftResult:
        rows = {"source": "data/customers.csv", "target": "bought", "status_quo": {"column": "score"}}
        block = {"kpi": _kpi(kpi or {}), "data": {**rows, **(data or {})}, "resamples": 500, **keys}
        spec = LiftSpec.model_validate(block)
        return compute(spec, project, project.parents[1])

    return make


@pytest.fixture
def from_rows(tmp_path: Path) -> Callable[..., LiftResult]:
    """Computes the expected lift of 1,000 rows with counted outcomes and actions."""

    def make(kpi: dict[str, Any], *, positives: int, actions: int, hits: int) -> LiftResult:
        rows = [(1, 1)] * hits + [(0, 1)] * (actions - hits) + [(1, 0)] * (positives - hits)
        rows += [(0, 0)] * (1000 - len(rows))
        text = "positive,acted\n" + "".join(f"{positive},{acted}\n" for positive, acted in rows)
        (tmp_path / "rows.csv").write_text(text, "utf-8")
        data = {"source": "rows.csv", "target": "positive", "status_quo": {"column": "acted"}}
        return compute(
            LiftSpec.model_validate({"kpi": kpi, "data": data, "resamples": 200}), tmp_path, tmp_path
        )

    return make
