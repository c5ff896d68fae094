"""Many classes from the assessment to the report, in a real repository: digits and wines of scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_wine

from iterata import results

from ..helpers.command_line import CommandLine
from ..helpers.git import Git
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from iterata.results import ExperimentResult

KPI: dict[str, Any] = {
    "kind": "class_value",
    "name": "customers kept",
    "unit": "customers",
    "values": {"barolo": {"barolo": 5, "grignolino": -4, "barbera": -10}, "barbera": {"barbera": 8}},
    "right": 3,
    "wrong": -2,
    "person": {"value": 1},
}
LOGISTIC = "sklearn.linear_model.LogisticRegression"


def wines() -> pd.DataFrame:
    """Every third wine; the status quo is a rule of thumb by two columns."""
    table = load_wine(as_frame=True).frame.iloc[::3].reset_index(drop=True)
    table = table.rename(columns=lambda name: name.replace("/", "_"))
    table["cultivar"] = np.array(["barolo", "grignolino", "barbera"])[table.pop("target")]
    light = np.where(table["color_intensity"] < 3.8, "grignolino", "barbera")
    table["tasted"] = np.where(table["proline"] > 755, "barolo", light)
    table.loc[table["alcohol"].between(12.9, 13.0), "tasted"] = "to a person"
    return table


def digits() -> pd.DataFrame:
    """Every sixth digit, as numbers; the status quo reads them by the ink in one row."""
    table = load_digits(as_frame=True).frame.iloc[::6].reset_index(drop=True)
    table["cultivar"] = table.pop("target")
    table["tasted"] = (table["pixel_3_4"] + table["pixel_4_4"]).astype(int) % 10
    return table


class Base:
    """A knowledge base with one project, up to its first approved plan."""

    def __init__(self, root: Path, rows: pd.DataFrame, kpi: dict[str, Any], variants: list[dict[str, Any]]):
        self.root = root
        self.files = KnowledgeBase(root)
        self.files.grow("wine\n  requirements: approved\n  01-setup\n    assessment:\n    proposal:")
        place = root / "projects" / "wine" / "data" / "rows.csv"
        place.parent.mkdir(parents=True)
        rows.to_csv(place, index=False)
        self.iterata, self.git = CommandLine(root), Git(root)
        data = {"source": "data/rows.csv", "target": "cultivar", "status_quo": {"column": "tasted"}}
        self.files.set("wine/01-setup/assessment", "lift", {"kpi": kpi, "data": data, "resamples": 200})
        plan = {
            "data": [{"name": "rows", "source": "data/rows.csv"}],
            "target": {"column": "cultivar", "made_by": "a chemist"},
            "split": {"kind": "stratified_folds", "folds": 5, "repeats": 1, "seed": 1},
            "status_quo": {"column": "tasted"},
            "metrics": {"primary": kpi["name"]},
            "features": {"all": ["*", "!tasted"]},
            "variants": variants,
            "hypotheses": [
                {"id": "H1", "claim": "It tells.", "supported_if": {"variant": variants[0]["name"]}}
            ],
            "resamples": 200,
        }
        self.files.set("wine/01-setup/proposal", "plan", plan)
        self.git.commit("begin")

    def approve(self, page: str) -> None:
        self.iterata("move", page, "in_review").fine()
        self.iterata("move", page, "approved", "--as", "product", "--as", "data science=ana").fine()
        self.git.commit(f"approve {page}")

    def run(self) -> ExperimentResult:
        self.iterata("lift", "wine/01").fine()
        self.approve("projects/wine/01-setup/assessment.md")
        self.approve("projects/wine/01-setup/proposal.md")
        self.iterata("run", "wine/01", "--jobs", "1").fine()
        self.git.commit("run")
        return self.result

    @property
    def result(self) -> ExperimentResult:
        place = "projects/wine/01-setup/results/experiment.json"
        return results.parse("experiment", self.files.read(place), place)


VARIANTS = [
    {"name": "logistic", "estimator": LOGISTIC, "features": "all"},
    {
        "name": "careful",
        "estimator": LOGISTIC,
        "features": "all",
        "decide": "most_valuable",
        "person_below": 0.6,
    },
]


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """A knowledge base whose plan about wines was run."""
    base = Base(tmp_path_factory.mktemp("classes") / "wine", wines(), KPI, VARIANTS)
    base.run()
    return base


def test_wines_go_from_the_lift_to_the_report(wine: Base) -> None:
    result = wine.result
    assert result.kpi.kind == "class_value"
    assert result.sample.positives is None
    assert result.scale.random.expectation.value < result.scale.status_quo.value < result.scale.perfect.value
    logistic, careful = result.variants
    assert logistic.difference.value > 0
    assert logistic.predictions == "class"
    assert careful.to_person is not None
    assert [figure.name for figure in result.status_quo_classes] == ["barbera", "barolo", "grignolino"]
    wine.iterata("report", "wine/01").fine()
    report = wine.files.read("projects/wine/01-setup/report.md")
    assert "| barolo " in report
    assert wine.iterata("check").fine().out == ""


def test_result_is_verified_and_other_values_train_nothing(wine: Base) -> None:
    fits = wine.root / ".iterata" / "cache" / "predictions"
    wine.iterata("verify", "wine/01", "--jobs", "1").fine()
    before = set(fits.rglob("*.npz"))
    assert len(before) == 5  # both variants are the same fits
    page = "projects/wine/01-setup/assessment.md"
    text = wine.files.read(page)
    wine.files.change(page, "barolo: 5", "barolo: 6")
    wine.iterata("run", "wine/01", "--draft", "--jobs", "1").fine()
    wine.files.write(page, text)
    assert set(fits.rglob("*.npz")) == before


def test_digits_are_read_as_numbers(tmp_path: Path) -> None:
    kpi = {"kind": "class_value", "name": "customers kept", "unit": "customers", "wrong": -1}
    nearest = {"name": "nearest", "estimator": "sklearn.neighbors.KNeighborsClassifier", "features": "all"}
    result = Base(tmp_path / "digits", digits(), kpi, [nearest]).run()
    (variant,) = result.variants
    assert [figure.name for figure in variant.classes] == [str(number) for number in range(10)]
    assert variant.captured_share is not None
    assert variant.captured_share.value > 0.8
