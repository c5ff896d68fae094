"""Experiments with a numeric target: forecasts, compared by their cost or by an error metric."""

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
from iterata.errors import IterataError, Location
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
import csv, json, sys
from pathlib import Path
import numpy as np

folder = Path(sys.argv[1])
task = json.loads((folder / "fold.json").read_text())


def read(name):
    rows = list(csv.DictReader((folder / task[name]).open()))
    return rows, np.array([[float(row[feature]) for feature in task["features"]] for row in rows])


(learned, x), (predicted, new) = read("train"), read("test")
y = np.array([float(row[task["target"]]) for row in learned])
center, scale = x.mean(axis=0), x.std(axis=0)
x, new = (x - center) / scale, (new - center) / scale
weights = np.linalg.solve(x.T @ x + 0.5 * np.eye(x.shape[1]), x.T @ (y - y.mean()))
with (folder / task["predictions"]).open("w") as table:
    table.write(f"{task['row_id']},prediction\\n")
    for row, forecast in zip(predicted, new @ weights + y.mean()):
        table.write(f"{row[task['row_id']]},{float(forecast)!r}\\n")
"""
"""The same ridge regression as `RIDGE`, written with numpy alone."""


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    """442 patients: ten measurements, and the progression of their disease in a year (Efron et al., 2004)."""
    data = load_diabetes(as_frame=True, scaled=False)
    half = np.where(data.frame["age"] < 50, "under 50", "50 and over")
    return data.frame.assign(usual=150.0, half=half, patient=np.arange(len(half)))


@pytest.fixture
def clinic(tmp_path: Path, patients: pd.DataFrame) -> Callable[..., ExperimentResult]:
    """Runs a plan."""
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
        changed = Plan.model_validate({**plan, **changes})
        return execute(changed, kpi, period, project, tmp_path, REVISION, jobs=1)

    return run


@pytest.fixture
def by_hand(patients: pd.DataFrame) -> Callable[[Any], Any]:
    """scikit-learn's predictions for the same folds."""
    features = patients[["age", "sex", "bmi", "bp", *(f"s{number}" for number in range(1, 7))]]
    folds = KFold(FOLDS, shuffle=True, random_state=SEED)

    def predict(model: Any) -> Any:
        pipeline = make_pipeline(make_column_transformer((StandardScaler(), list(features))), model)
        return cross_val_predict(pipeline, features, patients["target"], cv=folds)

    return predict


def test_figures_equal_those_of_scikit_learn(
    clinic: Callable[..., ExperimentResult], by_hand: Callable[[Any], Any], patients: pd.DataFrame
) -> None:
    result = clinic(period=Period(name="year", rows=1000))
    (ridge,) = result.variants
    forecast, target = by_hand(Ridge(alpha=0.5)), patients["target"]

    def cost(forecast: Any) -> float:
        return 1000 * 3 * float(mean_pinball_loss(target, forecast, alpha=2 / 3))

    assert ridge.kpi.value == pytest.approx(cost(forecast), rel=1e-6)
    assert result.scale.status_quo.value == pytest.approx(cost(np.full(len(target), 150.0)), rel=1e-6)
    assert result.scale.perfect.value == 0
    assert ridge.difference.value == pytest.approx(result.scale.status_quo.value - ridge.kpi.value, rel=1e-5)
    assert ridge.captured_share is not None
    assert ridge.captured_share.value == pytest.approx(
        ridge.difference.value / result.scale.status_quo.value, rel=1e-5
    )
    r2, error = (metric.value for metric in ridge.metrics)
    assert r2 is not None
    assert error is not None
    assert r2.value == pytest.approx(r2_score(target, forecast), rel=1e-6)
    assert error.value == pytest.approx(-mean_absolute_error(target, forecast), rel=1e-6)
    assert result.hypotheses[0].verdict == "supported"
    assert ridge.learner is not None
    assert ridge.learner.p < 0.05


def test_kpi_may_be_a_metric(
    clinic: Callable[..., ExperimentResult], by_hand: Callable[[Any], Any], patients: pd.DataFrame
) -> None:
    (ridge,) = clinic(ERROR).variants
    error = mean_absolute_error(patients["target"], by_hand(Ridge(alpha=0.5)))
    assert ridge.kpi.value == pytest.approx(-error, rel=1e-6)


def test_program_with_the_same_model_has_the_same_figures(clinic: Callable[..., ExperimentResult]) -> None:
    program = {
        "name": "program",
        "producer": "command",
        "features": "all",
        "command": ["python", "program.py"],
    }
    hold_out = {"kind": "hold_out", "share": 0.3, "seed": SEED}
    ridge, other = clinic(variants=[RIDGE, program], split=hold_out).variants
    assert other.kpi.value == pytest.approx(ridge.kpi.value, rel=1e-5)


def test_tuning_minimises_the_cost(clinic: Callable[..., ExperimentResult]) -> None:
    """A forecast that is too low costs twice as much as one too high: the best quantile is 2 / 3."""
    quantile = {"name": "ridge", "estimator": "sklearn.dummy.DummyRegressor", "features": "all",
                "params": {"strategy": "quantile"}, "tune": {"quantile": [0.3333, 0.5, 0.6667]}}  # fmt: skip
    result = clinic(variants=[quantile], split={"kind": "group_folds", "folds": 2, "seed": SEED})
    assert result.tuned_by == "pinball loss at 0.6667"
    assert [chosen["quantile"] for chosen in result.variants[0].tuned] == [0.6667] * 2


def test_segments_and_guardrails_of_forecasts(clinic: Callable[..., ExperimentResult]) -> None:
    guardrail = {"name": "error", "metric": "neg_mean_absolute_error", "margin": 0}
    result = clinic(segments=["half"], metrics={"primary": "cost", "guardrail": [guardrail]})
    assert [segment.value for segment in result.segments] == ["50 and over", "under 50"]
    assert [segment.positives for segment in result.segments] == [None, None]
    assert result.guardrails[0].holds
    page = render(result)
    assert "positives" not in page
    assert "; less is better" in page


def test_constant_forecast_supports_no_hypothesis(
    clinic: Callable[..., ExperimentResult], by_hand: Callable[[Any], Any]
) -> None:
    constant = {"name": "ridge", "estimator": "sklearn.dummy.DummyRegressor", "features": "all"}
    result = clinic(ERROR, variants=[constant], status_quo={"column": "usual"})
    assert result.hypotheses[0].verdict != "supported"
    assert len(np.unique(by_hand(DummyRegressor()))) <= FOLDS


def metrics(**more: Any) -> dict[str, Any]:
    return {"metrics": {"primary": "cost", **more}}


LOG_ERROR = {"metric": "neg_mean_squared_log_error"}
AT_METRICS = Location(REVISION.proposal, field=("plan", "metrics"))


@pytest.mark.parametrize(
    ("changes", "location"),
    [
        (
            {"variants": [{**RIDGE, "estimator": "sklearn.linear_model.LogisticRegression", "params": {}}]},
            Location(variant="ridge"),
        ),
        (
            {"split": {"kind": "stratified_folds", "folds": 5}},
            Location(REVISION.proposal, field=("plan", "split")),
        ),
        (metrics(secondary=[{"metric": "roc_auc"}]), AT_METRICS / "secondary" / 0 / "metric"),
        (metrics(secondary=[{"metric": "f1"}]), AT_METRICS / "secondary" / 0 / "metric"),
        (metrics(secondary=[{"metric": "r3"}]), AT_METRICS / "secondary" / 0 / "metric"),
        (
            {**metrics(secondary=[LOG_ERROR]), "status_quo": {"rule": "usual - 200"}},
            AT_METRICS / "secondary" / 0 / "metric",
        ),
        (
            metrics(guardrail=[{"name": "old", "share_of": "age > 60", "margin": 0}]),
            AT_METRICS / "guardrail" / 0 / "share_of",
        ),
    ],
    ids=[
        "classifier",
        "stratified folds",
        "metric of scores",
        "metric of decisions",
        "no metric",
        "metric that raises",
        "share",
    ],
)
def test_what_needs_a_binary_target_is_refused(
    clinic: Callable[..., ExperimentResult], changes: dict[str, Any], location: Location
) -> None:
    with pytest.raises(IterataError) as refused:
        clinic(**changes)
    assert refused.value.location == location


def test_secondary_metric_that_a_variant_does_not_allow_has_no_figure(
    clinic: Callable[..., ExperimentResult], tmp_path: Path
) -> None:
    """The logarithm of a forecast below -1: the other variant and the status quo have their figures."""
    (tmp_path / "projects" / "clinic" / "model.py").write_text(
        "from sklearn.linear_model import Ridge\n\n\n"
        "class Low(Ridge):\n"
        "    def predict(self, rows):\n"
        "        return super().predict(rows)[:, None] - 300\n\n\n"
        "def low():\n"
        "    return Low()\n"
    )
    low = {"name": "low", "factory": "model:low", "features": "all"}
    positive = {**RIDGE, "params": {"alpha": 1e6}}
    result = clinic(variants=[positive, low], **metrics(secondary=[LOG_ERROR]))
    ridge, below = (variant.metrics[0].value for variant in result.variants)
    assert ridge is not None
    assert below is None
    assert result.status_quo_metrics[0].value is not None
