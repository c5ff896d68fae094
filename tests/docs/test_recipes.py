"""The recipes are run as the page shows them: the plan, the code, and what the page says about them."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from iterata.documents.models.kpi import TargetingSpec
from iterata.documents.models.proposal import Plan
from iterata.documents.yaml.loader import load
from iterata.experiment.run import PlanRevision, execute

if TYPE_CHECKING:
    from iterata.results import ExperimentResult

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "recipes.md").read_text("utf-8")
BLOCKS = re.findall(r'^```(python|yaml) title="([^"]+)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL)
CODE = {title: body for language, title, body in BLOCKS if language == "python"}
PLANS: dict[str, dict[str, Any]] = {
    title: load(body)[0] for language, title, body in BLOCKS if language == "yaml"
}
RECIPES = {title: plan for title, plan in PLANS.items() if title != "plan"}

REVISION = PlanRevision("projects/shop/01-setup/proposal.md", f"sha256:{'0' * 64}", "abc123", dirty=False)
KPI = TargetingSpec(kind="targeting", name="customers kept", unit="customers", budget=0.2)
ROWS = 600
LIBRARIES = ("lightgbm", "xgboost", "catboost")
TORCH = os.environ.get("ITERATA_TORCH_PYTHON", "python")


def customers() -> pd.DataFrame:
    """Customers who leave for reasons that each recipe can see: income, town, and what they write."""
    rng = np.random.default_rng(3)
    income, town = rng.normal(size=ROWS), rng.choice(["Delft", "Breda", "Goes"], size=ROWS)
    angry = rng.random(ROWS) < 0.3
    pull = -1.5 * income + 1.5 * (town == "Goes") + 2 * angry + rng.logistic(size=ROWS)
    words = [rng.choice(["thanks", "hello", "a question", "regards"], size=3) for _ in range(ROWS)]
    comments = [
        " ".join([*some, "too expensive"] if mad else some) for some, mad in zip(words, angry, strict=True)
    ]
    comments[5] = ""
    return pd.DataFrame(
        {
            "customer": [f"c{row}" for row in range(ROWS)],
            "income": np.where(rng.random(ROWS) < 0.1, np.nan, income).round(3),
            "age": rng.integers(18, 90, size=ROWS),
            "town": town,
            "comment": comments,
            "left": np.where(pull > 1, "yes", "no"),
        }
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the page: the data, and every file of code."""
    folder = tmp_path_factory.mktemp("recipes") / "projects" / "shop"
    (folder / "data").mkdir(parents=True)
    customers().to_csv(folder / "data" / "customers.csv", index=False)
    for name, text in CODE.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def run(recipe: dict[str, Any], project: Path) -> ExperimentResult:
    """Run a recipe with the plan of the page."""
    variants = [{**variant} for variant in recipe["variants"]]
    for variant in variants:
        if variant.get("command", [""])[0] == "python":
            variant["command"] = [TORCH, *variant["command"][1:]]
    supported_if = {"variant": variants[0]["name"], "by": 0}
    hypotheses = [{"id": "H1", "claim": "It keeps more customers.", "supported_if": supported_if}]
    plan = {**PLANS["plan"], **recipe, "variants": variants, "hypotheses": hypotheses, "resamples": 200}
    return execute(Plan.model_validate(plan), KPI, None, project, project.parents[1], REVISION, jobs=1)


def skip_unless_installed(title: str) -> None:
    for library in LIBRARIES:
        if library in title:
            pytest.importorskip(library)
    if title == "pytorch" and TORCH == "python" and find_spec("torch") is None:
        pytest.skip("PyTorch is not installed, and ITERATA_TORCH_PYTHON names no interpreter that has it")


@pytest.mark.parametrize("title", RECIPES)
def test_recipe_is_run_and_beats_the_status_quo(project: Path, title: str) -> None:
    skip_unless_installed(title)
    before = {path for path in project.rglob("*") if "__pycache__" not in path.parts}
    result = run(RECIPES[title], project)
    for variant in result.variants:
        assert variant.difference is not None
        assert variant.difference.low > 0, variant.name
        assert not variant.warnings
    after = {path for path in project.rglob("*") if "__pycache__" not in path.parts}
    assert after == before  # no catboost_info and the like
    if title == "pytorch":  # a program may use threads of its own, and takes longer
        return
    for path in (project.parents[1] / ".iterata" / "cache").rglob("*.npz"):
        path.unlink()
    again = run(RECIPES[title], project)
    assert [variant.kpi for variant in again.variants] == [variant.kpi for variant in result.variants]


def test_every_file_of_code_belongs_to_a_recipe() -> None:
    named = str(list(RECIPES.values()))
    assert [name for name in CODE if name not in named and f"{name.removesuffix('.py')}:" not in named] == []
