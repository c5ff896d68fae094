"""Experiments whose outcome is a number: forecasts, judged by what they cost or by how far they are off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, mean_pinball_loss, r2_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from iterata.documents.models.period import Period
from iterata.documents.models.proposal import Plan
from iterata.errors import IterataError
from iterata.experiment.run import PlanRevision, execute
from iterata.kpi import describe
from iterata.render.experiment.tables import render

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.results import ExperimentResult

REVISION = PlanRevision("projects/clinic/01-setup/proposal.md", f"sha256:{'0' * 64}", "abc123", dirty=False)
SEED, FOLDS = 3, 5
COST = describe("forecast_cost", name="cost", unit="EUR", under=2, over=1)
ERROR = describe("metric", name="error", unit="points", metric="neg_mean_absolute_error")

RIDGE = {
    "name": "ridge",
    "estimator": "sklearn.linear_model.Ridge",
    "params": {"alpha": 0.5},
    "features": "all",
}
PROGRAM = """
import json, sys
from pathlib import Path
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

folder = Path(sys.argv[1])
task = json.loads((folder / "fold.json").read_text())
train, test = pd.read_csv(folder / task["train"]), pd.read_csv(folder / task["test"])
model = make_pipeline(StandardScaler(), Ridge(alpha=0.5)).fit(train[task["features"]], train[task["target"]])
test["prediction"] = model.predict(test[task["features"]])
test[[task["row_id"], "prediction"]].to_csv(folder / task["predictions"], index=False)
"""


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    """442 patients with ten measurements, and how far their illness went in a year (Efron et al., 2004)."""
    data = load_diabetes(as_frame=True, scaled=False)
    half = np.where(data.frame["age"] < 50, "under 50", "50 and over")
    return data.frame.assign(usual=150.0, half=half, patient=np.arange(len(half)))


@pytest.fixture
def clinic(tmp_path: Path, patients: pd.DataFrame) -> Callable[..., ExperimentResult]:
    """Carries a plan out."""
    project = tmp_path / "projects" / "clinic"
    (project / "data").mkdir(parents=True)
    patients.to_csv(project / "data" / "patients.csv", index=False)
    (project / "program.py").write_text(PROGRAM)

    def run(kpi: Any = COST, period: Period | None = None, **changes: Any) -> ExperimentResult:
        plan = {
            "data": [{"name": "patients", "source": "data/patients.csv"}],
            "target": {"column": "target", "made_by": "a visit a year later"},
            "split": {"kind": "group_folds", "folds": FOLDS, "repeats": 1, "seed": SEED},
            "status_quo": {"column": "usual", "label": "the same for all"},
            "metrics": {
                "primary": kpi.name,
                "secondary": [{"metric": "r2"}, {"metric": "neg_mean_absolute_error"}],
            },
            "features": {"all": ["age", "sex", "bmi", "bp", "s*"]},
            "variants": [RIDGE],
            "hypotheses": [{"id": "H1", "claim": "Patients differ.", "supported_if": {"variant": "ridge"}}],
            "resamples": 300,
        }
        made = Plan.model_validate({**plan, **changes})
        return execute(made, kpi, period, project, tmp_path, REVISION, jobs=1)

    return run


@pytest.fixture
def by_hand(patients: pd.DataFrame) -> Callable[[Any], Any]:
    """What scikit-learn predicts of the same folds."""
    facts = patients[["age", "sex", "bmi", "bp", *(f"s{each}" for each in range(1, 7))]]
    pipeline = lambda model: make_pipeline(make_column_transformer((StandardScaler(), list(facts))), model)  # noqa: E731
    folds = KFold(FOLDS, shuffle=True, random_state=SEED)
    return lambda model: cross_val_predict(pipeline(model), facts, patients["target"], cv=folds)


def test_figures_are_those_of_scikit_learn(
    clinic: Callable[..., ExperimentResult], by_hand: Callable[[Any], Any], patients: pd.DataFrame
) -> None:
    result = clinic(period=Period(name="year", rows=1000))
    (ridge,) = result.variants
    forecast, happened = by_hand(Ridge(alpha=0.5)), patients["target"]

    def cost(said: Any) -> float:
        return 1000 * 3 * float(mean_pinball_loss(happened, said, alpha=2 / 3))

    assert ridge.kpi.value == pytest.approx(cost(forecast), rel=1e-6)
    assert result.scale.status_quo.value == pytest.approx(cost(np.full(len(happened), 150.0)), rel=1e-6)
    assert result.scale.perfect.value == 0
    assert ridge.difference.value == pytest.approx(result.scale.status_quo.value - ridge.kpi.value, rel=1e-5)
    assert ridge.captured_share is not None
    assert ridge.captured_share.value == pytest.approx(
        ridge.difference.value / result.scale.status_quo.value, rel=1e-5
    )
    r2, error = (each.value for each in ridge.metrics)
    assert r2 is not None
    assert error is not None
    assert r2.value == pytest.approx(r2_score(happened, forecast), rel=1e-6)
    assert error.value == pytest.approx(-mean_absolute_error(happened, forecast), rel=1e-6)
    assert result.hypotheses[0].verdict == "supported"
    assert ridge.learner is not None
    assert ridge.learner.p < 0.05


def test_a_metric_may_decide(
    clinic: Callable[..., ExperimentResult], by_hand: Callable[[Any], Any], patients: pd.DataFrame
) -> None:
    (ridge,) = clinic(ERROR).variants
    error = mean_absolute_error(patients["target"], by_hand(Ridge(alpha=0.5)))
    assert ridge.kpi.value == pytest.approx(-error, rel=1e-6)


def test_a_program_that_does_the_same_gets_the_same_figures(clinic: Callable[..., ExperimentResult]) -> None:
    theirs = {**RIDGE, "name": "theirs", "producer": "command", "command": ["python", "program.py"]}
    del theirs["estimator"], theirs["params"]
    ours, other = clinic(variants=[RIDGE, theirs]).variants
    assert other.kpi.value == pytest.approx(ours.kpi.value, rel=1e-5)


def test_tuning_goes_by_the_cost(clinic: Callable[..., ExperimentResult]) -> None:
    """The median suits who pays alike for too much and too little; who pays double for that, a higher one."""
    quantile = {"name": "ridge", "estimator": "sklearn.dummy.DummyRegressor", "features": "all",
                "params": {"strategy": "quantile"}, "tune": {"quantile": [0.3333, 0.5, 0.6667]}}  # fmt: skip
    result = clinic(variants=[quantile])
    assert result.tuned_by == "pinball loss at 0.6667"
    assert [each["quantile"] for each in result.variants[0].tuned] == [0.6667] * FOLDS


def test_segments_and_guardrails(clinic: Callable[..., ExperimentResult]) -> None:
    rail = {"name": "error", "metric": "neg_mean_absolute_error", "margin": 0}
    result = clinic(segments=["half"], metrics={"primary": "cost", "guardrail": [rail]})
    assert [(each.value, each.positives) for each in result.segments] == [
        ("50 and over", None),
        ("under 50", None),
    ]
    assert result.guardrails[0].holds
    page = render(result)
    assert "positives" not in page
    assert "; less is better" in page


def test_nothing_is_found_where_there_is_nothing(
    clinic: Callable[..., ExperimentResult], by_hand: Callable[[Any], Any]
) -> None:
    blind = {"name": "ridge", "estimator": "sklearn.dummy.DummyRegressor", "features": "all"}
    result = clinic(ERROR, variants=[blind], status_quo={"column": "usual"})
    assert result.hypotheses[0].verdict != "supported"
    assert len(np.unique(by_hand(DummyRegressor()))) <= FOLDS


def metrics(**more: Any) -> dict[str, Any]:
    return {"metrics": {"primary": "cost", **more}}


@pytest.mark.parametrize(
    ("changes", "said", "remedy"),
    [
        ({"variants": [{**RIDGE, "estimator": "sklearn.linear_model.LogisticRegression", "params": {}}]},
         "is not a regressor", "sklearn.linear_model.Ridge"),
        ({"split": {"kind": "stratified_folds", "folds": 5}}, "no classes to spread", "group_folds"),
        (metrics(secondary=[{"metric": "roc_auc"}]), "roc_auc does not judge forecasts", "r2"),
        (metrics(secondary=[{"metric": "f1"}]), "f1 does not judge forecasts", "r2"),
        (metrics(secondary=[{"metric": "r3"}]), "r3 is not a scikit-learn scorer", "get_scorer_names"),
        (metrics(guardrail=[{"name": "old", "share_of": "age > 60", "margin": 0}]),
         "does not say who is acted upon", "guard with a metric"),
    ],
)  # fmt: skip
def test_what_does_not_suit_numbers_is_refused(
    clinic: Callable[..., ExperimentResult], changes: dict[str, Any], said: str, remedy: str
) -> None:
    with pytest.raises(IterataError) as refused:
        clinic(**changes)
    assert said in refused.value.message
    assert remedy in refused.value.remedy
